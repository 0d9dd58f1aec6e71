"""Widgets of a form that are written into: lines of text, paths with a dialog."""

from __future__ import annotations

from typing import Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.file_dialog import ask
from app.editor.inspector.forms import Entry
from app.editor.inspector.widget import FULL, Widget
from app.editor.inspector.writing import written
from app.editor.language import _

ARROW = 34
TALL = 66  # of several lines of text


class Text(Widget):
    """A line to write into, which is taken when it is left; with what may be meant beside it."""

    lines = 1

    def _build(self, entry: Entry) -> None:
        hints = list(self.of.hints)
        more: dict[str, Any] = (
            {"multiline": True, "height": self._px(TALL)} if self.lines > 1 else {}
        )
        if entry.mixed:
            more["hint"] = _("mixed")
        with dpg.group(horizontal=True, horizontal_spacing=2):
            self.item = int(
                dpg.add_input_text(width=-self._px(ARROW) if hints or self.beside else FULL, **more)
            )
            if hints:
                dpg.add_combo(items=hints, no_preview=True, popup_align_left=True,
                              callback=self._hinted)  # fmt: skip
            if self.beside:
                self._add_beside()
        self.line.form.watch(self.item, self._typed)
        self._put(entry)

    beside = ""  # the icon of a button at its right

    def _add_beside(self) -> None:
        """A button at the right."""

    def _put(self, entry: Entry) -> None:
        dpg.set_value(self.item, "" if entry.mixed else written(self.of, entry.value))

    def _typed(self) -> None:
        text = str(dpg.get_value(self.item))
        entry = self.line.entry
        if text == ("" if entry.mixed else written(self.of, entry.value)):
            if self.line.refused:
                self.line.write(entry.value)  # it is what it was: nothing is wrong with it any more
            return
        self.line.write_text(text, self.of)

    def _hinted(self, _: int, text: str) -> None:
        self.line.write_text(text, self.of)


class Lines(Text):
    """Several lines of text."""

    lines = 3


class File(Text):
    """The path of a file, with a dialog."""

    beside = "folder-open"
    folder = False

    def _add_beside(self) -> None:
        button = dpg.add_button(label=ICONS[self.beside], callback=self._ask)
        with dpg.tooltip(button, delay=0.4):
            dpg.add_text(_("Choose a folder") if self.folder else _("Choose a file"))

    def _ask(self) -> None:
        now = self.line.entry.value
        ask(now if isinstance(now, str) else "", self.folder, self.line.write)


class Folder(File):
    """The path of a folder, with a dialog."""

    folder = True
