"""The words around the ring: what each stage is called and did, and what each block of the state holds."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.colours import Colour
from app.editor.heard.world import Held, StageNow, WorldTold
from app.editor.language import _
from app.editor.world.contract import Stage, WorldContract
from app.editor.world.figures import is_shape, said
from app.editor.world.panes import Panes
from app.editor.world.ring import Ring, Spot
from app.editor.world.signs import block_name, tone
from app.editor.world.textures import Texture, Textures

LINES = 3  # of what a block holds
PICTURE = 128.0  # units a side
HEADING, NAME, TEXT, FINE = (19.0, 15.0), (15.5, 13.0), (17.0, 14.0), (15.0, 12.5)  # units, pixels


def sized(size: tuple[float, float], unit: float) -> float:
    """A size of letters in units, never below its pixels."""
    return max(size[0] * unit, size[1])


class Captions:
    """Words beside their spots, outside the ring, on the side where the room is."""

    def __init__(self, panes: Panes, textures: Textures) -> None:
        self.panes, self.pen, self.textures = panes, panes.pen, textures

    def draw(self, world: WorldContract, told: WorldTold, ring: Ring, room: Rect) -> None:
        """Each that says something else now; whoever lays the ring out anew lets go of the panes."""
        for spot in ring.stages:
            stage, now = world.stage(spot.name), told.stage(spot.name)
            if stage is None:
                continue
            heard = (
                told.exhibits[-1].action if told.exhibits and stage.does == "development" else ""
            )
            if self.panes.anew(f"said of {spot.name}", now, heard):
                self._stage(stage, now, heard, ring, spot, room)
        for spot in ring.blocks:
            held = told.held(spot.name)
            picture = self._pictured(held)
            if self.panes.anew(f"held by {spot.name}", held, picture):
                self._block(held, picture, ring, spot, room)

    def _pictured(self, held: Mapping[str, Held]) -> Texture | None:
        """The texture of the first picture, which so is one of those that are seen."""
        picture = next((h.picture for h in held.values() if h.picture), b"")
        return self.textures.of(picture) if picture else None

    def _stage(
        self, stage: Stage, now: StageNow, heard: str, ring: Ring, spot: Spot, room: Rect
    ) -> None:
        theme, u = self.pen.theme, ring.unit
        tone_ = theme.faint if now.state == "skipped" else theme.text
        lines: list[tuple[str, float, Colour, fonts.Face]] = [
            (stage.label, sized(HEADING, u), tone_, "strong")
        ]
        colour = theme.text if now.state == "running" else theme.quiet
        lines += [(text, sized(FINE, u), colour, "text") for text in self._doing(now, heard)]
        self._lines(lines, ring, spot, room)

    def _doing(self, now: StageNow, heard: str) -> list[str]:
        if now.state == "skipped":
            if now.empty:
                names = [block_name(b).lower() for b in now.empty]
                if len(names) > 2:
                    return [_("skipped: nothing to work on yet")]
                return [_("skipped: {blocks} empty").format(blocks=", ".join(names))]
            names = [block_name(b).lower() for b in now.filled]
            return [_("skipped: {blocks} given").format(blocks=", ".join(names))]
        if now.state == "running":
            return [_("works…")]
        if now.state == "done":
            if heard:
                return [_("heard “{action}”").format(action=heard)]
            if now.seconds < 0.005:
                return []
            return [f"{now.seconds:.2f} s" if now.seconds < 10 else f"{now.seconds:.0f} s"]
        return []

    def _block(
        self, held: Mapping[str, Held], picture: Texture | None, ring: Ring, spot: Spot, room: Rect
    ) -> None:
        theme, u = self.pen.theme, ring.unit
        colour = tone(theme, spot.name)
        name = block_name(spot.name)
        ink = colour if held else theme.faint
        lines: list[tuple[str, float, Colour, fonts.Face]] = [(name, sized(NAME, u), ink, "strong")]
        if picture is not None:
            self._picture(picture, lines, ring, spot, room)
            return
        wide = self._room(ring, spot, room)
        text = "text" if "text" in held else ""
        if text:
            quoted = f"“{held[text].text}”"
            size = sized(TEXT, u)
            rows = fonts.wrapped(quoted, wide, size)
            if len(rows) > LINES:
                rows = [*rows[: LINES - 1], fonts.fit(" ".join(rows[LINES - 1 :]), wide, size)]
            lines += [(row, size, theme.text, "text") for row in rows]
        else:
            rows = [f"{slot}  {said(h.text)}" for slot, h in held.items() if not is_shape(h.text)]
            lines += [(row, sized(FINE, u), theme.text, "text") for row in rows[:LINES]]
        self._lines(lines, ring, spot, room)

    def _room(self, ring: Ring, spot: Spot, room: Rect) -> float:
        """How wide words beside a spot may be."""
        edge = self._beside(ring, spot)
        left = edge.x - room.x if cos(spot.angle) < 0 else room.right - edge.x
        return max(min(left - 10, 290 * ring.unit), 40.0)

    def _beside(self, ring: Ring, spot: Spot) -> Point:
        away, out = spot.radius + 14 * ring.unit, ring.outwards(spot)
        return Point(spot.at.x + away * out.x, spot.at.y + away * out.y)

    def _lines(
        self, lines: list[tuple[str, float, Colour, fonts.Face]], ring: Ring, spot: Spot, room: Rect
    ) -> None:
        """Lines beside a spot: below it at the bottom, above it at the top, else aside."""
        at, (across, down) = self._beside(ring, spot), ring.outwards(spot)
        high = sum(size * 1.22 for _, size, _, _ in lines)
        y = at.y - high / 2 + down * high / 2
        for text, size, colour, face in lines:
            if abs(across) < 0.2:
                text = fonts.fit(text, room.width * 0.6, size, face)
                x = at.x - fonts.width(text, size, face) / 2
            else:
                text = fonts.fit(text, self._room(ring, spot, room), size, face)
                x = at.x if across > 0 else at.x - fonts.width(text, size, face)
            self.pen.text(Point(x, y), text, size, colour, face)
            y += size * 1.22

    def _picture(
        self, picture: Texture, lines: list[tuple[str, float, Colour, fonts.Face]],
        ring: Ring, spot: Spot, room: Rect,
    ) -> None:  # fmt: skip
        """The picture itself, beside its lantern, with its name above."""
        texture, across, down_ = picture
        theme, u = self.pen.theme, ring.unit
        side = min(PICTURE * u, self._room(ring, spot, room))
        scale = side / max(across, down_)
        wide, high = across * scale, down_ * scale
        at = self._beside(ring, spot)
        x = at.x + 6 * u if cos(spot.angle) > 0 else at.x - 6 * u - wide
        named = lines[0][1] + 14 * u
        y = min(max(at.y - high / 2, room.y + named), room.bottom - high - 8 * u)
        box = Rect(x, y, wide, high)
        colour = tone(theme, spot.name)
        self.pen.rect(box.grown(7 * u), colour.faint(0.10), round_=9 * u)
        self.pen.rect(box.grown(3 * u), theme.card, colour.faint(0.85), round_=5 * u, thick=1.5 * u)
        self.pen.image(texture, box)
        text, size, ink, face = lines[0]
        name = fonts.width(text, size, face)
        left = x if cos(spot.angle) > 0 else x + wide - name
        self.pen.text(Point(left, y - 10 * u - size), text, size, ink, face)
