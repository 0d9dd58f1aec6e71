"""Checkpoints: a folder per step, whole or absent, proved by its manifest when read.

A checkpoint is written under another name and renamed when it is on the disk, so a kill at any
moment costs at most the work since the last one. A folder belongs to the processes of one machine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from torch import Tensor

from graphs.store.atomic import Writer, sync_folder
from graphs.store.faults import disk, fault, shown
from graphs.store.filenames import safe_name
from graphs.store.jsonfile import format_json, read_json
from graphs.store.manifest import ENDING, RESTORE, STATE, prove, write_file, write_manifest
from graphs.store.tensors import read_tensors, tensors_writer


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on as if it had never stopped; `state` is plain data."""

    step: int
    parts: Mapping[str, Mapping[str, Tensor]]
    state: Mapping[str, Any]
    reason: str
    time: datetime


def step_folder(step: int) -> str:
    """The name of a step's folder.

    >>> step_folder(123)
    'step_00000123'
    """
    return f"step_{step:08d}"


def write_checkpoint(
    folder: Path,
    step: int,
    parts: Mapping[str, Mapping[str, Tensor]],
    state: Mapping[str, Any],
    reason: str,
) -> Path:
    """The step's folder holds these parts and this state, on the disk; an older one is replaced.

    Raises: FileError when something cannot be written; an older one is then untouched.
    """
    if isinstance(step, bool) or not isinstance(step, int) or step < 0:
        raise fault(folder, "a step from 0 up", shown(step), "count steps from 0")
    target = folder / step_folder(step)
    writers = _writers(target, parts, state)
    temporary = folder / f"{target.name}.tmp-{os.getpid()}"
    try:
        with disk(target, "a folder that can be written"):
            folder.mkdir(parents=True, exist_ok=True)
            if temporary.exists():  # of a former process with this number
                shutil.rmtree(temporary)
            temporary.mkdir()
            files = {name: write_file(temporary / name, writer) for name, writer in writers.items()}
            write_manifest(temporary, step, reason, files)
            sync_folder(temporary)
            _replace(temporary, target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # there only after a failure, which is raised
    return target


def read_checkpoint(path: Path) -> Checkpoint:
    """The checkpoint in a step's folder, every byte proved by the manifest.

    Raises: FileError when anything is missing, changed, or from a newer version.
    """
    manifest = prove(path)
    state = read_json(path / STATE)
    if not isinstance(state, dict):
        raise fault(path / STATE, "an object", shown(state), RESTORE)
    parts = {name: read_tensors(path / f"{name}{ENDING}") for name in manifest.parts}
    return Checkpoint(manifest.step, parts, state, manifest.reason, manifest.time)


def _writers(
    target: Path, parts: Mapping[str, Mapping[str, Tensor]], state: Mapping[str, Any]
) -> dict[str, Writer]:
    """Everything that could be refused has been refused when this returns."""
    data = format_json(dict(state), target / STATE)
    writers: dict[str, Writer] = {STATE: lambda file: file.write(data)}
    for name, tensors in parts.items():
        file = safe_name(name, target) + ENDING
        writers[file] = tensors_writer(tensors, {}, target / file)
    return writers


def _replace(temporary: Path, target: Path) -> None:
    if not target.exists():
        temporary.rename(target)
        sync_folder(target.parent)
        return
    aside = target.with_name(f"{target.name}.old-{os.getpid()}")
    if aside.exists():
        shutil.rmtree(aside)
    target.rename(aside)  # killed before the next line, `latest` still finds it there
    try:
        temporary.rename(target)
    except OSError:
        aside.rename(target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(aside)
