"""The minimap: all cards in a corner as one picture, and a box for what is seen."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from app.editor.canvas.camera import Minimap, Rect
from app.editor.canvas.hitting import map_of
from app.editor.canvas.pen import Pen
from app.editor.gui import dpg
from app.editor.studio import Studio
from app.editor.theme import Look

WIDE, HIGH = 400, 264
EVERY = 0.12  # seconds between two pictures


class MapView:
    """The minimap's layer."""

    def __init__(self, drawlist: int, look: Look) -> None:
        self.look = look
        self._node = int(dpg.add_draw_node(parent=drawlist))
        self._pixels = np.zeros((HIGH, WIDE, 4), np.float32)
        with dpg.texture_registry():
            self._texture = int(
                dpg.add_raw_texture(
                    WIDE, HIGH, self._pixels.ravel(), format=dpg.mvFormat_Float_rgba
                )
            )
        self._shown: tuple[object, ...] = ()
        self._painted = -1
        self._when = 0.0

    def forget(self) -> None:
        """Everything is another."""
        self._painted, self._shown, self._when = -1, (), 0.0

    def frame(self, studio: Studio) -> None:
        """Bring it up to date."""
        small = map_of(studio)
        key = (small, studio.board.camera, studio.scene.revision, studio.selection)
        if key == self._shown:
            return
        if studio.scene.revision != self._painted and small is not None:
            if perf_counter() - self._when < EVERY:
                return
            self._paint(studio, small)
        self._shown = key
        dpg.delete_item(self._node, children_only=True)
        if small is None:
            return
        t = self.look.theme
        pen = Pen(self.look, self._node)
        pen.rect(small.box, t.window.faint(0.97), t.line, round_=6)
        pen.image(self._texture, small.box)
        seen = _within(small.to_screen(studio.board.view), small.box.grown(-1))
        pen.rect(seen, t.accent.faint(0.08), t.accent.faint(0.9), round_=2, thick=1.2)

    def _paint(self, studio: Studio, small: Minimap) -> None:
        self._painted, self._when = studio.scene.revision, perf_counter()
        self._pixels[:] = 0
        t, double = self.look.theme, WIDE / small.box.width
        chosen = studio.selection.nodes
        for card in studio.scene.known():
            r = small.to_screen(card.rect)
            x, y = (r.x - small.box.x) * double, (r.y - small.box.y) * double
            tone = t.bad if card.failed else t.category(card.category)
            tone = t.accent if card.name in chosen else tone
            _fill(self._pixels, x, y, max(r.width * double, 2), max(r.height * double, 2), tone)
        dpg.set_value(self._texture, self._pixels.ravel())


def _fill(
    pixels: NDArray[np.float32], x: float, y: float, width: float, height: float, tone: object
) -> None:
    rows = slice(max(round(y), 0), max(round(y + height), 0))
    columns = slice(max(round(x), 0), max(round(x + width), 0))
    pixels[rows, columns] = np.array(tone, np.float32) / 255 * (1, 1, 1, 0.8)


def _within(rect: Rect, box: Rect) -> Rect:
    x, y = min(max(rect.x, box.x), box.right), min(max(rect.y, box.y), box.bottom)
    right, low = max(min(rect.right, box.right), x), max(min(rect.bottom, box.bottom), y)
    return Rect(x, y, right - x, low - y)
