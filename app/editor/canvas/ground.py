"""The ground of the canvas: dots that move with the camera; one textured rectangle."""

from __future__ import annotations

from math import hypot

from app.editor.canvas.camera import Camera
from app.editor.colours import Theme
from app.editor.gui import dpg
from app.editor.theme import Look

TILE = 32
SPACING = 32.0


class Ground:
    """The lowest layer of a canvas."""

    def __init__(self, drawlist: int, look: Look) -> None:
        self.look = look
        self._registry = dpg.add_texture_registry()
        self._texture: int | None = None
        self._theme: Theme | None = None
        self._node = int(dpg.add_draw_node(parent=drawlist))
        self._image = 0

    def frame(self, camera: Camera, width: float, height: float) -> None:
        """The dots are where the camera sees them; far away there are fewer."""
        if self._theme is not self.look.theme:
            self._paint()
        spacing = SPACING * camera.zoom
        while spacing < 18:
            spacing *= 2
        while spacing > 48:
            spacing /= 2
        u, v = camera.x * camera.zoom / spacing, camera.y * camera.zoom / spacing
        u, v = u % 1.0, v % 1.0
        dpg.configure_item(
            self._image,
            pmax=[width, height],
            uv_min=[u, v],
            uv_max=[u + width / spacing, v + height / spacing],
        )

    def _paint(self) -> None:
        """One tile with a dot in its corner, which the texture repeats."""
        self._theme = theme = self.look.theme
        dpg.delete_item(self._node, children_only=True)
        if self._texture is not None:
            dpg.delete_item(self._texture)
        self._texture = dpg.add_static_texture(TILE, TILE, tile(theme), parent=self._registry)
        self._image = int(dpg.draw_image(self._texture, [0, 0], [64, 64], parent=self._node))


def tile(theme: Theme) -> list[float]:
    """The colours of a tile, row by row, four numbers from 0 to 1 a pixel.

    The dot is around the corner, where four tiles meet.
    """
    steps = [min(step, TILE - step) for step in range(TILE)]
    covers = [min(max(1.9 - hypot(x, y), 0.0), 1.0) for y in steps for x in steps]
    inks = list(zip(theme.ground, theme.dots, strict=True))
    return [(low + cover * (high - low)) / 255 for cover in covers for low, high in inks]
