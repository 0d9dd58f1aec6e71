"""The manifest of a checkpoint: which files it has, and what each must hold to the byte."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt

from graphs.store.atomic import Bytes, Writer
from graphs.store.digests import digest
from graphs.store.faults import disk, fault, regular, shown
from graphs.store.filenames import safe_name
from graphs.store.jsonfile import format_json, read_json
from graphs.store.plain import validated

VERSION = 1
MANIFEST = "manifest.json"
STATE = "state.json"
ENDING = ".safetensors"
RESTORE = "use an older checkpoint"


class Facts(BaseModel):
    """What a file must be."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: NonNegativeInt


class Manifest(BaseModel):
    """What a checkpoint is and holds; `seal` is the digest of everything else in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: Literal["worldloom checkpoint"] = "worldloom checkpoint"
    version: Literal[1] = 1
    step: NonNegativeInt
    reason: str
    time: datetime
    files: Mapping[str, Facts]
    seal: str = ""

    @property
    def parts(self) -> list[str]:
        """The names of the parts."""
        return [name.removesuffix(ENDING) for name in self.files if name != STATE]


def write_file(path: Path, writer: Writer) -> Facts:
    """A new file is on the disk; the facts are of what was meant to be written."""
    with path.open("xb") as file:
        counted = _Counted(file)
        writer(counted)
        file.flush()
        os.fsync(file.fileno())
    return Facts(sha256=counted.sha256.hexdigest(), size=counted.size)


def write_manifest(folder: Path, step: int, reason: str, files: Mapping[str, Facts]) -> None:
    """The manifest is on the disk, sealed."""
    manifest = Manifest(step=step, reason=reason, time=datetime.now(UTC), files=files)
    fields = manifest.model_dump(mode="json", exclude={"seal"})
    data = format_json(fields | {"seal": _seal(fields)}, folder / MANIFEST)
    write_file(folder / MANIFEST, lambda file: file.write(data))


def prove(folder: Path) -> Manifest:
    """The manifest of a checkpoint, after every file in it was found to be as written.

    Raises: FileError when anything is missing, changed, named oddly, or from a newer version.
    """
    if not folder.is_dir():
        raise fault(
            folder, "the folder of a checkpoint", "none", "name a folder such as 'step_00000100'"
        )
    where = folder / MANIFEST
    raw = read_json(where)
    if not isinstance(raw, dict):
        raise fault(where, "the manifest of a checkpoint", shown(raw), RESTORE)
    version = raw.get("version")
    if isinstance(version, int) and version > VERSION:
        raise fault(
            where, f"version {VERSION} or older", f"version {version}", "install a newer Worldloom"
        )
    manifest = validated(Manifest, raw, where)
    if manifest.seal != _seal({key: value for key, value in raw.items() if key != "seal"}):
        raise fault(where, "a manifest as it was written", "a change since", RESTORE)
    if STATE not in manifest.files:
        raise fault(where, f"a manifest that lists {STATE}", "none", RESTORE)
    for name, facts in manifest.files.items():
        if name != STATE:
            safe_name(name.removesuffix(ENDING) if name.endswith(ENDING) else name, where)
        _compare(folder / name, facts)
    return manifest


def _seal(fields: Mapping[str, Any]) -> str:
    return digest(format_json(dict(fields), MANIFEST, compact=True))


def _compare(path: Path, facts: Facts) -> None:
    regular(path, "a file of the checkpoint")
    with disk(path, "a file that can be read"):
        size = path.stat().st_size
        if size != facts.size:
            raise fault(path, f"{facts.size} bytes", f"{size}", RESTORE)
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != facts.sha256:
        raise fault(path, f"SHA-256 {facts.sha256}", found, RESTORE)


class _Counted:
    """Passes bytes on and keeps their number and digest."""

    def __init__(self, file: Any) -> None:
        self.file, self.size, self.sha256 = file, 0, hashlib.sha256()

    def write(self, data: Bytes, /) -> int:
        self.sha256.update(data)
        self.size += len(data)
        return int(self.file.write(data))
