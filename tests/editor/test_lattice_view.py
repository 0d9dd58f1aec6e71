"""The lattice viewer without a window: where places are seen, which moment, what light falls where."""

from __future__ import annotations

from math import pi

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editor.canvas.camera import Rect
from app.editor.colours import DARK, LIGHT
from app.editor.lattice.glow import Inks, Light, glow, placed
from app.editor.lattice.orbit import TALL, WIDE, Orbit
from app.editor.lattice.reel import HOLD, Reel
from app.editor.lattice.room import TILES, room
from app.lattice.story import Story

VIEW = Rect(0, 0, 300, 200)
sizes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60))
orbits = st.builds(Orbit, st.floats(0, 6.2), st.floats(-1.5, 1.5))


def story(steps: int = 2) -> Story:
    """Three slots in a box of 3 x 3 x 3: one goes straight, one dies at once, one is born later."""
    place = np.zeros((steps + 1, 3, 3))
    place[:, 0] = [[1, 1, z] for z in range(steps + 1)]
    place[1:, 2] = [2, 2, 1]
    flowing = np.array([[True, True, False]] + [[True, False, True]] * steps)
    flowing[-1] = False
    arrived = np.zeros_like(flowing)
    arrived[-1, 0] = True
    age = np.cumsum(flowing, axis=0) - 1.0
    energy = np.ones((steps + 1, 3))
    return Story((3, 3, 3), place, energy, age, flowing, arrived, np.array([0, 0, 1]))


@given(sizes, orbits)
def test_the_middle_of_the_box_is_the_middle_of_the_view(size, orbit) -> None:
    middle = [(n - 1) / 2 for n in size]
    assert orbit.onto(size, VIEW).at(*middle) == pytest.approx(VIEW.centre)


@given(sizes)
def test_at_first_the_whole_box_is_seen_with_its_output_to_the_right(size) -> None:
    flat = Orbit().onto(size, VIEW)
    ends = [[-0.5 if n > 1 else 0, n - 0.5 if n > 1 else 0] for n in size[:2]]
    for x in ends[0]:
        for y in ends[1]:
            near, far = flat.at(x, y, 0), flat.at(x, y, size[2] - 1)
            assert size[2] == 1 or near[0] < far[0]
            if min(size[:2]) > 8:  # half a cell more at each side is much of a small face
                assert VIEW.holds(*near)
                assert VIEW.holds(*far)


@given(sizes, orbits, st.floats(-500, 500), st.floats(-500, 500))
def test_a_turned_box_keeps_its_form(size, orbit, dx, dy) -> None:
    """Lengths in the room do not change, so the three axes keep the sum of their squares."""

    def length(of: Orbit, axis: int) -> float:
        flat = of.onto(size, VIEW)
        scale = of.zoom * min(VIEW.width / WIDE, VIEW.height / TALL)
        return (
            (flat.right[axis] / scale) ** 2 + (flat.down[axis] / scale) ** 2 + flat.deep[axis] ** 2
        )

    turned = orbit.turned(dx, dy)
    assert abs(turned.pitch) < pi / 2
    for axis in range(3):
        assert length(turned, axis) == pytest.approx(length(orbit, axis), rel=1e-6)


def test_nearer_and_back_is_where_it_was_and_nothing_is_endless() -> None:
    assert Orbit().nearer(3).nearer(-3).zoom == pytest.approx(1)
    assert Orbit().nearer(1000).zoom == 6
    assert Orbit().nearer(-1000).zoom == 0.35


def test_a_reel_plays_to_its_end_holds_and_begins_again() -> None:
    reel = Reel(steps=2, speed=2.0)
    reel.pass_(0.5)
    assert reel.moment == 1
    reel.pass_(0.6)
    assert reel.moment == 2
    reel.pass_(HOLD)
    assert reel.moment == 0


def test_steps_go_to_whole_moments_and_stand() -> None:
    reel = Reel(steps=3, moment=1.4)
    reel.step(1)
    assert (reel.moment, reel.playing) == (2, False)
    reel.moment = 1.4
    reel.step(-1)
    assert reel.moment == 1
    reel.step(-1)
    reel.step(-1)
    assert reel.moment == 0
    reel.seek(9)
    assert reel.moment == 3
    reel.toggle()
    assert (reel.playing, reel.moment) == (True, 0)


def test_a_shorter_story_ends_the_moment_where_it_ends() -> None:
    reel = Reel(steps=9, moment=7.5)
    reel.load(4)
    assert (reel.steps, reel.moment) == (4, 4)


@pytest.mark.parametrize("size", [(1200, 200), (420, 640), (700, 300), (300, 260), (90, 60)])
def test_no_picture_lies_on_the_view_or_on_another(size) -> None:
    found = room(*size)
    assert set(found.tiles) == set(TILES)
    boxes = [found.view, *found.tiles.values()]
    if min(size) > 200:
        for number, box in enumerate(boxes):
            assert not any(box.meets(other) for other in boxes[number + 1 :])
            assert box.right <= size[0] + 1
            assert box.bottom <= size[1] + 1


def test_between_two_moments_flows_are_on_their_way_and_the_newborn_wait() -> None:
    places, real = placed(story(), 0.5)
    assert places[0].tolist() == [1, 1, 0.5]
    assert real.tolist() == [True, True, False]  # the third is not born yet
    places, real = placed(story(), 2.0)
    assert places[0].tolist() == [1, 1, 2]


def inks(theme=DARK) -> Inks:
    return Inks(theme.heat, theme.frames, theme.good, theme.warning, theme is DARK)


def light_at(picture, flat, place) -> float:
    x, y = (int(n) for n in flat.at(*place))
    return float(picture[y - 2 : y + 3, x - 2 : x + 3, 3].max())


def test_light_falls_where_flows_are_and_nowhere_else() -> None:
    flat = Orbit().onto((3, 3, 3), VIEW)
    picture = glow(story(), 0.5, flat, Light(300, 200), "energy", inks(), 2.0)
    assert picture.shape == (200, 300, 4)
    assert light_at(picture, flat, (1, 1, 0.5)) > 0.7
    assert light_at(picture, flat, (2, 2, 1)) == 0
    assert 0 <= picture.min() <= picture.max() <= 1
    assert (picture[..., 3] > 0).mean() < 0.02


def test_births_flash_in_their_colour_and_the_dying_fade() -> None:
    flat = Orbit().onto((3, 3, 3), VIEW)
    born = glow(story(), 1.05, flat, Light(300, 200), "age", inks(), 2.0)
    assert light_at(born, flat, (2, 2, 1)) > 0.5
    x, y = (int(n) for n in flat.at(2, 2, 1))
    halo = born[y - 3, x, :3]
    assert halo * 255 == pytest.approx(DARK.good[:3], abs=2)
    early, late = (
        light_at(glow(story(), m, flat, Light(300, 200), "energy", inks(), 2.0), flat, (0, 0, 0))
        for m in (0.1, 0.9)
    )
    assert early > 2 * late


def test_samples_have_colours_of_their_own() -> None:
    flat = Orbit().onto((3, 3, 3), VIEW)
    picture = glow(story(), 1.9, flat, Light(300, 200), "sample", inks(LIGHT), 2.0)
    for place, sample in (((1, 1, 1.9), 0), ((2, 2, 1), 1)):
        x, y = (int(n) for n in flat.at(*place))
        assert picture[y, x, :3] * 255 == pytest.approx(LIGHT.frames[sample][:3], abs=2)


def test_a_story_without_steps_and_one_beyond_the_picture_are_drawn() -> None:
    still = story().only(np.array([0]))
    still = Story(still.size, *(p[:1] for p in (still.place, still.energy, still.age, still.flowing,
                                                still.arrived)), still.sample)  # fmt: skip
    flat = Orbit().onto((3, 3, 3), VIEW)
    assert glow(still, 0.0, flat, Light(300, 200), "energy", inks(), 2.0)[..., 3].max() > 0.5
    far = Orbit(zoom=6).onto((3, 3, 3), Rect(-4000, 0, 300, 200))
    assert glow(story(), 0.5, far, Light(300, 200), "energy", inks(), 2.0)[..., 3].max() == 0
