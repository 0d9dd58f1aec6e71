"""The queue: what runs, what waits and in which order, and what can be gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.jobs import words
from app.editor.language import _

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell
    from app.engine.events import JobFacts

SIGNS = {
    "queued": ("clock", "quiet"), "running": ("play", "accent"), "paused": ("pause", "warning"),
    "interrupted": ("unplug", "warning"), "failed": ("circle-x", "bad"),
    "finished": ("circle-check", "good"), "cancelled": ("ban", "faint"),
}  # fmt: skip


class QueuePanel:
    """A row a job. Built anew when a job comes, goes or changes its state; figures in between."""

    def __init__(self, shell: Shell, parent: int, work: Work) -> None:
        self.shell, self.work = shell, work
        self.jobs = work.link.heard.jobs
        self.root = int(dpg.add_child_window(parent=parent, border=False))
        self._key: tuple[object, ...] = ()
        self._bars: dict[str, int] = {}
        self._far: dict[str, tuple[int, int]] = {}

    def frame(self) -> None:
        """Bring it up to date."""
        shown = [*self.jobs.listed, *self.jobs.over]
        states = [(job.job, job.state, job.message) for job in shown]
        key = (*states, self.jobs.held, self.shell.look.theme.name)
        if key != self._key:
            self._key = key
            self._build(shown)
        for job in shown:
            self._move(job)

    def _build(self, jobs: list[JobFacts]) -> None:
        dpg.delete_item(self.root, children_only=True)
        self._bars, self._far = {}, {}
        theme = self.shell.look.theme
        if not jobs:
            text = _("Nothing runs and nothing waits. F5 runs, F6 trains.")
            dpg.add_text(text, parent=self.root, color=theme.faint)
            return
        if self.jobs.waiting:
            dpg.add_checkbox(
                label=_("Hold: nothing further starts"), default_value=self.jobs.held,
                parent=self.root, callback=self._hold,
            )  # fmt: skip
        with dpg.table(
            parent=self.root,
            header_row=False,
            policy=dpg.mvTable_SizingFixedFit,
            row_background=True,
        ):
            for width in (26, 0, 220, 0, 0):
                dpg.add_table_column(init_width_or_weight=self.shell.look.px(width))
            for job in jobs:
                self._row(job)

    def _row(self, job: JobFacts) -> None:
        look = self.shell.look
        icon, tone = SIGNS[job.state]
        with dpg.table_row():
            dpg.add_text(ICONS[icon], color=getattr(look.theme, tone))
            dpg.add_text(f"{job.title}    ")
            self._bars[job.job] = int(dpg.add_progress_bar(width=look.px(210), height=look.px(22)))
            with dpg.group(horizontal=True, horizontal_spacing=look.px(2)):
                self._buttons(job)
            dpg.add_text(job.message.split("\n")[0], color=look.theme.quiet)

    def _buttons(self, job: JobFacts) -> None:
        waiting = [each.job for each in self.jobs.waiting]
        if job.state == "queued":
            self._button("arrow-up", _("Earlier"), self._up, job, waiting[0] != job.job)
            self._button("arrow-down", _("Later"), self._down, job, waiting[-1] != job.job)
        if job.state in ("interrupted", "failed"):
            self._button("rotate-cw", _("Go on from its last checkpoint"), self._go_on, job)
        if job.state not in ("finished", "cancelled"):
            stops = job.state in ("running", "paused")
            tip = _("Stop, saved") if stops else _("Take it out of the queue")
            self._button("circle-stop" if stops else "x", tip, self._cancel, job)

    def _button(self, icon: str, tip: str, do: Any, job: JobFacts, can: bool = True) -> None:
        made = dpg.add_button(
            label=f"{ICONS[icon]}##{job.job}", callback=do if can else None, user_data=job.job
        )
        dpg.bind_item_theme(made, self.shell.look.words("text" if can else "line"))
        with dpg.tooltip(made):
            dpg.add_text(tip)

    def _move(self, job: JobFacts) -> None:
        far = job.step, job.steps
        if self._far.get(job.job) == far:
            return
        self._far[job.job] = far
        share = 1.0 if job.state == "finished" else words.share(*far)
        text = words.steps(*far) if job.step or job.steps else ""
        dpg.set_value(self._bars[job.job], share)
        dpg.configure_item(self._bars[job.job], overlay=text)

    def _up(self, _: Any, __: Any, job: str) -> None:
        self.work.conduct.move(job, -1)

    def _down(self, _: Any, __: Any, job: str) -> None:
        self.work.conduct.move(job, 1)

    def _go_on(self, _: Any, __: Any, job: str) -> None:
        self.work.conduct.go_on(job)

    def _cancel(self, _: Any, __: Any, job: str) -> None:
        self.work.conduct.cancel(job)

    def _hold(self, _: Any, held: bool) -> None:
        self.work.conduct.hold(held)
