"""Times taken in turns, so that what a noisy machine does to one side it does to the other.

A B, B A, A B, ...: every round runs each side once, each time another one first. A ratio is the
median of the rounds' own ratios, never that of two medians; its spread is the middle half of them.
"""

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Side = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None where the line is there to be known, without a bar."""

    bar: str
    what: str
    ours: str
    rival: str = ""
    ratio: str = ""
    limit: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Times:
    """The seconds of one side, by round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def least(self) -> float:
        return min(self.rounds)

    def __str__(self) -> str:
        """Median, and the least in brackets where there are several."""
        if len(self.rounds) == 1:
            return seconds(self.median)
        return f"{seconds(self.median)} ({seconds(self.least)})"


@dataclass(frozen=True)
class Ratio:
    """How a figure of one side stands to that of another, by round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def __str__(self) -> str:
        """Median, and the middle half of the rounds where there are enough to have one."""
        if len(self.rounds) < 4:
            return f"{self.median:.3g}×"
        low, _, high = statistics.quantiles(self.rounds, n=4)
        return f"{self.median:.3g}× ({low:.3g}–{high:.3g})"


def interleaved(
    sides: Sequence[Side], rounds: int, warm_up: int = 1, limit: float = math.inf
) -> list[Times]:
    """Every side's seconds; each round runs all of them, beginning with another one.

    On a machine so busy that `limit` seconds are over there are fewer rounds, but at least five.
    """
    found: list[list[float]] = [[] for _ in sides]
    end = time.perf_counter() + limit
    for number in range(-warm_up, rounds):
        if number >= 5 and time.perf_counter() > end:
            break
        gc.collect()
        for place in range(len(sides)):
            which = (place + number) % len(sides)
            start = time.perf_counter()
            sides[which]()
            taken = time.perf_counter() - start
            if number >= 0:
                found[which].append(taken)
    return [Times(tuple(side)) for side in found]


def ratio(ours: Times, rival: Times) -> Ratio:
    """Ours by theirs, round by round."""
    return Ratio(tuple(a / b for a, b in zip(ours.rounds, rival.rounds, strict=True)))


def once(side: Side) -> float:
    """The seconds of a single run."""
    return interleaved([side], 1, warm_up=0)[0].median


def seconds(value: float) -> str:
    """A time in the unit that suits it.

    >>> seconds(0.0123)
    '12.3 ms'
    """
    units = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
    unit, size = next((pair for pair in units if abs(value) >= pair[1]), units[-1])
    scaled = value / size
    return f"{scaled:.3g} {unit}" if abs(scaled) < 1000 else f"{scaled:.0f} {unit}"
