"""A list of rows on a drawlist: only the rows that are seen are drawn, and only when they change.

Its owner gives the keys of all rows and says how a row looks when it is asked; the list says what
people do with rows. So a list of thousands costs what is seen of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from app.editor.canvas.camera import Point
from app.editor.canvas.hands import SLACK
from app.editor.canvas.inputs import Mouse
from app.editor.gui import dpg
from app.editor.lists import row as shapes
from app.editor.lists.art import Spots, drawn
from app.editor.lists.row import Row
from app.editor.theme import Look


def nothing(*_: object) -> None:
    """It does not matter."""


@dataclass(frozen=True)
class Answers:
    """What becomes of what people do with a row; `part` is a mark's, "fold" or ""."""

    look: Callable[[Hashable], Row]
    click: Callable[[Hashable, str], None] = nothing
    double: Callable[[Hashable], None] = nothing
    menu: Callable[[Hashable, Point], None] = nothing
    drag: Callable[[Hashable, Mouse], None] = nothing


@dataclass
class _Drawn:
    node: int
    key: tuple[object, ...]
    spots: Spots


class RowList:
    """The list. Fills its parent; `frame` brings what is seen up to date."""

    def __init__(self, look: Look, parent: int, answers: Answers) -> None:
        self.look, self.answers = look, answers
        self.keys: Sequence[Hashable] = ()
        self.place = -1  # of the row that keys chose
        self.under = -1  # of the row under the cursor
        self.marking = False  # whether the row that keys chose is outlined
        self._drawn: dict[int, _Drawn] = {}
        self._size = (0, 0)
        self._pressed: tuple[int, Mouse] | None = None
        self._part = ""
        self._to: int | None = None
        self._waits = 0
        self._stale = True
        self._shown: tuple[object, ...] = ()
        self.window = int(dpg.add_child_window(parent=parent, border=False, height=-1))
        self.list = int(dpg.add_drawlist(8, 8, parent=self.window))

    @property
    def high(self) -> float:
        """How high a row is in pixels."""
        return shapes.HEIGHT * self.look.unit

    @property
    def wide(self) -> float:
        """How wide it is, in the units of a scale of 1."""
        return float(dpg.get_item_rect_size(self.window)[0]) / self.look.unit

    @property
    def seen(self) -> bool:
        """Whether it is on the screen."""
        return bool(dpg.is_item_visible(self.list))

    def show(self, keys: Sequence[Hashable]) -> None:
        """These are the rows from now on."""
        self.keys = keys
        self.place = min(self.place, len(keys) - 1)
        self._size = (0, 0)
        self._stale = True

    def refresh(self) -> None:
        """Rows may look otherwise than they did."""
        self._stale = True

    def frame(self) -> None:
        """Draw what is seen and new."""
        wide, tall = dpg.get_item_rect_size(self.window)
        if wide < 8:
            return
        whole = len(self.keys) * self.high
        room = int(wide - (14 * self.look.unit if whole > tall else 0))
        size = (room, int(max(whole, tall - 8, 8)))
        if size != self._size:
            self._size = size
            dpg.configure_item(self.list, width=size[0], height=size[1])
        self._scroll_to(tall)
        top = dpg.get_y_scroll(self.window)
        first = max(int(top / self.high) - 1, 0)
        last = min(int((top + tall) / self.high) + 2, len(self.keys))
        marked = self.place if self.marking else -1
        shown = (first, last, room, self.under, self._part, marked, self.look.theme)
        if shown == self._shown and not self._stale:
            return
        self._shown, self._stale = shown, False
        for place in [p for p in self._drawn if not first <= p < last]:
            dpg.delete_item(self._drawn.pop(place).node)
        for place in range(first, last):
            self._draw(place, room)

    def _draw(self, place: int, room: int) -> None:
        row = self.answers.look(self.keys[place])
        part = self._part if place == self.under else ""
        marked = self.marking and place == self.place
        key = (row, room, place == self.under, part, marked, self.look.theme)
        known = self._drawn.get(place)
        if known is not None and known.key == key:
            return
        if known is not None:
            dpg.delete_item(known.node)
        node = int(dpg.add_draw_node(parent=self.list))
        wide = room / self.look.unit
        spots = drawn(
            self.look, node, row, wide, hovered=place == self.under, part=part,
            marked=marked,
        )  # fmt: skip
        dpg.apply_transform(node, dpg.create_translation_matrix([0, place * self.high]))
        self._drawn[place] = _Drawn(node, key, spots)

    def go(self, place: int) -> None:
        """Choose a row with keys and let it be seen."""
        if self.keys:
            self.place = min(max(place, 0), len(self.keys) - 1)
            self.reveal(self.place)

    def reveal(self, place: int) -> None:
        """Scroll so that a row is seen."""
        self._to, self._waits = place, 2  # the size of a list that grew is known a frame later

    def _scroll_to(self, tall: float) -> None:
        if self._to is None:
            return
        self._waits -= 1
        top, seen = self._to * self.high, dpg.get_y_scroll(self.window)
        if top < seen or top + self.high > seen + tall:
            dpg.set_y_scroll(self.window, max(0.0, top - tall / 2))
        if self._waits <= 0:
            self._to = None

    @property
    def now(self) -> Hashable | None:
        """The row that keys chose."""
        return self.keys[self.place] if 0 <= self.place < len(self.keys) else None

    @property
    def hovered(self) -> Hashable | None:
        """The row under the cursor."""
        return self.keys[self.under] if 0 <= self.under < len(self.keys) else None

    def about(self) -> str:
        """What is to be known of the mark under the cursor."""
        if not (0 <= self.under < len(self.keys)) or not self._part:
            return ""
        marks = self.answers.look(self.keys[self.under]).marks
        return next((m.about for m in marks if m.part == self._part), "")

    def rect_of(self, place: int) -> tuple[float, float, float]:
        """Where a row is in the window: left, top and right."""
        left, top = dpg.get_item_rect_min(self.list)
        return left, top + place * self.high, left + self._size[0]

    def spot(self, key: Hashable, part: str = "") -> Point:
        """Where to click a row, or one of its parts, in the window."""
        place = self.keys.index(key)
        left, top, right = self.rect_of(place)
        box = self._drawn[place].spots.get(part) if part else None
        scale = self.look.unit
        x = left + (box[0] + box[1]) / 2 * scale if box else (left + right) / 2
        return Point(x, top + self.high / 2)

    # what people do

    def mouse(self, event: Mouse) -> bool:
        """Take in what the mouse does; whether it was for this list."""
        over = bool(dpg.is_item_hovered(self.list)) or bool(dpg.is_item_hovered(self.window))
        place, part = self._at(event) if over else (-1, "")
        if event.what == "move":
            self.under, self._part = place, part
            return self._moved(event)
        if event.what == "press" and place >= 0:
            self._pressed = (place, event)
            if event.button == "left" and part:
                self.answers.click(self.keys[place], part)
                self._pressed = None
            return True
        if event.what == "double" and place >= 0 and event.button == "left" and not part:
            self._pressed = None  # letting go is no click any more
            self.answers.double(self.keys[place])
            return True
        if event.what == "release" and self._pressed is not None:
            (start, press), self._pressed = self._pressed, None
            if start == place and press.button == event.button:
                self._clicked(place, event)
            return True
        return over and event.what == "press"

    def _clicked(self, place: int, event: Mouse) -> None:
        self.place = place
        if event.button == "left":
            self.answers.click(self.keys[place], "")
        elif event.button == "right":
            self.answers.menu(self.keys[place], event.at)

    def _moved(self, event: Mouse) -> bool:
        if self._pressed is None:
            return False
        place, press = self._pressed
        gap = max(abs(event.x - press.x), abs(event.y - press.y))
        if press.button == "left" and gap >= SLACK and place < len(self.keys):
            self._pressed = None
            self.answers.drag(self.keys[place], press)
        return True

    def _at(self, event: Mouse) -> tuple[int, str]:
        """The row at a point of the window and the part of it that can be clicked."""
        left, top = dpg.get_item_rect_min(self.list)
        place = int((event.y - top) // self.high)
        if not 0 <= place < len(self.keys):
            return -1, ""
        known = self._drawn.get(place)
        x = (event.x - left) / self.look.unit
        for part, (start, end) in (known.spots if known is not None else {}).items():
            if start <= x <= end:
                return place, part
        return place, ""
