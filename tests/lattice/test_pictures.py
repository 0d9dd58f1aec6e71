"""What `worldloom lattice show` writes."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.errors import UsageError
from app.lattice.film import film
from app.lattice.scene import Scene, channels, packed, unpacked
from app.lattice.sheet import sheet
from app.lattice.show import show
from app.lattice.story import Story
from app.workspace import Workspace
from graphs.spec.document import Document
from nodes.lattice.presets import lattice
from tests.lattice.boxes import D_IN, D_OUT, embedding, spec_of, world


def story(depth: int = 4) -> Story:
    graph = world(
        (3, 2, depth), seed=1, lively=0.4, spawn_threshold=0.0, advance=1.4, trace=True, budget=12
    )
    return Story.of(graph(x=embedding())["trajectory"], (1,))


def test_every_flow_is_accounted_for() -> None:
    told = story(7)
    held = (told.flowing | told.arrived).sum(axis=1)
    assert told.born.sum() > 0
    changes = told.born[1:].sum(axis=1) - told.died[1:].sum(axis=1)
    assert np.array_equal(np.diff(held), changes)
    assert told.came.sum() == told.arrived[-1].sum()


def test_lines_begin_where_flows_stand_and_grow_with_the_steps() -> None:
    told = story()
    lines, light = told.crossed(told.steps)
    assert len(lines) == len(light) == told.moved.sum()
    assert len(told.crossed(0)[0]) == 0
    assert (lines[:, 1, 2] > lines[:, 0, 2]).all()


def test_a_sheet_is_a_png_and_a_film_a_gif_of_all_moments() -> None:
    told = story(2)
    assert Image.open(io.BytesIO(sheet(told, "box"))).size == (1485, 946)
    made = Image.open(io.BytesIO(film(told, "box")))
    assert made.n_frames >= 5 * told.steps


def test_show_draws_a_document_whose_lattice_nothing_feeds(tmp_path: Path) -> None:
    node = lattice(D_IN, D_OUT, (3, 2, 3), hidden=8, layers=1)
    work = Workspace(tmp_path / "box.json", Document(root=spec_of(node)))
    files = show(work, tmp_path / "pictures", animate=False)
    assert [path.name for path in files.values()] == ["lattice.png"]
    with pytest.raises(UsageError, match=r"there is no lattice 'latice'.*lattice"):
        show(work, tmp_path, node="latice")


def test_a_scene_travels_as_bytes_and_counts_every_flow_of_every_sample() -> None:
    graph = world(
        (3, 2, 6), seed=1, lively=0.4, spawn_threshold=0.0, advance=1.4, trace=True, budget=12
    )
    path = graph(x=embedding(6))["trajectory"]
    sent = Scene.of(path)
    scene = unpacked(*packed(sent))
    assert scene.samples == 6
    assert set(scene.story.sample.tolist()) == {0, 1, 2, 3}  # of which four are drawn
    assert np.allclose(scene.story.place, sent.story.place, atol=0.01)
    assert np.array_equal(scene.story.born, sent.story.born)
    assert np.array_equal(scene.counts[0], [6, 0, 0, 0])
    whole = Story.of(path, range(6))
    assert scene.counts[:, 1].sum() * 6 == pytest.approx(whole.born.sum())
    assert scene.landed.sum() * 6 == pytest.approx(whole.arrived[-1].sum(), rel=1e-3)
    assert scene.spread.sum() * 6 == pytest.approx(whole.there.sum())
    data, blob = packed(sent)
    with pytest.raises(ValueError, match="bytes of a trajectory"):
        unpacked(data, blob + b"!")


def test_channels_are_the_ways_that_most_flows_took() -> None:
    place = np.zeros((3, 4, 3))
    place[1] = [[0, 0, 1], [0, 0, 1], [1, 0, 1], [0, 0, 1]]
    place[2, :, 2] = 2
    there = np.ones((3, 4), bool)
    told = Story((2, 1, 3), place, np.ones((3, 4)), np.arange(3)[:, None] + np.zeros((3, 4)),
                 there, ~there, np.zeros(4, int))  # fmt: skip
    assert channels(told)[:2].tolist() == [[0, 0, 0, 0, 0, 1, 1.0], [0, 0, 1, 0, 0, 2, 1.0]]
    assert channels(told)[2:, 6].tolist() == [1 / 3, 1 / 3]
