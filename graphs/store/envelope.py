"""The sealed metadata of our .world files: which kind, which version, and that nothing was changed.

The hash covers the tensors and the seal covers everything that is said about them, the hash among
it: a changed byte anywhere is found. Neither proves who made a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from torch import Tensor

from graphs.store.atomic import write_together
from graphs.store.digests import content_hash, digest
from graphs.store.faults import fault, shown
from graphs.store.jsonfile import format_json, parse_json
from graphs.store.tensors import read_metadata, read_tensors, tensors_writer

VERSION = 1
Kind = Literal["world", "light world", "snapshot"]
_OTHER = {
    "world": "it stands on its own: worldloom info {path}",
    "light world": "put it on the world that it was made for: worldloom variants import BASE {path}",
    "snapshot": "go on from it with its world: worldloom run WORLD --turns 1 --from {path}",
}


def write_sealed(
    path: Path,
    kind: Kind,
    fields: Mapping[str, str],
    tensors: Mapping[str, Tensor],
    extra: Mapping[str, Any] | None,
) -> str:
    """One safetensors file with these fields as metadata; the content hash of its tensors."""
    found = content_hash(tensors)
    counts = {"tensors": len(tensors), "parameters": sum(t.numel() for t in tensors.values())}
    metadata = {
        **fields,
        "kind": kind,
        "version": str(VERSION),
        "hash": found,
        "counts": packed(counts, path),
        "extra": packed(dict(extra or {}), path),
    }
    metadata["seal"] = _seal(metadata, path)
    write_together({path: tensors_writer(tensors, metadata, path)})
    return found


@dataclass(frozen=True)
class Sealed:
    """What a file of ours holds."""

    fields: Mapping[str, str]
    tensors: Mapping[str, Tensor]
    hash: str
    extra: Mapping[str, Any]

    def unpacked(self, name: str, path: Path) -> Any:
        """The plain data in a field. Raises: FileError when it is missing or no JSON."""
        return _unpacked(self.fields, name, path)


def read_sealed(path: Path, kind: Kind) -> Sealed:
    """What a file of this kind holds, proved unchanged.

    Raises: FileError for another kind, a newer version, and any change since it was written.
    """
    fields = read_metadata(path)
    came = fields.get("kind", "")
    if came != kind:
        if came in _OTHER:
            raise fault(path, f"a {kind}", f"a {came}", _OTHER[came].format(path=path))
        raise fault(
            path, f"a {kind}", "a file without our metadata", "open a file that Worldloom exported"
        )
    _version(path, fields.get("version", ""))
    seal = fields.pop("seal", "")
    if seal != _seal(fields, path):
        raise fault(path, "metadata as it was written", "a change since", "get an undamaged copy")
    tensors = read_tensors(path)
    if (found := content_hash(tensors)) != fields.get("hash"):
        got = f"weights with hash {found}"
        raise fault(path, f"weights with hash {fields.get('hash')}", got, "get an undamaged copy")
    extra = _unpacked(fields, "extra", path)
    if not isinstance(extra, dict):
        raise fault(path, "an object as 'extra'", shown(extra), "get an undamaged copy")
    return Sealed(fields, tensors, found, extra)


def file_kind(path: Path) -> Kind | None:
    """Which kind of .world file this says it is, None for another's file; reads no tensor."""
    came = read_metadata(path).get("kind")
    return next((kind for kind in get_args(Kind) if kind == came), None)


def packed(value: Any, path: Path) -> str:
    """Plain data as a metadata value."""
    return format_json(value, path, compact=True).decode()


def _unpacked(fields: Mapping[str, str], name: str, path: Path) -> Any:
    if name not in fields:
        raise fault(path, f"metadata with {name!r}", "none", "get an undamaged copy")
    return parse_json(fields[name].encode(), f"{path}, {name}")


def _version(path: Path, text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise fault(path, "a version number", shown(text), "get an undamaged copy")
    if len(text) > 9 or int(text) > VERSION:
        raise fault(
            path,
            f"file version {VERSION} or older",
            f"version {shown(text)}",
            "install a newer Worldloom",
        )


def _seal(metadata: Mapping[str, str], path: Path) -> str:
    return digest(format_json(dict(metadata), path, compact=True, limit=2 * 10**8))
