"""How a row looks."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.colours import CLEAR
from app.editor.icons import ICONS
from app.editor.lists.row import EDGE, HEIGHT, ICON, INDENT, SIGN, TEXT, Mark, Row
from app.editor.theme import Look

Spots = dict[str, tuple[float, float]]  # part -> where it begins and ends, from the left
MARK_GAP = 6.0


def drawn(
    look: Look, node: int, row: Row, wide: float, *, hovered: bool, part: str, marked: bool
) -> Spots:
    """Draw a row at the origin of a node; where its parts are."""
    pen, t = Pen(look, node, look.unit), look.theme
    ground = Rect(2, 1, wide - 4, HEIGHT - 2)
    if row.chosen:
        pen.rect(ground, t.accent.faint(0.26), round_=5)
    elif hovered and not row.heading:
        pen.rect(ground, t.raised, round_=5)
    if marked:
        pen.rect(ground, CLEAR, t.accent.faint(0.7), round_=5)
    spots: Spots = {}
    x = EDGE + row.depth * INDENT
    if row.fold is not None:
        sign = ICONS["chevron-down" if row.fold == "open" else "chevron-right"]
        tone = t.text if part == "fold" else t.faint
        pen.text(Point(x - 3, _top(ICON - 2)), sign, ICON - 2, tone)
        spots["fold"] = (x - 6, x + 13)
    x += 15
    right = _marks(pen, row.marks, wide - EDGE, spots, part)
    if row.icon:
        pen.text(Point(x, _top(ICON)), row.icon, ICON, row.tone)
        x += ICON + 7
    beside = SIGN + 6 if row.sign else 0.0
    title = fonts.fit(row.title, max(right - x - beside, 8), TEXT, row.face)
    pen.text(Point(x, _top(TEXT)), title, TEXT, row.ink, row.face)
    x += fonts.width(title, TEXT, row.face)
    if row.sign:
        pen.text(Point(x + 6, _top(SIGN)), row.sign, SIGN, row.quiet_ink)
        x += beside
    if row.quiet:
        x += 4 if row.sign else 8
        if right - x > 30:
            words = fonts.fit(row.quiet, right - x, TEXT - 2)
            pen.text(Point(x, _top(TEXT - 2) + 0.5), words, TEXT - 2, row.quiet_ink)
    return spots


def _top(size: float) -> float:
    return (HEIGHT - size) / 2


def _marks(pen: Pen, marks: tuple[Mark, ...], right: float, spots: Spots, part: str) -> float:
    """Draw the marks from the right; where they begin. Those that end the row without a text have no room."""
    shown = next((n for n in range(len(marks), 0, -1) if marks[n - 1].text), 0)
    for mark in marks[:shown]:
        wide = fonts.width(mark.text, mark.size, mark.face)
        left = right - max(wide, mark.room)
        ink = pen.theme.text if mark.part and mark.part == part else mark.tone
        pen.text(Point(right - wide, _top(mark.size)), mark.text, mark.size, ink, mark.face)
        if mark.part:
            spots[mark.part] = (left - 4, right + 4)
        right = left - MARK_GAP
    return right
