"""What every widget of a form is: it shows what it is told, and never what people are writing over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.gui import dpg
from app.editor.inspector.fields import Field
from app.editor.inspector.forms import Entry

if TYPE_CHECKING:
    from app.editor.inspector.lines import Line

FULL = -1  # as wide as the column


class Widget:
    """Base: a widget that shows nothing and takes nothing."""

    item = 0

    def __init__(self, line: Line, of: Field) -> None:
        self.line, self.of = line, of
        self._late = False
        self._red = False
        self._build(line.entry)

    def _build(self, entry: Entry) -> None:
        """Put the items where the line is being built."""

    def _put(self, entry: Entry) -> None:
        """Show the value."""

    def show(self, entry: Entry) -> None:
        """Show the value, but not while people write into it: then when they are done."""
        if self.item and dpg.is_item_active(self.item):
            self._late = True
        else:
            self._put(entry)

    def settle(self, entry: Entry) -> None:
        """Show what came while people wrote."""
        if self._late and not dpg.is_item_active(self.item):
            self._late = False
            if not self.line.refused:
                self._put(entry)

    def _px(self, size: float) -> int:
        return self.line.form.look.px(size)

    def blush(self, red: bool) -> None:
        """Have a red edge, or none."""
        if self.item and red != self._red:
            self._red = red
            dpg.bind_item_theme(self.item, self.line.form.look.edge("bad") if red else 0)
