"""The panel of trainings: figures, curves of several runs over each other, live.

Looked at again only when there is news, a part a frame, so that no frame waits for it.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.editor import fonts
from app.editor.gui import dpg
from app.editor.heard.runs import Run
from app.editor.icons import ICONS
from app.editor.jobs import words
from app.editor.jobs.curves import Choice, Curve, beside, losses
from app.editor.jobs.journals import found
from app.editor.jobs.plot import Plot, ground
from app.editor.language import _

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell

SIDE = 232
EVERY = 0.25  # seconds between two pictures of a plot
LABELS = 90


class TrainingPanel:
    """Built in an area; what it shows is the work's and outlives it."""

    def __init__(self, shell: Shell, parent: int, work: Work) -> None:
        self.shell, self.work, self.look = shell, work, shell.look
        self._theme = ""
        self._news = -1
        self._listed: tuple[object, ...] = ()
        self._next = 0.0
        self._turn = 0  # which plot is drawn next
        self._facts: tuple[tuple[str, str], ...] = ()
        self._values: list[int] = []
        self.root = int(dpg.add_child_window(parent=parent, border=False, no_scrollbar=True))
        self.facts = int(
            dpg.add_group(horizontal=True, parent=self.root, horizontal_spacing=self.look.px(18))
        )
        with dpg.group(horizontal=True, parent=self.root) as body:
            with dpg.child_window(width=self.look.px(SIDE), border=False) as side:
                self._controls()
                self.runs = int(dpg.add_group())
            self.side = int(side)
            plots = int(
                dpg.add_subplots(1, 2, no_title=True, no_menus=True, width=-1, height=-1,
                                 column_ratios=[3, 2])
            )  # fmt: skip
        self.plots, self.body = plots, int(body)
        self.loss = Plot(self.look, plots, _("Loss"))
        self.second = Plot(self.look, plots, "")
        self.loss.scale(work.choices.log)

    def frame(self) -> None:
        """Look at the news."""
        if self._theme != self.look.theme.name:
            self._theme = self.look.theme.name
            dpg.bind_item_theme(self.plots, ground(self.look))
            self._news, self._listed, self._facts = -1, (), ()
        runs = self.work.runs
        self._show_facts(runs.newest)
        if (listed := (self._theme, *runs.of)) != self._listed:
            self._listed = listed
            self._show_runs()
        moved = self.loss.frame() | self.second.frame()
        if moved or runs.news != self._news or self._turn:
            self._draw()

    def _draw(self) -> None:
        """One plot a frame, and both not more often than the eye wants."""
        now = time.monotonic()
        if self._turn == 0 and now < self._next:
            return
        runs, work = self.work.runs, self.work
        seen = [run for run in runs.of.values() if run.job not in runs.hidden]
        if self._turn == 0:
            self._news, self._turn, self._next = runs.news, 1, now + EVERY
            curves = [
                c
                for run in seen
                for c in losses(run, self.tone(run), work.choices.smoothing, self.loss.within)
            ]
            self.loss.show(curves)
            return
        self._turn = 0
        tones = len(self.look.theme.frames)
        shown: list[Curve] = []
        for run in seen:
            shown += beside(run, work.choices.second, self.tone(run), tones, self.second.within)
        second = work.choices.second
        self.second.name(dict(choices())[second], second not in ("lr", "gradient"))
        self.second.show(shown)

    def tone(self, run: Run) -> int:
        """The number of a run's colour: the same as long as it is listed."""
        return list(self.work.runs.of).index(run.job)

    # what is beside the plots

    def _invitation(self) -> str:
        return _("Nothing was trained yet. F6 shows what will train, and starts it.")

    def _controls(self) -> None:
        work = self.work
        self.smoothing = dpg.add_slider_float(
            width=-1, max_value=0.99, default_value=work.choices.smoothing, format=_("Smoothing") + "  %.2f",
            callback=self._smooth, clamped=True,
        )  # fmt: skip
        names = dict(choices())
        scale = _("Log")
        beside = fonts.width(scale, self.look.text) + self.look.px(48)
        with dpg.group(horizontal=True):
            dpg.add_combo(
                list(names.values()), default_value=names[work.choices.second],
                width=int(self.look.px(SIDE) - beside), callback=self._choose,
            )  # fmt: skip
            log = dpg.add_checkbox(label=scale, default_value=work.choices.log, callback=self._log)
            with dpg.tooltip(log):
                dpg.add_text(_("Loss on a logarithmic axis"))
        with dpg.group(horizontal=True):
            dpg.add_button(label=f"{ICONS['maximize']}  {_('Fit')}", callback=self._fit)
            self.compare = int(
                dpg.add_combo(
                    [], width=-1, callback=self._compare, default_value=_("Compare with…")
                )
            )

    def _smooth(self, _: Any, value: float) -> None:
        self.work.choices.smoothing, self._news = value, -1
        self._next = 0.0

    def _choose(self, _: Any, label: str) -> None:
        self.work.choices.second = next(name for name, words_ in choices() if words_ == label)
        self.second.fit()
        self._news, self._next = -1, 0.0

    def _log(self, _: Any, on: bool) -> None:
        self.work.choices.log = on
        self.loss.scale(on)
        self._news, self._next = -1, 0.0

    def _fit(self, *_: Any) -> None:
        self.loss.fit()
        self.second.fit()
        self._news, self._next = -1, 0.0

    def _compare(self, sender: Any, name: str) -> None:
        dpg.set_value(sender, _("Compare with…"))
        journal = next((p for p in self._journals() if p.parent.name == name), None)
        if journal is not None:
            self.work.journals.ask(str(journal.parent), journal, name)

    def _journals(self) -> list[Path]:
        """Those of runs that are not shown."""
        shown = {run.folder for run in self.work.runs.of.values()}
        return [p for p in found(self.shell.studio.path) if str(p.parent) not in shown]

    def _show_runs(self) -> None:
        runs = self.work.runs
        dpg.configure_item(self.compare, items=[p.parent.name for p in self._journals()])
        dpg.delete_item(self.runs, children_only=True)
        for run in reversed(runs.of.values()):
            tones = self.look.theme.frames
            with dpg.group(horizontal=True, parent=self.runs):
                mark = dpg.add_checkbox(
                    default_value=run.job not in runs.hidden, callback=self._hide, user_data=run.job
                )
                dpg.bind_item_theme(mark, self._ticked(tones[self.tone(run) % len(tones)]))
                name = Path(run.folder).name if run.folder else run.title
                dpg.add_text(name or run.title)
        if not runs.of:
            dpg.add_text(self._invitation(), parent=self.runs, wrap=self.look.px(SIDE - 12),
                         color=self.look.theme.faint)  # fmt: skip

    def _ticked(self, colour: tuple[int, ...]) -> int:
        with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_color(dpg.mvThemeCol_CheckMark, list(colour))
        return int(made)

    def _hide(self, _: Any, shown: bool, job: str) -> None:
        hidden = self.work.runs.hidden
        (hidden.discard if shown else hidden.add)(job)
        self._news, self._next = -1, 0.0

    def _show_facts(self, run: Run | None) -> None:
        facts = tuple(words.facts(run)) if run is not None else ()
        if facts == self._facts:
            return
        names, before = [name for name, value in facts], [name for name, value in self._facts]
        self._facts = facts
        if names != before:
            dpg.delete_item(self.facts, children_only=True)
            self._values = [self._fact(name) for name in names]
        for item, (__, value) in zip(self._values, facts, strict=True):
            dpg.set_value(item, value)

    def _fact(self, name: str) -> int:
        """A name above its figure: side by side they would not all fit between other panels."""
        theme = self.look.theme
        with dpg.group(parent=self.facts):
            dpg.add_text(name, color=theme.faint)
            return int(dpg.add_text("", color=theme.text))


def choices() -> list[tuple[Choice, str]]:
    """What the second plot may show."""
    return [
        ("lr", _("Learning rate")),
        ("held-out", _("Held-out figures")),
        ("gradient", _("Gradient norm")),
        ("nodes", _("Gradients by node")),
        ("parts", _("Parts of the loss")),
    ]
