"""B1: what the engine adds to each node of a graph whose nodes do next to nothing."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from graphs.live.block import Block
from graphs.live.program import Program
from graphs.spec.document import GraphSpec
from graphs.spec.topology import order
from tests.bench.measure import Ratio, Row, Times, interleaved, ratio, seconds
from tests.bench.size import Size
from tests.bench.worlds import chain, diamond, leaf, live, numbered

COUNTS = (10, 100, 1000, 10_000)
PER_SAMPLE = 10_000  # calls of nodes in one timing, so that the clock does not count
FRAMES = 120  # of the stack, under which the longest chain is built and run


def rows(size: Size) -> Iterator[Row]:
    rounds = 7 if size.quick else 31
    for name, shape, join in (("chain", chain, None), ("diamond", diamond, torch.stack)):
        yield from _shape(name, shape, join, rounds)
    yield _deep()


def _shape(
    name: str,
    shape: Callable[..., GraphSpec],
    join: Callable[[list[Tensor]], Tensor] | None,
    rounds: int,
) -> Iterator[Row]:
    sides: list[Callable[[], None]] = []
    for count in COUNTS:
        graph = live(shape(numbered(count, leaf("Relu"))))
        program = graph.program(given=["x"])
        blocks = [graph.child(node) for node in order(graph.spec) if node != "stack"]
        again = PER_SAMPLE // count
        hand = partial(_apart, blocks, join) if join else partial(_behind, blocks)
        given = torch.ones(4)
        assert torch.equal(program({"x": given})["out"], hand(given))
        sides += [partial(_ours, program, given, again), partial(_hand, hand, given, again)]
    with torch.no_grad():
        found = interleaved(sides, rounds)
    ours, rivals = found[::2], found[1::2]
    for count, mine, rival in zip(COUNTS, ours, rivals, strict=True):
        calls = PER_SAMPLE // count * count
        yield _over(f"{name} of {count} nodes: time a node", mine, rival, calls)
    growth, theirs = ratio(ours[-1], ours[1]), ratio(rivals[-1], rivals[1])
    apart = Ratio(tuple(a / b for a, b in zip(growth.rounds, theirs.rounds, strict=True)))
    yield Row(
        "B1",
        f"{name}: growth of that time, 100 → 10 000 nodes",
        str(growth),
        str(theirs),
        str(apart),
        "≤ 1.2× (ours)",
        growth.median <= 1.2,
    )


def _over(what: str, ours: Times, rival: Times, calls: int) -> Row:
    over = Times(tuple((a - b) / calls for a, b in zip(ours.rounds, rival.rounds, strict=True)))
    return Row(
        "B1",
        what,
        seconds(ours.median / calls),
        seconds(rival.median / calls),
        f"+{seconds(over.median)}",
        "≤ +1 µs",
        over.median <= 1e-6,
    )


def _behind(blocks: list[Block], x: Tensor) -> Tensor:
    for block in blocks:
        x = block(x)
    return x


def _apart(blocks: list[Block], join: Callable[[list[Tensor]], Tensor], x: Tensor) -> Tensor:
    return join([block(x) for block in blocks])


def _ours(program: Program, x: Tensor, again: int) -> None:
    for _ in range(again):
        program({"x": x})


def _hand(hand: Callable[[Tensor], Tensor], x: Tensor, again: int) -> None:
    for _ in range(again):
        hand(x)


def _deep() -> Row:
    """The longest chain, checked, built, run and differentiated under a stack of few frames."""
    count, limit = COUNTS[-1], sys.getrecursionlimit()
    spec = chain(numbered(count, leaf("Relu")))
    live(chain(numbered(2, leaf("Relu"))))  # imports nest deeply and are none of our business
    x = torch.ones(4, requires_grad=True)
    found: dict[str, Any] = {}
    sys.setrecursionlimit(FRAMES + _frames())
    try:
        found = live(spec)(x=x)
        found["out"].sum().backward()
        fine = x.grad is not None and bool((x.grad == 1).all())
    except RecursionError:
        fine = False
    finally:
        sys.setrecursionlimit(limit)
    what = f"chain of {count} nodes with {FRAMES} frames of stack: built, run, differentiated"
    return Row("B1", what, "runs" if fine else "RecursionError", limit="runs", met=fine)


def _frames() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
