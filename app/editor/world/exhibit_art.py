"""An exhibit of the gallery, drawn: a card with its picture, what was meant, seen and told."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.colours import CLEAR, Colour
from app.editor.heard.world import Exhibit
from app.editor.language import _
from app.editor.world.room import Hung
from app.editor.world.signs import tone
from app.editor.world.textures import Texture

BLOCKS = ("intent", "description", "events")
PADDING = 12.0


def words_of(exhibit: Exhibit) -> list[tuple[str, str, str]]:
    """Block, heading and text of everything that is said of an exhibit."""
    headings = {"intent": _("WISHED"), "description": _("SEEN"), "events": _("TOLD")}
    return [(block, headings[block], exhibit.says(block)) for block in BLOCKS]


class ExhibitArt:
    """Draws one exhibit with a pen."""

    def __init__(self, pen: Pen) -> None:
        self.pen = pen

    def draw(
        self, exhibit: Exhibit, picture: Texture | None, rect: Rect, hung: Hung, hover: bool
    ) -> None:
        """Its card; in a strip the picture is at the left, on a wall above the words."""
        self._card(rect, hover)
        if hung == "strip":
            self._wide(exhibit, picture, rect)
        else:
            self._tall(exhibit, picture, rect)

    def _card(self, rect: Rect, hover: bool) -> None:
        theme = self.pen.theme
        self.pen.rect(rect.moved(0, 2), theme.shadow, round_=10)
        edge = theme.accent if hover else theme.line
        self.pen.rect(rect, theme.card, edge, round_=10, thick=1.6 if hover else 1)

    def _wide(self, exhibit: Exhibit, picture: Texture | None, rect: Rect) -> None:
        side = rect.height - 2 * PADDING
        side = min(side, rect.width * 0.44)
        box = Rect(rect.x + PADDING, rect.y + PADDING, side, side)
        self.picture(picture, box)
        x = box.right + PADDING
        self._words(exhibit, Rect(x, rect.y + PADDING - 2, rect.right - x - PADDING, side + 4))

    def _tall(self, exhibit: Exhibit, picture: Texture | None, rect: Rect) -> None:
        side = rect.width - 2 * PADDING
        box = Rect(rect.x + PADDING, rect.y + PADDING, side, side)
        self.picture(picture, box)
        top = box.bottom + 8
        self._words(exhibit, Rect(box.x, top, side, rect.bottom - top - PADDING))

    def _words(self, exhibit: Exhibit, room: Rect) -> None:
        """The turn, the action, and each text in as many lines as there is room for."""
        theme = self.pen.theme
        turn = _("Turn {turn}").format(turn=exhibit.turn + 1)
        self.pen.text(Point(room.x, room.y), turn, 14, theme.text, "strong")
        if exhibit.action:
            left = room.width - fonts.width(turn, 14, "strong") - 10
            text = fonts.fit(f"“{exhibit.action}”", left, 13)
            self.pen.text_left_of(room.right, room.y + 1, text, 13, theme.accent)
        y = room.y + 21
        parts = [part for part in words_of(exhibit) if part[2]]
        if not parts:
            self._slots(exhibit, Rect(room.x, y, room.width, room.bottom - y))
            return
        lines = {block: fonts.wrapped(text, room.width, 13.5) for block, _heading, text in parts}
        budget = max(int((room.bottom - y - 16 * len(parts)) // 16.5), len(parts))
        given = _shared(budget, [len(lines[block]) for block, _heading, _text in parts])
        for (block, heading, _text), count in zip(parts, given, strict=True):
            self.pen.text(Point(room.x, y), heading, 10.5, tone(theme, block), "strong")
            y += 13
            rows = lines[block]
            if len(rows) > count:
                rest = " ".join(rows[count - 1 :])
                rows = [*rows[: count - 1], fonts.fit(f"{rest} …", room.width, 13.5)]
            for row in rows:
                self.pen.text(Point(room.x, y), row, 13.5, theme.text)
                y += 16.5
            y += 3

    def _slots(self, exhibit: Exhibit, room: Rect) -> None:
        """A world without texts: its slots as they are."""
        y = room.y
        for place, text in exhibit.words.items():
            if y + 16 > room.bottom:
                return
            row = fonts.fit(f"{place}  {text}", room.width, 13)
            self.pen.text(Point(room.x, y), row, 13, self.pen.theme.quiet)
            y += 16.5

    def picture(self, picture: Texture | None, box: Rect) -> None:
        """A picture in a box, in its own proportions; a quiet ground where there is none."""
        theme = self.pen.theme
        self.pen.rect(box, theme.field, theme.line, round_=5)
        if picture is None:
            self._none(box, theme.faint)
            return
        texture, wide, high = picture
        scale = min(box.width / wide, box.height / high)
        size = wide * scale, high * scale
        place = Rect(box.centre.x - size[0] / 2, box.centre.y - size[1] / 2, *size)
        self.pen.image(texture, place)
        self.pen.rect(place, CLEAR, theme.edge)

    def _none(self, box: Rect, colour: Colour) -> None:
        from app.editor.icons import ICONS

        size = min(box.width * 0.3, 40)
        wide = fonts.width(ICONS["image"], size)
        at = Point(box.centre.x - wide / 2, box.centre.y - size / 2)
        self.pen.text(at, ICONS["image"], size, colour.faint(0.5))


def _shared(lines: int, wanted: list[int]) -> list[int]:
    """So many lines given to texts that want some each: all get one, what is left goes in turns.

    >>> _shared(5, [1, 2, 9])
    [1, 2, 2]
    """
    given = [1] * len(wanted)
    left = lines - len(wanted)
    while left > 0 and any(have < want for have, want in zip(given, wanted, strict=True)):
        for n, want in enumerate(wanted):
            if given[n] < want and left > 0:
                given[n] += 1
                left -= 1
    return given
