"""The sheet before a training: what will train, how, and how much of the whole; from it training starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.canvas.cards import counted
from app.editor.canvas.chips import word
from app.editor.dialogs.dialog import Dialog
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.jobs.sheet import Sheet, sheet
from app.editor.language import _
from app.editor.wishes import Answer

if TYPE_CHECKING:
    from app.editor.shell import Shell
    from app.engine.events import Event

WIDE, HIGH = 860, 300
MOST = 400  # rows


class TrainingSheet(Dialog):
    """Of the chosen plan; the engine resolves it while the window is open already."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("What will train"), WIDE)
        assert shell.work is not None
        self.shell, self.conduct = shell, shell.work.conduct
        self.plan = shell.studio.plan_name
        self._chosen = (1, False, False)
        plan = shell.studio.plan
        words = f"{self.plan}   {plan.description if plan is not None else ''}"
        dpg.add_text(words, parent=self.body, wrap=self.wide, color=shell.look.theme.quiet)
        self.summary = int(dpg.add_text(_("Asking the engine…"), parent=self.body))
        dpg.bind_item_font(self.summary, shell.look.font("strong"))
        self.table = int(
            dpg.add_child_window(
                parent=self.body, height=self.px(HIGH), width=self.wide, border=False
            )
        )
        self.notes = int(dpg.add_text("", parent=self.body, wrap=self.wide, show=False))
        self._options(plan.steps if plan is not None else 1)
        self.buttons(Answer(_("Start"), self._start), Answer(_("Cancel")))
        from app.engine.commands import Explain

        shell.engine.ask(Explain(plan=self.plan), self._explained)

    def _options(self, steps: int) -> None:
        last = self.conduct.last_run(self.plan)
        with dpg.group(horizontal=True, parent=self.body):
            dpg.add_text(_("Steps"), color=self.look.theme.quiet)
            self.steps = int(
                dpg.add_input_int(
                    default_value=steps, width=self.px(130), min_value=1, min_clamped=True, step=0
                )
            )
            dpg.add_spacer(width=self.px(12))
            self.paused = int(dpg.add_checkbox(label=_("Wait before the first step")))
            dpg.add_spacer(width=self.px(12))
            self.resume = int(
                dpg.add_checkbox(label=_("Go on with the last run"), show=last is not None)
            )
        if last is not None:
            with dpg.tooltip(self.resume):
                dpg.add_text(str(last))
        self._given = steps

    def _start(self) -> None:
        steps, paused, resume = self._chosen
        given = None if steps == self._given else steps
        self.conduct.start(self.plan, steps=given, paused=paused, resume=resume)

    def close(self) -> None:
        """What was chosen is known after the window is gone."""
        if self.open:
            self._chosen = (
                int(dpg.get_value(self.steps)),
                bool(dpg.get_value(self.paused)),
                bool(dpg.get_value(self.resume)),
            )
        super().close()

    def _explained(self, event: Event) -> bool:
        if not self.open:
            return True
        if event.event == "Refused":
            lines = [f"{p.path}: {p.message}" for p in event.problems] or [event.reason]
            dpg.set_value(self.summary, _("It cannot be trained as it is"))
            self._note("\n".join(lines[:8]), "bad")
        elif event.event == "Explained":
            self._show(sheet(event, self.shell.engine.heard.inspected))
        return True

    def _note(self, text: str, tone: str) -> None:
        colour = getattr(self.look.theme, tone)
        dpg.configure_item(self.notes, show=True, color=colour, default_value=text)
        dpg.set_value(self.notes, text)

    def _show(self, found: Sheet) -> None:
        theme = self.look.theme
        dpg.set_value(self.summary, found.summary)
        if found.skipped:
            self._note(f"{ICONS['triangle-alert']}  " + "\n".join(found.skipped[:4]), "warning")
        heads = [_("Node"), _("Parameter"), _("Count"), _("Mode"), _("Rate"), _("Decay")]
        timed = any(row.steps for row in found.rows)
        heads += [_("Steps")] * timed
        with dpg.table(
            parent=self.table, policy=dpg.mvTable_SizingStretchProp, row_background=True, scrollY=True,
            freeze_rows=1, borders_innerH=False,
        ):  # fmt: skip
            for head, weight in zip(heads, (3.2, 2.8, 1, 1, 1, 1, 1.2), strict=False):
                dpg.add_table_column(label=head, init_width_or_weight=weight)
            before = ""
            for row in found.rows[:MOST]:
                with dpg.table_row():
                    dpg.add_text(row.node if row.node != before else "")
                    dpg.add_text(row.parameter, color=theme.quiet)
                    dpg.add_text(counted(row.count))
                    dpg.add_text(word(row.mode), color=theme.mode(row.mode))
                    dpg.add_text(f"{row.lr:.3g}")
                    dpg.add_text(f"{row.weight_decay:.3g}", color=theme.quiet)
                    if timed:
                        dpg.add_text(row.steps, color=theme.quiet)
                before = row.node
        left = len(found.rows) - MOST
        if left > 0:
            dpg.add_text(
                _("and {count} more").format(count=left), parent=self.table, color=theme.faint
            )
