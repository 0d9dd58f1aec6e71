"""Which things are where: a hash from squares of the world to what touches them.

Asking costs what is near, however large the whole is.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

from app.editor.canvas.camera import Rect

CELL = 320.0
_Cell = tuple[int, int]


class Grid:
    """Rectangles by name. Its owner alone changes it."""

    def __init__(self) -> None:
        self._rects: dict[str, Rect] = {}
        self._cells: dict[_Cell, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._rects)

    def __contains__(self, name: str) -> bool:
        return name in self._rects

    def put(self, name: str, rect: Rect) -> None:
        """The thing is there now, wherever it was."""
        old = self._rects.get(name)
        if old == rect:
            return
        if old is not None:
            self.drop(name)
        self._rects[name] = rect
        for cell in _cells(rect):
            self._cells.setdefault(cell, {})[name] = None

    def drop(self, name: str) -> None:
        """The thing is nowhere; nothing happens when it was not."""
        rect = self._rects.pop(name, None)
        for cell in _cells(rect) if rect is not None else ():
            held = self._cells[cell]
            del held[name]
            if not held:
                del self._cells[cell]

    def within(self, rect: Rect) -> list[str]:
        """The things that touch a rectangle, in no order that means anything."""
        few = (rect.width / CELL + 2) * (rect.height / CELL + 2) < len(self._cells)
        if not few:
            return [name for name, other in self._rects.items() if other.meets(rect)]
        near: dict[str, None] = {}
        for cell in _cells(rect):
            near.update(self._cells.get(cell, {}))
        return [name for name in near if self._rects[name].meets(rect)]

    def at(self, x: float, y: float) -> list[str]:
        """The things that hold a point."""
        held = self._cells.get((floor(x / CELL), floor(y / CELL)), {})
        return [name for name in held if self._rects[name].holds(x, y)]


def _cells(rect: Rect) -> Iterator[_Cell]:
    for i in range(floor(rect.x / CELL), floor(rect.right / CELL) + 1):
        for j in range(floor(rect.y / CELL), floor(rect.bottom / CELL) + 1):
            yield i, j
