"""Variants on one base: mixing, folding into weights, taking off, and never touching each other."""

from __future__ import annotations

import pytest
import torch

from graphs.learn.merging import merged, remove
from graphs.learn.modes import Modes
from graphs.learn.training import Training
from graphs.learn.variants import activate, adapters_of, variants_of
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors, load_tensors
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import WorldloomError

SPEC = {
    "nodes": {
        "words": {"type": "core/Embedding", "config": {"count": 5, "width": 4}},
        "fold": {"type": "core/Reshape", "config": {"shape": [1, 4, 4]}},
        "conv": {
            "type": "core/Conv2d",
            "config": {"channels_in": 1, "channels_out": 2, "padding": 1},
        },
        "flat": {"type": "core/Flatten"},
        "head": {"type": "core/Linear", "config": {"d_in": 32, "d_out": 3}},
        "loss": {"type": "core/CrossEntropyLoss"},
    },
    "wires": [
        "words.out -> fold.x",
        "fold.out -> conv.x",
        "conv.out -> flat.x",
        "flat.out -> head.x",
        "head.out -> loss.x",
    ],
    "inputs": {"ids": "words.ids", "target": "loss.target"},
    "outputs": {"out": "head.out", "loss": "loss.out"},
}
GIVEN = {"ids": torch.tensor([[0, 1, 2, 3], [4, 3, 2, 1]]), "target": torch.tensor([0, 2])}


def plan(method: str = "lora", where: str = "**", **more: object) -> Plan:
    rule = {"where": where, "mode": "lora", "method": method, "rank": 2, "alpha": 3.0}
    return Plan.model_validate({"rules": [rule], "losses": [{"port": "loss"}], "steps": 5} | more)


@pytest.fixture
def graph() -> Graph:
    registry = Registry.installed()
    ids = next(iter(registry["core/Embedding"].signature_ports()[0]))
    spec = {**SPEC, "inputs": {**SPEC["inputs"], "ids": f"words.{ids}"}}  # type: ignore[dict-item]
    return build(Document.model_validate({"root": spec}), registry).eval()


def shaken(graph: Graph, variant: str, seed: int, **how: str) -> None:
    Modes(graph, plan(**how), variant)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in adapters_of(graph, variant).values():
            parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.3)


def out(graph: Graph, **variants: float) -> torch.Tensor:
    activate(graph, variants)
    with torch.no_grad():
        answer: torch.Tensor = graph.eval()(**GIVEN)["out"]
    return answer


@pytest.mark.parametrize("method", ["lora", "rslora"])
def test_a_merged_base_computes_what_base_and_variants_do_together(graph, method):
    shaken(graph, "night", 1, method=method)
    shaken(graph, "rain", 2, method=method)
    expected = out(graph, night=1.0, rain=-0.5)
    tensors = merged(graph, {"night": 1.0, "rain": -0.5})
    remove(graph, "night")
    remove(graph, "rain")
    load_tensors(graph, tensors, "merged")
    assert torch.allclose(out(graph), expected, atol=1e-5)


@pytest.mark.parametrize("method", ["dora", "loha", "lokr", "ia3"])
def test_relatives_fold_as_their_layers_do(graph, method):
    shaken(graph, "night", 1, method=method, where="head")
    expected = out(graph, night=1.0)
    tensors = merged(graph, {"night": 1.0})
    remove(graph, "night")
    load_tensors(graph, tensors, "merged")
    assert torch.allclose(out(graph), expected, atol=1e-5)


def test_merging_and_switching_leave_the_base_bit_identical(graph):
    before = {name: tensor.clone() for name, tensor in base_tensors(graph).items()}
    plain = out(graph)
    shaken(graph, "night", 1)
    merged(graph, {"night": 1.0})
    assert not torch.equal(out(graph, night=1.0), plain)
    assert torch.equal(out(graph), plain)
    after = base_tensors(graph)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_training_one_variant_changes_no_bit_of_the_base_or_of_another(graph):
    shaken(graph, "night", 1)
    kept = {n: p.detach().clone() for n, p in adapters_of(graph, "night").items()}
    base = {n: t.clone() for n, t in base_tensors(graph).items()}
    training = Training(graph, plan(), batches=lambda _: GIVEN, variant="rain")
    assert set(training.trained) == set(adapters_of(graph, "rain"))
    list(training.steps())
    assert any(p.any() for n, p in adapters_of(graph, "rain").items() if n.endswith("lora_B"))
    assert all(torch.equal(p, kept[n]) for n, p in adapters_of(graph, "night").items())
    assert all(torch.equal(t, base[n]) for n, t in base_tensors(graph).items())
    assert not any(name.startswith("night") for name in training.optimiser.state())


def test_a_removed_variant_leaves_bare_layers_and_the_others(graph):
    bare = [type(m) for m in graph.modules()]
    shaken(graph, "night", 1)
    shaken(graph, "rain", 2)
    expected = out(graph, rain=1.0)
    assert remove(graph, "night") == 3
    assert variants_of(graph) == ["rain"]
    assert torch.equal(out(graph, rain=1.0), expected)
    remove(graph, "rain")
    assert [type(m) for m in graph.modules()] == bare
    with pytest.raises(WorldloomError, match="no variant 'rain'"):
        remove(graph, "rain")
