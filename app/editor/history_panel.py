"""The history: every step of the open document, the present one marked; a click goes there."""

from __future__ import annotations

from collections.abc import Hashable

from app.editor.areas import Panel, PanelView
from app.editor.canvas.inputs import Mouse
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.lists.row import Row
from app.editor.lists.row_list import Answers, RowList
from app.editor.shell import Shell
from app.editor.steps import said

SIGNS = {
    "Add": "plus", "Remove": "trash-2", "Connect": "cable", "Disconnect": "unlink",
    "Rewire": "cable", "Cut": "scissors", "Insert": "corner-down-right", "Move": "move",
    "Arrange": "wand-sparkles", "Set": "sliders-horizontal", "Group": "group",
    "Ungroup": "ungroup", "Rename": "text-cursor", "Label": "text-cursor", "Open": "folder-open",
    "Paste": "clipboard-paste", "Duplicate": "copy", "Colour": "palette", "Write": "sticky-note",
}  # fmt: skip


class HistoryPanel:
    """The panel. Steps that were taken back are fainter; a new edit lets go of them."""

    def __init__(self, shell: Shell, parent: int) -> None:
        self.shell, self.studio = shell, shell.studio
        self.list = RowList(shell.look, parent, Answers(self._row, self._clicked))
        self._shown: tuple[object, ...] = ()

    def frame(self) -> None:
        """Follow the document."""
        opened = self.studio.open
        last, size = opened.history[-1], len(opened.history)
        shown = (id(last.document), size, opened.position, self.shell.look.theme.name)
        if shown != self._shown:
            self._shown = shown
            self.list.show(range(size))
            self.list.reveal(opened.position)
        self.list.frame()

    def mouse(self, event: Mouse) -> bool:
        """What the mouse does in the list."""
        return self.list.seen and self.list.mouse(event)

    def key(self, keys: str) -> bool:
        """Nothing is written here."""
        return False

    def focus(self) -> None:
        """Nothing is written here."""

    def close(self) -> None:
        """It holds nothing."""

    def _row(self, key: Hashable) -> Row:
        assert isinstance(key, int)
        opened, theme = self.studio.open, self.shell.look.theme
        step, now = opened.history[key], opened.position
        ink = theme.text if key == now else theme.quiet if key < now else theme.faint
        sign = SIGNS.get(step.label.partition(" ")[0], "dot")
        return Row(
            title=said(step.label), ink=ink, icon=ICONS[sign], tone=ink,
            face="strong" if key == now else "text", chosen=key == now,
        )  # fmt: skip

    def _clicked(self, key: Hashable, part: str) -> None:
        assert isinstance(key, int)
        self.studio.open.jump(key)


def history_panel() -> Panel:
    """The history, at the left; hidden until it is asked for."""

    def build(shell: Shell, parent: int) -> PanelView:
        return HistoryPanel(shell, parent)

    return Panel("history", _("History"), "left", build, "history", open=False)
