"""Tensors survive their files bit by bit, and damaged files are refused."""

from __future__ import annotations

import json
import struct
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load as library_load
from torch import Tensor

from graphs.spec.problems import FileError
from graphs.store.digests import content_hash
from graphs.store.tensors import DTYPES, HEADER_LIMIT, read_metadata, read_tensors, write_tensors


def same(a: Tensor, b: Tensor) -> bool:
    if (a.dtype, a.shape) != (b.dtype, b.shape):
        return False
    return content_hash({"": a}) == content_hash({"": b})


def every_type() -> dict[str, Tensor]:
    seed = torch.arange(6).reshape(2, 3)
    found = {f"{name.lower()}.ü": seed.to(dtype) for dtype, name in DTYPES.items()}
    odd = {"scalar": torch.tensor(1.5), "empty": torch.zeros(0, 4), "": torch.tensor(True)}
    return found | odd | {"nan": torch.tensor([float("nan"), -0.0])}


def test_every_type_and_shape_survives(tmp_path: Path) -> None:
    path = tmp_path / "веса.safetensors"
    tensors = every_type()
    write_tensors(path, tensors, {"b": "б", "a": ""})
    found = read_tensors(path)
    assert found.keys() == tensors.keys()
    assert all(same(found[name], tensor) for name, tensor in tensors.items())
    assert read_metadata(path) == {"a": "", "b": "б"}
    assert content_hash(found) == content_hash(tensors)


def test_the_library_reads_our_files(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_tensors(path, every_type(), {"k": "v"})
    found = library_load(path.read_bytes())
    assert all(same(found[name], tensor) for name, tensor in every_type().items())


def test_equal_tensors_give_equal_bytes_in_any_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    write_tensors(one, every_type(), {"a": "1", "b": "2"})
    write_tensors(two, dict(reversed(every_type().items())), {"b": "2", "a": "1"})
    assert one.read_bytes() == two.read_bytes()


def test_views_strides_and_shared_memory_are_written_as_what_they_show(tmp_path: Path) -> None:
    base = torch.randn(4, 6)
    given = {
        "transposed": base.t(),
        "slice": base[1:3, ::2],
        "expanded": torch.ones(1).expand(5),
        "twice": base,
        "conjugate": torch.randn(3, dtype=torch.complex64).conj(),
        "parameter": torch.nn.Parameter(base.clone()),
    }
    write_tensors(tmp_path / "a", given)
    found = read_tensors(tmp_path / "a")
    assert all(torch.equal(found[name], tensor) for name, tensor in given.items())


def test_changing_a_tensor_does_not_change_its_file(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a", {"w": torch.zeros(1000)})
    read_tensors(tmp_path / "a")["w"].fill_(1)
    assert not read_tensors(tmp_path / "a")["w"].any()


def test_a_file_may_be_replaced_while_its_tensors_are_in_use(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a", {"w": torch.zeros(100_000)})
    old = read_tensors(tmp_path / "a")["w"]
    write_tensors(tmp_path / "a", {"w": torch.ones(10)})
    assert not old.any()


@pytest.mark.parametrize(
    ("tensor", "says"),
    [
        (torch.zeros(2, device="meta"), "meta"),
        (torch.eye(2).to_sparse(), "dense"),
        (torch.zeros(2, dtype=torch.complex128), "complex128"),
    ],
)
def test_what_has_no_place_in_a_file_is_refused(tensor: Tensor, says: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_tensors(path, {"w": torch.ones(1)})
    before = path.read_bytes()
    with pytest.raises(FileError, match=says):
        write_tensors(path, {"w": tensor})
    with pytest.raises(FileError, match="the format keeps"):
        write_tensors(path, {"__metadata__": torch.zeros(1)})
    with pytest.raises(FileError, match="whole characters"):
        write_tensors(path, {"\ud800": torch.zeros(1)})
    assert path.read_bytes() == before


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    write_tensors(tmp_path / "whole", {"a": torch.randn(99), "b": torch.ones(3, dtype=torch.bool)})
    return (tmp_path / "whole").read_bytes()


def test_a_file_cut_anywhere_is_refused(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cut"
    for length in [*range(0, len(whole), 25), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(FileError, match="cut: expected"):
            read_tensors(path)
        with pytest.raises(FileError, match="cut: expected"):
            read_metadata(path)


def test_flipped_bytes_give_tensors_or_a_file_error_and_nothing_else(
    whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "flipped"
    for at in range(200):
        for change in (0x01, 0x20, 0x80):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ change]) + whole[at + 1 :])
            with suppress(FileError):
                read_tensors(path)


def test_bytes_that_are_no_bool_are_refused(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bool"
    path.write_bytes(whole[:-1] + b"\x07")
    with pytest.raises(FileError, match="0 or 1"):
        read_tensors(path)


def headed(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 not a safetensors file",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", HEADER_LIMIT + 1) + b"{}",
        headed(b"[]"),
        headed(b"[" * 100_000),
        headed(b"{}", b"left over"),
        headed(
            json.dumps(
                {"w": {"dtype": "F32", "shape": [2**62, 8], "data_offsets": [0, 0]}}
            ).encode()
        ),
        headed(json.dumps({"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 0]}}).encode()),
        headed(json.dumps({"w": {"dtype": "F33", "shape": [0], "data_offsets": [0, 0]}}).encode()),
        headed(
            json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}).encode(),
            b"1234",
        ),
        headed(
            json.dumps({"w": {"dtype": "F4", "shape": [2], "data_offsets": [0, 1]}}).encode(), b"1"
        ),
    ],
)
def test_garbage_and_header_bombs_are_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad"
    path.write_bytes(data)
    with pytest.raises(FileError, match="bad: expected"):
        read_tensors(path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100))
def test_any_header_gives_tensors_or_a_file_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "bad"
    path.write_bytes(headed(data))
    with suppress(FileError):
        read_tensors(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a folder"):
        read_tensors(tmp_path)
    with pytest.raises(FileError, match="no such file"):
        read_metadata(tmp_path / "none")


def test_the_hash_knows_names_types_shapes_and_bytes() -> None:
    base = {"a": torch.zeros(2, 3), "b": torch.zeros(2)}
    others = [
        {"a": base["a"], "c": base["b"]},
        {"a": base["a"].reshape(3, 2), "b": base["b"]},
        {"a": base["a"].to(torch.int32), "b": base["b"]},
        {"a": base["a"], "b": -base["b"]},
        {"a": base["a"]},
        {"a": base["b"], "b": base["a"]},
        {},
    ]
    assert len({content_hash(t) for t in [base, *others]}) == len(others) + 1
    assert content_hash(dict(reversed(base.items()))) == content_hash(base)
    assert content_hash({"a": torch.arange(6).reshape(2, 3).t()}) == content_hash(
        {"a": torch.arange(6).reshape(2, 3).t().contiguous()}
    )
