"""The minimap: all cards in a corner as one picture, and a box for what is seen."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.editor.canvas.camera import Minimap, Rect
from app.editor.canvas.hitting import map_of
from app.editor.canvas.pen import Pen
from app.editor.gui import dpg
from app.editor.studio import Studio
from app.editor.theme import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDE, HIGH = 400, 264
EVERY = 0.12  # seconds between two pictures


class MapView:
    """The minimap's layer."""

    def __init__(self, drawlist: int, look: Look) -> None:
        self.look = look
        self._node = int(dpg.add_draw_node(parent=drawlist))
        self._texture = 0
        self._pixels: NDArray[Any] | None = (
            None  # Dear PyGui reads them each frame once they are there
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
        from app.editor.canvas.map_picture import picture  # numpy

        pixels = picture(studio, small, self.look.theme, WIDE, HIGH)
        if self._pixels is not None:
            self._pixels[:] = pixels
            return
        self._pixels = pixels
        with dpg.texture_registry():
            self._texture = int(
                dpg.add_raw_texture(WIDE, HIGH, pixels, format=dpg.mvFormat_Float_rgba)
            )


def _within(rect: Rect, box: Rect) -> Rect:
    x, y = min(max(rect.x, box.x), box.right), min(max(rect.y, box.y), box.bottom)
    right, low = max(min(rect.right, box.right), x), max(min(rect.bottom, box.bottom), y)
    return Rect(x, y, right - x, low - y)
