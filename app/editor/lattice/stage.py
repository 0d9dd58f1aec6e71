"""The box on the drawlist: its faces as heat maps, the worn channels, and the glow of flows over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.canvas.camera import Rect
from app.editor.colours import Theme
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.lattice.glow import Inks, Light, glow
from app.editor.lattice.kept import By
from app.editor.lattice.orbit import Flat, Orbit, Size
from app.editor.lattice.pictures import Picture, heat
from app.editor.theme import Look

if TYPE_CHECKING:
    from app.lattice.scene import Scene

MOST = 110_000  # pixels of the glow; a larger view is drawn more coarsely
FACE = 48  # pixels of a face's picture
HALF = 0.5  # of a cell: the faces end where their outer cells do


class Stage:
    """What is seen of one scene."""

    def __init__(self, look: Look, drawlist: int, registry: int) -> None:
        self.look = look
        self._registry = registry
        self._light = Light(1, 1)
        self._glow: Picture | None = None
        self._faces = [Picture(registry, FACE, FACE) for _ in range(2)]
        self._box, self._over, self._words = (
            int(dpg.add_draw_node(parent=drawlist)) for _ in range(3)
        )
        self._still: tuple[object, ...] = ()
        self._moving: tuple[object, ...] = ()

    def frame(
        self, scene: Scene, moment: float, orbit: Orbit, view: Rect, by: By, channels: bool
    ) -> None:
        """Bring the box and the light up to date; what has not changed is left as it is."""
        theme = self.look.theme
        still = (id(scene), orbit, view, theme.name, channels)
        flat = orbit.onto(scene.story.size, view)
        if still != self._still:
            fresh = not self._still or still[0] != self._still[0] or theme.name != self._still[3]
            self._still = still
            if fresh:
                self._paint_faces(scene, theme)
            self._draw_box(scene, flat, theme, channels)
        moving = (*still, moment, by)
        if moving != self._moving:
            self._moving = moving
            self._shine(scene, moment, orbit, view, by)

    def clear(self) -> None:
        """Nothing is there to be seen."""
        for node in (self._box, self._over, self._words):
            dpg.delete_item(node, children_only=True)
        self._still, self._moving = (), ()

    def close(self) -> None:
        """Textures are let go."""
        for picture in (*self._faces, *([self._glow] if self._glow else [])):
            picture.close()

    def _paint_faces(self, scene: Scene, theme: Theme) -> None:
        for picture, values in zip(self._faces, (scene.entered, scene.landed), strict=True):
            pixels = heat(values, (FACE, FACE), theme.heat, 0.0)
            pixels[..., 3] *= 0.42
            picture.show(pixels)

    def _draw_box(self, scene: Scene, flat: Flat, theme: Theme, channels: bool) -> None:
        size = scene.story.size
        for node in (self._box, self._words):
            dpg.delete_item(node, children_only=True)
        rings = [_ring(size, z, flat) for z in (0, size[2] - 1)]
        inks = (theme.accent, theme.warning)
        thick = theme.thick * self.look.unit
        for ring, picture in zip(rings, self._faces, strict=True):
            dpg.draw_image_quad(picture.texture, *ring, parent=self._box)
        for a, b in zip(*rings, strict=True):
            dpg.draw_line(a, b, color=theme.edge, thickness=thick, parent=self._box)
        if channels:
            self._draw_channels(scene, flat, theme)
        for ring, ink in zip(rings, inks, strict=True):
            dpg.draw_polygon([*ring, ring[0]], color=ink, thickness=1.3 * thick, parent=self._box)
        for ring, ink, word in zip(rings, inks, (_("in"), _("out")), strict=True):
            low = max(ring, key=lambda point: point[1])
            dpg.draw_text([low[0] - 8, low[1] + 3], word, color=ink, parent=self._words,
                          size=13 * self.look.unit)  # fmt: skip

    def _draw_channels(self, scene: Scene, flat: Flat, theme: Theme) -> None:
        """The ways that most flows took, the busiest last and thickest."""
        for way in scene.channels[::-1].tolist():
            share = way[6]
            ink = theme.accent.faint(0.06 + 0.44 * share)
            thick = (0.7 + 2.2 * share) * self.look.unit
            ends = flat.at(*way[:3]), flat.at(*way[3:6])
            dpg.draw_line(*ends, color=ink, thickness=thick, parent=self._box)

    def _shine(self, scene: Scene, moment: float, orbit: Orbit, view: Rect, by: By) -> None:
        theme = self.look.theme
        wide, high = max(int(view.width), 16), max(int(view.height), 16)
        coarse = max(1.0, (wide * high / MOST) ** 0.5)
        size = int(wide / coarse), int(high / coarse)
        if self._glow is None or (self._light.wide, self._light.high) != size:
            dpg.delete_item(self._over, children_only=True)
            if self._glow is not None:
                self._glow.close()
            self._glow, self._light = Picture(self._registry, *size), Light(*size)
            ends = (view.x, view.y), (view.right, view.bottom)
            dpg.draw_image(self._glow.texture, *ends, parent=self._over)
        inks = Inks(theme.heat, theme.frames, theme.good, theme.warning, theme.name != "light")
        flat = orbit.onto(scene.story.size, Rect(0, 0, *size))
        dot = 1.7 * self.look.unit * max(0.7, min(orbit.zoom, 2.5)) / coarse**0.5
        self._glow.show(glow(scene.story, moment, flat, self._light, by, inks, dot))


def _ring(size: Size, z: float, flat: Flat) -> list[tuple[float, float]]:
    """The corners of a face."""
    right, below = size[0] - HALF, size[1] - HALF
    corners = ((-HALF, -HALF), (right, -HALF), (right, below), (-HALF, below))
    return [flat.at(x, y, z) for x, y in corners]
