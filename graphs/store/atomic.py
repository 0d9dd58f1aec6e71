"""Writing files so that a crash, a full disk or a power cut leaves the old file or the new one.

Each file is first written whole beside its target and synced; only renames come after that, so what
can fail has failed before the first target changes.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from graphs.store.faults import disk, fault

Bytes = bytes | memoryview


class Sink(Protocol):
    """What a writer writes into."""

    def write(self, data: Bytes, /) -> int:
        """Take all of the data; how much that was."""


Writer = Callable[[Sink], object]


def write_bytes(path: Path, data: bytes) -> None:
    """The file holds exactly this data and is on the disk.

    Raises: FileError when the disk is full or refuses; the old file is then untouched.
    """
    write_together({path: lambda file: file.write(data)})


def write_together(writers: Mapping[Path, Writer]) -> None:
    """Every file is replaced, in this order, or none is when a writer or the disk fails.

    A crash in the instant between two renames leaves the first files new and the rest old; each of
    them whole.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, writer in writers.items():
            target = Path(os.path.realpath(path))  # a link stays a link: what it names is replaced
            with disk(path, "a file that can be written"):
                _refuse(path, target)
                temporary = target.parent / f".worldloom-{os.getpid()}-{secrets.token_hex(4)}.tmp"
                staged.append((temporary, target))
                _write(temporary, target, writer)
        for temporary, target in staged:
            with disk(target, "a file that can be replaced"):
                os.replace(temporary, target)
        for folder in dict.fromkeys(target.parent for _, target in staged):
            sync_folder(folder)
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """The folder's names are on the disk; only POSIX systems can and need to."""
    if os.name != "posix":
        return
    with disk(path, "a folder that can be synced"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse(path: Path, target: Path) -> None:
    if target.is_dir():
        raise fault(path, "a file that can be written", "a folder", "name a file, not a folder")
    effective = os.access in os.supports_effective_ids
    if target.exists() and not os.access(target, os.W_OK, effective_ids=effective):
        raise fault(
            path,
            "a file that can be written",
            "a read-only file",
            "choose another name or allow writing",
        )


def _write(temporary: Path, target: Path, writer: Writer) -> None:
    with temporary.open("xb") as file:
        writer(file)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, temporary)
