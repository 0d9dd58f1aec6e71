"""Running part of a graph, and what a failure says."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor

from graphs.live.execute import execute
from graphs.live.graph import Graph
from graphs.live.program import Program
from graphs.spec.problems import RunError

Make = Callable[[Mapping[str, Any]], Graph]
COUNT = {"type": "test/Count"}
INNER = {
    "nodes": {"left": COUNT, "right": COUNT, "sum": {"type": "test/Sum"}},
    "wires": ["left.out -> sum.x", "right.out -> sum.x"],
    "inputs": {"a": "left.x", "b": "right.x"},
    "outputs": {"sum": "sum.out", "left": "left.out"},
}
OUTER = {
    "nodes": {"inner": {"body": {**INNER}}, "after": COUNT, "other": COUNT},
    "wires": ["inner.sum -> after.x"],
    "inputs": {"a": "inner.a", "b": "inner.b", "c": "other.x"},
    "outputs": {"y": "after.out", "z": "other.out"},
}
ONE = torch.tensor(1.0)


def asked(graph: Graph) -> dict[str, int]:
    """How often each counting node ran."""
    return {path: vars(b)["calls"] for path, b in graph.blocks() if "calls" in vars(b)}


def test_a_target_runs_its_ancestors_only(make: Make) -> None:
    graph = make(OUTER)
    found = execute(graph, {"a": ONE, "b": ONE, "c": ONE}, targets=["inner.left.out"])
    assert torch.equal(found["inner.left.out"], ONE.sin())
    assert asked(graph) == {"inner.left": 1, "inner.right": 0, "after": 0, "other": 0}


def test_inputs_that_the_targets_do_not_need_may_be_missing(make: Make) -> None:
    graph = make(OUTER)
    assert execute(graph, {"a": ONE}, targets=["inner.left.out", "inner.left"]).keys() == {
        "inner.left.out",
        "inner.left",
    }
    assert execute(graph, {"c": ONE}, targets=["z"]).keys() == {"z"}


def test_what_several_targets_share_runs_once(make: Make) -> None:
    graph = make(OUTER)
    execute(graph, {"a": ONE, "b": ONE}, targets=["y", "inner.sum", "inner.left.out"])
    assert asked(graph) == {"inner.left": 1, "inner.right": 1, "after": 1, "other": 0}


def test_a_sum_is_never_computed_from_some_of_its_wires(make: Make) -> None:
    graph = make(OUTER)
    with pytest.raises(KeyError, match="'y' cannot be computed without 'b'"):
        graph.program(["y"], ["a"])
    with pytest.raises(KeyError, match=r"'inner\.sum' cannot be computed without 'a', 'b'"):
        graph.program(["inner.sum"])


def test_a_wired_optional_port_is_never_left_out(make: Make) -> None:
    graph = make(
        {
            "nodes": {"source": COUNT, "maybe": {"type": "test/Maybe"}},
            "wires": ["source.out -> maybe.y"],
            "inputs": {"x": "maybe.x", "y": "source.x"},
            "outputs": {"out": "maybe.out"},
        }
    )
    with pytest.raises(KeyError, match="'out' cannot be computed without 'y'"):
        graph.program(["out"], ["x"])


@pytest.mark.parametrize(
    ("targets", "given", "message"),
    [
        (["inner.lfet.out"], ["a"], "no value 'inner.lfet.out'; did you mean inner.left.out"),
        (["yy"], ["a"], "there is no value 'yy'"),
        (["y"], ["a", "bb"], "no input 'bb'; did you mean b"),
    ],
)
def test_unknown_names_are_refused_with_near_ones(
    make: Make, targets: list[str], given: list[str], message: str
) -> None:
    with pytest.raises(KeyError, match=message):
        make(OUTER).program(targets, given)


def test_a_target_inside_a_repeat_says_so(make: Make) -> None:
    inner = {"type": "repeat", "body": INNER}
    graph = make(OUTER | {"nodes": {"inner": inner, "after": COUNT, "other": COUNT}})
    with pytest.raises(KeyError, match="is inside 'inner', which gives only its outputs"):
        graph.program(["inner.left.out"], ["a", "b"])


def test_a_target_inside_a_hooked_graph_is_still_reached(make: Make) -> None:
    graph = make(OUTER)
    graph.at("inner").register_forward_hook(lambda *_: None)
    assert [s.path for s in graph.program(["y"], ["a", "b"]).steps] == ["inner", "after"]
    assert [s.path for s in graph.program(["inner.left.out"], ["a"]).steps] == ["inner.left"]


def failing(depth: int, kind: str = "graph") -> dict[str, Any]:
    body: dict[str, Any] = {
        "nodes": {"bad": {"type": "test/Fail", "config": {"when": 2}}},
        "inputs": {"x": "bad.x"},
        "outputs": {"x": "bad.out"},
    }
    for level in range(depth):
        inner: dict[str, Any] = {"type": kind, "body": body}
        if kind == "repeat":
            inner["config"] = {"times": 4}
        name = f"level{level}"
        body = {
            "nodes": {name: inner},
            "inputs": {"x": f"{name}.x"},
            "outputs": {"x": f"{name}.x"},
        }
    return body


@pytest.mark.parametrize(
    ("depth", "kind", "path"),
    [
        (0, "graph", "bad"),
        (2, "graph", "level1.level0.bad"),
        (1, "repeat", "level0.bad"),
        (3, "repeat", "level2.level1.level0.bad"),
        (3, "residual", "level2.level1.level0.bad"),
    ],
)
@pytest.mark.parametrize("watched", [False, True])
def test_a_failure_names_the_node_through_every_composite(
    make: Make, depth: int, kind: str, path: str, watched: bool
) -> None:
    graph = make(failing(depth, kind))
    watch = (lambda event: None) if watched else None
    with pytest.raises(RunError) as caught:
        execute(graph, {"x": torch.zeros(2, 3)}, watch=watch)
    assert caught.value.path == path
    assert isinstance(caught.value.__cause__, ArithmeticError)
    assert "x: float32 (2, 3)" in caught.value.given
    assert str(caught.value).startswith(f"node '{path}' failed: ArithmeticError: no more")


def test_a_failing_combination_of_wires_names_its_port(make: Make) -> None:
    graph = make(
        {
            "nodes": {"a": COUNT, "b": COUNT, "joined": {"type": "test/Joined"}},
            "wires": ["a.out -> joined.x", "b.out -> joined.x"],
            "inputs": {"a": "a.x", "b": "b.x"},
            "outputs": {"y": "joined.out"},
        }
    )
    with pytest.raises(RunError, match=r"node 'joined.x' failed: RuntimeError"):
        graph(a=torch.zeros(2, 2), b=torch.zeros(3, 2))


def test_values_are_let_go_as_soon_as_nobody_needs_them(make: Make) -> None:
    import weakref

    alive: list[weakref.ref[Tensor]] = []
    most = 0

    def see(_module: Any, _args: Any, out: Tensor) -> None:
        nonlocal most
        alive.append(weakref.ref(out))
        most = max(most, sum(ref() is not None for ref in alive))

    names = [f"n{i}" for i in range(6)]
    graph = make(
        {
            "nodes": dict.fromkeys(names, COUNT),
            "wires": [f"{a}.out -> {b}.x" for a, b in pairwise(names)],
            "inputs": {"x": "n0.x"},
            "outputs": {"y": "n5.out"},
        }
    )
    for name in names:
        graph.at(name).register_forward_hook(see)
    with torch.no_grad():
        graph(x=ONE)
    assert most == 2


def test_thousands_of_nodes_in_a_row_need_no_recursion(make: Make) -> None:
    names = [f"n{i}" for i in range(3_000)]
    graph = make(
        {
            "nodes": {name: {"type": "core/Relu"} for name in names},
            "wires": [f"{a}.out -> {b}.x" for a, b in pairwise(names)],
            "inputs": {"x": "n0.x"},
            "outputs": {"y": "n2999.out"},
        }
    )
    assert isinstance(graph.program(given=["x"]), Program)
    assert torch.equal(graph(x=ONE)["y"], ONE)
