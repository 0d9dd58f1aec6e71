"""What a folder holds that can be opened: documents, worlds, light worlds; and the folders in it.

No torch: the kind of a world file is read from the header that safetensors files begin with.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graphs.store.migrations import FORMAT

Kind = Literal["folder", "document", "world", "light world", "snapshot", "adapter", "other"]
KINDS: Mapping[str, Kind] = {
    "world": "world", "light world": "light world", "snapshot": "snapshot",
}  # fmt: skip
HEADER_LIMIT = 16 * 2**20  # bytes; a header that is larger is not read to tell a kind
DOCUMENT_LIMIT = 64 * 2**20
MOST = 4000
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")  # in a folder as PEFT writes it


@dataclass(frozen=True)
class Entry:
    """One file or folder. Units: `size` bytes."""

    path: Path
    kind: Kind
    size: int = 0

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name


@dataclass(frozen=True)
class Listing:
    """What a folder holds, or why that cannot be known."""

    folder: Path
    entries: tuple[Entry, ...] = ()
    fault: str = ""


def listed(folder: Path) -> Listing:
    """Folders first, then files, by name; what is hidden or none of ours is left out."""
    try:
        with os.scandir(folder) as found:
            entries = [entry for each in found if (entry := _entry(each)) is not None]
    except OSError as error:
        return Listing(folder, fault=error.strerror or str(error))
    entries.sort(key=lambda entry: (entry.kind != "folder", entry.name.lower()))
    return Listing(folder, tuple(entries[:MOST]))


def _entry(found: os.DirEntry[str]) -> Entry | None:
    if found.name.startswith("."):
        return None
    path = Path(found.path)
    try:
        if found.is_dir():
            parts = [path / name for name in ADAPTER]
            adapter = all(part.is_file() for part in parts)
            return (
                Entry(path, "adapter", parts[1].stat().st_size)
                if adapter
                else Entry(path, "folder")
            )
        if path.suffix not in (".json", ".world"):
            return None
        size = found.stat().st_size
    except OSError:
        return None  # it went away, or is not for us to see
    kind = kind_of(path, size)
    return Entry(path, kind, size) if kind != "other" else None


def kind_of(path: Path, size: int) -> Kind:
    """What a file says that it is."""
    try:
        if path.suffix == ".world":
            return KINDS.get(_metadata(path).get("kind", ""), "other")
        if size <= DOCUMENT_LIMIT and _is_document(path):
            return "document"
    except (OSError, ValueError):
        return "other"
    return "other"


def _metadata(path: Path) -> Mapping[str, str]:
    """The metadata of a safetensors file. Raises: ValueError when it is none."""
    with path.open("rb") as file:
        length = struct.unpack("<Q", file.read(8).ljust(8, b"\0"))[0]
        if not 2 <= length <= HEADER_LIMIT:
            raise ValueError("no header that could be read")
        header = json.loads(file.read(length))
    found = header.get("__metadata__", {}) if isinstance(header, dict) else {}
    return found if isinstance(found, dict) else {}


def _is_document(path: Path) -> bool:
    """Whether the JSON says so anywhere: its keys are sorted, so that is far from the start."""
    data = path.read_bytes()
    return f'"format": "{FORMAT}"'.encode() in data or f'"format":"{FORMAT}"'.encode() in data


def sized(size: int) -> str:
    """A size as people read it.

    >>> sized(812), sized(73_266), sized(5_300_000)
    ('812 B', '73 kB', '5.3 MB')
    """
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.3g} {unit}" if unit != "B" and value < 9.95 else f"{value:.0f} {unit}"
        value /= 1000
    raise AssertionError("the last unit takes all")
