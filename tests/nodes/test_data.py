"""Sources: what they read, which rows a split has, and what they say when a file is wrong."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.datasets import load_digits
from torch._subclasses.fake_tensor import FakeTensorMode

from graphs.live import Run, Source
from graphs.spec.problems import FileError
from nodes.data.arrays import ArrayFile
from nodes.data.digits import Digits, slanted
from nodes.data.images import ImageFolder
from nodes.data.made import Counter, Labels, RandomTensor
from nodes.data.tables import CSVTable
from nodes.data.text import TextBytes

ALL = Run(split="all", batch=2000)


def test_digits_are_those_of_scikit_learn() -> None:
    pixels, labels = load_digits(return_X_y=True)
    found = Digits()(run=ALL)
    assert np.array_equal(found.image.reshape(-1, 64).numpy() * 16, pixels)
    assert np.array_equal(found.label.numpy(), labels)
    assert (found.image.min(), found.image.max()) == (0, 1)


def test_digits_look_changes_but_not_which_rows_a_split_has() -> None:
    plain, changed = Digits(), Digits(range="symmetric", invert=True, slant=0.5)
    run = Run(split="test", batch=8)
    assert plain.index("test").equal(changed.index("test"))
    assert plain(run=run).label.equal(changed(run=run).label)
    assert not plain.index("test").equal(Digits(split_seed=1).index("test"))
    upright = Digits(range="symmetric", invert=True)(run=run).image
    assert upright.equal(1 - 2 * plain(run=run).image)


def test_train_and_test_rows_share_nothing_and_are_all() -> None:
    source = Digits(held_out=0.25)
    train, test = source.index("train"), source.index("test")
    assert len(test) == 449  # a quarter of 1797
    assert torch.cat([train, test]).sort().values.equal(source.index("all"))


def test_a_slant_of_one_moves_each_row_one_pixel_further() -> None:
    line = torch.zeros(1, 1, 3, 3)
    line[..., 1] = 1.0
    assert slanted(line, 1.0)[0, 0].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert slanted(line, 0.5)[0, 0].tolist() == [[0, 0.5, 0.5], [0, 1, 0], [0.5, 0.5, 0]]
    assert slanted(line, 9.0)[0, 0].sum() == 1.0  # what leaves the frame is lost


def test_shapes_without_data_leave_the_data_real() -> None:
    source = Digits()
    with FakeTensorMode(allow_non_fake_inputs=True):
        source(run=Run(batch=2))
    assert source(run=Run(batch=2)).label.tolist() == Digits()(run=Run(batch=2)).label.tolist()


def test_array_file_gives_rows_of_npy_and_npz(tmp_path: Path) -> None:
    values = np.arange(20.0).reshape(10, 2)
    np.save(tmp_path / "a.npy", values)
    np.savez(tmp_path / "a.npz", v=values, k=np.arange(10, dtype=np.uint8))
    npy = ArrayFile(str(tmp_path / "a.npy"))(run=ALL)
    npz = ArrayFile(str(tmp_path / "a.npz"), "v", "k")(run=ALL)
    assert npy.label is None
    assert npy.value.equal(npz.value)
    assert npy.value.equal(torch.from_numpy(values).float())
    assert npz.label is not None
    assert (npz.label.dtype, npz.label.tolist()) == (torch.int64, list(range(10)))


def test_array_file_says_what_is_wrong(tmp_path: Path) -> None:
    bundle = tmp_path / "a.npz"
    np.savez(bundle, value=np.zeros(3), other=np.zeros(2), words=np.array(["a"]))
    broken = tmp_path / "broken.npy"
    broken.write_bytes(b"no array")
    cases = [
        (ArrayFile(str(bundle), "valu"), "did you mean value"),
        (ArrayFile(str(bundle)), "it holds other, value, words"),
        (ArrayFile(str(bundle), "words"), "must hold rows of numbers"),
        (ArrayFile(str(bundle), "value", "other"), r"labels must have the shape \(3,\)"),
        (ArrayFile(str(broken)), "broken.npy: cannot be read"),
    ]
    for source, message in cases:
        with pytest.raises(FileError, match=message):
            source(run=ALL)


@pytest.mark.parametrize("kind", [ArrayFile, ImageFolder, TextBytes, CSVTable])
def test_a_missing_file_is_named_on_first_use_not_before(
    kind: type[Source], tmp_path: Path
) -> None:
    source = kind(str(tmp_path / "nowhere"))  # type: ignore[call-arg]
    with pytest.raises(
        FileError, match="nowhere: expected a file or folder to read, found nothing"
    ):
        source(run=Run())


@pytest.mark.parametrize("source", [Digits(), RandomTensor(), Counter(), Labels()])
def test_an_unknown_split_is_refused(source: Source) -> None:
    with pytest.raises(ValueError, match="no split 'valid'; there are train, test and all"):
        source(run=Run(split="valid"))


def test_image_folder_numbers_sorted_classes_and_crops_the_middle(tmp_path: Path) -> None:
    for name, colour in [("dog", "red"), ("cat", "blue")]:
        (tmp_path / name).mkdir()
        picture = Image.new("RGB", (30, 10), "white")
        picture.paste(colour, (10, 0, 20, 10))
        picture.save(tmp_path / name / "one.png")
    (tmp_path / "cat" / "note.txt").write_text("no picture")
    source = ImageFolder(str(tmp_path), size=10, range="symmetric")
    found = source(run=ALL)
    assert (source.classes, found.label.tolist()) == (("cat", "dog"), [0, 1])
    assert found.image[0].amin((1, 2)).tolist() == [-1, -1, 1]  # all of it blue
    assert found.image[0].amax((1, 2)).tolist() == [-1, -1, 1]
    assert found.image[1].amin((1, 2)).tolist() == [1, -1, -1]
    grey = ImageFolder(str(tmp_path), size=4, channels=1, fit="stretch")(run=ALL).image
    assert grey.shape == (2, 1, 4, 4)
    assert 0 <= grey.min() < grey.max() <= 1


def test_image_folder_names_a_broken_picture_and_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="expected pictures in a folder for each class"):
        ImageFolder(str(tmp_path))(run=ALL)
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "torn.png").write_bytes(b"\x89PNG\r\n")
    with pytest.raises(FileError, match=r"torn.png: cannot be read"):
        ImageFolder(str(tmp_path))(run=ALL)


@given(
    size=st.integers(5, 60),
    length=st.integers(1, 4),
    stride=st.integers(1, 5),
    held_out=st.floats(0, 0.9),
)
@settings(max_examples=40, deadline=None)
def test_no_window_crosses_from_training_into_the_held_out_text(
    size: int, length: int, stride: int, held_out: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("text") / "bytes.txt"
    path.write_bytes(bytes(range(size)))
    source = TextBytes(str(path), length, stride, held_out)
    seen: dict[str, set[int]] = {"train": set(), "test": set()}
    for split, places in seen.items():
        if source.count(split):
            found = source(run=Run(split=split, batch=100))
            assert found.tokens[:, 1:].equal(found.following[:, :-1])
            assert found.following.equal(found.tokens + 1)  # byte i of this file is i
            places.update(found.tokens.flatten().tolist(), found.following.flatten().tolist())
    cut = size - round(size * held_out)
    assert all(place < cut for place in seen["train"])
    assert all(place >= cut for place in seen["test"])


def test_a_file_shorter_than_a_window_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("abc")
    with pytest.raises(FileError, match=r"more than 3 bytes for one window .* got 3"):
        TextBytes(str(tmp_path / "short.txt"), length=3)(run=ALL)


@pytest.fixture
def pets(tmp_path: Path) -> str:
    rows = "".join(f"{i},{i * i},{'dog' if i % 2 else 'cat'},7\n" for i in range(20))
    path = tmp_path / "pets.csv"
    path.write_text("age,size,kind,legs\n" + rows)
    return str(path)


def test_table_features_are_standardised_by_train_rows_only(pets: str) -> None:
    source = CSVTable(pets, ("age", "size", "legs"), "kind")
    train, raw = (
        source(run=Run(batch=100)),
        CSVTable(pets, ("age", "size", "legs"), standardise=False),
    )
    kept = raw(run=Run(batch=100)).features.numpy()
    spread = kept.std(0)
    expected = (raw(run=ALL).features.numpy() - kept.mean(0)) / np.where(spread > 0, spread, 1)
    np.testing.assert_allclose(source(run=ALL).features.numpy(), expected, atol=1e-5)
    assert not train.features[:, 2].any()  # a constant column is 0, not nan


def test_table_targets_are_numbers_or_sorted_categories(pets: str) -> None:
    kind = CSVTable(pets, ("age",), "kind")
    assert kind(run=ALL).target.tolist() == [0, 1] * 10
    assert kind.classes == ("cat", "dog")
    size = CSVTable(pets, ("age",), "size")
    assert size(run=ALL).target.tolist() == [float(i * i) for i in range(20)]
    sorted_as_text = CSVTable(pets, ("age",), "legs", target_kind="category")
    assert (sorted_as_text.classes, sorted_as_text(run=ALL).target.sum().item()) == (("7",), 0)
    assert CSVTable(pets, ("age",))(run=ALL).target is None


def test_table_says_what_is_wrong(pets: str, tmp_path: Path) -> None:
    uneven = tmp_path / "uneven.csv"
    uneven.write_text("a,b\n1,2\n3\n")
    cases = [
        (CSVTable(pets, ("agee",)), "there is no column 'agee'.*did you mean age"),
        (CSVTable(pets, ("kind",)), "column 'kind', row 1: expected a number, got 'cat'"),
        (CSVTable(pets, ("age",), "kind", target_kind="number"), "expected a number, got 'cat'"),
        (CSVTable(str(uneven)), "row 2 must have 2 cells, got 1"),
    ]
    for source, message in cases:
        with pytest.raises(FileError, match=message):
            source(run=ALL)
    with pytest.raises(ValueError, match="delimiter is one character"):
        CSVTable(pets, delimiter="")


def test_random_rows_depend_on_seed_path_and_row_but_not_on_the_batch() -> None:
    source = RandomTensor((3,), count=10)
    whole = source(run=Run(split="all", batch=10))
    assert source(run=Run(split="all", batch=2, position=3)).equal(whole[6:8])
    assert not source(run=Run(split="all", batch=10, seed=1)).equal(whole)
    assert not source(run=Run(split="all", batch=10).at("other")).equal(whole)


def test_random_distributions_lie_where_they_say() -> None:
    run = Run(split="all", batch=400)
    normal = RandomTensor((50,), low=3, high=5, count=400)(run=run)
    uniform = RandomTensor((50,), "uniform", 2, 3, 400)(run=run)
    whole = RandomTensor((50,), "integers", -1, 2, 400)(run=run)
    assert normal.mean().item() == pytest.approx(3, abs=0.05)
    assert normal.std().item() == pytest.approx(2, abs=0.05)
    assert 2 <= uniform.min() < uniform.max() < 3
    assert (whole.dtype, whole.unique().tolist()) == (torch.int64, [-1, 0, 1])
    with pytest.raises(ValueError, match="low must be below high"):
        RandomTensor(low=1, high=1)
    with pytest.raises(ValueError, match="must be whole for integers"):
        RandomTensor(distribution="integers", high=1.5)


def test_labels_give_each_class_equally_often() -> None:
    found = Labels(10, each=10)(run=Run(batch=100))
    assert found.bincount().tolist() == [10] * 10
    assert found[:10].tolist() == list(range(10))
