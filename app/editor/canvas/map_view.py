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
        self._painted: tuple[object, ...] = ()
        self._when = 0.0

    @property
    def item(self) -> int:
        """What holds all of it."""
        return self._node

    def forget(self) -> None:
        """Everything is another."""
        self._painted, self._shown, self._when = (), (), 0.0

    def frame(self, studio: Studio) -> None:
        """Bring it up to date."""
        small = map_of(studio)
        drawn = (studio.scene.arrangement, studio.selection.nodes, studio.place)
        key = (small, studio.board.camera, drawn)
        if key == self._shown:
            return
        if small is not None and drawn != self._painted:
            if perf_counter() - self._when < EVERY:
                return
            self._painted, self._when = drawn, perf_counter()
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
        self._pixels[:] = 0
        t, double = self.look.theme, WIDE / small.box.width
        corner, chosen = small.to_screen(Rect(0, 0, 0, 0)), studio.selection.nodes
        cards = list(studio.scene.known())
        boxes = np.array([(*c.at, c.box.width, c.box.height) for c in cards])
        boxes *= small.scale * double
        boxes[:, :2] += np.array([corner.x - small.box.x, corner.y - small.box.y]) * double
        tones = {
            name: np.array(t.category(name), np.float32) for name in {c.category for c in cards}
        }
        special = np.array([t.bad, t.accent], np.float32)
        inks = np.array(
            [
                special[1] if c.name in chosen else special[0] if c.failed else tones[c.category]
                for c in cards
            ]
        )
        _fill(self._pixels, boxes, inks / 255 * (1, 1, 1, 0.8))
        dpg.set_value(self._texture, self._pixels.ravel())


def _fill(
    pixels: NDArray[np.float32], boxes: NDArray[np.float64], inks: NDArray[np.float64]
) -> None:
    """Rectangles, all at once: every card's pixel at each offset from its corner."""
    starts = boxes[:, :2].round().astype(int)
    sizes = np.maximum(boxes[:, 2:].round().astype(int), 2)
    widest, highest = sizes.max(0)
    if widest * highest > len(boxes) * 4:  # few and large
        for (x, y), (wide, high), ink in zip(starts, sizes, inks, strict=True):
            pixels[max(y, 0) : max(y + high, 0), max(x, 0) : max(x + wide, 0)] = ink
        return
    for dx in range(widest):
        for dy in range(highest):
            x, y = starts[:, 0] + dx, starts[:, 1] + dy
            inside = (dx < sizes[:, 0]) & (dy < sizes[:, 1])
            inside &= (x >= 0) & (x < pixels.shape[1]) & (y >= 0) & (y < pixels.shape[0])
            pixels[y[inside], x[inside]] = inks[inside]


def _within(rect: Rect, box: Rect) -> Rect:
    x, y = min(max(rect.x, box.x), box.right), min(max(rect.y, box.y), box.bottom)
    right, low = max(min(rect.right, box.right), x), max(min(rect.bottom, box.bottom), y)
    return Rect(x, y, right - x, low - y)
