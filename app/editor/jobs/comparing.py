"""What a checkpoint is worth, by the figures of its run near its step."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import isfinite, nan

from app.editor.heard.runs import Run, Series

NEAR = 10  # steps whose losses are averaged


@dataclass(frozen=True)
class Worth:
    """The mean loss of the last steps, and the last held-out figure; no number where there is none."""

    loss: float
    held: float


@dataclass(frozen=True)
class Compared:
    """One figure at two steps."""

    name: str
    before: float
    after: float

    @property
    def change(self) -> str:
        """By how much it changed, "" where that cannot be said."""
        if not (isfinite(self.before) and isfinite(self.after)) or self.before == 0:
            return ""
        return f"{(self.after - self.before) / abs(self.before):+.1%}"

    @property
    def falls(self) -> bool:
        """Whether it is smaller at the second step."""
        return self.after < self.before


def worth(run: Run, step: int) -> Worth:
    """At a step."""
    mark = next((m for m in reversed(run.marks) if m.step <= step), None)
    figures = mark.figures if mark is not None else {}
    held = figures.get("loss", next(iter(figures.values()), nan))
    return Worth(near(run.series.get("loss"), step), held)


def near(series: Series | None, step: float) -> float:
    """The mean of the last few values up to a step."""
    if series is None:
        return nan
    last = bisect_right(series.steps, step)
    values = [v for v in series.values[max(last - NEAR, 0) : last] if isfinite(v)]
    return sum(values) / len(values) if values else nan


def compared(run: Run, first: int, second: int) -> list[Compared]:
    """Every figure that the run has, at two steps."""
    found = [
        Compared("loss", near(run.series.get("loss"), first), near(run.series.get("loss"), second))
    ]
    for name, series in run.series.items():
        if name.startswith(("held-out ", "part ")):
            found.append(Compared(name, at(series, first), at(series, second)))
    return found


def at(series: Series, step: float) -> float:
    """The last value up to a step."""
    last = bisect_right(series.steps, step)
    return series.values[last - 1] if last else nan
