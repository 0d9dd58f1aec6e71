"""Where the world's room puts things: the ring, its blocks, the gallery; and what it reads of a document."""

from __future__ import annotations

from itertools import pairwise
from math import pi
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.editor.canvas.camera import Rect
from app.editor.heard.world import Exhibit
from app.editor.world.contract import contract_of
from app.editor.world.exhibit_art import words_of
from app.editor.world.figures import is_shape, numbers, said
from app.editor.world.ring import laid_out
from app.editor.world.room import Hanging, divided
from app.editor.world.sheet import sheet_path, write_sheet
from app.editor.world.textures import SMALL, opened
from graphs.spec.document import Document
from graphs.spec.state import BLOCKS
from graphs.store import read_template
from tests.live.worlds import CYCLE, small_world

WORLD = contract_of(small_world())
DIGITS = Path(__file__).parents[2] / "assets" / "templates" / "digits-world.json"
sizes = st.tuples(st.floats(320, 3000), st.floats(280, 2000))


def png(size: int) -> bytes:
    from io import BytesIO

    held = BytesIO()
    Image.new("RGB", (size, size), "white").save(held, "PNG")
    return held.getvalue()


def test_a_document_says_what_its_world_is():
    world = contract_of(read_template(DIGITS).document())
    assert [stage.name for stage in world.stages] == list(CYCLE)
    assert [stage.label for stage in world.stages][2:4] == ["Update", "Development"]
    assert world.stage("author").fills == ("events",)
    assert world.stage("update").needs == BLOCKS
    assert world.makers == ("architect", "creator")
    assert world.hears
    assert (world.kind("artefacts.image"), world.kind("content.counts")) == ("image", "json")
    assert contract_of(Document()) is None
    assert not WORLD.hears


@given(sizes)
def test_everything_on_the_ring_is_inside_and_apart(size):
    room = Rect(0, 0, *size)
    ring = laid_out(WORLD, room)
    spots = [*ring.stages, *ring.blocks]
    for spot in spots:
        grown = Rect(spot.at.x, spot.at.y, 0, 0).grown(spot.radius)
        assert room.grown(0.01).covers(grown)
        assert ring.hit(*spot.at) == spot
    for n, a in enumerate(spots):
        for b in spots[n + 1 :]:
            apart = ((a.at.x - b.at.x) ** 2 + (a.at.y - b.at.y) ** 2) ** 0.5
            assert apart > a.radius + b.radius
    assert ring.hit(*ring.middle) == ring.content
    assert ring.hit(-50, -50) is None


def test_stages_go_round_in_order_and_blocks_stand_behind_who_fills_them():
    ring = laid_out(WORLD, Rect(0, 0, 800, 640))
    angles = [spot.angle for spot in ring.stages]
    assert [spot.name for spot in ring.stages] == list(CYCLE)
    assert all(b - a == pytest.approx(2 * pi / 6) for a, b in pairwise(angles))
    assert ring.stages[0].at.x == pytest.approx(ring.middle.x)
    assert ring.stages[0].at.y < ring.middle.y
    fillers = dict(zip(("philosopher", "author", "development", "architect", "creator"),
                       ("description", "events", "intent", "configuration", "artefacts"),
                       strict=True))  # fmt: skip
    for stage, block in fillers.items():
        before = ring.spot("stage", stage).angle
        assert 0 < ring.spot("block", block).angle - before < 2 * pi / 6


@given(sizes, st.integers(0, 60), st.booleans(), st.floats(0, 1))
def test_the_gallery_shows_what_it_says_it_shows(size, count, wall, share):
    room = divided(*size, wall)
    assert room.gallery.bottom <= size[1] + 0.01
    if not room.gallery.height:
        return
    hanging = Hanging(room.gallery, count, "wall" if wall else "strip")
    moved = Hanging(hanging.area, count, hanging.hung, hanging.most * share)
    seen = dict(moved.seen())
    for place in range(count):
        rect = moved.rect(place)
        inside = moved.inside
        if inside.holds(*rect.centre):
            assert place in seen
            assert moved.hit(*rect.centre) == place
    end = Hanging(hanging.area, count, hanging.hung, hanging.most)
    if count:
        last = end.rect(count - 1)
        assert last.right <= end.inside.right or last.width > end.inside.width
        assert wall is False or last.bottom <= end.inside.bottom or last.height > end.inside.height


def test_words_are_read_for_people():
    assert numbers("[0, 2, 3.5]") == [0, 2, 3.5]
    assert numbers("[7]") is None
    assert numbers('["a", "b"]') is None
    assert numbers("[broken") is None
    assert (said("[-0.25]"), said("[1, 2]"), said("a 7")) == ("-0.25", "[1, 2]", "a 7")
    assert is_shape("float32 (1, 1, 8, 8)")
    assert not is_shape("seven (7)")
    words = {
        "intent.text": "a 7",
        "events.text": "A seven came.",
        "artefacts.image": "float32 (1,)",
    }
    shown = [(block, text) for block, _, text in words_of(Exhibit(1, 0, words=words))]
    assert shown == [("intent", "a 7"), ("description", ""), ("events", "A seven came.")]


def test_small_pictures_are_drawn_larger_and_broken_ones_not_at_all():
    picture = opened(png(8))
    assert picture is not None
    assert picture.size == (SMALL, SMALL)
    assert opened(b"no picture") is None


def test_the_gallery_is_saved_as_one_picture_that_hides_no_other(tmp_path):
    exhibit = Exhibit(1, 0, "more sevens", {"intent.text": "a 7"}, {"artefacts.image": png(8)})
    blank = Exhibit(2, 1)
    where = sheet_path(tmp_path / "digits.json")
    path = write_sheet(where, "Digits", [exhibit, blank, exhibit])
    with Image.open(path) as sheet:
        assert sheet.width > sheet.height
    assert sheet_path(tmp_path / "digits.json").name == "digits-gallery-2.png"
    assert write_sheet(tmp_path / "named", "", [exhibit]).name == "named.png"
