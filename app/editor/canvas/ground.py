"""The ground of the canvas: dots that move with the camera; one textured rectangle."""

from __future__ import annotations

import numpy as np

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
        tile = np.empty((TILE, TILE, 4), np.float32)
        tile[:] = np.array(theme.ground, np.float32) / 255
        steps = np.minimum(np.arange(TILE), TILE - np.arange(TILE)).astype(np.float32)
        gap = np.sqrt(steps[:, None] ** 2 + steps[None, :] ** 2)
        cover = np.clip(1.9 - gap, 0, 1)[..., None]
        tile += cover * (np.array(theme.dots, np.float32) / 255 - tile)
        dpg.delete_item(self._node, children_only=True)
        if self._texture is not None:
            dpg.delete_item(self._texture)
        self._texture = dpg.add_static_texture(TILE, TILE, tile.ravel(), parent=self._registry)
        self._image = int(dpg.draw_image(self._texture, [0, 0], [64, 64], parent=self._node))
