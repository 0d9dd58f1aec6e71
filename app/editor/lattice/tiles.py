"""The small pictures beside the box: heat maps of both faces and of visits, energies, what happened when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from app.editor.canvas.camera import Rect
from app.editor.colours import Theme
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.lattice.pictures import Picture, heat
from app.editor.lattice.room import CAPTION, TILES
from app.editor.theme import Look

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.lattice.scene import Scene

SIDE = 72  # pixels of a picture
GROUND = 0.08  # the cover of a cell in which nothing is


class Tiles:
    """Drawn anew when there is another scene, place or theme; only the marks move with the moment."""

    def __init__(self, look: Look, drawlist: int, registry: int) -> None:
        self.look = look
        self._pictures = {name: Picture(registry, SIDE, SIDE) for name in TILES[:-1]}
        self._node = int(dpg.add_draw_node(parent=drawlist))
        self._marks = int(dpg.add_draw_node(parent=drawlist))
        self._shown: tuple[object, ...] = ()
        self._lines: list[int] = []

    def frame(self, scene: Scene, moment: float, places: Mapping[str, Rect]) -> None:
        """Bring them up to date."""
        theme = self.look.theme
        shown = (id(scene), theme.name, tuple(places.values()))
        if shown != self._shown:
            self._shown = shown
            self._paint(scene, theme)
            self._draw(scene, theme, places)
        for line, name in zip(self._lines, ("energies", "events"), strict=False):
            box = places[name]
            x = box.x + box.width * (moment + 0.5) / (scene.story.steps + 1)
            dpg.configure_item(line, p1=(x, box.y), p2=(x, box.bottom))

    def clear(self) -> None:
        """Nothing is there to be seen."""
        for node in (self._node, self._marks):
            dpg.delete_item(node, children_only=True)
        self._shown, self._lines = (), []

    def close(self) -> None:
        """Textures are let go."""
        for picture in self._pictures.values():
            picture.close()

    def _paint(self, scene: Scene, theme: Theme) -> None:
        for name, values in tables(scene).items():
            self._pictures[name].show(heat(values, (SIDE, SIDE), theme.heat, GROUND))

    def _draw(self, scene: Scene, theme: Theme, places: Mapping[str, Rect]) -> None:
        self.clear()
        self._shown = (id(scene), theme.name, tuple(places.values()))
        for name, box in places.items():
            caption = [box.x, box.y - CAPTION * self.look.unit + 1]
            dpg.draw_text(caption, captions()[name], color=theme.quiet, size=13 * self.look.unit,
                          parent=self._node)  # fmt: skip
            ends = (box.x, box.y), (box.right, box.bottom)
            if name in self._pictures:
                dpg.draw_image(self._pictures[name].texture, *ends, parent=self._node)
            else:
                self._bars(scene, theme, box)
            dpg.draw_rectangle(*ends, color=theme.line, parent=self._node)
        for _number in range(2):
            line = dpg.draw_line((0, 0), (0, 0), color=theme.text.faint(0.7), parent=self._marks)
            self._lines.append(int(line))

    def _bars(self, scene: Scene, theme: Theme, box: Rect) -> None:
        """Flows under way as an area; births, arrivals and deaths on each other in front of it."""
        counts = scene.counts
        top = max(float(counts.max()), float(counts[:, 1:].sum(axis=1).max()), 1e-6)
        wide = box.width / len(counts)
        for number, (flowing, born, came, died) in enumerate(counts.tolist()):
            left = box.x + number * wide
            self._bar(box, left, wide, 0, flowing / top, theme.accent.faint(0.22))
            base = 0.0
            for count, ink in ((came, theme.warning), (born, theme.good), (died, theme.bad)):
                share = count / top
                self._bar(box, left + 1, max(wide - 2, 1), base, share, ink)
                base += share

    def _bar(
        self, box: Rect, left: float, wide: float, base: float, share: float, ink: Any
    ) -> None:
        if share > 0:
            low, high = box.bottom - base * box.height, box.bottom - (base + share) * box.height
            ends = (left, high), (left + wide, low)
            dpg.draw_rectangle(*ends, color=(0, 0, 0, 0), fill=ink, parent=self._node)


def tables(scene: Scene) -> dict[str, NDArray[Any]]:
    """What the pictures show; of energies each moment is beside its own most."""
    spread = scene.spread / np.maximum(scene.spread.max(axis=1, keepdims=True), 1e-9)
    return {
        "entered": scene.entered,
        "landed": scene.landed,
        "above": scene.above,
        "side": scene.side,
        "energies": spread.T[::-1],
    }


def captions() -> dict[str, str]:
    """What stands over each."""
    return {
        "entered": _("energy in"),
        "landed": _("arrivals"),
        "above": _("from above"),
        "side": _("from the side"),
        "energies": _("energies"),
        "events": _("events"),
    }
