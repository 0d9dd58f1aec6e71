"""Running and training in the window: its parts, and what people chose in them, which outlives panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.editor.areas import Panel, PanelView
from app.editor.jobs.bar import JobsBar
from app.editor.jobs.calm import CalmBar
from app.editor.jobs.checkpoints_panel import CheckpointsPanel
from app.editor.jobs.conduct import Conduct
from app.editor.jobs.curves import Choice
from app.editor.jobs.fall import Fall, fall
from app.editor.jobs.journals import Journals
from app.editor.jobs.leaving import Leaving
from app.editor.jobs.log_panel import LogPanel
from app.editor.jobs.queue_panel import QueuePanel
from app.editor.jobs.rows import rows
from app.editor.jobs.samples_panel import SamplesPanel
from app.editor.jobs.training_panel import TrainingPanel
from app.editor.jobs.watching import Watching
from app.editor.language import _, p_

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.editor.shell import Shell
    from app.engine.events import Died, Event

    View = Callable[[Shell, int, "Work"], PanelView]

PANELS = ("training", "samples", "checkpoints", "queue", "log")
ROOM = 300.0  # that plots need


@dataclass
class Choices:
    """What people chose to see; the window's next shape has it too."""

    smoothing: float = 0.6
    log: bool = False
    second: Choice = "lr"
    folder: str = ""  # of the run whose checkpoints are listed
    picked: tuple[str, ...] = ()  # two checkpoints to be compared
    port: tuple[str, str] | None = None  # whose samples are seen
    at: int | None = None  # which of them, None the newest


class Work:
    """Made once for a window."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.link = shell, shell.engine
        self.conduct = Conduct(shell.studio, shell.engine)
        self.runs = shell.engine.heard.runs
        self.journals = Journals(self.runs)
        self.watching = Watching(shell.studio, shell.engine)
        self.choices = Choices()
        self._fallen: tuple[Died | None, int] = (None, 0)
        self._fall: Fall | None = None
        self._revive = ""
        shell.add_actions(rows(self.conduct))
        self.bar = JobsBar(shell, self.conduct)
        self.calm = CalmBar(shell, self)
        for panel in self._panels():
            shell.add_panel(panel)
        shell.files.before_leaving = Leaving(shell.studio, shell.engine)
        self._deaf = shell.engine.listen(self._hear)
        shell.each_frame(self.frame)

    def frame(self) -> None:
        """Once a frame, before the panels."""
        self._want_gradients()
        self.watching.frame()
        self.journals.frame()
        self.shell.studio.progress = self.bar.words
        self.bar.frame()
        self.calm.frame()

    def fall(self) -> Fall | None:
        """How the engine fell, None while there is one; the same value as long as nothing changes."""
        heard = self.link.heard
        key = heard.died, heard.jobs.news
        if key[0] is not self._fallen[0] or key[1] != self._fallen[1]:
            self._fallen, self._fall = key, fall(heard)
        return self._fall

    def revive(self) -> None:
        """A new engine comes, and what the last one was interrupted in goes on."""
        fallen = self.fall()
        self._revive = fallen.job if fallen is not None else ""
        self.link.restart()

    def _show_panels(self) -> None:
        """With the first training its panels are there, unless people have some of them open."""
        docks = self.shell.docks
        if not {"training", "queue"} & docks.areas.shown:
            docks.show(PANELS, "training", ROOM)

    def close(self) -> None:
        """Let go of the engine's events and of threads."""
        self._deaf()
        self.watching.close()
        self.journals.close()
        self.calm.close()

    def _panels(self) -> list[Panel]:
        def made(name: str, title: str, icon: str, view: View) -> Panel:
            def build(shell: Shell, parent: int) -> PanelView:
                return view(shell, parent, self)

            return Panel(name, title, "bottom", build, icon, open=False)

        return [
            made("training", _("Training"), "chart-line", TrainingPanel),
            made("samples", _("Samples"), "images", SamplesPanel),
            made("checkpoints", _("Checkpoints"), "history", CheckpointsPanel),
            made("queue", _("Queue"), "list-ordered", QueuePanel),
            made("log", p_("panel", "Log"), "terminal", LogPanel),
        ]

    def _want_gradients(self) -> None:
        heat = self.shell.studio.scene.activity.heat_by == "gradient"
        plotted = self.choices.second == "nodes" and "training" in self.shell.docks.areas.shown
        self.watching.gradients = {"heat"} if heat or plotted else set()

    def _hear(self, event: Event, blob: bytes) -> None:
        if event.event == "JobStarted" and event.job.kind == "train":
            self._show_panels()
        elif event.event == "JobsListed" and self._revive in [job.job for job in event.jobs]:
            job, self._revive = self._revive, ""
            self.conduct.go_on(job)
