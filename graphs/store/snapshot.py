"""Snapshots of a world: state and content after a turn, one file each, whole or not there.

A snapshot holds no weights: it names its world by content hash, and any turn can be looked at again
or gone on from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graphs.spec.problems import FileError
from graphs.spec.state import Storage
from graphs.store.envelope import packed, read_sealed, write_sealed
from graphs.store.faults import disk, fault

ENDING = ".snapshot"


@dataclass(frozen=True)
class Snapshot:
    """A world as it stood after a turn; `base_hash` is the hash of its weights."""

    turn: int
    state: Mapping[str, Mapping[str, Any]]
    content: Mapping[str, Any]
    base_hash: str
    path: Path


def folder_of(project: Path, storage: Storage) -> Path:
    """Where the snapshots of a project are: the storage's directory, beside the document.

    >>> folder_of(Path("digits.json"), Storage()).as_posix()
    'digits.snapshots'

    Raises: FileError for a directory that is elsewhere.
    """
    name = Path(storage.directory)
    if name.is_absolute() or ".." in name.parts:
        raise FileError(f"storage.directory: expected a folder beside the document, got {name}")
    return project.parent / f"{project.stem}.{name}"


def write_snapshot(
    storage: Storage,
    folder: Path,
    turn: int,
    state: Mapping[str, Mapping[str, Any]],
    content: Mapping[str, Any],
    base_hash: str,
) -> Path:
    """A snapshot in `folder`, called by the storage's naming; older ones beyond its limit go.

    Raises: FileError when it cannot be written or holds what no file can; the others stay then.
    """
    tensors: dict[str, Tensor] = {}
    plain = {"state": _flat(state, "state", tensors), "content": _flat(content, "content", tensors)}
    path = folder / f"{storage.naming.format(turn=turn)}{ENDING}"
    with disk(folder, "a folder for snapshots that can be written"):
        folder.mkdir(parents=True, exist_ok=True)
    fields = {"turn": str(turn), "base_hash": base_hash, "plain": packed(plain, path)}
    write_sealed(path, "snapshot", fields, tensors, None)
    if storage.keep:
        with disk(folder, "a folder that can be cleared up"):
            for old in snapshots(folder)[: -storage.keep]:
                old.unlink()
    return path


def read_snapshot(path: Path) -> Snapshot:
    """The snapshot in a file, proved to be as it was written.

    Raises: FileError for damage, another kind of file, or a newer version.
    """
    sealed = read_sealed(path, "snapshot")
    plain = sealed.unpacked("plain", path)
    turn = sealed.fields.get("turn", "")
    if not isinstance(plain, dict) or set(plain) != {"state", "content"} or not turn.isdigit():
        raise fault(path, "a snapshot with state and content", "something else", "take another one")
    state = _deep(plain["state"], sealed.tensors, path)
    content = _deep(plain["content"], sealed.tensors, path)
    return Snapshot(int(turn), state, content, sealed.fields.get("base_hash", ""), path)


def snapshots(folder: Path) -> list[Path]:
    """The snapshots in a folder, earliest turn first."""

    def turn(path: Path) -> tuple[int, str]:
        numbers = re.findall(r"\d+", path.stem)
        return (int(numbers[-1]) if numbers else -1, path.name)

    return sorted(folder.glob(f"*{ENDING}"), key=turn) if folder.is_dir() else []


def replay(folder: Path) -> Iterator[Snapshot]:
    """Every snapshot in order of turns. Raises: FileError at a damaged one."""
    for path in snapshots(folder):
        yield read_snapshot(path)


TENSOR = "@tensor"  # {"@tensor": name} stands in the plain data for a tensor of the file


def _flat(value: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """Plain data with tensors taken out into `tensors`."""
    if isinstance(value, Tensor):
        tensors[name] = value.detach().to("cpu", copy=False).contiguous()
        return {TENSOR: name}
    if isinstance(value, Mapping):
        if TENSOR in value:
            raise FileError(f"{name}: a key cannot be called {TENSOR!r}")
        return {str(k): _flat(v, f"{name}.{k}", tensors) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_flat(v, f"{name}.{n}", tensors) for n, v in enumerate(value)]
    return value


def _deep(value: Any, tensors: Mapping[str, Tensor], path: Path) -> Any:
    if isinstance(value, dict):
        if set(value) == {TENSOR}:
            if value[TENSOR] not in tensors:
                raise fault(path, f"a tensor {value[TENSOR]!r}", "none", "take another snapshot")
            return torch.clone(tensors[value[TENSOR]])
        return {k: _deep(v, tensors, path) for k, v in value.items()}
    return [_deep(v, tensors, path) for v in value] if isinstance(value, list) else value
