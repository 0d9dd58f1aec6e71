"""Checkpoints of a run: what each is worth, one put into the model, two side by side."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.editor.gui import dpg
from app.editor.heard.runs import Run
from app.editor.icons import ICONS
from app.editor.jobs import words
from app.editor.jobs.comparing import compared, worth
from app.editor.jobs.journals import found
from app.editor.language import _

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell
    from app.engine.events import CheckpointFacts

SIDE, COMPARED = 130, 220


class CheckpointsPanel:
    """Runs at the left, checkpoints of the chosen one in the middle, two of them compared at the right."""

    def __init__(self, shell: Shell, parent: int, work: Work) -> None:
        self.shell, self.work = shell, work
        self.known = work.link.heard.checkpoints
        self.root = int(dpg.add_child_window(parent=parent, border=False, no_scrollbar=True))
        self._key: tuple[object, ...] = ()
        self._asked: tuple[object, ...] = ()
        with dpg.group(horizontal=True, parent=self.root):
            self.side = int(dpg.add_child_window(width=shell.look.px(SIDE), border=False))
            self.list = int(dpg.add_child_window(width=-shell.look.px(COMPARED), border=False))
            self.compare = int(dpg.add_child_window(width=-1, border=False))

    def frame(self) -> None:
        """Ask for what is there, and show it."""
        run = self._run()
        saved = sum(len(r.saved) for r in self.work.runs.of.values())
        jobs = self.work.link.heard.jobs
        asked = (run.folder if run else "", saved, self.work.link.ready, len(jobs.over))
        if asked != self._asked:
            self._asked = asked
            if run is not None and run.folder and self.work.link.ready:
                from app.engine.commands import AskCheckpoints

                self.work.link.ask(AskCheckpoints(folder=run.folder), lambda event: None)
        choices = self.work.choices
        key = (
            self.shell.studio.path, self.known.news, *self.work.runs.of, choices.folder, choices.picked,
            len(run.marks) if run else 0, self.shell.look.theme.name, self.work.link.busy,
        )  # fmt: skip
        if key != self._key:
            self._key = key
            self._show(run)

    def _run(self) -> Run | None:
        runs = [run for run in self.work.runs.of.values() if run.folder]
        chosen = next((run for run in runs if run.folder == self.work.choices.folder), None)
        return chosen or (runs[-1] if runs else None)

    def _show(self, run: Run | None) -> None:
        theme = self.shell.look.theme
        for item in (self.side, self.list, self.compare):
            dpg.delete_item(item, children_only=True)
        earlier = self._earlier()
        if run is None and not earlier:
            text = _("Checkpoints of trainings are listed here.")
            dpg.add_text(
                text, parent=self.side, color=theme.faint, wrap=self.shell.look.px(SIDE - 10)
            )
            return
        for each in reversed(self.work.runs.of.values()):
            if each.folder:
                dpg.add_selectable(
                    label=Path(each.folder).name, parent=self.side, user_data=each.folder,
                    default_value=each is run, callback=self._choose,
                )  # fmt: skip
        for journal in earlier:
            name = journal.parent.name
            row = dpg.add_selectable(
                label=name, parent=self.side, user_data=journal, callback=self._read
            )
            dpg.bind_item_theme(row, self.shell.look.words("quiet"))
        if run is not None:
            self._table(run, self.known.of.get(run.folder, ()))
            self._compare(run)

    def _earlier(self) -> list[Path]:
        """The journals of runs of other days, which are read when they are chosen."""
        known = {run.folder for run in self.work.runs.of.values()}
        return [path for path in found(self.shell.studio.path) if str(path.parent) not in known]

    def _read(self, _: Any, __: Any, journal: Path) -> None:
        self.work.choices.folder, self.work.choices.picked = str(journal.parent), ()
        self.work.journals.ask(str(journal.parent), journal, journal.parent.name)

    def _table(self, run: Run, checkpoints: Any) -> None:
        with dpg.table(
            parent=self.list, policy=dpg.mvTable_SizingFixedFit, row_background=True, scrollY=True,
            borders_innerH=False, freeze_rows=1,
        ):  # fmt: skip
            heads = ("", _("Step"), _("Loss"), _("Held out"), _("When"), "")
            for number, head in enumerate(heads):
                dpg.add_table_column(label=head, width_stretch=number == 4)
            for facts in reversed(checkpoints):
                self._row(run, facts)

    def _row(self, run: Run, facts: CheckpointFacts) -> None:
        theme, value = self.shell.look.theme, worth(run, facts.step)
        with dpg.table_row():
            dpg.add_checkbox(
                default_value=facts.path in self.work.choices.picked, user_data=facts.path,
                callback=self._pick,
            )  # fmt: skip
            star = f"  {ICONS['star']}" if facts.best else ""
            dpg.add_text(
                f"{words.steps(facts.step, 0)}{star}", color=theme.warning if star else theme.text
            )
            dpg.add_text(words.number(value.loss))
            dpg.add_text(words.number(value.held))
            when = datetime.fromisoformat(facts.time).astimezone()
            dpg.add_text(f"{when:%H:%M:%S}", color=theme.faint)
            loaded = facts.path == self.known.loaded
            label = f"{ICONS['check']}  {_('Loaded')}" if loaded else _("Load")
            button = dpg.add_button(
                label=label, user_data=facts.path, callback=self._load, small=True
            )
            if loaded:
                dpg.bind_item_theme(button, self.shell.look.words("good"))
            with dpg.tooltip(button):
                dpg.add_text(_("Put these weights into the model"))

    def _compare(self, run: Run) -> None:
        theme = self.shell.look.theme
        two = [f for f in self.known.of.get(run.folder, ()) if f.path in self.work.choices.picked]
        if len(two) != 2:
            text = _("Tick two checkpoints to see them side by side.")
            dpg.add_text(text, parent=self.compare, color=theme.faint, wrap=0)
            return
        rows = compared(run, two[0].step, two[1].step)
        with dpg.table(
            parent=self.compare, policy=dpg.mvTable_SizingStretchProp, row_background=True
        ):
            for head in ("", *(words.steps(f.step, 0) for f in two), _("Change")):
                dpg.add_table_column(label=head)
            for row in rows:
                with dpg.table_row():
                    dpg.add_text(row.name, color=theme.quiet)
                    dpg.add_text(words.number(row.before))
                    dpg.add_text(words.number(row.after))
                    dpg.add_text(row.change, color=theme.good if row.falls else theme.text)

    def _choose(self, _: Any, __: Any, folder: str) -> None:
        self.work.choices.folder, self.work.choices.picked = folder, ()
        self._key = ()

    def _pick(self, _: Any, on: bool, path: str) -> None:
        kept = tuple(p for p in self.work.choices.picked if p != path)
        self.work.choices.picked = (*kept, path)[-2:] if on else kept

    def _load(self, _: Any, __: Any, path: str) -> None:
        from app.engine.commands import LoadCheckpoint

        self.work.link.ask(LoadCheckpoint(path=path), self._loaded)

    def _loaded(self, event: Any) -> None:
        if event.event == "Saved":
            self.shell.studio.say(_("Loaded {path}").format(path=Path(event.path).name))
