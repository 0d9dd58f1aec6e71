"""A picture in panes: parts in draw nodes of their own, each drawn anew only when it shows something else.

What is drawn once and stands still costs a window nothing but to show it; so a picture that moves is
divided by what changes together.
"""

from __future__ import annotations

from collections.abc import Collection

from app.editor.canvas.pen import Pen
from app.editor.gui import dpg
from app.editor.theme import Look


class Panes:
    """Panes under one parent; the one that came last lies on top. `pen` draws in one of them at a time."""

    def __init__(self, look: Look, parent: int) -> None:
        self.parent = parent
        self.pen = Pen(look, parent, look.unit)
        self._panes: dict[str, tuple[int, tuple[object, ...]]] = {}

    def anew(self, name: str, *shows: object) -> bool:
        """Whether a pane shows something else now; then it is empty, and the pen draws in it."""
        known = self._panes.get(name)
        if known is not None and known[1] == shows:
            return False
        if known is None:
            node = int(dpg.add_draw_node(parent=self.parent))
        else:
            node = known[0]
            dpg.delete_item(node, children_only=True)
        self._panes[name] = node, shows
        self.pen.parent = node
        return True

    def keep(self, names: Collection[str]) -> None:
        """Only these panes, as far as there are any; the others are gone."""
        for name in [name for name in self._panes if name not in names]:
            dpg.delete_item(self._panes.pop(name)[0])
