"""Viewers against hand calculation and numpy; writers: what is in the file, and where it may be."""

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from graphs.live import Block, Run
from graphs.spec.problems import FileError
from nodes.view.grid import LINE, ImageGrid
from nodes.view.numbers import Histogram, TensorStats
from nodes.view.text import Table, TextView
from nodes.view.writers import WriteArray, WriteCSV, WriteImage, WriteText


def test_grid_of_three_pixels_by_hand() -> None:
    images = torch.tensor([0.0, 0.5, 2.0]).view(3, 1, 1, 1)
    picture = ImageGrid(columns=2)(images=images)
    assert picture[..., 0].tolist() == [[0, 0, 128], [0, 0, 0], [255, 0, 0]]


def test_grid_shows_colours_in_their_range_and_nan_as_black() -> None:
    pixel = torch.tensor([-1.0, 1.0, float("nan")]).view(1, 3, 1, 1)
    picture = ImageGrid(low=-1, scale=2)(images=pixel)
    assert picture.tolist() == [[[0, 255, 0]] * 2] * 2


def test_grid_writes_labels_under_images() -> None:
    images = torch.zeros(2, 1, 8, 8)
    picture = ImageGrid(columns=2)(images=images, labels=torch.tensor([1, 7]))
    assert picture.shape == (8 + LINE, 17, 3)
    left, right = picture[8:, :8], picture[8:, 9:]
    assert left.any()
    assert not left.equal(right)


def test_grid_refuses_what_is_no_image() -> None:
    for wrong in (torch.zeros(2, 4, 8, 8), torch.zeros(0, 1, 8, 8)):
        with pytest.raises(ValueError, match="images must have the shape"):
            ImageGrid()(images=wrong)
    with pytest.raises(ValueError, match="low must be below high"):
        ImageGrid(low=1, high=1)


finite_or_nan = st.floats(-100, 100, width=32) | st.just(float("nan"))


@given(arrays.arrays(np.float32, st.integers(1, 30), elements=finite_or_nan))
@settings(max_examples=60, deadline=None)
def test_stats_and_histogram_agree_with_numpy(x: np.ndarray) -> None:
    stats = TensorStats()(x=torch.from_numpy(x))
    known = x[~np.isnan(x)]
    assert stats.nan_share.item() == pytest.approx(np.isnan(x).mean())
    if len(known) == 0:
        assert all(value.isnan() for value in stats[:4])
    else:
        expected = [known.mean(), known.std(), known.min(), known.max()]
        np.testing.assert_allclose([float(v) for v in stats[:4]], expected, rtol=1e-3, atol=1e-3)
    bars = Histogram(bins=7, limits=(-50, 50), height=10, bar=2)(x=torch.from_numpy(x))
    counts, edges = np.histogram(known.astype(np.float64), 7, (-50, 50))
    assert bars.counts.tolist() == counts.tolist()
    np.testing.assert_allclose(bars.edges.numpy(), edges, rtol=1e-6)
    assert Histogram(bins=5)(x=torch.from_numpy(x)).counts.sum() == len(known)


def test_the_tallest_bar_fills_the_picture() -> None:
    bars = Histogram(bins=2, limits=(0, 2), height=4, bar=1)(x=torch.tensor([0.5, 1.5, 1.6]))
    assert bars.picture[..., 0].tolist() == [[0, 255], [0, 255], [255, 255], [255, 255]]


def test_text_view_cuts_long_text_and_says_so() -> None:
    assert TextView(limit=3)(x="abcdef") == "abc\n... and 3 characters more"
    assert TextView()(x={"b": 1, "a": [2]}) == "{'b': 1, 'a': [2]}"


def test_table_fills_short_columns_and_cuts_long_ones() -> None:
    text = Table(limit=2, digits=2)(x={"loss": torch.tensor([0.123, 4.0, 5.0]), "n": 1})
    assert text.split("\n") == ["loss | n", "-----+--", "0.12 | 1", "4    |", "... and 1 rows more"]


@pytest.mark.parametrize("writer", [WriteImage, WriteText, WriteArray, WriteCSV])
def test_a_path_out_of_the_output_directory_is_refused_when_built(writer: type[Block]) -> None:
    suffix = writer().path.rpartition(".")[2]  # type: ignore[call-arg, union-attr]
    for wrong in ("../a", "a/../../b", "/a", "\\a", "C:\\a", "C:a", "a\\..\\..\\b", "\\\\host\\a"):
        with pytest.raises(ValueError, match="path must lie inside the output directory"):
            writer(f"{wrong}.{suffix}")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="path must end in"):
        writer("a.exe")  # type: ignore[call-arg]


def test_a_link_out_of_the_output_directory_is_refused(tmp_path: Path) -> None:
    outside, output = tmp_path / "outside", tmp_path / "output"
    outside.mkdir()
    output.mkdir()
    (output / "link").symlink_to(outside)
    with pytest.raises(FileError, match="expected a file inside"):
        WriteText("link/a.txt")(x="a", run=Run(output=str(output)))
    assert not list(outside.iterdir())


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    run = Run(output=str(tmp_path))
    WriteText("a.txt")(x="old", run=run)
    with pytest.raises(UnicodeEncodeError):
        WriteText("a.txt")(x="half \ud800", run=run)
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(FileError, match=r"folder.txt: cannot be written"):
        WriteText("folder.txt")(x="new", run=run)
    assert (tmp_path / "a.txt").read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "folder.txt"]


def test_each_batch_may_have_its_own_file(tmp_path: Path) -> None:
    for position in range(2):
        run = Run(output=str(tmp_path), position=position)
        WriteText("deep/{position}.txt")(x=str(position), run=run)
    found = {p.name: p.read_text() for p in (tmp_path / "deep").iterdir()}
    assert found == {"000000.txt": "0", "000001.txt": "1"}


def test_written_pictures_are_what_was_given(tmp_path: Path) -> None:
    run = Run(output=str(tmp_path))
    picture = torch.randint(256, (4, 5, 3), dtype=torch.uint8)
    path = WriteImage("p.png")(x=picture, run=run)
    assert np.array_equal(np.array(Image.open(path)), picture.numpy())
    batch = torch.rand(4, 3, 6, 6)
    path = WriteImage("b.png")(x=batch, run=run)
    assert np.array_equal(np.array(Image.open(path)), ImageGrid()(images=batch).numpy())
    with pytest.raises(ValueError, match="images must have the shape"):
        WriteImage("c.png")(x=torch.zeros(3), run=run)
    assert not (tmp_path / "c.png").exists()


def test_written_arrays_are_what_was_given_whatever_the_node_is_called(tmp_path: Path) -> None:
    given_arrays = {
        "file": torch.randn(2, 3),
        "ids": torch.arange(3),
        "half": torch.ones(2).bfloat16(),
    }
    path = WriteArray("a.npz")(x=given_arrays, run=Run(output=str(tmp_path)))
    with np.load(path, allow_pickle=False) as found:
        assert sorted(found) == ["file", "half", "ids"]
        for name, array in given_arrays.items():
            assert np.array_equal(found[name], array.float().numpy())


def test_written_tables_read_back(tmp_path: Path) -> None:
    x = torch.tensor([0.1, 1 / 3])
    path = WriteCSV("t.csv")(x={"x": x, "name": ["a,b", 'c"d']}, run=Run(output=str(tmp_path)))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["a,b", 'c"d']
    assert torch.tensor([float(row["x"]) for row in rows]).equal(x)
