"""Cycles inside a graph: strongly connected parts, N times, in the order of the wires."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from graphs.live.build import build
from graphs.live.context import Run
from graphs.live.execute import execute
from graphs.live.graph import Graph
from graphs.live.infer import infer
from graphs.live.registry import Registry
from graphs.spec.check import check
from graphs.spec.document import Document
from graphs.spec.topology import running


def looped(loops: int | None = 3, **changes: Any) -> Document:
    """x -> (z_solver -> a_half -> z_solver ...) -> y: the names are against the wires' order."""
    root = {
        "nodes": {
            "z_first": {"type": "core/Linear", "config": {"d_in": 2, "d_out": 2}},
            "a_second": {"type": "core/Tanh"},
            "after": {"type": "core/Scale", "config": {"factor": 10.0}},
        },
        "wires": [
            "z_first.out -> a_second.x",
            "a_second.out -> z_first.x",
            "a_second.out -> after.x",
        ],
        "inputs": {"x": "z_first.x"},
        "outputs": {"y": "after.out"},
        "loops": loops,
    }
    return Document.model_validate({"root": root | changes})


@pytest.fixture
def x() -> torch.Tensor:
    return torch.randn(3, 2, generator=torch.Generator().manual_seed(0))


def made(document: Document, registry: Registry) -> Graph:
    assert check(document, registry.catalogue()) == []
    return build(document, registry)


@pytest.mark.parametrize("loops", [1, 2, 5])
def test_a_cycle_runs_n_times_in_the_order_of_its_wires(registry, x, loops):
    graph = made(looped(loops), registry)
    expected = x
    for _ in range(loops):
        expected = torch.tanh(graph.at("z_first")(expected))
    assert torch.equal(graph(x=x)["y"], expected * 10)


def test_gradients_of_all_rounds_add_up(registry, x):
    graph = made(looped(3), registry)
    graph(x=x)["y"].sum().backward()
    weight = graph.at("z_first").map.weight
    mine, weight.grad = weight.grad.clone(), None
    h = x
    for _ in range(3):
        h = torch.tanh(graph.at("z_first")(h))
    (h * 10).sum().backward()
    assert torch.equal(mine, weight.grad)


def test_a_cycle_that_nothing_runs_is_a_problem(registry):
    found = [p for p in check(looped(None), registry.catalogue()) if p.code == "cycle"]
    assert "say how often it runs (loops), or use a repeat" in found[0].message


def test_a_cycle_without_a_start_is_a_problem(registry):
    document = looped(2, inputs={})
    found = [p.message for p in check(document, registry.catalogue()) if p.code == "cycle"]
    assert found == [
        "a_second -> z_first -> a_second has no start; feed one of its ports from outside too"
    ]


def test_a_node_that_feeds_itself_is_a_cycle(registry):
    root = {
        "nodes": {"a": {"type": "core/Scale", "config": {"factor": 2.0}}},
        "wires": ["a.out -> a.x"],
        "inputs": {"x": "a.x"},
        "outputs": {"y": "a.out"},
        "loops": 4,
    }
    graph = made(Document.model_validate({"root": root}), registry)
    assert graph(x=torch.ones(1))["y"].item() == 16.0


def test_two_cycles_run_one_after_the_other(registry):
    double = {"type": "core/Scale", "config": {"factor": 2.0}}
    more = {"type": "core/Scale", "config": {"factor": 1.0, "offset": 1.0}}
    root = {
        "nodes": {"b": double, "a": double, "d": more, "c": more},
        "wires": ["b.out -> a.x", "a.out -> b.x", "a.out -> d.x", "d.out -> c.x", "c.out -> d.x"],
        "inputs": {"x": "b.x"},
        "outputs": {"y": "c.out"},
        "loops": 2,
    }
    document = Document.model_validate({"root": root})
    assert [(turn.names, turn.loops) for turn in running(document.root)] == [
        (("b", "a"), 2),
        (("d", "c"), 2),
    ]
    assert made(document, registry)(x=torch.ones(1))["y"].item() == 16.0 + 4.0


def test_each_round_draws_its_own_noise_and_is_told_of_under_one_path(registry, x):
    root = looped(3).root.model_dump(mode="json")
    root["nodes"]["a_second"] = {"type": "core/Dropout", "config": {"rate": 0.5}}
    graph = made(Document.model_validate({"root": root}), registry).train()
    told: list[str] = []
    first = execute(graph, {"x": x}, run=Run(), watch=lambda e: told.append(e.path))["y"]
    assert torch.equal(first, execute(graph, {"x": x}, run=Run())["y"])
    assert set(told) == {"z_first", "a_second", "after"}
    streams = {step.stream for step in graph.program(given=["x"]).steps if step.path == "a_second"}
    assert streams == {"a_second.0", "a_second.1", "a_second.2"}


def test_cost_counts_every_round(registry, x):
    one = infer(made(looped(1), registry), {"x": x})["z_first"].flops
    assert infer(made(looped(5), registry), {"x": x})["z_first"].flops == 5 * one


def test_a_loop_inside_a_graph_inside_a_graph(registry, x):
    inner = looped(2).root.model_dump(mode="json")
    root = {
        "nodes": {
            "outer": {
                "body": {
                    "nodes": {"inner": {"body": inner}},
                    "inputs": {"x": "inner.x"},
                    "outputs": {"y": "inner.y"},
                }
            }
        },
        "inputs": {"x": "outer.x"},
        "outputs": {"y": "outer.y"},
    }
    graph = made(Document.model_validate({"root": root}), registry)
    first = graph.at("outer.inner.z_first")
    assert torch.equal(graph(x=x)["y"], torch.tanh(first(torch.tanh(first(x)))) * 10)
