"""The ring, drawn: a track that lights up behind the running stage, lanterns for the state, a heart.

Everything is drawn anew while anything moves, some two hundred shapes; when nothing does, not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from math import cos, hypot, pi, sin

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.colours import CLEAR, Colour
from app.editor.heard.world import StageNow, WorldTold
from app.editor.language import _
from app.editor.world.captions import Captions
from app.editor.world.contract import Stage, WorldContract
from app.editor.world.figures import numbers
from app.editor.world.ring import Ring, Spot, laid_out
from app.editor.world.signs import block_icon, stage_icon, tone
from app.editor.world.textures import Textures

FLASH = 1.1  # seconds that what was just written glows more
SPIN = 2.4  # radians a second
GLOW = 9  # circles that a light is made of


class RingArt:
    """Draws a world's ring with a pen."""

    def __init__(self, pen: Pen, textures: Textures) -> None:
        self.pen, self.textures = pen, textures
        self.ring: Ring | None = None

    def draw(
        self, world: WorldContract, told: WorldTold, room: Rect, hover: Spot | None,
        chosen: Collection[str], now: float,
    ) -> Ring:  # fmt: skip
        """Everything, into an empty list; where it stands. `chosen` are stages that people chose."""
        self.ring = ring = laid_out(world, room)
        self.pen.rect(room.grown(12), self.pen.theme.ground)
        self._ground(ring, told, now)
        self._track(world, told, ring, now)
        self._heart(world, told, ring, hover)
        for spot in ring.blocks:
            self._block(told, ring, spot, hover == spot, now)
        for spot in ring.stages:
            stage = world.stage(spot.name)
            if stage is not None:
                self._stage(stage, told.stage(spot.name), ring, spot, hover == spot, now)
            if spot.name in chosen:
                halo = self.pen.theme.accent.faint(0.8)
                self.pen.circle(spot.at, spot.radius + 7 * ring.unit, CLEAR, halo, 2.2 * ring.unit)
        Captions(self.pen, self.textures).draw(world, told, ring, room)
        return ring

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

    def _track(self, world: WorldContract, told: WorldTold, ring: Ring, now: float) -> None:
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
        at_work = ring.spot("stage", told.running)
        if at_work is not None:
            self._comet(ring, at_work, step, now - told.stage(told.running).since)
        self._spokes(world, told, ring, now)

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

    def _spokes(self, world: WorldContract, told: WorldTold, ring: Ring, now: float) -> None:
        """The update pours into the middle, development draws from it."""
        theme, u = self.pen.theme, ring.unit
        for stage in world.stages:
            spot = ring.spot("stage", stage.name)
            if spot is None or stage.does == "transition":
                continue
            inwards = stage.does == "update"
            now_is = told.stage(stage.name)
            colour = theme.category("world")
            bright = 0.9 if now_is.state in ("running", "done") else 0.35
            reach = hypot(spot.at.x - ring.middle.x, spot.at.y - ring.middle.y)
            near, far = ring.content.radius * 1.13, reach - spot.radius - 8 * u
            out = ring.outwards(spot)
            count = max(int((far - near) / (9 * u)), 2)
            for n in range(count):
                share = (n + 0.5) / count
                away = far - (far - near) * share
                wave = 0.0
                if now_is.state == "running":
                    phase = share - now * 1.3 if inwards else -share - now * 1.3
                    wave = max(0.0, sin(phase * 2 * pi))
                at = Point(ring.middle.x + away * out.x, ring.middle.y + away * out.y)
                self.pen.circle(
                    at, (1.7 + 1.8 * wave) * u,
                    colour.faint(min(bright * (0.55 + 0.45 * wave), 1.0)),
                )  # fmt: skip

    def _heart(self, world: WorldContract, told: WorldTold, ring: Ring, hover: Spot | None) -> None:
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

    def _block(self, told: WorldTold, ring: Ring, spot: Spot, hover: bool, now: float) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        colour, filled = tone(theme, spot.name), told.filled(spot.name)
        fresh = max(0.0, 1 - (now - told.written(spot.name)) / FLASH) if filled else 0.0
        if filled:
            self._light(spot.at, spot.radius * (1 + 0.35 * fresh), colour, 1 + 2.2 * fresh)
        ground = colour.over(theme.card, 0.3 if filled else 0.0)
        edge = colour if filled else colour.faint(0.45)
        pen.circle(spot.at, spot.radius, ground, edge, (2.6 if hover else 1.8) * u)
        sign = colour.over(theme.text, 0.35) if filled else colour.faint(0.6)
        self._sign(spot.at, block_icon(spot.name), 26 * u, sign)

    def _stage(
        self, stage: Stage, now_is: StageNow, ring: Ring, spot: Spot, hover: bool, now: float
    ) -> None:
        theme, u, pen = self.pen.theme, ring.unit, self.pen
        running, skipped = now_is.state == "running", now_is.state == "skipped"
        if running:
            beat = 0.5 + 0.5 * sin((now - now_is.since) * 5)
            self._light(spot.at, spot.radius * (0.95 + 0.12 * beat), theme.accent, 1.1 + 0.9 * beat)
        edge = theme.edge
        if running or hover:
            edge = theme.accent
        elif now_is.state == "done":
            edge = theme.good
        ground = theme.window if skipped else theme.card
        pen.circle(spot.at, spot.radius + 5 * u, theme.ground)  # the track ends before it
        pen.circle(spot.at, spot.radius, ground, edge.faint(0.5) if skipped else edge, 2.2 * u)
        if running:
            start = (now - now_is.since) * SPIN * 1.6
            arc = [
                Point(
                    spot.at.x + (spot.radius + 6 * u) * cos(start + n * 0.1),
                    spot.at.y + (spot.radius + 6 * u) * sin(start + n * 0.1),
                )
                for n in range(20)
            ]
            pen.lines(arc, theme.accent, 2.6 * u)
        sign = theme.faint.faint(0.6) if skipped else theme.accent if running else theme.text
        self._sign(spot.at, stage_icon(stage), 32 * u, sign)

    def _sign(self, at: Point, icon: str, size: float, colour: Colour) -> None:
        wide = fonts.width(icon, size)
        self.pen.text(Point(at.x - wide / 2, at.y - size / 2), icon, size, colour)

    def _centred(
        self, at: Point, down: float, text: str, size: float, colour: Colour,
        face: fonts.Face = "text",
    ) -> None:  # fmt: skip
        wide = fonts.width(text, size, face)
        self.pen.text(Point(at.x - wide / 2, at.y + down), text, size, colour, face)
