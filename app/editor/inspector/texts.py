"""Widgets of a form that are written into: lines of text, paths with a dialog."""

from __future__ import annotations

from typing import Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.forms import Entry
from app.editor.inspector.widget import FULL, Widget
from app.editor.inspector.writing import spread, written
from app.editor.language import _
from app.editor.soft_breaks import broken, joined

ARROW = 34
PADDING, BAR = (9, 5), 11  # of a field on each side, and what scrolls it
MOST = 12  # lines that a box shows


class Text(Widget):
    """A line to write into, which is taken when it is left; with what may be meant beside it."""

    several = False  # lines

    def _build(self, entry: Entry) -> None:
        hints = list(self.of.hints)
        more: dict[str, Any] = {"multiline": True} if self.several else {}
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
        dpg.set_value(self.item, self._said(entry))

    def _said(self, entry: Entry) -> str:
        """What stands in the field for the value."""
        return "" if entry.mixed else written(self.of, entry.value)

    def _text(self) -> str:
        """What people have written."""
        return str(dpg.get_value(self.item))

    def _typed(self) -> None:
        text, entry = self._text(), self.line.entry
        if text == self._said(entry):
            if self.line.refused:
                self.line.write(entry.value)  # it is what it was: nothing is wrong with it any more
            return
        self.line.write_text(text, self.of)

    def _hinted(self, _: int, text: str) -> None:
        self.line.write_text(text, self.of)


class Lines(Text):
    """Several lines of text, broken where the box ends; it is as high as they need."""

    several = True
    fewest = 2
    _room = 0.0

    def settle(self, entry: Entry) -> None:
        """Break the lines anew where the box has another width."""
        super().settle(entry)
        room = self._wide()
        if room != self._room and not dpg.is_item_active(self.item):
            self._room = room
            if not self.line.refused:
                self._put(entry)

    def _put(self, entry: Entry) -> None:
        size = self.line.form.look.text
        text = broken(self._said(entry), self._room, size) if self._room else self._said(entry)
        high = size * min(max(text.count("\n") + 1, self.fewest), MOST) + 2 * PADDING[1]
        dpg.configure_item(self.item, height=int(high) + 2)
        dpg.set_value(self.item, text)

    def _said(self, entry: Entry) -> str:
        return spread(self.of, entry.value) if not entry.mixed else ""

    def _text(self) -> str:
        return joined(super()._text())

    def _wide(self) -> float:
        """The width that a line may have; 0 before the box was seen."""
        wide = dpg.get_item_rect_size(self.item)[0]
        return max(float(wide) - 2 * PADDING[0] - BAR, 0.0)


class Code(Lines):
    """A value as it is written in a file."""

    fewest = 1


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
        said = now if isinstance(now, str) else ""
        self.line.form.pick(said, self.folder, lambda path: self.line.write(str(path)))


class Folder(File):
    """The path of a folder, with a dialog."""

    folder = True
