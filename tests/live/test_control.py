"""Repeat, choose, each and residual do what a loop written by hand does."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.live.graph import Graph
from graphs.spec.problems import DocumentError, RunError

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3}}
STEP = {
    "nodes": {"lin": LINEAR, "act": {"type": "core/Tanh"}, "add": {"type": "core/Add"}},
    "wires": ["lin.out -> act.x", "act.out -> add.x"],
    "inputs": {"x": "lin.x", "bias": "add.y"},
    "outputs": {"x": "add.out", "act": "act.out"},
}


def around(node: Mapping[str, Any], inputs: str = "x", outputs: str = "x") -> dict[str, Any]:
    """A graph of this one node and its ports."""
    return {
        "nodes": {"node": node},
        "inputs": {name: f"node.{name}" for name in inputs.split()},
        "outputs": {name: f"node.{name}" for name in outputs.split()},
    }


def gradients(value: Tensor, graph: Graph) -> list[Tensor]:
    return list(torch.autograd.grad(value.sin().sum(), list(graph.parameters())))


def equal(ours: Tensor, theirs: Tensor, graph: Graph) -> None:
    assert torch.equal(ours, theirs)
    for a, b in zip(gradients(ours, graph), gradients(theirs, graph), strict=True):
        assert torch.equal(a, b)


def lin(graph: Graph) -> nn.Module:
    return graph.at("node.lin")


@pytest.mark.parametrize("times", [1, 2, 5])
def test_repeat_feeds_outputs_into_inputs_of_the_same_name(make: Make, times: int) -> None:
    node = {"type": "repeat", "config": {"times": times}, "body": STEP}
    graph = make(around(node, "x bias", "x act"))
    x, bias = torch.randn(2, 3), torch.randn(3)
    found = graph(x=x, bias=bias)
    act = x
    for _ in range(times):
        act = lin(graph)(x).tanh()
        x = act + bias
    equal(found["x"], x, graph)
    assert torch.equal(found["act"], act)


def test_repeat_feeds_back_what_the_first_turn_was_not_given(make: Make) -> None:
    body = {
        "nodes": {"cell": {"type": "core/GRUCell", "config": {"d_in": 3, "hidden": 3}}},
        "inputs": {"x": "cell.x", "state": "cell.state"},
        "outputs": {"state": "cell.out"},
    }
    node = {"type": "repeat", "config": {"times": 3}, "body": body}
    graph = make(around(node, "x", "state") | {"inputs": {"x": "node.x"}})
    x, state = torch.randn(2, 3), None
    for _ in range(3):
        state = graph.at("node.cell")(x=x, state=state)
    assert state is not None
    equal(graph(x=x)["state"], state, graph)


def test_repeats_inside_repeats_multiply(make: Make) -> None:
    inner = {"type": "repeat", "config": {"times": 3}, "body": around({"type": "test/Count"})}
    inner["body"] = {
        "nodes": {"count": {"type": "test/Count"}},
        "inputs": {"x": "count.x"},
        "outputs": {"x": "count.out"},
    }
    outer = {"type": "repeat", "config": {"times": 4}, "body": around(inner)}
    graph = make(around(outer))
    graph(x=torch.ones(1))
    assert vars(graph.at("node.node.count"))["calls"] == 12


def choice(kinds: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "nodes": dict(kinds),
        "inputs": {"x": [f"{name}.x" for name in kinds]},
        "outputs": {"y": f"{next(iter(kinds))}.out"},
    }
    return around({"type": "choose", "body": body}, "which x", "y")


@pytest.mark.parametrize("which", [0, torch.tensor(1), torch.tensor([0])])
def test_choose_runs_only_the_branch_of_that_number(make: Make, which: Any) -> None:
    graph = make(choice({"b": {"type": "test/Count"}, "a": LINEAR}))
    x = torch.randn(2, 3)
    found = graph(which=which, x=x)["y"]
    chosen = "ab"[int(which)]
    count = graph.at("node.b")
    assert vars(count)["calls"] == int(chosen == "b")
    assert torch.equal(found, graph.at(f"node.{chosen}")(x))
    if chosen == "a":
        equal(found, graph.at("node.a")(x), graph)


@pytest.mark.parametrize("which", [-1, 2, 0.5, torch.tensor(1.5)])
def test_choose_refuses_a_number_without_a_branch(make: Make, which: Any) -> None:
    graph = make(choice({"b": {"type": "test/Count"}, "a": LINEAR}))
    with pytest.raises(
        RunError, match=r"'which': expected a whole number from 0 to 1 \(a, b\), got"
    ):
        graph(which=which, x=torch.zeros(3))


def test_choose_wants_the_exposed_port_of_every_branch(make: Make) -> None:
    with pytest.raises(
        DocumentError, match="every branch needs an output 'out', but 'cut' gives low"
    ):
        make(choice({"b": {"type": "core/Relu"}, "cut": {"type": "test/Halves"}}))


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("over", [None, ["x"]])
def test_each_runs_the_body_once_for_every_item(
    make: Make, listed: bool, over: list[str] | None
) -> None:
    node = {"type": "each", "config": {"over": over}, "body": STEP}
    graph = make(around(node, "x bias"))
    x, bias = torch.randn(4, 2, 3), torch.randn(4, 3)
    whole = bias if over is None else bias[0]
    found = graph(x=list(x) if listed else x, bias=whole)["x"]
    each = bias if over is None else bias[:1].expand(4, 3)
    by_hand = [lin(graph)(item).tanh() + b for item, b in zip(x, each, strict=True)]
    equal(found, torch.stack(by_hand), graph)


def test_each_gathers_what_is_no_tensor_in_a_list(make: Make) -> None:
    body = {
        "nodes": {"named": {"type": "test/Named"}},
        "inputs": {"x": "named.x"},
        "outputs": {"y": "named.out"},
    }
    graph = make(around({"type": "each", "body": body}, "x", "y"))
    assert graph(x=[torch.ones(1), torch.ones(2)])["y"] == ["x=1", "x=2"]


@pytest.mark.parametrize(
    ("x", "bias", "message"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 3), "one common length above 0, got"),
        (torch.zeros(0, 3), torch.zeros(0, 3), "one common length above 0, got"),
        (
            torch.tensor(1.0),
            torch.zeros(1, 3),
            "'x': expected a tensor with an axis or a list, got a scalar",
        ),
        ("ab", torch.zeros(2, 3), "'x': expected a tensor with an axis or a list, got str"),
    ],
)
def test_each_says_what_it_cannot_take_apart(make: Make, x: Any, bias: Any, message: str) -> None:
    graph = make(around({"type": "each", "body": STEP}, "x bias"))
    with pytest.raises(RunError, match=message):
        graph(x=x, bias=bias)


def test_each_refuses_inputs_that_are_not_there(make: Make) -> None:
    node = {"type": "each", "config": {"over": ["y"]}, "body": STEP}
    with pytest.raises(DocumentError, match=r"expected exposed inputs \(x, bias\), got y"):
        make(around(node, "x bias"))


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_residual_adds_the_body_to_its_input(make: Make, scale: float) -> None:
    node = {"type": "residual", "config": {"scale": scale}, "body": STEP}
    graph = make(around(node, "x bias", "x act"))
    x, bias = torch.randn(2, 3), torch.randn(3)
    act = lin(graph)(x).tanh()
    found = graph(x=x, bias=bias)
    equal(found["x"], x + scale * (act + bias), graph)
    assert torch.equal(found["act"], act)


def test_a_composite_of_a_pack_runs_its_own_forward(make: Make) -> None:
    graph = make(around({"type": "test/Twice", "body": STEP}, "x bias"))
    x, bias = torch.randn(2, 3), torch.randn(3)
    equal(graph(x=x, bias=bias)["x"], 2 * (lin(graph)(x).tanh() + bias), graph)
