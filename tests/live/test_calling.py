"""One block at two places that are called differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from graphs.live.block import Block
from graphs.live.build import build
from graphs.live.calling import call_at, still
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import Document


@pytest.fixture
def graph(registry: Registry) -> Graph:
    """x -> a -> b -> y with b the same block as a; and the same again in a loop of one turn."""
    line = {"type": "core/Linear", "config": {"d_in": 2, "d_out": 2}}
    loop = {
        "type": "repeat",
        "body": {
            "nodes": {"again": {"tied_to": "a"}},
            "inputs": {"x": "again.x"},
            "outputs": {"x": "again.out"},
        },
    }
    root = {
        "nodes": {"a": line, "b": {"tied_to": "a"}, "loop": loop},
        "wires": ["a.out -> b.x", "b.out -> loop.x"],
        "inputs": {"x": "a.x"},
        "outputs": {"y": "loop.x"},
    }
    return build(Document.model_validate({"root": root}), registry)


def test_a_place_that_is_still_gives_no_gradient_to_the_block_but_lets_it_through(graph):
    x = torch.ones(1, 2, requires_grad=True)
    layer = graph.at("a").map
    graph(x=x)["y"].sum().backward()
    everywhere = layer.weight.grad.clone()
    layer.zero_grad()
    call_at(graph, {"b": still, "loop": still})
    graph(x=x)["y"].sum().backward()
    down = torch.ones(1, 2) @ layer.weight @ layer.weight
    assert torch.allclose(layer.weight.grad, down.T @ torch.ones(1, 2))
    assert not torch.allclose(layer.weight.grad, everywhere)
    assert x.grad is not None


def test_the_values_are_the_same_and_the_rule_comes_back(graph):
    x = torch.ones(1, 2)
    plain = graph(x=x)["y"]
    call_at(graph, {"b": still})
    assert torch.equal(graph(x=x)["y"], plain)
    call_at(graph, {})
    graph(x=x)["y"].sum().backward()
    assert graph.at("a").map.weight.grad is not None


def test_each_place_can_have_its_own_way(graph):
    def times(factor: float) -> Callable[[Block], Callable[..., Any]]:
        return lambda block: lambda *given, **named: block(*given, **named) * factor

    x = torch.ones(1, 2)
    layer = graph.at("a")
    call_at(graph, {"a": times(2.0), "loop.again": times(5.0)})
    expected = layer(layer(layer(x) * 2.0)) * 5.0
    assert torch.allclose(graph(x=x)["y"], expected)


def test_a_place_that_is_no_node_is_refused_with_near_names(graph):
    with pytest.raises(KeyError, match="did you mean loop"):
        call_at(graph, {"lop": still})
