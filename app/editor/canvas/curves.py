"""Wires as curves: their cubic pieces, points along them, and which one is under the cursor.

A wire leaves an output to the right and enters an input from the left; the points that people put
on it (reroutes) are passed in order. Hit-testing is numpy over all wires at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.editor.canvas.camera import Point

Piece = tuple[Point, Point, Point, Point]
Floats = NDArray[np.float64]
SAMPLES = 17
_T = np.linspace(0.0, 1.0, SAMPLES)[:, None]
_BASIS = np.hstack([(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3])


def pieces(source: Point, target: Point, via: Sequence[Point] = ()) -> list[Piece]:
    """The cubic curves of a wire, one for each stretch between the points that it passes."""
    stops = [source, *via, target]
    return [_piece(a, b) for a, b in zip(stops[:-1], stops[1:], strict=True)]


def _piece(a: Point, b: Point) -> Piece:
    ahead = b.x - a.x
    reach = max(min(abs(ahead) * 0.5, 140.0), 24.0) if ahead > 0 else min(60.0 - ahead * 0.4, 220.0)
    straight = abs(b.y - a.y) < 0.5 and ahead > 0
    reach = ahead / 3 if straight else reach
    return a, Point(a.x + reach, a.y), Point(b.x - reach, b.y), b


def sampled(curve: Sequence[Piece]) -> Floats:
    """Points along a wire, shape (n, 2), the first and the last among them."""
    return np.concatenate([_BASIS @ np.array(piece) for piece in curve])


def middle(curve: Sequence[Piece]) -> Point:
    """The point half way along the pieces."""
    points = sampled(curve)
    x, y = points[len(points) // 2]
    return Point(float(x), float(y))


class Curves:
    """The wires of one body as points, to be asked what is near. Its owner alone changes it."""

    def __init__(self) -> None:
        self._points: dict[int, Floats] = {}
        self._starts: Floats = np.empty((0, 2))
        self._ends: Floats = np.empty((0, 2))
        self._owner: NDArray[np.int64] = np.empty(0, np.int64)
        self._stale = False

    def put(self, curves: Mapping[int, Sequence[Piece]]) -> None:
        """These wires, by number, have these curves now."""
        for number, curve in curves.items():
            self._points[number] = sampled(curve)
        self._stale = self._stale or bool(curves)

    def keep(self, numbers: Sequence[int]) -> None:
        """Only these wires are left."""
        left = {number: self._points[number] for number in numbers if number in self._points}
        self._stale = self._stale or len(left) != len(self._points)
        self._points = left

    def nearest(self, x: float, y: float, within: float) -> int | None:
        """The wire that passes closest to a point, None when none does within that distance."""
        self._gather()
        if not len(self._owner):
            return None
        along = self._ends - self._starts
        length = np.maximum((along**2).sum(1), 1e-9)
        here = np.array([x, y])
        share = np.clip(((here - self._starts) * along).sum(1) / length, 0.0, 1.0)
        gap = ((self._starts + along * share[:, None] - here) ** 2).sum(1)
        best = int(gap.argmin())
        return int(self._owner[best]) if gap[best] <= within**2 else None

    def crossed(self, a: Point, b: Point) -> list[int]:
        """The wires that a straight stroke crosses, each once, by number."""
        self._gather()
        p, q = np.array(a), np.array(b)
        one, two = _side(p, q, self._starts), _side(p, q, self._ends)
        d = self._ends - self._starts
        three = d[:, 0] * (p[1] - self._starts[:, 1]) - d[:, 1] * (p[0] - self._starts[:, 0])
        four = d[:, 0] * (q[1] - self._starts[:, 1]) - d[:, 1] * (q[0] - self._starts[:, 0])
        hit = (one * two < 0) & (three * four < 0)
        return sorted({int(n) for n in self._owner[hit]})

    def _gather(self) -> None:
        """One array of all segments, made when asked for, not for each wire that moves."""
        if not self._stale:
            return
        self._stale = False
        if not self._points:
            self._starts = self._ends = np.empty((0, 2))
            self._owner = np.empty(0, np.int64)
            return
        self._starts = np.concatenate([p[:-1] for p in self._points.values()])
        self._ends = np.concatenate([p[1:] for p in self._points.values()])
        lengths = [len(p) - 1 for p in self._points.values()]
        self._owner = np.repeat(np.array(list(self._points), np.int64), lengths)


def _side(p: Floats, q: Floats, points: Floats) -> Floats:
    d = q - p
    side: Floats = d[0] * (points[:, 1] - p[1]) - d[1] * (points[:, 0] - p[0])
    return side
