"""How large a card is and where its parts are, from the texts that stand on it.

Units: world units from the card's upper left corner. Everything that is drawn or hit asks here, so
what people see and what they hit cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect

TITLE, SMALL, TINY = 17.0, 14.0, 13.0
PAD = 12.0
BAR = 4.0  # the strip of the category's colour
HEAD = 34.0
LINE = 20.0  # the line under the title
ROW = 24.0
FOOT = 24.0
PICTURE = 112.0
NARROWEST, WIDEST, ROUND = 184.0, 312.0, 8.0
CHIP = 20.0
GAP = 18.0
PORT = 5.0


@dataclass(frozen=True)
class Form:
    """The texts on a card that decide its size. A row is a port's name and its shape."""

    title: str
    line: str = ""
    chip: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    foot: bool = False
    picture: bool = False
    folded: bool = False
    enterable: bool = False


@dataclass(frozen=True)
class Box:
    """A measured card."""

    width: float
    height: float
    inputs: tuple[Point, ...]
    outputs: tuple[Point, ...]
    chip: Rect | None
    fold: Rect
    picture: Rect | None
    foot: float  # the top of the last line

    def rect(self, at: Point) -> Rect:
        """The card's rectangle when it stands there."""
        return Rect(at.x, at.y, self.width, self.height)


@lru_cache(maxsize=8192)
def measured(form: Form) -> Box:
    """The box of a card with these texts."""
    chip = fonts.width(form.chip, TINY, "strong") + 14 if form.chip else 0.0
    head = fonts.width(form.title, TITLE, "strong") + PAD * 2 + BAR + 22
    head += chip + 8 if chip else 0.0
    wide = max(head, fonts.width(form.line, SMALL) + 2 * PAD + BAR)
    if not form.folded:
        wide = max(wide, *(_row(*pair) for pair in _pairs(form)))
    wide = min(max(wide, NARROWEST), WIDEST)
    wide = -(-wide // ROUND) * ROUND
    top = HEAD + (LINE if form.line else 0.0)
    chip_at = Rect(wide - PAD - chip, (HEAD - CHIP) / 2 + 2, chip, CHIP) if chip else None
    fold = Rect(PAD + BAR - 6, HEAD / 2 - 9 + 2, 18, 20)
    if form.folded:
        middle = (HEAD + 2) / 2 + 1
        ends = (
            tuple(Point(0.0, middle) for _ in form.inputs),
            tuple(Point(wide, middle) for _ in form.outputs),
        )
        return Box(wide, HEAD + 6, *ends, chip_at, fold, None, HEAD)
    first = top + 10 + ROW / 2
    inputs = tuple(Point(0.0, first + ROW * n) for n in range(len(form.inputs)))
    outputs = tuple(Point(wide, first + ROW * n) for n in range(len(form.outputs)))
    tall = top + 10 + ROW * max(len(inputs), len(outputs), 0 if form.line else 1)
    picture = None
    if form.picture:
        picture = Rect(PAD, tall + 4, wide - 2 * PAD, PICTURE)
        tall = picture.bottom + 2
    foot = tall
    tall += FOOT if form.foot else 0.0
    return Box(wide, tall + 8, inputs, outputs, chip_at, fold, picture, foot)


def _pairs(form: Form) -> list[tuple[tuple[str, str], tuple[str, str]]]:
    """What stands in one row: an input at the left, an output at the right."""
    none = ("", "")
    rows = max(len(form.inputs), len(form.outputs), 1)
    left = [*form.inputs, *[none] * (rows - len(form.inputs))]
    right = [*form.outputs, *[none] * (rows - len(form.outputs))]
    return list(zip(left, right, strict=True))


def _row(left: tuple[str, str], right: tuple[str, str]) -> float:
    texts = [fonts.width(name, SMALL) for name, _ in (left, right) if name]
    texts += [fonts.width(shape, TINY, "mono") + 8 for _, shape in (left, right) if shape]
    return sum(texts) + GAP + 2 * PAD + 8
