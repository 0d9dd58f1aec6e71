"""The ring, drawn: a track that lights up behind the running stage, lanterns for the state, a heart.

What moves has a pane of its own, between the track and what stands on it; all else is drawn anew only
when it shows something else.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from math import cos, hypot, pi, sin

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.colours import CLEAR, Colour
from app.editor.heard.world import StageState, WorldTold
from app.editor.language import _
from app.editor.world.captions import Captions
from app.editor.world.contract import Stage, WorldContract
from app.editor.world.figures import numbers
from app.editor.world.panes import Panes
from app.editor.world.ring import Ring, Spot, laid_out
from app.editor.world.signs import block_icon, stage_icon, tone
from app.editor.world.textures import Textures

FLASH = 1.1  # seconds that what was just written glows more
SPIN = 2.4  # radians a second
GLOW = 9  # circles that a light is made of


class RingArt:
    """Draws a world's ring in panes."""

    def __init__(self, panes: Panes, textures: Textures) -> None:
        self.panes, self.pen = panes, panes.pen
        self.captions = Captions(panes, textures)
        self._stands: tuple[object, ...] = ()
        self._ring: Ring | None = None

    def draw(
        self, world: WorldContract, told: WorldTold, room: Rect, hover: Spot | None,
        chosen: Collection[str], now: float,
    ) -> Ring:  # fmt: skip
        """Bring it up to date; where it stands. `chosen` are stages that people chose.

        `now` is the time that is seen, in seconds: what moves is drawn anew when it is another.
        """
        ring = self._laid(world, room)
        if self.panes.anew("ground"):
            self.pen.rect(room.grown(12), self.pen.theme.ground)
        lit = tuple(told.filled(block) for block in world.blocks)
        if self.panes.anew("track", lit, tuple(told.stage(s.name).state for s in world.stages)):
            self._track(world, told, ring)
            self._spokes(world, told, ring)
        if self.panes.anew("moving", now, told.news):
            self._moving(world, told, ring, now)
        content = tuple(told.content.items())
        if self.panes.anew("heart", told.turns, content, hover == ring.content):
            self._heart(told, ring, hover)
        for spot in ring.blocks:
            filled = told.filled(spot.name)
            if self.panes.anew(f"block {spot.name}", filled, hover == spot):
                self._block(ring, spot, filled, hover == spot)
        for spot, stage in zip(ring.stages, world.stages, strict=True):
            looks = (told.stage(stage.name).state, hover == spot, stage.name in chosen)
            if self.panes.anew(f"stage {stage.name}", *looks):
                self._stage(stage, *looks, ring, spot)
        self.captions.draw(world, told, ring, room)
        return ring

    def _laid(self, world: WorldContract, room: Rect) -> Ring:
        """Where things stand; all is drawn anew when they stand elsewhere, or in other colours."""
        stands = (world, room, self.pen.theme.name)
        if self._ring is None or stands != self._stands:
            self._ring, self._stands = laid_out(world, room), stands
            self.panes.keep(())
        return self._ring

    def _moving(self, world: WorldContract, told: WorldTold, ring: Ring, now: float) -> None:
        """The breath of the ground, what was just written, the stage at work and its light on the way."""
        self._ground(ring, told, now)
        for spot in ring.blocks:
            fresh = min(1 - (now - told.written(spot.name)) / FLASH, 1.0)
            if fresh > 0:
                colour = tone(self.pen.theme, spot.name)
                self._light(spot.at, spot.radius * (1 + 0.35 * fresh), colour, 2.2 * fresh)
        at_work = ring.spot("stage", told.running)
        if at_work is not None:
            age = max(now - told.stage(told.running).since, 0.0)
            self._comet(ring, at_work, 2 * pi / len(ring.stages), age)
            self._running(ring, at_work, age)
            stage = world.stage(told.running)
            if stage is not None:
                self._spoke(ring, at_work, stage, "running", now)

    def _light(self, at: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
        for n in range(GLOW):
            wide = 2.5 - 1.5 * n / GLOW
            self.pen.circle(
                at, radius * wide, colour.faint(min((0.012 + 0.0045 * n) * strength, 1))
            )

    def _ground(self, ring: Ring, told: WorldTold, now: float) -> None:
        """A breath of light behind the whole, stronger while the world turns."""
        theme = self.pen.theme
        alive = 0.75 + 0.25 * sin(now * 1.6) if told.job else 0.45
        green = theme.category("world")
        for n in range(14):
            radius = ring.radius * (1.3 - n * 0.07)
            self.pen.circle(ring.middle, radius, green.faint(0.011 * alive))

    def _track(self, world: WorldContract, told: WorldTold, ring: Ring) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        step = 2 * pi / max(len(ring.stages), 1)
        for spot in ring.stages:
            between = [
                s for s in ring.blocks if 0 < (s.angle - spot.angle) % (2 * pi) < step - 1e-6
            ]
            stops = [spot.angle, *(s.angle for s in between), spot.angle + step]
            done = told.stage(spot.name).state == "done"
            for n, (start, end) in enumerate(pairwise(stops)):
                near = between[min(n, len(between) - 1)] if between else None
                lit = told.filled(near.name) if near is not None else done
                colour = tone(theme, near.name) if near is not None else theme.category("world")
                points = ring.arc(start, end)
                pen.lines(points, theme.line, 5 * u)
                if lit:
                    pen.lines(points, colour.faint(0.16), 13 * u)
                    pen.lines(points, colour.faint(0.9), 3.2 * u)
            if not between:
                self._chevron(ring, spot.angle + step / 2, theme.quiet if done else theme.faint)

    def _chevron(self, ring: Ring, angle: float, colour: Colour) -> None:
        u = ring.unit
        at, way = ring.at(angle), ring.along(angle)
        tip = Point(at.x + 6 * u * way.x, at.y + 6 * u * way.y)
        back = [
            Point(tip.x - 9 * u * way.x - side * way.y, tip.y - 9 * u * way.y + side * way.x)
            for side in (7 * u, -7 * u)
        ]
        self.pen.lines([back[0], tip, back[1]], colour, 2.6 * u)

    def _comet(self, ring: Ring, spot: Spot, step: float, age: float) -> None:
        """A light that comes along the track to the stage that runs, again and again."""
        theme, u = self.pen.theme, ring.unit
        way = (age * 0.9) % 1.0
        head = spot.angle - step * (1 - way)
        for n in range(10):
            at = ring.at(head - n * 0.022)
            fade = (1 - n / 10) * min(way * 6, (1 - way) * 6, 1.0)
            self.pen.circle(at, (6.5 - n * 0.5) * u, theme.accent.faint(0.85 * fade))

    def _spokes(self, world: WorldContract, told: WorldTold, ring: Ring) -> None:
        """Those that stand still; the one of the running stage moves."""
        for stage in world.stages:
            spot, state = ring.spot("stage", stage.name), told.stage(stage.name).state
            if spot is not None and state != "running":
                self._spoke(ring, spot, stage, state, 0.0)

    def _spoke(self, ring: Ring, spot: Spot, stage: Stage, state: StageState, now: float) -> None:
        """The update pours into the middle, development draws from it."""
        if stage.does == "transition":
            return
        u, colour = ring.unit, self.pen.theme.category("world")
        bright = 0.9 if state in ("running", "done") else 0.35
        reach = hypot(spot.at.x - ring.middle.x, spot.at.y - ring.middle.y)
        near, far = ring.content.radius * 1.13, reach - spot.radius - 8 * u
        out = ring.outwards(spot)
        count = max(int((far - near) / (9 * u)), 2)
        for n in range(count):
            share = (n + 0.5) / count
            away = far - (far - near) * share
            wave = 0.0
            if state == "running":
                phase = (share if stage.does == "update" else -share) - now * 1.3
                wave = max(0.0, sin(phase * 2 * pi))
            at = Point(ring.middle.x + away * out.x, ring.middle.y + away * out.y)
            shade = colour.faint(min(bright * (0.55 + 0.45 * wave), 1.0))
            self.pen.circle(at, (1.7 + 1.8 * wave) * u, shade)

    def _heart(self, told: WorldTold, ring: Ring, hover: Spot | None) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        at, radius = ring.middle, ring.content.radius
        green = theme.category("world")
        pen.circle(at, radius * 1.07, CLEAR, green.faint(0.16), 1.5 * u)
        pen.circle(
            at, radius, theme.card, green.faint(0.85 if hover == ring.content else 0.5), 2 * u
        )
        self._centred(at, -64 * u, _("TURN"), max(12.5 * u, 11), theme.quiet, "strong")
        ink = theme.text if told.turns else theme.faint
        self._centred(at, -55 * u, str(told.turns), 66 * u, ink, "strong")
        row = next(((k, n) for k, v in told.content.items() if (n := numbers(v))), None)
        if row is not None:
            self._bars(row[1], Rect(at.x - 58 * u, at.y + 20 * u, 116 * u, 30 * u), green)
            self._centred(at, 54 * u, row[0], max(12.5 * u, 11), theme.quiet)
        elif not told.turns:
            self._centred(at, 26 * u, _("press Turn to begin"), max(13 * u, 12), theme.quiet)

    def _bars(self, row: list[float], box: Rect, colour: Colour) -> None:
        row = row[:24]
        most = max(max(row), 1e-9)
        wide = box.width / len(row)
        for n, value in enumerate(row):
            high = max(box.height * max(value, 0.0) / most, 1.5)
            bar = Rect(box.x + n * wide + 1, box.bottom - high, max(wide - 2, 1), high)
            self.pen.rect(bar, colour.faint(0.85 if value > 0 else 0.35), round_=1.5)

    def _block(self, ring: Ring, spot: Spot, filled: bool, hover: bool) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        colour = tone(theme, spot.name)
        if filled:
            self._light(spot.at, spot.radius, colour)
        ground = colour.over(theme.card, 0.3 if filled else 0.0)
        edge = colour if filled else colour.faint(0.45)
        pen.circle(spot.at, spot.radius, ground, edge, (2.6 if hover else 1.8) * u)
        sign = colour.over(theme.text, 0.35) if filled else colour.faint(0.6)
        self._sign(spot.at, block_icon(spot.name), 26 * u, sign)

    def _stage(
        self, stage: Stage, state: StageState, hover: bool, chosen: bool, ring: Ring, spot: Spot
    ) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        running, skipped = state == "running", state == "skipped"
        edge = theme.edge
        if running or hover:
            edge = theme.accent
        elif state == "done":
            edge = theme.good
        ground = theme.window if skipped else theme.card
        pen.circle(spot.at, spot.radius + 5 * u, theme.ground)  # the track ends before it
        pen.circle(spot.at, spot.radius, ground, edge.faint(0.5) if skipped else edge, 2.2 * u)
        sign = theme.faint.faint(0.6) if skipped else theme.accent if running else theme.text
        self._sign(spot.at, stage_icon(stage), 32 * u, sign)
        if chosen:
            halo = theme.accent.faint(0.8)
            pen.circle(spot.at, spot.radius + 7 * u, CLEAR, halo, 2.2 * u)

    def _running(self, ring: Ring, spot: Spot, age: float) -> None:
        """A light that beats behind a stage, and an arc that goes round it."""
        u, accent = ring.unit, self.pen.theme.accent
        beat = 0.5 + 0.5 * sin(age * 5)
        self._light(spot.at, spot.radius * (0.95 + 0.12 * beat), accent, 1.1 + 0.9 * beat)
        start, away = age * SPIN * 1.6, spot.radius + 7 * u
        angles = [start + n * 0.1 for n in range(20)]
        arc = [Point(spot.at.x + away * cos(a), spot.at.y + away * sin(a)) for a in angles]
        self.pen.lines(arc, accent, 2.6 * u)

    def _sign(self, at: Point, icon: str, size: float, colour: Colour) -> None:
        wide = fonts.width(icon, size)
        self.pen.text(Point(at.x - wide / 2, at.y - size / 2), icon, size, colour)

    def _centred(
        self, at: Point, down: float, text: str, size: float, colour: Colour,
        face: fonts.Face = "text",
    ) -> None:  # fmt: skip
        wide = fonts.width(text, size, face)
        self.pen.text(Point(at.x - wide / 2, at.y + down), text, size, colour, face)
