"""The figures of trainings: every step of every run that was heard of, ready to be plotted."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, nan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.events import Event, Figures, JobFacts, TrainedFacts


class Series:
    """Numbers over steps, in order."""

    def __init__(self) -> None:
        self.steps = array("d")
        self.values = array("d")

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, step: float, value: float) -> None:
        """One more; a step that was there already, and those after it, are forgotten."""
        while self.steps and self.steps[-1] >= step:
            self.steps.pop()
            self.values.pop()
        self.steps.append(step)
        self.values.append(value)

    def join(self, older: Series) -> None:
        """What was before the first of these comes before them."""
        count = bisect_left(older.steps, self.steps[0]) if self.steps else len(older)
        self.steps = older.steps[:count] + self.steps
        self.values = older.values[:count] + self.values

    @property
    def last(self) -> float:
        """The newest value, not a number where there is none."""
        return self.values[-1] if self.values else nan


@dataclass(frozen=True)
class Mark:
    """A look at held-out data."""

    step: int
    figures: Mapping[str, float]
    best: bool


@dataclass(frozen=True)
class Saved:
    """A checkpoint that a run wrote."""

    step: int
    path: str
    best: bool


@dataclass
class Run:
    """One training. Only `Runs` changes it. Units: seconds, rows a second, bytes."""

    job: str
    title: str
    folder: str = ""
    journal: str = ""
    rows: tuple[TrainedFacts, ...] = ()
    series: dict[str, Series] = field(default_factory=dict)  # "loss", "lr", "part …", "held-out …"
    norms: dict[str, Series] = field(default_factory=dict)  # gradients by node
    marks: list[Mark] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    step: int = 0
    steps: int = 0
    seconds_left: float | None = None
    rows_per_second: float | None = None
    memory: int = 0
    device_memory: int = 0
    news: int = 0

    def add(self, name: str, step: float, value: float | None) -> None:
        """A value of a series, where there is one."""
        if value is not None:
            self.series.setdefault(name, Series()).add(step, value)

    def take(self, figures: Figures) -> None:
        """One optimiser step."""
        self.step = figures.step
        self.add("loss", figures.step, figures.loss)
        self.add("lr", figures.step, figures.lr)
        self.add("gradient norm", figures.step, figures.grad_norm)
        for port, value in figures.losses.items():
            self.add(f"part {port}", figures.step, value)
        for channel, value in figures.logged.items():
            self.add(f"log {channel}", figures.step, value)

    def mark(self, step: int, figures: Mapping[str, float], best: bool) -> None:
        """A look at held-out data; `best` so far."""
        self.marks = [m for m in self.marks if m.step < step]
        self.marks.append(Mark(step, dict(figures), best))
        for name, value in figures.items():
            self.add(f"held-out {name}", step, value)

    def join(self, older: Run) -> None:
        """The steps of an earlier telling of this run that it does not know itself."""
        for name, series in older.series.items():
            self.series.setdefault(name, Series()).join(series)
        first = self.marks[0].step if self.marks else older.step + 1
        self.marks = [mark for mark in older.marks if mark.step < first] + self.marks
        self.step = max(self.step, older.step)

    @property
    def best(self) -> Mark | None:
        """The best look at held-out data."""
        return next((mark for mark in reversed(self.marks) if mark.best), None)

    @property
    def lowest(self) -> float:
        """The lowest loss of a step, infinite before the first."""
        return min(self.series["loss"].values, default=inf) if "loss" in self.series else inf


class Runs:
    """Trainings by the name of their job, the newest last."""

    def __init__(self) -> None:
        self.news = 0
        self.of: dict[str, Run] = {}
        self.hidden: set[str] = set()  # not to be plotted

    @property
    def newest(self) -> Run | None:
        """The training that was heard of last."""
        return next(reversed(self.of.values()), None)

    def join(self, job: str, run: Run) -> None:
        """What was read of a run is known of the job of this name, which may be a new one."""
        if job in self.of:
            self.of[job].join(run)
            self.of[job].news += 1
        else:
            self.of = {job: run, **self.of}  # an older one than those that were heard of
        self.news += 1

    def remove(self, job: str) -> None:
        """A run is not to be compared any more."""
        self.of.pop(job, None)
        self.news += 1

    def hear(self, event: Event) -> None:
        """Take in one event; those that say nothing of a training's figures are passed over."""
        if event.event == "JobsListed":
            for job in event.jobs:  # an engine that went on alone told nobody of the start
                if job.kind == "train" and job.state in ("running", "paused"):
                    self._start(job, "", ())
            return
        run = self._told(event)
        if run is not None:
            run.news += 1
            self.news += 1

    def _told(self, event: Event) -> Run | None:
        """The run that an event says something of, which it now knows."""
        if event.event == "JobStarted" and event.job.kind == "train":
            return self._start(event.job, event.journal, event.rows)
        if event.event == "JobFinished" or event.event == "JobFailed":
            run = self.of.get(event.job.job)
            if run is not None:
                run.seconds_left = None
            return run
        if event.event == "Vitals":
            run = self.of.get(event.job)
            if run is not None:
                run.memory, run.device_memory = event.memory, event.device_memory
            return run
        if event.event == "StepsDone" and event.figures:
            run = self._run(event.job)
            for figures in event.figures:
                run.take(figures)
            run.steps = event.steps
            run.seconds_left, run.rows_per_second = event.seconds_left, event.rows_per_second
            return run
        if event.event == "Validated":
            run = self._run(event.job)
            run.mark(event.step, event.figures, event.best)
            return run
        if event.event == "GradientNorms":
            run = self._run(event.job)
            for path, norm in event.norms.items():
                run.norms.setdefault(path, Series()).add(event.step, norm)
            return run
        if event.event == "CheckpointSaved":
            run = self._run(event.job)
            run.saved = [s for s in run.saved if s.path != event.path]
            run.saved.append(Saved(event.step, event.path, event.best))
            return run
        return None

    def _start(self, job: JobFacts, journal: str, rows: tuple[TrainedFacts, ...]) -> Run:
        run = self._run(job.job)
        run.title, run.folder = job.title, job.folder or run.folder
        run.journal, run.rows = journal or run.journal, rows or run.rows
        run.step, run.steps = job.step or run.step, job.steps or run.steps
        self.news += 1
        return run

    def _run(self, job: str) -> Run:
        if job not in self.of:
            self.of[job] = Run(job, job)
        return self.of[job]
