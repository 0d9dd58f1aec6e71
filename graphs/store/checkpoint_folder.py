"""A folder of checkpoints: finding the newest that is whole, and removing the old ones."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from graphs.spec.problems import FileError
from graphs.store.atomic import sync_folder
from graphs.store.checkpoint import Checkpoint, read_checkpoint
from graphs.store.faults import disk, fault

_NAME = re.compile(r"step_([0-9]{8,18})(?:\.(tmp|old)-([0-9]{1,10}))?")


class Latest(NamedTuple):
    """The newest whole checkpoint, None when there is none, and what was wrong with newer ones."""

    checkpoint: Checkpoint | None
    warnings: list[str]


class _Entry(NamedTuple):
    step: int
    kind: str  # "" a checkpoint, "tmp" one being written, "old" one being replaced
    process: int
    path: Path


def latest(folder: Path) -> Latest:
    """The newest checkpoint that is whole; damaged ones are passed over and named."""
    warnings: list[str] = []
    found = [entry for entry in _entries(folder) if entry.kind != "tmp"]
    for entry in sorted(found, key=lambda e: (-e.step, e.kind)):
        try:
            return Latest(_read(entry), warnings)
        except FileError as error:
            warnings.append(str(error))
    return Latest(None, warnings)


def prune(folder: Path, keep_last: int, keep: Collection[int] = ()) -> list[Path]:
    """Only the last few checkpoints and the steps in `keep` are left; the folders that went.

    The newest whole one always stays. What dead processes left half done is cleared up.
    Raises: FileError when the disk refuses.
    """
    if keep_last < 0:
        raise ValueError(f"keep_last: expected 0 or more, got {keep_last}")
    with disk(folder, "a folder that can be cleared up"):
        for entry in _entries(folder):
            if entry.kind and _dead(entry.process):
                _clear(entry)
        entries = sorted((e for e in _entries(folder) if not e.kind), reverse=True)
        kept = [e for n, e in enumerate(entries) if n < keep_last or e.step in keep]
        doomed = [e for e in entries if e not in kept]
        if doomed and not any(map(_whole, kept)):
            doomed.remove(next((e for e in doomed if _whole(e)), doomed[0]))
        for entry in doomed:
            _remove(entry.path)
    return [entry.path for entry in doomed]


def _entries(folder: Path) -> list[_Entry]:
    if not folder.is_dir():
        return []
    with disk(folder, "a folder that can be read"):
        matched = [(path, _NAME.fullmatch(path.name)) for path in folder.iterdir()]
    return [
        _Entry(int(match[1]), match[2] or "", int(match[3] or 0), path)
        for path, match in matched
        if match and path.is_dir()
    ]


def _read(entry: _Entry) -> Checkpoint:
    checkpoint = read_checkpoint(entry.path)
    if checkpoint.step != entry.step:
        raise fault(
            entry.path,
            f"step {entry.step}",
            f"step {checkpoint.step}",
            "give the folder its name back",
        )
    return checkpoint


def _whole(entry: _Entry) -> bool:
    try:
        _read(entry)
    except FileError:
        return False
    return True


def _clear(entry: _Entry) -> None:
    target = entry.path.with_name(entry.path.name.partition(".")[0])
    if entry.kind == "old" and not target.exists():
        entry.path.rename(target)  # killed in the middle of replacing it
    elif entry.kind == "tmp" or _whole(_Entry(entry.step, "", 0, target)):
        shutil.rmtree(entry.path)


def _remove(path: Path) -> None:
    """Renamed first: killed half way, it is a leftover and not a damaged checkpoint."""
    doomed = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    path.rename(doomed)
    sync_folder(path.parent)
    shutil.rmtree(doomed)


def _dead(process: int) -> bool:
    """Whether no such process runs; only POSIX can ask without harm, so elsewhere never."""
    if os.name != "posix" or process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
