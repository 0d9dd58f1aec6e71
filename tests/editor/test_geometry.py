"""The camera, the grid, wires as curves, snapping and aligning: checked against plain definitions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editor.canvas.aligning import aligned, distributed, snapped
from app.editor.canvas.camera import (
    FARTHEST,
    NEAREST,
    Camera,
    Point,
    Rect,
    around,
    between,
    fitted,
    minimap,
)
from app.editor.canvas.curves import FEW, Curves, pieces, sampled
from app.editor.canvas.grid import Grid

numbers = st.floats(-5000, 5000)
sizes = st.floats(1, 900)
points = st.builds(Point, numbers, numbers)
rects = st.builds(Rect, numbers, numbers, sizes, sizes)
cameras = st.builds(Camera, numbers, numbers, st.floats(FARTHEST, NEAREST))


@given(cameras, points)
def test_what_is_seen_there_is_there(camera, spot):
    assert camera.to_world(*camera.to_screen(*spot)) == pytest.approx(spot, abs=1e-6)


@given(cameras, points, st.floats(0.1, 10))
def test_zooming_keeps_what_is_under_the_cursor(camera, cursor, factor):
    before = camera.to_world(*cursor)
    zoomed = camera.zoomed(factor, cursor)
    assert zoomed.to_world(*cursor) == pytest.approx(before, abs=1e-4)
    assert FARTHEST <= zoomed.zoom <= NEAREST


@given(rects, st.floats(300, 2000), st.floats(300, 2000))
def test_fitting_shows_all_in_the_middle(rect, width, height):
    view = fitted(rect, width, height).view(width, height)
    assert view.centre == pytest.approx(rect.centre, abs=1e-6)
    assert view.grown(1e-6).covers(rect)


@given(rects, points)
def test_the_minimap_gives_back_the_place_that_was_pressed(world, spot):
    small = minimap(world, 1200, 800)
    seen = small.to_screen(Rect(*spot, 0, 0))
    assert small.to_world(seen.x, seen.y) == pytest.approx(spot, abs=1e-6)
    assert small.box.grown(0.01).covers(small.to_screen(world))


@given(st.lists(rects, max_size=40), st.lists(st.integers(0, 39), max_size=10), rects, points)
def test_the_grid_finds_what_looking_at_all_finds(placed, moved, area, spot):
    grid, truth = Grid(), {}
    for number, rect in enumerate(placed):
        grid.put(str(number), rect)
        truth[str(number)] = rect
    for number in moved:
        if str(number) in truth:
            if number % 2:
                grid.drop(str(number))
                del truth[str(number)]
            else:
                truth[str(number)] = truth[str(number)].moved(700, -300)
                grid.put(str(number), truth[str(number)])
    assert set(grid.within(area)) == {n for n, r in truth.items() if r.meets(area)}
    assert set(grid.at(*spot)) == {n for n, r in truth.items() if r.holds(*spot)}


@given(points, points, st.lists(points, max_size=3))
def test_a_wire_passes_its_ends_and_every_point_that_it_is_led_by(a, b, via):
    curve = sampled(pieces(a, b, via))
    for stop in (a, *via, b):
        gaps = (abs(p.x - stop.x) + abs(p.y - stop.y) for p in curve)
        assert min(gaps) == pytest.approx(0, abs=1e-6)


def test_the_nearest_wire_is_found_only_within_reach():
    curves = Curves()
    curves.put(3, pieces(Point(0, 0), Point(300, 0)))
    curves.put(40, pieces(Point(0, 50), Point(300, 50)))
    assert curves.nearest(150, 8, within=10) == 3
    assert curves.nearest(150, 45, within=10) == 40
    assert curves.nearest(150, 25, within=10) is None
    curves.drop(3)
    assert curves.nearest(150, 8, within=10) is None


@given(st.lists(st.tuples(points, points), max_size=12), points, points, st.integers(0, 9))
def test_many_wires_are_found_as_few_are(wires, a, b, gone):
    few, many = Curves(), Curves()
    for number in range(1000, 1000 + FEW + 1):  # far from all others
        many.put(number, pieces(Point(9e6, 9e6), Point(9e6, 9e6)))
    for curves in (few, many):
        for number, (start, end) in enumerate(wires):
            curves.put(number, pieces(start, end))
            curves.within(between(a, b))
        curves.drop(gone)
    many.put(5000, pieces(a, b))
    few.put(5000, pieces(a, b))
    assert set(few.within(between(a, b))) == set(many.within(between(a, b)))
    assert few.nearest(*a, within=9) == many.nearest(*a, within=9)


@given(st.lists(st.tuples(points, points), max_size=12), points, points)
def test_a_stroke_crosses_what_its_straight_segments_cross(wires, a, b):
    curves = Curves()
    for number, (start, end) in enumerate(wires):
        curves.put(number, pieces(start, end))
    found = set(curves.crossed(a, b))
    assert found <= set(curves.within(between(a, b)))
    for number, (start, end) in enumerate(wires):
        points_ = [Point(*map(float, p)) for p in sampled(pieces(start, end))]
        crossing = any(_cross(a, b, p, q) for p, q in pairwise(points_))
        if crossing:
            assert number in found


def _cross(a: Point, b: Point, p: Point, q: Point) -> bool:
    """Whether two segments cross, not counting touching. Source: the orientation test."""

    def turn(o: Point, u: Point, v: Point) -> float:
        return (u.x - o.x) * (v.y - o.y) - (u.y - o.y) * (v.x - o.x)

    one, two, three, four = turn(a, b, p), turn(a, b, q), turn(p, q, a), turn(p, q, b)
    tiny = 1e-6
    return (
        (one > tiny) != (two > tiny)
        and (three > tiny) != (four > tiny)
        and min(map(abs, (one, two, three, four))) > tiny
    )


@given(rects, st.lists(rects, max_size=6))
def test_snapping_moves_no_farther_than_its_reach_or_half_a_step(box, others):
    snap = snapped(box, others, 8)
    assert abs(snap.dx) <= 8.001
    assert abs(snap.dy) <= 8.001


def test_snapping_brings_edges_in_line_and_says_along_which_line():
    snap = snapped(Rect(3, 200, 100, 50), [Rect(0, 0, 140, 60)], 8)
    assert (snap.dx, snap.dy) == (-3, 0)
    assert snap.guides[0][:2] == (True, 0)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), rects, min_size=1, max_size=6))
def test_aligning_brings_an_edge_together_and_leaves_the_other_axis(found):
    for side, axis, edge in (
        ("left", 0, 0.0),
        ("right", 0, 1.0),
        ("top", 1, 0.0),
        ("bottom", 1, 1.0),
    ):
        places = aligned(found, side)
        ends = [places[n][axis] + edge * found[n][axis + 2] for n in found]
        assert max(ends) == pytest.approx(min(ends))
        assert all(places[n][1 - axis] == found[n][1 - axis] for n in found)


@given(st.lists(rects, min_size=3, max_size=6))
def test_distributing_makes_all_gaps_equal(found):
    named = {str(n): r for n, r in enumerate(found)}
    places = distributed(named, "across")
    line = sorted(named, key=lambda n: (named[n].centre.x, n))
    gaps = [places[b].x - places[a].x - named[a].width for a, b in pairwise(line)]
    assert max(gaps) == pytest.approx(min(gaps), abs=1e-6)


def test_around_nothing_is_nothing():
    assert around([]) is None
    assert fitted(None, 400, 300).view(400, 300).holds(0, 0)
