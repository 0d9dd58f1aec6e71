"""What a recorded walk gives, with a recorder that runs on a CPU: keys, copies, gradients and leases.

That a GPU replays the same is in tests/gpu.
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.lattice import replay
from nodes.lattice.lattice import EnergyLattice
from nodes.lattice.replay import Replay
from tests.lattice.boxes import box, embedding, world

SIZE = (4, 3, 5)
Recorded = list[tuple[Tensor, ...]]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The samples of each recording. Like a graph it reads and writes one memory."""
    found: Recorded = []

    def record(
        call: Callable[..., Any], samples: tuple[Tensor, ...], **_: Any
    ) -> Callable[..., Any]:
        found.append(samples)
        results: list[Tensor] = []

        def again(*given: Tensor) -> tuple[Tensor, ...]:
            assert [t.requires_grad for t in given] == [t.requires_grad for t in samples]
            made = call(*given)
            if not results:
                results.extend(m.detach().clone() for m in made)
            for mine, new in zip(results, made, strict=True):
                mine.copy_(new.detach())
            return tuple(m + (mine - m.detach()) for m, mine in zip(made, results, strict=True))

        return again

    monkeypatch.setattr(torch.cuda, "make_graphed_callables", record)
    return found


def lively(**config: Any) -> EnergyLattice:
    node = box(world(SIZE, lively=0.3, **config))
    node(x=embedding())  # its programs are made
    return node


def learned(node: EnergyLattice, out: Tensor) -> dict[str, Tensor]:
    node.zero_grad()
    out.float().square().sum().backward()
    return {n: p.grad.clone() for n, p in node.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("segment", [0, 2])
@pytest.mark.parametrize("half", [False, True])
def test_it_gives_what_the_walk_gives(recorded: Recorded, segment: int, half: bool) -> None:
    node = lively(segment=segment)
    made = Replay(node, node._alone, casts=not segment)
    for seed in range(3):
        x = embedding(seed=seed)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            expected = node(x=x)
            found = made({"x": x})
        near = {"rtol": 0.05, "atol": 0.05} if half else {"rtol": 1e-5, "atol": 1e-5}
        torch.testing.assert_close(found["out"], expected["out"], **near)
        assert found["spawned"] == expected["spawned"]
        wanted = learned(node, expected["out"])
        got = learned(node, found["out"])
        assert got.keys() == wanted.keys()
        for name, grad in wanted.items():
            scale = float(grad.abs().max()) + 1e-3
            torch.testing.assert_close(got[name] / scale, grad / scale, **near)
    assert len(recorded) == 1


def test_linear_weights_are_cast_once_a_call(recorded: Recorded) -> None:
    node = lively()
    with torch.autocast("cpu", torch.bfloat16):
        Replay(node, node._alone, casts=True)({"x": embedding()})
        Replay(node, node._alone, casts=False)({"x": embedding()})
    counts = [sum(t.dtype == torch.bfloat16 for t in samples) for samples in recorded]
    assert counts[0] > 10
    assert counts[1] == 0


def test_other_shapes_modes_and_learning_weights_are_other_recordings(recorded: Recorded) -> None:
    node = lively()
    made = Replay(node, node._alone, casts=True)

    def count(batch: int = 3) -> int:
        made({"x": embedding(batch)})
        return len(recorded)

    assert [count(), count(), count(2), count()] == [1, 1, 2, 2]
    with torch.no_grad():
        assert [count(), count()] == [3, 3]
    node.child("carrier").requires_grad_(False)
    assert [count(), count()] == [4, 4]
    node.eval()
    assert count() == 5
    for batch in range(4, 4 + replay.MOST):
        count(batch)
    assert len(made._recorded) == replay.MOST


def test_a_call_whose_backward_is_to_come_is_not_overwritten(recorded: Recorded) -> None:
    node = lively()
    made = Replay(node, node._alone, casts=True)
    a, b = embedding(seed=1), embedding(seed=2)
    expected = learned(node, node(x=a)["out"] + 2 * node(x=b)["out"])
    for _ in range(2):
        got = learned(node, made({"x": a})["out"] + 2 * made({"x": b})["out"])
        for name, grad in expected.items():
            torch.testing.assert_close(got[name], grad, rtol=1e-4, atol=1e-4)
    first = made({"x": a})
    assert made._awaited()
    del first  # nobody can ask for its gradient any more
    assert not made._awaited()


def test_gradients_are_copied_out(recorded: Recorded) -> None:
    node = lively()
    made = Replay(node, node._alone, casts=False)
    one = learned(node, made({"x": embedding(seed=1)})["out"])
    node.zero_grad()
    for _ in range(2):
        made({"x": embedding(seed=1)})["out"].square().sum().backward()
    for name, p in node.named_parameters():
        if name in one:
            torch.testing.assert_close(p.grad, 2 * one[name])


@pytest.mark.filterwarnings("ignore:The .grad attribute")  # torch.compile looks at its inputs
@pytest.mark.filterwarnings("ignore:Using `torch.compile")  # hooks of other tests
def test_compiling_keeps_the_results_and_is_undone() -> None:
    graph = world(SIZE, lively=0.3)
    node, x = box(graph), embedding()
    expected = graph(x=x)["out"]
    wanted = learned(node, expected)
    graph.compile(mode="reduce-overhead")
    assert node._replay is not None
    graph.interpret()
    assert node._replay is None
    node.compile(backend="eager")
    found = graph(x=x)["out"]
    torch.testing.assert_close(found, expected)
    for name, grad in learned(node, found).items():
        torch.testing.assert_close(grad, wanted[name])
    assert node._compiled is not None
    twin = copy.deepcopy(graph)
    assert box(twin)._compiled is None
    torch.testing.assert_close(twin(x=x)["out"], expected)
