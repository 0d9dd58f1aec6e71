"""From a document to live blocks: all problems at once, the same weights for the same seed."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import nn

from graphs.live.build import Attic, build, inherit
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec
from graphs.spec.problems import DocumentError

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3}}


def spec(nodes: Mapping[str, Any]) -> GraphSpec:
    """These nodes, each fed from outside, and the first one's output."""
    return GraphSpec.model_validate(
        {
            "nodes": nodes,
            "inputs": {"x": [f"{name}.x" for name in nodes]},
            "outputs": {"y": f"{next(iter(nodes))}.out"},
        }
    )


def weight(graph: Graph, path: str) -> torch.Tensor:
    return graph.get_parameter(f"{path}.map.weight")


def test_every_problem_of_a_document_is_told_at_once(registry: Registry) -> None:
    broken = GraphSpec.model_validate(
        {
            "nodes": {"a": {"type": "core/Liner"}, "b": {"type": "core/Linear"}, "c": LINEAR},
            "wires": ["c.out -> d.x"],
        }
    )
    with pytest.raises(DocumentError) as caught:
        build(broken, registry)
    assert {p.code for p in caught.value.problems} == {
        "unknown-type",
        "config",
        "dangling",
        "unfed",
    }


def test_what_constructors_refuse_becomes_problems_at_their_paths(packed: Registry) -> None:
    bad = {"type": "test/Refuse"}
    inner = {"nodes": {"deep": bad}, "inputs": {"x": "deep.x"}, "outputs": {"out": "deep.out"}}
    each = {"type": "each", "config": {"over": ["no"]}, "body": inner}
    document = spec({"fine": LINEAR, "one": bad, "two": each})
    with pytest.raises(DocumentError) as caught:
        build(document, packed)
    found = {(p.path, p.code) for p in caught.value.problems}
    assert found == {("one", "config"), ("two", "config"), ("two.deep", "config")}
    assert "a and b must differ, got 1 and 1; change one" in str(caught.value)


def test_a_constructor_that_breaks_is_a_problem_too(packed: Registry) -> None:
    attention = {"type": "core/MultiHeadAttention", "config": {"width": 3, "heads": 2}}
    document = GraphSpec.model_validate(
        {"nodes": {"a": attention}, "inputs": {"x": "a.query"}, "outputs": {"y": "a.out"}}
    )
    with pytest.raises(DocumentError) as caught:
        build(document, packed)
    assert [p.path for p in caught.value.problems] == ["a"]


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(registry: Registry) -> None:
    document = spec({"a": LINEAR, "b": LINEAR})
    one, same, other = (build(document, registry, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(weight(one, "a"), weight(same, "a"))
    assert not torch.equal(weight(one, "a"), weight(other, "a"))
    assert not torch.equal(weight(one, "a"), weight(one, "b"))


def test_adding_a_node_does_not_change_how_others_start(registry: Registry) -> None:
    few, many = spec({"b": LINEAR}), spec({"a": LINEAR, "b": LINEAR, "c": LINEAR})
    assert torch.equal(weight(build(few, registry), "b"), weight(build(many, registry), "b"))


def test_building_leaves_torchs_random_numbers_alone(registry: Registry) -> None:
    state = torch.get_rng_state()
    build(spec({"a": LINEAR}), registry)
    assert torch.equal(torch.get_rng_state(), state)
    with pytest.raises(DocumentError):
        build(spec({"a": {"type": "core/MLP", "config": {"d_in": 0}}}), registry)
    assert torch.equal(torch.get_rng_state(), state)


def test_blocks_that_did_not_change_stay_the_same_objects(registry: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR, "b": LINEAR}), registry, attic=attic)
    second = build(spec({"c": LINEAR, "b": LINEAR, "a": LINEAR}), registry, attic=attic)
    assert first.at("a") is second.at("a")
    assert first.at("b") is second.at("b")


def test_a_block_follows_its_identity_through_a_rename_and_into_a_group(registry: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR}), registry, attic=attic)
    renamed = build(spec({"b": {**LINEAR, "id": "a"}}), registry, attic=attic)
    inner = {
        "nodes": {"b": {**LINEAR, "id": "a"}},
        "inputs": {"x": "b.x"},
        "outputs": {"out": "b.out"},
    }
    grouped = build(spec({"group": {"body": inner}}), registry, attic=attic)
    assert first.at("a") is renamed.at("b") is grouped.at("group.b")


def test_deleting_and_undoing_gives_the_same_block_back(registry: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR, "b": LINEAR}), registry, attic=attic)
    build(spec({"a": LINEAR}), registry, attic=attic)
    assert build(spec({"a": LINEAR, "b": LINEAR}), registry, attic=attic).at("b") is first.at("b")


def test_a_changed_config_keeps_the_weights_that_still_fit(registry: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR}), registry, attic=attic)
    smaller = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3, "bias": False}}
    second = build(spec({"a": smaller}), registry, attic=attic)
    assert first.at("a") is not second.at("a")
    assert torch.equal(weight(first, "a"), weight(second, "a"))
    wide = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 3}}
    assert (
        build(spec({"a": wide}), registry, attic=attic).at("a").get_parameter("map.bias")
        is not None
    )


def test_weights_are_inherited_from_under_an_adapter(registry: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR}), registry, attic=attic)
    wanted = weight(first, "a")
    first.at("a")._modules["map"] = nn.ModuleDict({"base_layer": first.get_submodule("a.map")})
    smaller = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3, "bias": False}}
    assert torch.equal(weight(build(spec({"a": smaller}), registry, attic=attic), "a"), wanted)


def test_a_failed_build_changes_nothing_in_the_attic(packed: Registry) -> None:
    attic = Attic()
    first = build(spec({"a": LINEAR}), packed, attic=attic)
    wide = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 3}}
    with pytest.raises(DocumentError):
        build(spec({"a": wide, "b": {"type": "test/Refuse"}}), packed, attic=attic)
    assert build(spec({"a": LINEAR}), packed, attic=attic).at("a") is first.at("a")


def test_buffers_that_are_not_saved_come_from_the_new_config(registry: Registry) -> None:
    old, new = (registry["core/SinusoidalPosition"](width=4, base=b) for b in (100.0, 10.0))
    x = torch.zeros(1, 3, 4)
    before = new(x=x)
    inherit(new, old)
    assert torch.equal(new(x=x), before)


def test_a_tied_node_keeps_its_block_too(registry: Registry) -> None:
    attic = Attic()
    tied = spec({"a": LINEAR, "b": {"tied_to": "a"}})
    first = build(tied, registry, attic=attic)
    assert build(tied, registry, attic=attic).at("b") is first.at("a")
