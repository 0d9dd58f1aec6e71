"""Curves for the eye: which there are of a run, at most so many points each, and smoothed. Plain data.

Numpy is imported when the first curve is drawn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from app.editor.heard.runs import Run, Series

MOST = 1000  # buckets, each with its least and its most: 2000 points
NODES = 8  # of which gradients are shown, those with the largest

Range = tuple[float, float]
Numbers = tuple[list[float], list[float]]
Choice = Literal["lr", "held-out", "gradient", "nodes", "parts"]


@dataclass(frozen=True)
class Curve:
    """One line or row of marks. `tone` is the number of its colour, the same for the same run."""

    key: str
    label: str
    tone: int
    steps: list[float]
    values: list[float]
    form: Literal["line", "faint", "marks", "unseen"] = "line"


def thinned(series: Series, within: Range | None = None, most: int = MOST) -> Numbers:
    """The curve inside a range of steps, two points a bucket at most: what stands out stays."""
    import numpy as np

    steps, values = _known(series, within)
    if len(steps) <= 2 * most:
        return steps.tolist(), values.tolist()
    edges = np.linspace(0, len(steps), most + 1).astype(int)[:-1]
    low = np.minimum.reduceat(values, edges)
    high = np.maximum.reduceat(values, edges)
    return np.repeat(steps[edges], 2).tolist(), np.stack([low, high], 1).ravel().tolist()


def smoothed(
    series: Series, weight: float, within: Range | None = None, most: int = MOST
) -> Numbers:
    """The running mean over the means of so many buckets; the past counts `weight`, from 0 to below 1.

    Source: the debiased exponential mean of Adam (Kingma & Ba 2015, section 3), as TensorBoard does.
    """
    import numpy as np

    steps, values = _known(series, within)
    if len(steps) > 2 * most:
        edges = np.linspace(0, len(steps), 2 * most + 1).astype(int)
        values = np.add.reduceat(values, edges[:-1]) / np.diff(edges)
        steps = steps[edges[1:] - 1]
    mean = share = 0.0
    found: list[float] = []
    for value in values.tolist():
        mean = weight * mean + (1 - weight) * value
        share = weight * share + (1 - weight)
        found.append(mean / share)
    return steps.tolist(), found


def _known(series: Series, within: Range | None) -> tuple[Any, Any]:
    """What is finite in a range, and a point on either side of it."""
    import numpy as np

    first, last = 0, len(series)
    if within is not None:
        first = max(bisect_left(series.steps, within[0]) - 1, 0)
        last = bisect_right(series.steps, within[1]) + 1
    # Slices are copies: a view would keep the array from growing while the next steps come.
    steps, values = (
        np.frombuffer(series.steps[first:last]),
        np.frombuffer(series.values[first:last]),
    )
    known = np.isfinite(values)
    return (steps, values) if known.all() else (steps[known], values[known])


def losses(run: Run, tone: int, weight: float, within: Range | None = None) -> list[Curve]:
    """The loss of a run: each step faintly, smoothed strongly, and marks of looks at held-out data."""
    found = []
    if loss := run.series.get("loss"):
        if weight > 0:
            raw = thinned(loss, within)
            found.append(Curve(f"{run.job} raw", "", tone, *raw, form="faint"))
        found.append(Curve(f"{run.job} loss", run.title, tone, *smoothed(loss, weight, within)))
    if held := run.series.get("held-out loss"):
        found.append(Curve(f"{run.job} held", "", tone, *thinned(held, within), form="marks"))
    return found


def beside(
    run: Run, choice: Choice, tone: int, tones: int, within: Range | None = None
) -> list[Curve]:
    """What the second plot shows of a run; where there are several lines they have colours of their own."""
    if choice == "lr" or choice == "gradient":
        series = run.series.get("lr" if choice == "lr" else "gradient norm")
        if series is None:
            return []
        return [Curve(f"{run.job} {choice}", run.title, tone, *thinned(series, within))]
    found = _several(run, choice)
    return [
        Curve(f"{run.job} {name}", name, (tone + number) % tones, *thinned(series, within))
        for number, (name, series) in enumerate(found.items())
    ]


def _several(run: Run, choice: Choice) -> Mapping[str, Series]:
    if choice == "nodes":
        largest = sorted(sorted(run.norms, key=lambda path: -run.norms[path].last)[:NODES])
        outer = _shared(largest)
        return {path.removeprefix(outer): run.norms[path] for path in largest}
    before = "part " if choice == "parts" else "held-out "
    return {n.removeprefix(before): s for n, s in run.series.items() if n.startswith(before)}


def _shared(paths: list[str]) -> str:
    """The path of the innermost node that holds them all, with its dot; "" where there is none.

    >>> _shared(["a.b.c", "a.b.d.e"]), _shared(["a.b", "c"]), _shared([])
    ('a.b.', '', '')
    """
    bodies = zip(*(path.split(".")[:-1] for path in paths), strict=False)
    same = takewhile(lambda names: len(set(names)) == 1, bodies)
    return "".join(f"{names[0]}." for names in same)


def level(curves: Sequence[Curve]) -> list[Curve]:
    """A line that nobody sees, so that the axis of one level line begins at nothing; else none.

    Without it a plot gives a level line one unit on either side, whatever its size.
    """
    values = {value for curve in curves for value in curve.values}
    if len(values) != 1 or values == {0.0}:
        return []
    step, value = next(c.steps[0] for c in curves if c.steps), values.pop()
    return [Curve("level", "", 0, [step, step], [0.0, 2 * value], form="unseen")]


def positive(curves: Iterable[Curve]) -> list[Curve]:
    """The curves without what a logarithmic axis has no place for."""
    return [
        Curve(c.key, c.label, c.tone,
              [s for s, v in zip(c.steps, c.values, strict=True) if v > 0],
              [v for v in c.values if v > 0], c.form)
        for c in curves
    ]  # fmt: skip
