"""Where everything stands on the ring: stages at equal steps, and what a stage fills behind it.

Only geometry. The ring is an orbit, wider than high where there is room for that. Angles are in radians
from the right, clockwise, as the screen has them; the first stage stands at the top. The world's
content is the middle, where the update pours in and development draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from typing import Literal

from app.editor.canvas.camera import Point, Rect
from app.editor.world.contract import WorldContract

TOP = -pi / 2
What = Literal["stage", "block", "content"]


@dataclass(frozen=True)
class Spot:
    """One thing on the ring."""

    what: What
    name: str
    at: Point
    angle: float
    radius: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point is on it."""
        return hypot(x - self.at.x, y - self.at.y) <= self.radius


@dataclass(frozen=True)
class Ring:
    """A ring in a rectangle: `across` and `radius` are its half axes.

    `unit` is what the sizes of signs go by, 1 in a room 640 pixels high.
    """

    middle: Point
    across: float
    radius: float
    unit: float
    stages: tuple[Spot, ...]
    blocks: tuple[Spot, ...]
    content: Spot

    def spot(self, what: What, name: str) -> Spot | None:
        """One thing by name."""
        return next((s for s in self.spots() if (s.what, s.name) == (what, name)), None)

    def spots(self) -> Iterator[Spot]:
        """Everything, what lies on top first."""
        yield from self.stages
        yield from self.blocks
        yield self.content

    def hit(self, x: float, y: float) -> Spot | None:
        """What is at a point."""
        return next((spot for spot in self.spots() if spot.holds(x, y)), None)

    def at(self, angle: float) -> Point:
        """A point of the ring."""
        return Point(
            self.middle.x + self.across * cos(angle), self.middle.y + self.radius * sin(angle)
        )

    def along(self, angle: float) -> Point:
        """The way that the ring goes at an angle, of length 1."""
        x, y = -self.across * sin(angle), self.radius * cos(angle)
        long = hypot(x, y) or 1.0
        return Point(x / long, y / long)

    def outwards(self, spot: Spot) -> Point:
        """The way from the middle through a spot, of length 1."""
        x, y = spot.at.x - self.middle.x, spot.at.y - self.middle.y
        long = hypot(x, y) or 1.0
        return Point(x / long, y / long)

    def arc(self, start: float, end: float) -> list[Point]:
        """Points along the ring, clockwise, near enough for a smooth line."""
        while end < start:
            end += 2 * pi
        count = max(int((end - start) / 0.05), 2)
        step = (end - start) / count
        return [self.at(start + n * step) for n in range(count + 1)]


def laid_out(world: WorldContract, room: Rect) -> Ring:
    """The ring of a world, as large as the room lets its words be read beside it."""
    side = min(room.width / 1.2, room.height)
    unit = side / 640
    radius = side * 0.345
    across = min(max(room.width * 0.3, radius), radius * 1.62)
    middle = Point(room.x + room.width / 2, room.y + room.height / 2)
    step = 2 * pi / max(len(world.stages), 1)
    angles = {stage.name: TOP + n * step for n, stage in enumerate(world.stages)}

    def at(angle: float) -> Point:
        return Point(middle.x + across * cos(angle), middle.y + radius * sin(angle))

    stages = tuple(
        Spot("stage", name, at(angle), angle, 36 * unit) for name, angle in angles.items()
    )
    blocks = []
    for behind, names in _behind(world).items():
        for n, block in enumerate(names):
            angle = angles[behind] + step * (n + 1) / (len(names) + 1)
            blocks.append(Spot("block", block, at(angle), angle, 27 * unit))
    content = Spot("content", "", middle, 0.0, radius * 0.5)
    return Ring(middle, across, radius, unit, stages, tuple(blocks), content)


def _behind(world: WorldContract) -> dict[str, list[str]]:
    """The blocks that stand after each stage: after the last that fills it, else before a reader."""
    found: dict[str, list[str]] = {}
    for block in world.blocks:
        fillers = [stage.name for stage in world.stages if block in stage.fills]
        if fillers:
            found.setdefault(fillers[-1], []).append(block)
            continue
        readers = [n for n, stage in enumerate(world.stages) if block in stage.needs]
        if world.stages:
            before = world.stages[(readers[0] if readers else 0) - 1].name
            found.setdefault(before, []).append(block)
    return found
