"""How the world's room is divided, and where the exhibits of its gallery hang. Only geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.editor.canvas.camera import Rect

Hung = Literal["strip", "wall"]
HEAD = 30.0  # of the gallery
GAP, EDGE = 14.0, 18.0
STRIP_CARD, WALL_CARD = 384.0, 240.0  # how wide a card is
LEAST = 150.0  # the height of a strip


@dataclass(frozen=True)
class Room:
    """The parts of a room, in its own pixels. `ring` has no height while the wall is looked at."""

    ring: Rect
    gallery: Rect


def divided(width: float, height: float, wall: bool) -> Room:
    """The ring above and the gallery as a strip below, or all of it as a wall.

    A room too low for both keeps the ring.
    """
    if wall:
        return Room(Rect(0, 0, width, 0), Rect(0, 0, width, height))
    strip = min(max(height * 0.29, LEAST + HEAD), 236.0)
    if height - strip < 260:
        strip = 0.0
    return Room(Rect(0, 0, width, height - strip), Rect(0, height - strip, width, strip))


@dataclass(frozen=True)
class Hanging:
    """Where `count` exhibits hang in an area, the first at the left or top, moved by `offset`."""

    area: Rect
    count: int
    hung: Hung
    offset: float = 0.0

    @property
    def inside(self) -> Rect:
        """The area without its head."""
        return Rect(
            self.area.x, self.area.y + HEAD, self.area.width, max(self.area.height - HEAD, 0)
        )

    @property
    def columns(self) -> int:
        """How many hang beside each other on a wall."""
        return max(int((self.area.width - 2 * EDGE + GAP) // (WALL_CARD + GAP)), 1)

    @property
    def card(self) -> Rect:
        """The size of a card."""
        if self.hung == "strip":
            return Rect(0, 0, STRIP_CARD, max(self.inside.height - EDGE, 0))
        return Rect(0, 0, WALL_CARD, WALL_CARD + 168)

    @property
    def length(self) -> float:
        """How long all of it is, along the way that it is moved."""
        if self.hung == "strip":
            return 2 * EDGE + self.count * (STRIP_CARD + GAP) - GAP * (self.count > 0)
        rows = -(-self.count // self.columns)
        return 2 * EDGE + rows * (self.card.height + GAP) - GAP * (rows > 0)

    @property
    def most(self) -> float:
        """The farthest that it can be moved."""
        seen = self.inside.width if self.hung == "strip" else self.inside.height
        return max(self.length - seen, 0.0)

    def rect(self, place: int) -> Rect:
        """Where one hangs, seen or not."""
        inside, card = self.inside, self.card
        if self.hung == "strip":
            x = inside.x + EDGE + place * (STRIP_CARD + GAP) - self.offset
            return Rect(x, inside.y, card.width, card.height)
        row, column = divmod(place, self.columns)
        left = (inside.width - self.columns * (WALL_CARD + GAP) + GAP) / 2
        x = inside.x + left + column * (WALL_CARD + GAP)
        y = inside.y + EDGE / 2 + row * (card.height + GAP) - self.offset
        return Rect(x, y, card.width, card.height)

    def seen(self) -> Iterator[tuple[int, Rect]]:
        """Those of which anything is seen, with where."""
        if self.hung == "strip":
            step, near, far = STRIP_CARD + GAP, self.offset - EDGE, self.inside.width
            first, last = int(near // step), int((near + far) // step) + 1
        else:
            step, far = self.card.height + GAP, self.inside.height
            first = int(self.offset // step) * self.columns
            last = (int((self.offset + far) // step) + 1) * self.columns
        for place in range(max(first, 0), min(last, self.count)):
            yield place, self.rect(place)

    def hit(self, x: float, y: float) -> int | None:
        """The exhibit at a point."""
        if not self.inside.holds(x, y):
            return None
        return next((place for place, rect in self.seen() if rect.holds(x, y)), None)
