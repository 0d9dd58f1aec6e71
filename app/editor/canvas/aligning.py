"""Nodes in line: snapping while they are dragged, aligning and distributing afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from app.editor.canvas.camera import Point, Rect, around

Side = Literal["left", "right", "top", "bottom", "middle", "centre"]
STEP = 8.0


@dataclass(frozen=True)
class Snap:
    """How far to move more, and the lines that things then share: (vertical?, where, from, to)."""

    dx: float
    dy: float
    guides: tuple[tuple[bool, float, float, float], ...] = ()


def snapped(box: Rect, others: Iterable[Rect], within: float) -> Snap:
    """The least move that brings an edge or the middle in line with another's; else onto the grid."""
    near = list(others)
    across = _closest((box.x, box.centre.x, box.right), near, 0, within)
    down = _closest((box.y, box.centre.y, box.bottom), near, 1, within)
    dx = round(box.x / STEP) * STEP - box.x if across is None else across[0]
    dy = round(box.y / STEP) * STEP - box.y if down is None else down[0]
    moved, guides = box.moved(dx, dy), []
    if across is not None:
        with_ = [moved, *(r for r in near if _shares(r, across[1], 0))]
        span = around(with_) or moved
        guides.append((True, across[1], span.y, span.bottom))
    if down is not None:
        with_ = [moved, *(r for r in near if _shares(r, down[1], 1))]
        span = around(with_) or moved
        guides.append((False, down[1], span.x, span.right))
    return Snap(dx, dy, tuple(guides))


def _lines(rect: Rect, axis: int) -> tuple[float, float, float]:
    start, size = rect[axis], rect[axis + 2]
    return start, start + size / 2, start + size


def _shares(rect: Rect, line: float, axis: int) -> bool:
    return any(abs(line - own) < 0.01 for own in _lines(rect, axis))


def _closest(
    own: tuple[float, ...], others: list[Rect], axis: int, within: float
) -> tuple[float, float] | None:
    """The shift and the line that it ends on, edges to edges and middles to middles."""
    best: tuple[float, float] | None = None
    for rect in others:
        start, half, end = _lines(rect, axis)
        pairs = ((own[0], start), (own[1], half), (own[2], end), (own[0], end), (own[2], start))
        for mine, theirs in pairs:
            shift = theirs - mine
            if abs(shift) <= within and (best is None or abs(shift) < abs(best[0])):
                best = shift, theirs
    return best


def aligned(rects: Mapping[str, Rect], side: Side) -> dict[str, Point]:
    """Where each thing goes so that all share an edge, or their middles, of the box around them."""
    box = around(rects.values())
    if box is None:
        return {}
    places = {}
    for name, r in rects.items():
        x = {
            "left": box.x,
            "right": box.right - r.width,
            "centre": box.centre.x - r.width / 2,
        }.get(side, r.x)
        y = {
            "top": box.y,
            "bottom": box.bottom - r.height,
            "middle": box.centre.y - r.height / 2,
        }.get(side, r.y)
        places[name] = Point(x, y)
    return places


def distributed(rects: Mapping[str, Rect], axis: Literal["across", "down"]) -> dict[str, Point]:
    """Where each thing goes so that the gaps between them are equal; the outermost stay."""
    i = 0 if axis == "across" else 1
    line = sorted(rects.items(), key=lambda item: (item[1][i] + item[1][i + 2] / 2, item[0]))
    places = {name: Point(r.x, r.y) for name, r in line}
    if len(line) < 3:
        return places
    first, last = line[0][1], line[-1][1]
    inner = sum(r[i + 2] for _, r in line)
    gap = (last[i] + last[i + 2] - first[i] - inner) / (len(line) - 1)
    here = first[i]
    for name, r in line:
        places[name] = Point(here, r.y) if i == 0 else Point(r.x, here)
        here += r[i + 2] + gap
    return places
