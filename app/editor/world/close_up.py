"""One exhibit, seen large over everything else: its picture and every word of it."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.heard.world import Exhibit
from app.editor.language import _
from app.editor.world.exhibit_art import ExhibitArt, words_of
from app.editor.world.figures import is_shape, said
from app.editor.world.signs import block_name, tone
from app.editor.world.textures import Textures

WORDS = 330.0  # how wide the column of words is


def laid(width: float, height: float) -> tuple[Rect, Rect, Rect]:
    """The sheet, its picture and its words, in a room of this size."""
    side = max(min(height - 150, width - WORDS - 180, 620), 160)
    wide, high = side + WORDS + 84, side + 56
    sheet = Rect((width - wide) / 2, (height - high) / 2, wide, high)
    picture = Rect(sheet.x + 28, sheet.y + 28, side, side)
    words = Rect(picture.right + 28, picture.y, WORDS, side)
    return sheet, picture, words


class CloseUp:
    """Draws it with a pen."""

    def __init__(self, pen: Pen, textures: Textures) -> None:
        self.pen, self.textures = pen, textures
        self._art = ExhibitArt(pen)

    def draw(self, exhibit: Exhibit, width: float, height: float, place: str) -> None:
        """Over a darkened room; `place` is "3 of 12"."""
        theme, pen = self.pen.theme, self.pen
        pen.rect(Rect(0, 0, width, height), theme.ground.faint(0.86))
        sheet, picture, words = laid(width, height)
        pen.rect(sheet.moved(0, 6), theme.shadow, round_=16)
        pen.rect(sheet, theme.card, theme.edge, round_=14)
        self._art.picture(self.textures.of(exhibit.picture), picture)
        turn = _("Turn {turn}").format(turn=exhibit.turn + 1)
        pen.text(Point(words.x, words.y - 4), turn, 26, theme.text, "strong")
        pen.text_left_of(words.right, words.y + 4, place, 14, theme.quiet)
        y = words.y + 36
        if exhibit.action:
            pen.text(Point(words.x, y), f"“{exhibit.action}”", 16, theme.accent)
            y += 28
        for block, heading, text in words_of(exhibit):
            y = self._text(block, heading, text, Rect(words.x, y, WORDS, words.bottom - y))
        self._rest(exhibit, Rect(words.x, y, WORDS, words.bottom - y))
        hint = _("← →  other turns     Esc  back")
        pen.text(Point(sheet.centre.x - fonts.width(hint, 13) / 2, sheet.bottom + 12), hint, 13,
                 theme.quiet)  # fmt: skip

    def _text(self, block: str, heading: str, text: str, room: Rect) -> float:
        theme, size = self.pen.theme, 18 if block == "intent" else 16
        if not text or room.height < 40:
            return room.y
        self.pen.text(Point(room.x, room.y), heading, 12, tone(theme, block), "strong")
        y = room.y + 17
        for row in fonts.wrapped(text, room.width, size):
            if y + size > room.bottom:
                break
            self.pen.text(Point(room.x, y), row, size, theme.text)
            y += size * 1.3
        return y + 12

    def _rest(self, exhibit: Exhibit, room: Rect) -> None:
        """The other slots, one a line."""
        theme, y = self.pen.theme, room.y + 4
        for where, text in exhibit.words.items():
            block, _, slot = where.partition(".")
            if slot == "text" or is_shape(text) or y + 16 > room.bottom:
                continue
            name = f"{block_name(block)} · {slot}"
            self.pen.text(Point(room.x, y), name, 13, theme.quiet)
            row = fonts.fit(said(text), room.width * 0.45, 13, "mono")
            self.pen.text_left_of(room.right, y, row, 13, theme.text, "mono")
            y += 19
