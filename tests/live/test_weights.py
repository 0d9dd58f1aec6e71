"""Weights by name: shared ones once, loading that is checked before anything is copied."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from graphs.live.graph import Graph
from graphs.live.weights import base_tensors, load_tensors, walk
from graphs.spec.problems import FileError

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 2, "d_out": 2}}
INNER = {
    "nodes": {"lin": LINEAR, "norm": {"type": "core/BatchNorm", "config": {"channels": 2}}},
    "wires": ["lin.out -> norm.x"],
    "inputs": {"x": "lin.x"},
    "outputs": {"y": "norm.out"},
}
TIED = {
    "nodes": {"a": {"body": INNER}, "b": {"tied_to": "a"}, "c": {"tied_to": "a.lin"}},
    "wires": ["a.y -> b.x", "b.y -> c.x"],
    "inputs": {"x": "a.x"},
    "outputs": {"y": "c.out"},
}


def test_a_shared_tensor_has_its_first_name_and_knows_the_others(make: Make) -> None:
    named = {n.name: n.others for n in walk(make(TIED))}
    assert named["a.lin.map.weight"] == ("b.lin.map.weight", "c.map.weight")
    assert not any(name.startswith(("b.", "c.")) for name in named)


def test_parameters_and_saved_buffers_are_listed_in_document_order(make: Make) -> None:
    graph = make(INNER)
    assert list(base_tensors(graph)) == list(graph.state_dict())


def test_what_was_read_can_be_loaded(make: Make) -> None:
    graph, other = make(TIED), make(TIED)
    with torch.no_grad():
        for tensor in base_tensors(graph).values():
            tensor += 1
    load_tensors(other, base_tensors(graph), "here")
    load_tensors(other, dict(graph.state_dict()), "here")  # with every name of shared tensors
    for name, tensor in other.state_dict().items():
        assert torch.equal(tensor, graph.state_dict()[name])


@pytest.mark.parametrize("part", ["a", "b"])
def test_a_part_is_loaded_by_names_relative_to_it_also_through_a_tie(make: Make, part: str) -> None:
    graph, inner = make(TIED), make(INNER)
    with torch.no_grad():
        inner.get_parameter("lin.map.weight").fill_(7)
    load_tensors(graph, base_tensors(inner), "here", part)
    assert torch.equal(graph.get_parameter("c.map.weight"), torch.full((2, 2), 7.0))


def test_every_fault_is_named_and_nothing_is_loaded(make: Make) -> None:
    graph = make(INNER)
    before = {name: tensor.clone() for name, tensor in base_tensors(graph).items()}
    wrong = {name: torch.zeros_like(tensor) for name, tensor in before.items()}
    del wrong["lin.map.bias"]
    wrong["lin.map.wieght"] = torch.zeros(1)
    wrong["lin.map.weight"] = torch.zeros(3, 2)
    wrong["norm.norm.running_mean"] = torch.tensor([0.0, torch.nan])
    wrong["norm.norm.running_var"] = torch.zeros(2, dtype=torch.float64)
    names = set(before) & set(wrong)
    assert {"norm.norm.running_mean", "norm.norm.running_var"} <= names
    with pytest.raises(FileError) as caught:
        load_tensors(graph, wrong, "some.file")
    for words in (
        "some.file: the weights do not fit",
        "lin.map.bias: missing",
        "lin.map.wieght: no such weight here; did you mean lin.map.weight",
        "lin.map.weight: expected shape (2, 2), got (3, 2)",
        "running_mean: holds NaN or infinity",
        "running_var: expected torch.float32, got torch.float64",
    ):
        assert words in str(caught.value)
    for name, tensor in base_tensors(graph).items():
        assert torch.equal(tensor, before[name])
