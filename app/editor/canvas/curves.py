"""Wires as curves: their cubic pieces, points along them, and which one is under the cursor.

A wire leaves an output to the right and enters an input from the left; the points that people put
on it (reroutes) are passed in order. Which wires are near is asked of the boxes around their
control points, one after the other while there are few; only among many does numpy pay for the
time that it takes to import.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from app.editor.canvas.camera import Point, Rect, between

if TYPE_CHECKING:
    from numpy.typing import NDArray

Piece = tuple[Point, Point, Point, Point]
Box = tuple[float, float, float, float]  # left, top, right, bottom
SAMPLES = 17
FEW = 500  # wires; asking the boxes of so many one after the other takes a tenth of a millisecond
_STEPS = [step / (SAMPLES - 1) for step in range(SAMPLES)]
_BASIS = [((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3) for t in _STEPS]


def pieces(source: Point, target: Point, via: Sequence[Point] = ()) -> list[Piece]:
    """The cubic curves of a wire, one for each stretch between the points that it passes.

    It passes a point to the right, or to the left where it is on its way back.
    """
    stops = [source, *via, target]
    ways = [1.0] * len(stops)
    for i in range(1, len(stops) - 1):
        ways[i] = 1.0 if stops[i + 1].x >= stops[i - 1].x else -1.0
    return [
        _piece(a, b, way, end)
        for (a, b), (way, end) in zip(pairwise(stops), pairwise(ways), strict=True)
    ]


def _piece(a: Point, b: Point, way: float, end: float) -> Piece:
    """From a to b, leaving and coming the given ways: 1 is to the right, -1 to the left."""
    ahead = (b.x - a.x) * way
    if way != end:  # a turn
        reach = max(min(abs(b.y - a.y) * 0.6, 90.0), 24.0)
    elif ahead <= 0:
        reach = min(60.0 - ahead * 0.4, 220.0)
    elif abs(b.y - a.y) < 0.5:
        reach = ahead / 3
    else:
        reach = max(min(ahead * 0.5, 140.0), 24.0)
    return a, Point(a.x + reach * way, a.y), Point(b.x - reach * end, b.y), b


def sampled(curve: Sequence[Piece]) -> list[Point]:
    """Points along a wire, the first and the last among them."""
    return [
        Point(
            a * p.x + b * q.x + c * r.x + d * s.x,
            a * p.y + b * q.y + c * r.y + d * s.y,
        )
        for p, q, r, s in curve
        for a, b, c, d in _BASIS
    ]


class Curves:
    """The wires of one body by number, to be asked what is near. Its owner alone changes it.

    Points along a wire are found when it is first looked at closely.
    """

    def __init__(self) -> None:
        self._curves: dict[int, Sequence[Piece]] = {}
        self._points: dict[int, list[Point]] = {}
        self._boxes: dict[int, Box] = {}
        self._table: NDArray[Any] | None = None  # the boxes by number once there are many

    def put(self, number: int, curve: Sequence[Piece]) -> None:
        """A wire has this curve now."""
        self._curves[number] = curve
        self._points.pop(number, None)
        self._boxes[number] = _box(curve)
        if self._table is not None:
            self._note(number)

    def drop(self, number: int) -> None:
        """A wire is gone; nothing happens when it was not there."""
        if self._curves.pop(number, None) is not None:
            self._points.pop(number, None)
            del self._boxes[number]
            if self._table is not None:
                self._table[number] = float("nan")

    def within(self, rect: Rect) -> list[int]:
        """The wires whose boxes touch a rectangle."""
        if len(self._boxes) > FEW:
            return self._among_many(rect)
        x, y, right, bottom = rect.x, rect.y, rect.right, rect.bottom
        return [
            number
            for number, (left, top, far, low) in self._boxes.items()
            if left <= right and far >= x and top <= bottom and low >= y
        ]

    def nearest(self, x: float, y: float, within: float) -> int | None:
        """The wire that passes closest to a point, None when none does within that distance."""
        best, closest = None, within**2
        for number in self.within(Rect(x, y, 0, 0).grown(within)):
            gap = min(_gap(x, y, a, b) for a, b in pairwise(self._along(number)))
            if gap <= closest:
                best, closest = number, gap
        return best

    def crossed(self, a: Point, b: Point) -> list[int]:
        """The wires that a straight stroke crosses, by number."""
        return [
            number
            for number in self.within(between(a, b))
            if any(_cross(a, b, start, end) for start, end in pairwise(self._along(number)))
        ]

    def _along(self, number: int) -> list[Point]:
        if number not in self._points:
            self._points[number] = sampled(self._curves[number])
        return self._points[number]

    def _among_many(self, rect: Rect) -> list[int]:
        import numpy as np

        if self._table is None:
            self._table = np.full((max(self._boxes) + 1, 4), np.nan)  # nan is no wire
            self._table[list(self._boxes)] = list(self._boxes.values())
        left, top, right, bottom = self._table.T
        hit = (left <= rect.right) & (right >= rect.x) & (top <= rect.bottom) & (bottom >= rect.y)
        found: list[int] = np.flatnonzero(hit).tolist()
        return found

    def _note(self, number: int) -> None:
        """A row of the table, which grows by doubling."""
        import numpy as np

        assert self._table is not None
        while number >= len(self._table):
            self._table = np.concatenate([self._table, np.full_like(self._table, np.nan)])
        self._table[number] = self._boxes[number]


def _box(curve: Sequence[Piece]) -> Box:
    """Around the control points, between which a curve stays."""
    xs = [point.x for piece in curve for point in piece]
    ys = [point.y for piece in curve for point in piece]
    return min(xs), min(ys), max(xs), max(ys)


def _gap(x: float, y: float, a: Point, b: Point) -> float:
    """The square of the distance from a point to a segment."""
    dx, dy = b.x - a.x, b.y - a.y
    share = ((x - a.x) * dx + (y - a.y) * dy) / max(dx * dx + dy * dy, 1e-9)
    share = min(max(share, 0.0), 1.0)
    return (a.x + share * dx - x) ** 2 + (a.y + share * dy - y) ** 2


def _cross(a: Point, b: Point, start: Point, end: Point) -> bool:
    """Whether two segments cross: the ends of each lie on both sides of the other."""
    return (_side(a, b, start) > 0) != (_side(a, b, end) > 0) and (
        (_side(start, end, a) > 0) != (_side(start, end, b) > 0)
    )


def _side(p: Point, q: Point, of: Point) -> float:
    return (q.x - p.x) * (of.y - p.y) - (q.y - p.y) * (of.x - p.x)
