"""Tensors by name in safetensors files, written whole or not at all, opened by mapping the file.

The safetensors library judges a file; the tensors are then made over our own mapping of it, in about a
fifth of the library's time for each. Writing is ours: the library orders metadata at random (so
equal worlds gave unequal files), makes files private to their owner, and writes only to a path of
its own choosing, where they could not be hashed and synced on the way.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from graphs.spec.collector import held_back
from graphs.store.atomic import Sink, Writer, write_together
from graphs.store.digests import raw
from graphs.store.faults import Where, disk, fault, regular, shown

HEADER_LIMIT = 100_000_000  # bytes; the format's own limit
METADATA = "__metadata__"
DTYPES: dict[torch.dtype, str] = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2",
    torch.complex64: "C64",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint64: "U64",
    torch.uint32: "U32",
    torch.uint16: "U16",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
KINDS = {word: dtype for dtype, word in DTYPES.items()}


def write_tensors(
    path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> None:
    """The file holds these tensors and this metadata; equal ones give equal bytes. Atomic.

    Raises: FileError when a tensor has no place in such a file, or the disk refuses.
    """
    write_together({path: tensors_writer(tensors, metadata or {}, path)})


def tensors_writer(
    tensors: Mapping[str, Tensor], metadata: Mapping[str, str], where: Where
) -> Writer:
    """What writes them into an open file, one tensor at a time; everything is checked before.

    Raises: FileError when a tensor has no place in such a file.
    """
    for name, tensor in tensors.items():
        _refuse(name, tensor, where)
    # The format aligns tensors by putting the widest types first.
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header = _header(names, tensors, metadata, where)

    def write(file: Sink) -> None:
        file.write(header)
        for name in names:
            file.write(raw(tensors[name]))

    return write


@held_back()
def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors in a file by name. They map the file: bytes are read when they are used.

    Changing one does not change the file.
    Raises: FileError when the file is no safetensors file, cut short or damaged.
    """
    with _opened(path):
        found = _mapped(path)
    for name, tensor in found.items():
        if tensor.dtype == torch.bool and bool((tensor.view(torch.uint8) > 1).any()):
            raise fault(path, f"0 or 1 in the bool tensor {shown(name)}", "other bytes", _RESTORE)
    return found


def _mapped(path: Path) -> dict[str, Tensor]:
    """The tensors of a file whose header is known to be sound."""
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        entries = json.loads(file.read(length))
        data = mmap(file.fileno(), 0, access=ACCESS_COPY)
    entries.pop(METADATA, None)
    found = {}
    for name in sorted(entries):
        entry = entries[name]
        begin, end = entry["data_offsets"]
        if (dtype := KINDS.get(entry["dtype"])) is None:
            raise fault(path, f"a type of ours for {shown(name)}", entry["dtype"], "convert it")
        if begin == end:  # no buffer can be of no bytes
            flat = torch.empty(0, dtype=dtype)
        else:
            count = (end - begin) // dtype.itemsize
            flat = torch.frombuffer(data, dtype=dtype, count=count, offset=8 + length + begin)
        found[name] = flat.view(entry["shape"])
    return found


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a file; no tensor is read."""
    with _opened(path) as file:
        return dict(file.metadata() or {})


_EXPECTED = "a whole safetensors file"
_RESTORE = "restore an undamaged copy"


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    regular(path, _EXPECTED)
    with disk(path, "a safetensors file that can be read"):
        _measure(path)
        try:
            with safe_open(path, framework="pt") as file:
                yield file
        # The library also lets ValueError and its like out for headers that no writer makes.
        except (
            SafetensorError,
            ValueError,
            TypeError,
            KeyError,
            AttributeError,
            RuntimeError,
        ) as error:
            raise fault(path, _EXPECTED, str(error), _RESTORE) from error


def _measure(path: Path) -> None:
    """Refuse a header that claims more than there is before anything of that size is allocated."""
    with path.open("rb") as file:
        start = file.read(8)
    size = path.stat().st_size
    if len(start) < 8:
        raise fault(path, _EXPECTED, f"{size} bytes", _RESTORE)
    (length,) = struct.unpack("<Q", start)
    if length > HEADER_LIMIT or 8 + length > size:
        got = f"a header of {length} bytes in a file of {size}"
        raise fault(path, _EXPECTED, got, "open a safetensors file, or restore an undamaged copy")


def _refuse(name: str, tensor: Tensor, where: Where) -> None:
    if name == METADATA:
        raise fault(
            where, "names of tensors", f"{METADATA!r}, which the format keeps", "rename the tensor"
        )
    what = f"a dense tensor {shown(name)} with values"
    if tensor.layout is not torch.strided or tensor.is_quantized:
        raise fault(where, what, f"layout {tensor.layout}, {tensor.dtype}", "make it dense first")
    if tensor.is_meta:
        raise fault(where, what, "a tensor on the meta device", "build it on a device first")
    if tensor.dtype not in DTYPES:
        raise fault(where, what, str(tensor.dtype), "convert it to a type that the format has")


def _header(
    names: list[str], tensors: Mapping[str, Tensor], metadata: Mapping[str, str], where: Where
) -> bytes:
    entries: dict[str, Any] = {}
    if metadata:
        entries[METADATA] = dict(sorted(metadata.items()))
    end = 0
    for name in names:
        tensor, start = tensors[name], end
        end += tensor.numel() * tensor.element_size()
        entries[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    if not all(isinstance(text, str) for pair in metadata.items() for text in pair):
        raise fault(where, "metadata of text", shown(dict(metadata)), "write values as JSON text")
    try:
        data = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeError as error:
        raise fault(
            where, "names and metadata of whole characters", str(error), "rename it"
        ) from error
    data += b" " * (-len(data) % 8)
    if len(data) > HEADER_LIMIT:
        raise fault(
            where, f"at most {HEADER_LIMIT} bytes of names and metadata", str(len(data)), "split it"
        )
    return struct.pack("<Q", len(data)) + data
