"""What strangers' JSON may and may not do, and that our own is byte-stable."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.problems import FileError
from graphs.store.jsonfile import DEPTH, format_json, parse_json, read_json, write_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs",)))
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(PLAIN, st.booleans())
def test_what_is_written_is_read_back_and_writes_the_same_bytes(value: Any, compact: bool) -> None:
    data = format_json(value, "here", compact)
    again = parse_json(data, "here")
    assert again == value
    assert format_json(again, "here", compact) == data


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_file_error(data: bytes) -> None:
    said = ""
    try:
        parse_json(data, "here")
    except FileError as error:
        said = str(error)
    assert not said or ("here: expected" in said and "→" in said)


@given(PLAIN, st.data())
def test_cut_json_is_a_file_error_or_another_value(value: Any, data: st.DataObject) -> None:
    whole = format_json({"value": value}, "here")
    cut = data.draw(st.integers(0, len(whole) - 3))  # the last two bytes are "}\n"
    with pytest.raises(FileError):
        parse_json(whole[:cut], "here")


def test_keys_are_read_in_order_whatever_the_order_in_the_file() -> None:
    assert list(parse_json(b'{"b": 1, "a": {"d": 1, "c": 2}}', "here")) == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"[" * 1_000_000, "nested"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b'{"a": 1, "b": 2, "a": 1}', "'a' twice"),
        (b'{"a": {"x": 1, "x": 2}}', "'x' twice"),
        (b"[NaN]", "finite"),
        (b"[-Infinity]", "finite"),
        (b"[1e999]", "finite"),
        (b"9" * 5000, "sane length"),
        (b'"\\ud800"', "UTF-8"),
        (b'"\xff"', "UTF-8"),
        ('"ä"'.encode("utf-16"), "UTF-8"),
        (b"", "end of the file"),
        (b'{"a": 1,}', "line 1, column"),
        (b'{"a": 1} x', "line 1, column 10"),
    ],
)
def test_hostile_json_is_refused_in_plain_words(data: bytes, says: str) -> None:
    with pytest.raises(FileError, match=says) as caught:
        parse_json(data, "here")
    assert "→" in str(caught.value)
    assert len(str(caught.value)) < 1000


def test_brackets_inside_text_are_no_nesting() -> None:
    text = "[" * 10_000 + '\\"{'
    assert parse_json(format_json([text], "here"), "here") == [text]


def test_the_deepest_value_that_can_be_written_can_be_read() -> None:
    value: Any = 1
    for _ in range(DEPTH):
        value = [value]
    assert parse_json(format_json(value, "here"), "here") == value
    with pytest.raises(FileError, match="nested"):
        format_json([value], "here")


def test_a_file_over_the_limit_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    path.write_bytes(b" " * 101)
    with pytest.raises(FileError, match="at most 100 bytes"):
        read_json(path, limit=100)


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object(), b"x", {"a": "\ud800"}])
def test_what_is_no_plain_data_is_not_written(value: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"old": 1})
    with pytest.raises(FileError, match=r"a\.json"):
        write_json(path, {"v": value})
    assert read_json(path) == {"old": 1}


def test_folders_missing_files_and_pipes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a folder"):
        read_json(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        read_json(tmp_path / "none.json")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileError, match="pipe"):
        read_json(tmp_path / "pipe")


def test_a_byte_order_mark_of_some_editors_is_read() -> None:
    assert parse_json("\ufeff[1]".encode(), "here") == [1]
