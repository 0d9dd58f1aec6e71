"""The list of problems: each row goes to its node, and says what would mend it where that is known."""

from __future__ import annotations

from typing import Any

from app.editor import terms
from app.editor.areas import Panel
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.shell import Shell
from app.editor.suiting import Mend, Mending
from graphs.spec.problems import Problem


class ProblemsPanel:
    """All problems of the document, in the order of check."""

    def __init__(self, shell: Shell, parent: int) -> None:
        self.shell = shell
        self._list = dpg.add_child_window(parent=parent, border=False)
        self._shown: list[Problem] | None = None
        self._theme = ""

    def frame(self) -> None:
        """Fill the list when check found others."""
        studio = self.shell.studio
        problems = studio.scene.inspection.problems
        theme = self.shell.look.theme
        if problems is self._shown and theme.name == self._theme:
            return
        self._shown, self._theme = problems, theme.name
        dpg.delete_item(self._list, children_only=True)
        if not problems:
            text = f"{ICONS['circle-check']}  {_('Nothing is wrong')}"
            dpg.add_text(text, parent=self._list, color=theme.good)
        mending = Mending(studio.document, studio.scene.inspection, studio.catalogue)
        offered: set[str] = set()
        for number, problem in enumerate(problems[:500]):
            tone = theme.bad if problem.severity == "error" else theme.warning
            icon = ICONS["circle-x" if problem.severity == "error" else "triangle-alert"]
            with dpg.group(horizontal=True, parent=self._list):
                dpg.add_text(icon, color=tone)
                port = f".{problem.port}" if problem.port else ""
                dpg.add_selectable(
                    label=f"{problem.path or _('the whole')}{port}##{number}", width=self.shell.look.px(260),
                    callback=self._clicked, user_data=problem.path,
                )  # fmt: skip
                dpg.add_text(terms.sentence(problem.message).split("\n")[0], color=theme.quiet)
                if problem.path not in offered and (mend := mending.mend(problem.path)):
                    self._offer(mend)
                offered.add(problem.path)

    def _offer(self, mend: Mend) -> None:
        """What would mend it, at one click."""
        item = dpg.add_button(
            label=f"{ICONS['wand-sparkles']}  {mend.words}", small=True, user_data=mend.edit,
            callback=lambda _s, _a, edit: self.shell.studio.do(edit),
        )  # fmt: skip
        dpg.bind_item_theme(item, self.shell.look.words("accent"))

    def _clicked(self, sender: Any, _: Any, path: str) -> None:
        dpg.set_value(sender, False)
        self.shell.studio.jump(path)


def problems_panel() -> Panel:
    """The list below the canvas; hidden until it is asked for."""
    return Panel("problems", _("Problems"), "bottom", ProblemsPanel, "triangle-alert", open=False)
