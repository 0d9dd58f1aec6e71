"""What can be done with jobs now, and why not when it cannot. No Dear PyGui.

Buttons, menu and shortcuts ask the same questions and do the same things.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.editor.engine_link import EngineLink
from app.editor.heard.runs import Run
from app.editor.language import _
from app.editor.studio import Studio
from app.editor.wishes import Show
from graphs.spec.document import join

if TYPE_CHECKING:
    from app.engine.commands import Command
    from app.engine.events import JobFacts


class Conduct:
    """Runs and trainings of one studio, by its engine."""

    def __init__(self, studio: Studio, link: EngineLink) -> None:
        self.studio, self.link = studio, link

    @property
    def active(self) -> JobFacts | None:
        """What runs or is paused."""
        return self.link.heard.jobs.active

    @property
    def run_of_active(self) -> Run | None:
        """The figures of the training that runs, None while none does."""
        active = self.active
        return self.link.heard.runs.of.get(active.job) if active is not None else None

    @property
    def paused(self) -> bool:
        """Whether what runs is paused."""
        return self.active is not None and self.active.state == "paused"

    # why not

    def why_not_run(self) -> str:
        """Why nothing can be run, "" when it can."""
        if self.link.state == "gone":
            return _("There is no engine: restart it")
        if not self.studio.document.root.nodes:
            return _("There is nothing to run yet: add a block")
        return ""

    def why_not_branch(self) -> str:
        """Why no branch can be run."""
        chosen = self.studio.selection.nodes
        if len(chosen) != 1:
            return _("Choose one node: it runs with what it needs")
        return self.why_not_run()

    def why_not_train(self) -> str:
        """Why nothing can be trained."""
        if reason := self.why_not_run():
            return reason
        if self.studio.plan is None:
            return _("There is no plan: add one that says what trains, and by which loss")
        path = self.studio.path
        if path is None or path.suffix == ".world":
            return _("Save the project first: checkpoints are kept beside it")
        return ""

    def why_not_stop(self) -> str:
        """Why nothing can be stopped."""
        return "" if self.active is not None else _("Nothing runs")

    def why_not_pause(self) -> str:
        """Why nothing can be paused, or go on."""
        return self.why_not_stop()

    def why_not_step(self) -> str:
        """Why no single step can be done."""
        if self.active is not None and self.active.kind == "train":
            return ""
        return _("No training runs: steps are a training's")

    # what is done

    def run(self) -> None:
        """The whole graph runs once."""
        from app.engine import commands

        self._ask(commands.Run())

    def run_branch(self) -> None:
        """The chosen node runs with what it needs."""
        from app.engine import commands

        name = next(iter(self.studio.selection.nodes))
        self._ask(commands.Run(branch=join(self.studio.place.path, name)))

    def train(self) -> None:
        """The sheet of the chosen plan is shown, from which training starts."""
        self.studio.request(Show("training"))

    def start(
        self, plan: str, *, steps: int | None = None, paused: bool = False, resume: bool = False
    ) -> None:
        """A training under a plan is queued; `resume` goes on with the newest of its runs."""
        from app.engine.commands import Train

        self._ask(Train(plan=plan, steps=steps, paused=paused, resume=resume))

    def pause(self) -> None:
        """What runs waits after its step, or goes on when it waits."""
        from app.engine.commands import Pause, Resume

        self._ask(Resume() if self.paused else Pause())

    def step(self) -> None:
        """One more step, then it waits."""
        from app.engine.commands import Step

        self._ask(Step())

    def stop(self) -> None:
        """What runs ends after its step, saved."""
        from app.engine.commands import Stop

        self._ask(Stop())

    def last_run(self, plan: str) -> Path | None:
        """The folder of the newest run of a plan, None when it was never trained."""
        path = self.studio.path
        if path is None:
            return None
        from app.engine.places import newest_run
        from graphs.spec.problems import WorldloomError

        try:
            return newest_run(path, plan)
        except WorldloomError:
            return None

    # jobs of the queue

    def cancel(self, job: str) -> None:
        """A job leaves the queue; the running one is stopped."""
        from app.engine.commands import CancelJob

        self._ask(CancelJob(job=job))

    def move(self, job: str, by: int) -> None:
        """A waiting job goes up or down among those that wait."""
        from app.engine.commands import MoveJob

        waiting = [each.job for each in self.link.heard.jobs.waiting]
        place = waiting.index(job) + by
        if 0 <= place < len(waiting):
            self._ask(MoveJob(job=job, place=place))

    def go_on(self, job: str) -> None:
        """A job that failed or was interrupted goes on, a training from its last checkpoint."""
        from app.engine.commands import ContinueJob, HoldQueue

        self._ask(ContinueJob(job=job))
        if self.link.heard.jobs.held:
            self._ask(HoldQueue(held=False))

    def hold(self, held: bool) -> None:
        """No further job starts while it is held."""
        from app.engine.commands import HoldQueue

        self._ask(HoldQueue(held=held))

    def _ask(self, command: Command) -> None:
        self.link.ask(command)
