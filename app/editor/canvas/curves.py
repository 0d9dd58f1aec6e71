"""Wires as curves: their cubic pieces, points along them, and which one is under the cursor.

A wire leaves an output to the right and enters an input from the left; the points that people put
on it (reroutes) are passed in order. Hit-testing is numpy over all wires at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.editor.canvas.camera import Point, Rect, between

Piece = tuple[Point, Point, Point, Point]
Floats = NDArray[np.float64]
SAMPLES = 17
_T = np.linspace(0.0, 1.0, SAMPLES)[:, None]
_BASIS = np.hstack([(1 - _T) ** 3, 3 * (1 - _T) ** 2 * _T, 3 * (1 - _T) * _T**2, _T**3])


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


def sampled(curve: Sequence[Piece]) -> Floats:
    """Points along a wire, shape (n, 2), the first and the last among them."""
    return np.concatenate([_BASIS @ np.array(piece) for piece in curve])


def middle(curve: Sequence[Piece]) -> Point:
    """The point half way along the pieces."""
    points = sampled(curve)
    x, y = points[len(points) // 2]
    return Point(float(x), float(y))


class Curves:
    """The wires of one body by number, to be asked what is near. Its owner alone changes it.

    The boxes around all wires are one array, so that only the few that are near are looked at closely.
    """

    def __init__(self) -> None:
        self._points: dict[int, Floats] = {}
        self._boxes: Floats = np.full((16, 4), np.nan)  # left, top, right, bottom; nan is no wire

    def put(self, number: int, curve: Sequence[Piece]) -> None:
        """A wire has this curve now."""
        while number >= len(self._boxes):
            self._boxes = np.concatenate([self._boxes, np.full_like(self._boxes, np.nan)])
        points = self._points[number] = sampled(curve)
        self._boxes[number] = (*points.min(0), *points.max(0))

    def drop(self, number: int) -> None:
        """A wire is gone; nothing happens when it was not there."""
        if self._points.pop(number, None) is not None:
            self._boxes[number] = np.nan

    def within(self, rect: Rect) -> list[int]:
        """The wires whose boxes touch a rectangle."""
        left, top, right, bottom = self._boxes.T
        hit = (left <= rect.right) & (right >= rect.x) & (top <= rect.bottom) & (bottom >= rect.y)
        return [int(n) for n in np.flatnonzero(hit)]

    def nearest(self, x: float, y: float, within: float) -> int | None:
        """The wire that passes closest to a point, None when none does within that distance."""
        best, closest = None, within**2
        here = np.array([x, y])
        for number in self.within(Rect(x, y, 0, 0).grown(within)):
            points = self._points[number]
            start, along = points[:-1], np.diff(points, axis=0)
            length = np.maximum((along**2).sum(1), 1e-9)
            share = np.clip(((here - start) * along).sum(1) / length, 0.0, 1.0)
            gap = float(((start + along * share[:, None] - here) ** 2).sum(1).min())
            if gap <= closest:
                best, closest = number, gap
        return best

    def crossed(self, a: Point, b: Point) -> list[int]:
        """The wires that a straight stroke crosses, by number."""
        p, q = np.array(a), np.array(b)
        found = []
        for number in self.within(between(a, b)):
            start, end = self._points[number][:-1], self._points[number][1:]
            apart = (_side(p, q, start) > 0) != (_side(p, q, end) > 0)
            d = end - start
            one = d[:, 0] * (p[1] - start[:, 1]) - d[:, 1] * (p[0] - start[:, 0])
            two = d[:, 0] * (q[1] - start[:, 1]) - d[:, 1] * (q[0] - start[:, 0])
            if bool((apart & ((one > 0) != (two > 0))).any()):
                found.append(number)
        return found


def _side(p: Floats, q: Floats, points: Floats) -> Floats:
    d = q - p
    side: Floats = d[0] * (points[:, 1] - p[1]) - d[1] * (points[:, 0] - p[0])
    return side
