"""A run's random streams and rows are pure functions of what the Run says."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from graphs.live import Run
from graphs.live.graph import Graph

Make = Callable[[Mapping[str, Any]], Graph]
NOISE = {"type": "test/Noise"}
DROP = {"type": "core/Dropout", "config": {"rate": 0.5}}
X = torch.zeros(50)


def side_by_side(nodes: Mapping[str, Any]) -> dict[str, Any]:
    """Each node fed from outside, and its output under its name."""
    return {
        "nodes": nodes,
        "inputs": {"x": [f"{name}.x" for name in nodes]},
        "outputs": {name: f"{name}.out" for name in nodes},
    }


def test_noise_depends_on_seed_position_and_path_alone(make: Make) -> None:
    alone, among = make(side_by_side({"b": NOISE})), make(side_by_side({"a": NOISE, "b": NOISE}))
    first = alone(x=X, run=Run(seed=1, position=2))["b"]
    both = among(x=X, run=Run(seed=1, position=2))
    assert torch.equal(both["b"], first)
    assert not torch.equal(both["a"], first)
    for other in (Run(seed=2, position=2), Run(seed=1, position=3)):
        assert not torch.equal(alone(x=X, run=other)["b"], first)


def test_freezing_one_dropout_does_not_shift_anothers(make: Make) -> None:
    graph = make(side_by_side({"a": DROP, "b": DROP}))
    ones, run = torch.ones(50), Run(seed=3)
    both = graph(x=ones, run=run)
    graph.at("a").eval()
    frozen = graph(x=ones, run=run)
    assert torch.equal(frozen["a"], ones)
    assert torch.equal(frozen["b"], both["b"])


def test_a_run_leaves_torchs_random_numbers_alone(make: Make) -> None:
    graph = make(side_by_side({"a": NOISE, "b": DROP}))
    state = torch.get_rng_state()
    graph(x=X, run=Run())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_stream_is_closed_by_a_failure_too() -> None:
    state = torch.get_rng_state()
    with pytest.raises(ZeroDivisionError), Run().stream("a"):
        torch.rand(1).div_(1 // 0)
    assert torch.equal(torch.get_rng_state(), state)


def test_without_a_run_random_blocks_are_plain_torch(make: Make) -> None:
    graph = make(side_by_side({"a": NOISE, "b": DROP}))
    torch.manual_seed(5)
    found = graph(x=X + 1)
    torch.manual_seed(5)
    assert torch.equal(found["a"], X + 1 + torch.randn_like(X))
    assert torch.equal(found["b"], torch.nn.functional.dropout(X + 1, 0.5))


def test_noise_is_the_same_in_a_graph_that_is_inlined_and_in_one_that_is_called(make: Make) -> None:
    inner = {"nodes": {"n": NOISE}, "inputs": {"x": "n.x"}, "outputs": {"out": "n.out"}}
    graph = make(side_by_side({"inner": {"body": inner}}))
    inlined = graph(x=X, run=Run())["inner"]
    graph.at("inner").register_forward_hook(lambda *_: None)
    assert torch.equal(graph(x=X, run=Run())["inner"], inlined)


@pytest.mark.parametrize("kind", ["repeat", "each"])
def test_each_turn_draws_noise_of_its_own(make: Make, kind: str) -> None:
    body = {
        "nodes": {"a": NOISE, "b": {"type": "test/Maybe"}},
        "wires": ["a.out -> b.y"],
        "inputs": {"x": ["a.x", "b.x"]},
        "outputs": {"noise": "a.out"} if kind == "each" else {"x": "a.out"},
    }
    config = {"times": 2} if kind == "repeat" else {}
    node = {"type": kind, "config": config, "body": body}
    name = "noise" if kind == "each" else "x"
    graph = make({"nodes": {"n": node}, "inputs": {"x": "n.x"}, "outputs": {"y": f"n.{name}"}})
    turns = [torch.empty(50) for _ in range(2)]
    for turn, place in enumerate(turns):
        with Run().at("n").at(str(turn)).stream("a"):
            place.normal_()
    found = graph(x=X if kind == "repeat" else X.expand(2, 50), run=Run())["y"]
    assert torch.equal(found, turns[0] + turns[1] if kind == "repeat" else torch.stack(turns))
    assert not torch.equal(*turns)


def test_a_tied_random_block_draws_by_its_place(make: Make) -> None:
    graph = make(side_by_side({"a": NOISE, "b": {"tied_to": "a"}}))
    found = graph(x=X, run=Run())
    assert not torch.equal(found["a"], found["b"])


def test_the_place_of_a_run_has_no_turn_numbers() -> None:
    run = Run().at("world.loop").at("12").at("inner").at("0")
    assert (run.path, run.place) == ("world.loop.12.inner.0", "world.loop.inner")


runs = st.builds(
    Run,
    seed=st.integers(0, 5),
    batch=st.integers(1, 7),
    shuffle=st.booleans(),
    regroup=st.booleans(),
)


def batches(run: Run, count: int, upto: int) -> list[Tensor]:
    from dataclasses import replace

    return [replace(run, position=position).rows(count) for position in range(upto)]


@given(run=runs, count=st.integers(1, 20))
def test_rows_are_a_pure_function_and_an_epoch_has_each_once(run: Run, count: int) -> None:
    per_epoch = -(-count // run.batch)
    first, again = (batches(run, count, 3 * per_epoch) for _ in range(2))
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
        a.fill_(-1)  # nobody else's rows change
    rows = torch.cat(again).tolist()
    if run.shuffle and run.regroup:  # batches are always full and run on into the next epoch
        assert all(len(batch) == run.batch for batch in again)
        epochs = [rows[n : n + count] for n in range(0, len(rows) - count + 1, count)]
    else:
        epochs = [
            torch.cat(again[n : n + per_epoch]).tolist() for n in range(0, 3 * per_epoch, per_epoch)
        ]
    assert epochs
    assert all(sorted(epoch) == list(range(count)) for epoch in epochs)


@given(run=runs, count=st.integers(1, 20))
def test_without_regrouping_batches_keep_their_rows(run: Run, count: int) -> None:
    from dataclasses import replace

    per_epoch = -(-count // run.batch)
    found = batches(replace(run, shuffle=True, regroup=False), count, 3 * per_epoch)
    epochs = [
        {tuple(batch.tolist()) for batch in found[n : n + per_epoch]}
        for n in range(0, 3 * per_epoch, per_epoch)
    ]
    assert epochs[0] == epochs[1] == epochs[2]


def test_epochs_are_shuffled_differently() -> None:
    run = Run(batch=100, shuffle=True)
    assert not torch.equal(*batches(run, 100, 2))


def test_rows_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="split 'train' has no rows"):
        Run().rows(0)


def test_rows_and_streams_work_under_another_default_device() -> None:
    with torch.device("meta"):
        assert Run(batch=3, shuffle=True).rows(5).device.type == "cpu"
        assert Run(batch=3).rows(5).tolist() == [0, 1, 2]
