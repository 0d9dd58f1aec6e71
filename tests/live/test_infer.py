"""Shapes and costs equal those of a real run, without running and without touching the graph."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from graphs.live import Run
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.infer import describe, infer
from graphs.live.looking import UNCOUNTED
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec

Make = Callable[[Mapping[str, Any]], Graph]


def single(node: Mapping[str, Any], port: str = "x") -> dict[str, Any]:
    return {
        "nodes": {"n": node},
        "inputs": {"x": f"n.{port}"},
        "outputs": {"y": "n.out"},
    }


NODES = {
    "linear": (
        {"type": "core/Linear", "config": {"d_in": 5, "d_out": 7}},
        "x",
        (3, 5),
        2 * 3 * 5 * 7,
    ),
    "conv": (
        {"type": "core/Conv2d", "config": {"channels_in": 2, "channels_out": 4, "kernel": 3}},
        "x",
        (1, 2, 8, 8),
        2 * 6 * 6 * 2 * 4 * 9,
    ),
    "attention": (
        {"type": "core/MultiHeadAttention", "config": {"width": 8, "heads": 2}},
        "query",
        (2, 5, 8),
        2 * (4 * 2 * 5 * 8 * 8 + 2 * 2 * 5 * 5 * 8),
    ),
}


@pytest.mark.parametrize("name", NODES)
def test_shapes_parameters_and_flops_are_those_of_torch(make: Make, name: str) -> None:
    node, port, shape, flops = NODES[name]
    graph = make(single(node, port)).eval()
    cost = infer(graph, {"x": torch.zeros(shape)})["n"]
    with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter, torch.no_grad():
        real = graph(x=torch.zeros(shape))["y"]
    assert cost.outputs == {"out": describe(real)}
    assert cost.parameters == cost.trainable == sum(p.numel() for p in graph.parameters())
    assert cost.flops == counter.get_total_flops() == flops


CHAIN = {
    "nodes": {
        "a": {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}},
        "b": {"type": "core/Dropout"},
        "c": {"type": "core/BatchNorm", "config": {"channels": 4}},
        "cut": {"type": "test/Halves"},
    },
    "wires": ["a.out -> b.x", "b.out -> c.x", "c.out -> cut.x"],
    "inputs": {"x": "a.x"},
    "outputs": {"y": "cut.low"},
}


def test_the_graph_is_not_touched(make: Make) -> None:
    graph = make(
        {
            "nodes": {"in_it": {"body": CHAIN}},
            "inputs": {"x": "in_it.x"},
            "outputs": {"y": "in_it.y"},
        }
    )
    before = {name: (t, t.clone()) for name, t in graph.state_dict(keep_vars=True).items()}
    state = torch.get_rng_state()
    found = infer(graph, {"x": torch.zeros(2, 4)}, run=Run())
    assert list(found) == [f"in_it.{n}" for n in ("a", "b", "c", "cut")]
    assert found["in_it.cut"].outputs == {"low": "float32 (2, 2)", "high": "float32 (2, 2)"}
    for name, tensor in graph.state_dict(keep_vars=True).items():
        assert tensor is before[name][0]
        assert torch.equal(tensor, before[name][1])
    assert torch.equal(torch.get_rng_state(), state)
    assert type(graph(x=torch.zeros(2, 4))["y"]) is torch.Tensor


def test_a_failing_node_is_listed_and_what_needs_it_is_left_out(make: Make) -> None:
    graph = make(
        {
            "nodes": {
                "fine": {"type": "core/Relu"},
                "bad": {"type": "core/Reshape", "config": {"shape": [5]}},
                "after": {"type": "core/Relu"},
                "joined": {"type": "test/Joined"},
            },
            "wires": ["bad.out -> after.x", "fine.out -> joined.x"],
            "inputs": {"x": ["fine.x", "bad.x"], "y": "joined.x"},
            "outputs": {"y": "after.out", "z": "joined.out"},
        }
    )
    found = infer(graph, {"x": torch.zeros(2, 3), "y": torch.zeros(3, 3)})
    assert not found["fine"].error
    assert "shape" in found["bad"].error
    assert not found["bad"].outputs
    assert "after" not in found
    assert found["joined"].error.startswith("port 'x': RuntimeError")


def test_missing_inputs_leave_out_what_needs_them(make: Make) -> None:
    graph = make(
        {
            "nodes": {"a": {"type": "core/Relu"}, "b": {"type": "core/Relu"}},
            "inputs": {"x": "a.x", "y": "b.x"},
            "outputs": {"y": "b.out"},
        }
    )
    assert list(infer(graph, {"x": torch.zeros(1)})) == ["a"]


def test_a_world_of_meta_weights_is_looked_at_without_allocating(registry: Registry) -> None:
    node = {"type": "core/Linear", "config": {"d_in": 40_000, "d_out": 50_000, "bias": False}}
    with torch.device("meta"):
        graph = build(GraphSpec.model_validate(single(node)), registry)
    cost = infer(graph, {"x": torch.zeros(2, 40_000)})["n"]
    assert not cost.error
    assert cost.parameters == 2_000_000_000
    assert cost.flops == 2 * 2 * 2_000_000_000
    assert cost.outputs == {"out": "float32 (2, 50000)"}
    assert graph.get_parameter("n.map.weight").is_meta


LINEAR = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}}


def repeated(body: Mapping[str, Any], times: int, ports: str = "x") -> dict[str, Any]:
    node = {"type": "repeat", "config": {"times": times}, "body": body}
    return {
        "nodes": {"loop": node},
        "inputs": {name: f"loop.{name}" for name in body["inputs"]},
        "outputs": {name: f"loop.{name}" for name in body["outputs"]},
    }


def body(node: Mapping[str, Any]) -> dict[str, Any]:
    return {"nodes": {"n": node}, "inputs": {"x": "n.x"}, "outputs": {"x": "n.out"}}


def test_a_repeat_costs_its_turns_without_running_them(make: Make) -> None:
    graph = make(repeated(body(LINEAR), 1_000_000_000))
    cost = infer(graph, {"x": torch.zeros(3, 4)})["loop"]
    assert cost.flops == 2 * 3 * 4 * 4 * 1_000_000_000
    assert cost.parameters == 20
    nested = make(repeated(repeated(body(LINEAR), 3), 5))
    assert infer(nested, {"x": torch.zeros(3, 4)})["loop"].flops == 2 * 3 * 4 * 4 * 15


def test_a_repeat_that_fails_in_its_second_turn_is_found(make: Make) -> None:
    grows = {"type": "core/MatMul"}
    inner = {"nodes": {"n": grows}, "inputs": {"x": "n.x", "y": "n.y"}, "outputs": {"x": "n.out"}}
    graph = make(repeated(inner, 2))
    found = infer(graph, {"x": torch.zeros(2, 3), "y": torch.zeros(3, 4)})["loop"]
    assert "RunError: node 'n' failed" in found.error


def test_sources_are_read_and_random_blocks_run(make: Make) -> None:
    source = {"type": "core/RandomTensor", "config": {"shape": [3]}}
    graph = make(
        {
            "nodes": {"rows": source, "noise": {"type": "core/GaussianNoise"}},
            "wires": ["rows.out -> noise.like"],
            "outputs": {"y": "noise.out"},
        }
    )
    assert infer(graph)["noise"].outputs == {"out": "float32 (32, 3)"}
