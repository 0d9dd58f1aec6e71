"""A watched run computes the same, tells of every node at every depth, and can be stopped."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from graphs.live import Run
from graphs.live.cache import OutputCache
from graphs.live.execute import Event, NodeFinished, NodeStarted, execute
from graphs.live.graph import Graph
from graphs.spec.problems import Cancelled, RunError

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3}}
BODY = {
    "nodes": {"lin": LINEAR, "noise": {"type": "test/Noise"}, "sum": {"type": "core/Add"}},
    "wires": ["lin.out -> noise.x", "lin.out -> sum.x", "noise.out -> sum.x"],
    "inputs": {"x": "lin.x"},
    "outputs": {"x": "sum.out"},
}
X = torch.randn(2, 3)


def nested(*kinds: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """BODY inside composites of these kinds, the first innermost; each is called by its kind."""
    body: dict[str, Any] = BODY
    for kind, config in kinds:
        node = {"type": kind, "config": config, "body": body}
        body = {
            "nodes": {f"a_{kind}": node},
            "inputs": {"x": f"a_{kind}.x"},
            "outputs": {"x": f"a_{kind}.x"},
        }
    return body


def watched(graph: Graph, **options: Any) -> tuple[dict[str, Any], list[Event]]:
    events: list[Event] = []
    return execute(graph, {"x": X}, watch=events.append, **options), events


def test_watching_changes_nothing(make: Make) -> None:
    graph = make(nested(("graph", {}), ("repeat", {"times": 3}), ("residual", {})))
    plain = execute(graph, {"x": X})["x"]
    assert torch.equal(watched(graph)[0]["x"], plain)
    with torch.no_grad():
        assert torch.equal(graph(x=X, run=Run())["x"], plain)


def test_each_node_starts_and_finishes_in_order(make: Make) -> None:
    _, events = watched(make(nested(("graph", {}))))
    told = [(type(event), event.path) for event in events]
    paths = ["a_graph.lin", "a_graph.noise", "a_graph.sum"]
    assert told == [(kind, p) for p in paths for kind in (NodeStarted, NodeFinished)]
    finished = [e for e in events if isinstance(e, NodeFinished)]
    assert all(e.outputs == {"out": "float32 (2, 3)"} and e.seconds >= 0 for e in finished)
    assert [e.index for e in finished] == [0, 1, 3]  # wires into one port are step 2
    assert {e.total for e in events} == {4}


def test_nodes_inside_composites_are_told_of_at_their_path_in_every_turn(make: Make) -> None:
    graph = make(nested(("repeat", {"times": 2}), ("residual", {}), ("repeat", {"times": 3})))
    _, events = watched(graph)
    finished = [e for e in events if isinstance(e, NodeFinished)]
    outer, middle = "a_repeat", "a_repeat.a_residual"
    inner = f"{middle}.a_repeat"
    turn = [f"{inner}.{name}" for name in ("lin", "noise", "sum")]
    assert [e.path for e in finished] == ([*turn, *turn, inner, middle] * 3) + [outer]
    assert {e.index for e in events} == {0}
    assert {e.total for e in events} == {1}


def test_each_and_choose_tell_of_their_nodes_too(make: Make) -> None:
    choose = {
        "type": "choose",
        "body": {
            "nodes": {"a": LINEAR, "b": LINEAR},
            "inputs": {"x": ["a.x", "b.x"]},
            "outputs": {"x": "a.out"},
        },
    }
    each = {
        "nodes": {"choose": choose},
        "inputs": {"x": "choose.x", "which": "choose.which"},
        "outputs": {"x": "choose.x"},
    }
    node = {"type": "each", "config": {"over": ["x"]}, "body": each}
    graph = make(
        {
            "nodes": {"each": node},
            "inputs": {"x": "each.x", "which": "each.which"},
            "outputs": {"x": "each.x"},
        }
    )
    paths: list[str] = []
    execute(graph, {"x": X, "which": 1}, watch=lambda e: paths.append(e.path))
    assert paths == ["each", *["each.choose", *["each.choose.b"] * 2, "each.choose"] * 2, "each"]


def test_previews_are_made_for_people(make: Make) -> None:
    def preview(port: str, value: Any) -> Any:
        return value.shape if port.endswith("lin.out") else None

    _, events = watched(make(nested(("repeat", {"times": 2}))), preview=preview)
    shown = [(e.path, e.previews) for e in events if isinstance(e, NodeFinished) and e.previews]
    assert shown == [("a_repeat.lin", {"out": (2, 3)})] * 2


@pytest.mark.parametrize("kind", [NodeStarted, NodeFinished])
@pytest.mark.parametrize("cached", [False, True])
def test_a_watcher_stops_the_run_at_any_depth(make: Make, kind: type, cached: bool) -> None:
    seen: list[str] = []

    def watch(event: Event) -> None:
        if isinstance(event, kind):
            seen.append(event.path)
        if len(seen) == 5:
            raise Cancelled("enough")

    graph = make(nested(("repeat", {"times": 9}), ("residual", {})))
    with pytest.raises(Cancelled, match="enough") as caught:
        execute(graph, {"x": X}, watch=watch, cache=OutputCache() if cached else None)
    assert caught.value.__cause__ is None
    assert len(seen) == 5


def test_a_watched_failure_names_the_node_and_keeps_the_cause(make: Make) -> None:
    bad = {"type": "test/Fail", "config": {"when": 1}}
    body = {"nodes": {"bad": bad}, "inputs": {"x": "bad.x"}, "outputs": {"x": "bad.out"}}
    node = {"type": "repeat", "config": {"times": 3}, "body": body}
    graph = make({"nodes": {"n": node}, "inputs": {"x": "n.x"}, "outputs": {"x": "n.x"}})
    events: list[Event] = []
    with pytest.raises(RunError, match=r"node 'n.bad' failed: ArithmeticError: no more") as caught:
        execute(graph, {"x": X}, watch=events.append)
    assert isinstance(caught.value.__cause__, ArithmeticError)
    assert [e.path for e in events] == ["n", "n.bad", "n.bad", "n.bad"]


def test_what_the_cache_gave_is_told_as_reused(make: Make) -> None:
    graph, cache = make(nested(("graph", {}))), OutputCache()
    first = watched(graph, cache=cache)
    second = watched(graph, cache=cache)
    assert torch.equal(first[0]["x"], second[0]["x"])
    reused = [[e.reused for e in ev if isinstance(e, NodeFinished)] for _, ev in (first, second)]
    assert reused == [[False] * 3, [True] * 3]


def test_gradients_are_wanted_on_request(make: Make) -> None:
    graph = make(nested())
    assert not execute(graph, {"x": X})["x"].requires_grad
    assert execute(graph, {"x": X}, grad=True)["x"].requires_grad
    assert torch.is_grad_enabled()


def test_half_precision_is_autocast(make: Make) -> None:
    graph = make({"nodes": {"lin": LINEAR}, "inputs": {"x": "lin.x"}, "outputs": {"x": "lin.out"}})
    assert execute(graph, {"x": X}, precision="bfloat16")["x"].dtype == torch.bfloat16
    assert graph.get_parameter("lin.map.weight").dtype == torch.float32


def test_unknown_inputs_and_targets_are_refused(make: Make) -> None:
    graph = make(nested())
    with pytest.raises(KeyError, match="no input 'y'; there are x"):
        execute(graph, {"y": X, "x": X})
    with pytest.raises(KeyError, match="'x' cannot be computed without 'x'"):
        execute(graph)
    with pytest.raises(KeyError, match=r"there is no value 'lin\.uot'; did you mean lin\.out"):
        execute(graph, {"x": X}, targets=["lin.uot"])
