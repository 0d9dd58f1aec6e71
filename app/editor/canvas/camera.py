"""Where the eye is: points, rectangles, and the camera between world and screen.

World units are pixels at zoom 1. A camera is a value; moving it makes another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

NEAREST, FARTHEST = 3.0, 0.03
MARGIN = 48.0


class Point(NamedTuple):
    """A place, on the screen or in the world."""

    x: float
    y: float


class Rect(NamedTuple):
    """A rectangle by its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is inside or on an edge."""
        return self.x <= x <= self.right and self.y <= y <= self.bottom

    def meets(self, other: Rect) -> bool:
        """Whether the two share any point."""
        return (
            self.x <= other.right
            and other.x <= self.right
            and self.y <= other.bottom
            and other.y <= self.bottom
        )

    def covers(self, other: Rect) -> bool:
        """Whether the other is wholly inside."""
        return self.holds(other.x, other.y) and self.holds(other.right, other.bottom)

    def grown(self, by: float) -> Rect:
        """Larger by so much on every side."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def moved(self, dx: float, dy: float) -> Rect:
        """Elsewhere."""
        return Rect(self.x + dx, self.y + dy, self.width, self.height)


def between(a: Point, b: Point) -> Rect:
    """The rectangle with these opposite corners, in any order."""
    return Rect(min(a.x, b.x), min(a.y, b.y), abs(a.x - b.x), abs(a.y - b.y))


def around(rects: Iterable[Rect]) -> Rect | None:
    """The least rectangle around all, None around none."""
    found = list(rects)
    if not found:
        return None
    x, y = min(r.x for r in found), min(r.y for r in found)
    return Rect(x, y, max(r.right for r in found) - x, max(r.bottom for r in found) - y)


@dataclass(frozen=True)
class Camera:
    """The world point at the upper left corner of the view, and the pixels of a world unit."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    def to_screen(self, x: float, y: float) -> Point:
        """Where a world point is seen."""
        return Point((x - self.x) * self.zoom, (y - self.y) * self.zoom)

    def to_world(self, x: float, y: float) -> Point:
        """The world point that is seen there."""
        return Point(x / self.zoom + self.x, y / self.zoom + self.y)

    def panned(self, dx: float, dy: float) -> Camera:
        """Everything moves so many pixels on the screen."""
        return Camera(self.x - dx / self.zoom, self.y - dy / self.zoom, self.zoom)

    def zoomed(self, factor: float, about: Point) -> Camera:
        """Nearer or farther; the world point under `about` stays under it."""
        zoom = min(max(self.zoom * factor, FARTHEST), NEAREST)
        x, y = self.to_world(*about)
        return Camera(x - about.x / zoom, y - about.y / zoom, zoom)

    def view(self, width: float, height: float) -> Rect:
        """The part of the world in a view of this size."""
        return Rect(self.x, self.y, width / self.zoom, height / self.zoom)

    def centred(self, x: float, y: float, width: float, height: float) -> Camera:
        """The world point in the middle of the view."""
        return Camera(x - width / 2 / self.zoom, y - height / 2 / self.zoom, self.zoom)


def fitted(rect: Rect | None, width: float, height: float, nearest: float = 1.0) -> Camera:
    """The camera that shows all of a rectangle, not nearer than `nearest`, in the middle."""
    if rect is None:
        return Camera(-width / 2, -height / 2, 1.0)
    across = max(width - 2 * MARGIN, 1.0) / max(rect.width, 1.0)
    down = max(height - 2 * MARGIN, 1.0) / max(rect.height, 1.0)
    zoom = min(max(min(across, down, nearest), FARTHEST), NEAREST)
    return Camera(0, 0, zoom).centred(*rect.centre, width, height)


@dataclass(frozen=True)
class Minimap:
    """The whole world in a corner: a box on the screen and how the world lies in it."""

    box: Rect
    world: Rect
    scale: float

    def to_screen(self, rect: Rect) -> Rect:
        """A world rectangle in the box."""
        x = self.box.x + (self.box.width - self.world.width * self.scale) / 2
        y = self.box.y + (self.box.height - self.world.height * self.scale) / 2
        return Rect(
            x + (rect.x - self.world.x) * self.scale,
            y + (rect.y - self.world.y) * self.scale,
            rect.width * self.scale,
            rect.height * self.scale,
        )

    def to_world(self, x: float, y: float) -> Point:
        """The world point at a point of the box."""
        corner = self.to_screen(Rect(self.world.x, self.world.y, 0, 0))
        return Point(
            (x - corner.x) / self.scale + self.world.x, (y - corner.y) / self.scale + self.world.y
        )


def minimap(content: Rect | None, width: float, height: float, inset: float = 12.0) -> Minimap:
    """The minimap in the lower right corner of a view of this size."""
    across = min(200.0, width / 3)
    box = Rect(width - across - inset, height - across * 0.66 - inset, across, across * 0.66)
    world = (content or Rect(0, 0, 1, 1)).grown(60)
    return Minimap(box, world, min(box.width / world.width, box.height / world.height))
