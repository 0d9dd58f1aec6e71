"""From cells to pixels: the box is turned about its middle and seen from far away, without perspective.

So every face of it is a parallelogram, onto which a picture can be laid exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, sin

from app.editor.canvas.camera import Rect

LONG = 1.7  # how long the way through the box is beside the longer side of a face
WIDE, TALL = LONG + 0.75, 2.05  # of the view that the box is fitted into
STEEP = 0.48 * pi
FAR, NEAR = 0.35, 6.0
TURN = 0.008  # radians for each pixel of a drag
Size = tuple[int, int, int]


@dataclass(frozen=True)
class Flat:
    """Where a place of the lattice is seen: an affine map. `deep` grows away from the eye.

    >>> Flat((1, 0, 0), (0, 1, 0), (0, 0, 1), (10, 20)).at(1, 2, 3)
    (11, 22)
    """

    right: tuple[float, float, float]
    down: tuple[float, float, float]
    deep: tuple[float, float, float]
    origin: tuple[float, float]

    def at(self, x: float, y: float, z: float) -> tuple[float, float]:
        """In pixels."""
        (a, b, c), (d, e, f), (left, top) = self.right, self.down, self.origin
        return left + a * x + b * y + c * z, top + d * x + e * y + f * z

    def depth(self, x: float, y: float, z: float) -> float:
        """How far away, in no unit: only to be compared."""
        a, b, c = self.deep
        return a * x + b * y + c * z


@dataclass(frozen=True)
class Orbit:
    """How the box is turned. Units: radians; a zoom of 1 fills the view."""

    yaw: float = -0.62
    pitch: float = 0.42
    zoom: float = 1.0

    def turned(self, dx: float, dy: float) -> Orbit:
        """After a drag of so many pixels; the box never stands on its head."""
        pitch = max(-STEEP, min(STEEP, self.pitch + dy * TURN))
        return replace(self, yaw=(self.yaw + dx * TURN) % (2 * pi), pitch=pitch)

    def nearer(self, notches: float) -> Orbit:
        """After so many notches of the wheel."""
        return replace(self, zoom=max(FAR, min(NEAR, self.zoom * 1.12**notches)))

    def onto(self, size: Size, view: Rect) -> Flat:
        """The map from cells of a box of this size to pixels of a view."""
        width, height, depth = size
        side = max(width - 1, height - 1, 1)
        long = LONG / max(depth - 1, 1)  # of a cell, on the way through the box
        # In the room: to the right is z, upwards is -y, away is x.
        steps = ((0.0, 0.0, 1 / side), (0.0, -1 / side, 0.0), (long, 0.0, 0.0))
        turned = [self._turn(*step) for step in steps]
        scale = self.zoom * min(view.width / WIDE, view.height / TALL)
        right = tuple(t[0] * scale for t in turned)
        down = tuple(-t[1] * scale for t in turned)
        deep = tuple(t[2] for t in turned)
        middle = ((width - 1) / 2, (height - 1) / 2, (depth - 1) / 2)
        centre = view.centre
        left = centre.x - sum(r * m for r, m in zip(right, middle, strict=True))
        top = centre.y - sum(d * m for d, m in zip(down, middle, strict=True))
        return Flat((right[0], right[1], right[2]), (down[0], down[1], down[2]),
                    (deep[0], deep[1], deep[2]), (left, top))  # fmt: skip

    def _turn(self, right: float, up: float, away: float) -> tuple[float, float, float]:
        """A direction in the room as the eye sees it: to the right, upwards, away."""
        c, s = cos(self.yaw), sin(self.yaw)
        right, away = c * right - s * away, s * right + c * away
        c, s = cos(self.pitch), sin(self.pitch)
        return right, c * up + s * away, c * away - s * up
