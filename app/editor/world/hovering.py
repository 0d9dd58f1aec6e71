"""What lies under the cursor, said in full: a card beside it."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.colours import Colour
from app.editor.heard.world import WorldTold
from app.editor.language import _
from app.editor.world.contract import Stage, WorldContract
from app.editor.world.figures import is_shape, numbers, said
from app.editor.world.ring import Spot
from app.editor.world.signs import block_name, tone
from app.editor.world.textures import Textures

WIDE, SIZE, PADDING = 300.0, 14.0, 14.0
PICTURE = 150.0
Line = tuple[str, float, Colour, fonts.Face]


class Hovering:
    """Draws the card with a pen."""

    def __init__(self, pen: Pen, textures: Textures) -> None:
        self.pen, self.textures = pen, textures

    def draw(
        self, world: WorldContract, told: WorldTold, spot: Spot, at: Point, room: Rect
    ) -> None:
        """Beside the cursor, all of it in the room."""
        picture: bytes = b""
        if spot.what == "block":
            lines = self._block(world, told, spot.name)
            picture = next((h.picture for h in told.held(spot.name).values() if h.picture), b"")
        elif spot.what == "stage":
            stage = world.stage(spot.name)
            lines = self._stage(stage, told) if stage is not None else []
        else:
            lines = self._content(world, told)
        made = self.textures.of(picture)
        high = sum(size * 1.35 for _, size, _, _ in lines) + 2 * PADDING - 4
        shown = 0.0
        if made is not None:
            shown = PICTURE
            high += shown + 8
        wide = max((fonts.width(t, s, f) for t, s, _, f in lines), default=0.0)
        wide = min(max(wide, shown), WIDE) + 2 * PADDING
        x = at.x + 18 if at.x + 18 + wide < room.right else at.x - 14 - wide
        y = min(max(at.y + 14, room.y + 6), max(room.bottom - high - 6, room.y + 6))
        self._card(Rect(x, y, wide, high), lines, made)

    def _card(self, box: Rect, lines: list[Line], made: tuple[int, int, int] | None) -> None:
        theme, pen = self.pen.theme, self.pen
        pen.rect(box.moved(0, 3), theme.shadow, round_=10)
        pen.rect(box, theme.window, theme.edge, round_=9)
        y = box.y + PADDING - 3
        for text, size, colour, face in lines:
            pen.text(Point(box.x + PADDING, y), text, size, colour, face)
            y += size * 1.35
        if made is not None:
            texture, wide, high = made
            scale = PICTURE / max(wide, high)
            pen.image(texture, Rect(box.x + PADDING, y + 4, wide * scale, high * scale))

    def _text(self, text: str, colour: Colour, size: float = SIZE, most: int = 9) -> list[Line]:
        rows = fonts.wrapped(text, WIDE, size)
        if len(rows) > most:
            rows = [*rows[: most - 1], "…"]
        return [(row, size, colour, "text") for row in rows]

    def _block(self, world: WorldContract, told: WorldTold, block: str) -> list[Line]:
        theme = self.pen.theme
        lines: list[Line] = [(block_name(block), 15, tone(theme, block), "strong")]
        held = told.held(block)
        if not held:
            names = [stage.label for stage in world.stages if block in stage.fills]
            text = _("Empty. {stage} fills it.").format(stage=", ".join(names) or "?")
            return lines + self._text(text, theme.quiet)
        for slot, value in held.items():
            shape = is_shape(value.text)
            text = said(value.text) if slot == "text" else f"{slot}   {said(value.text)}"
            lines += self._text(text, theme.quiet if shape else theme.text)
        return lines

    def _stage(self, stage: Stage, told: WorldTold) -> list[Line]:
        theme, now = self.pen.theme, told.stage(stage.name)
        lines: list[Line] = [(stage.label, 15, theme.text, "strong")]
        if stage.does == "update":
            says = _("Applies the whole state to the world, once all five blocks are filled.")
        elif stage.does == "development":
            says = _("Begins a new state from the world, and hears what you say to it.")
        else:
            needs = ", ".join(block_name(b).lower() for b in stage.needs) or _("nothing")
            fills = ", ".join(block_name(b).lower() for b in stage.fills) or _("nothing")
            says = _("Needs {needs}; fills {fills}.").format(needs=needs, fills=fills)
        lines += self._text(says, theme.quiet)
        if now.state == "skipped":
            names = ", ".join(block_name(b).lower() for b in (now.empty or now.filled))
            why = _("Skipped in this turn; empty: {blocks}") if now.empty else _(
                "Skipped in this turn; given already: {blocks}"
            )  # fmt: skip
            lines += self._text(why.format(blocks=names), theme.warning)
        lines += self._text(_("Click chooses, double click enters, right click does more"),
                            theme.faint, 12.5)  # fmt: skip
        return lines

    def _content(self, world: WorldContract, told: WorldTold) -> list[Line]:
        theme = self.pen.theme
        lines: list[Line] = [(_("The world’s content"), 15, theme.category("world"), "strong")]
        if not told.content:
            return lines + self._text(", ".join(world.content) or _("nothing"), theme.quiet)
        for key, text in told.content.items():
            rows = (
                text if numbers(text) is None else " ".join(f"{n:g}" for n in numbers(text) or ())
            )
            lines.append((key, 12.5, theme.quiet, "strong"))
            lines += self._text(rows, theme.text, most=4)
        return lines
