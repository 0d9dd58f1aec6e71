"""A contest: plans of one document side by side, on the same data, for the same steps, by several seeds.

What is reported is the last look at held-out data, not the best one: nobody chooses by the test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from rich.console import Console

from app.training import progress, stoppable
from app.workspace import Workspace
from graphs.learn.fit import fit
from graphs.learn.training import StepDone, Training
from graphs.live.execute import best_device
from graphs.live.graph import Graph
from graphs.spec.document import Document
from graphs.spec.plan import Plan

RATES = (0.001, 0.003, 0.01)  # that every contender may choose from
TRIAL = 1000  # the seed of trials, which no contest uses
Look = Callable[[Training, StepDone], None]


@dataclass(frozen=True)
class Ran:
    """One training of a contender. `curve` are the looks at held-out data on the way."""

    name: str
    seed: int
    lr: float
    trained: int
    seconds: float
    held_out: Mapping[str, float]
    curve: tuple[Mapping[str, float], ...]


@dataclass
class Contest:
    """Where it is held, and the trainings so far."""

    document: Document
    folder: Path
    console: Console
    share: float = 1.0  # of the plans' steps
    device: str = field(default_factory=best_device)
    ran: list[Ran] = field(default_factory=list)
    looks: Look | None = None

    def workspace(self) -> Workspace:
        """A fresh one: what is built from it has learned nothing yet."""
        return Workspace(self.folder / "contest.json", self.document)

    def train(
        self,
        work: Workspace,
        name: str,
        seed: int,
        lr: float | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        trial: bool = False,
    ) -> tuple[Ran, Graph]:
        """Fit one plan by one seed; how it went, and the graph as it is now."""
        plan = self._plan(name, seed, lr, settings or {})
        training = Training(work.build(work.under(plan), seed=seed), plan, device=self.device)
        title = f"{name}, seed {seed}" if not trial else f"{name}, rate {plan.optimiser.lr:g}"
        place = (
            self.folder / ("trials" if trial else "runs") / f"{name}-{seed}-{plan.optimiser.lr:g}"
        )
        start = time.perf_counter()
        with stoppable() as stop, progress(title, plan, self.console) as tick:

            def watch(done: StepDone) -> None:
                tick(done)
                if self.looks is not None and done.validation is not None and not trial:
                    self.looks(training, done)

            done = fit(training, place, watch=watch, stop=stop, tensorboard=False)
        if done.interrupted:
            raise KeyboardInterrupt
        curve = tuple(training.state.history)
        trained = sum(row.count for row in training.explain())
        seconds = round(time.perf_counter() - start, 2)
        found = Ran(name, seed, plan.optimiser.lr, trained, seconds, curve[-1], curve)
        if not trial:
            self.ran.append(found)
        return found, training.graph.eval()

    def tune(
        self, name: str, watch: str, better: str, settings: Mapping[str, Mapping[str, Any]]
    ) -> tuple[float, dict[float, float]]:
        """The rate that does best on rows split otherwise than in the contest, and what each did."""
        found = {}
        for lr in RATES:
            ran, _ = self.train(self.workspace(), name, TRIAL, lr, settings, trial=True)
            found[lr] = ran.held_out.get(watch, float("-inf" if better == "max" else "inf"))
        best = (max if better == "max" else min)(found, key=lambda lr: found[lr])
        return best, found

    def _plan(
        self, name: str, seed: int, lr: float | None, settings: Mapping[str, Mapping[str, Any]]
    ) -> Plan:
        plan = self.document.plans[name]
        steps = max(1, round(plan.steps * self.share))
        changed: dict[str, Any] = {"seed": seed, "steps": steps}
        nodes = {*plan.settings, *settings}
        changed["settings"] = {
            node: {**plan.settings.get(node, {}), **settings.get(node, {})} for node in nodes
        }
        if lr is not None:
            changed["optimiser"] = plan.optimiser.model_copy(update={"lr": lr})
        warmup = min(plan.schedule.warmup, steps // 2)
        changed["schedule"] = plan.schedule.model_copy(update={"warmup": warmup})
        changed["keep"] = plan.keep.model_copy(update={"best": False, "every": steps, "last": 1})
        return plan.model_copy(update=changed)


def summed(ran: Iterable[Ran], name: str, figure: str) -> tuple[float, float]:
    """Mean and spread of a figure over a contender's seeds."""
    found = [run.held_out[figure] for run in ran if run.name == name and figure in run.held_out]
    return (mean(found), pstdev(found)) if found else (float("nan"), 0.0)
