"""Checkpoints are whole or absent, and the newest whole one is always found."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.spec.problems import FileError
from graphs.store import content_hash, latest, prune, read_checkpoint, step_folder, write_checkpoint
from graphs.store.manifest import _seal
from graphs.store.tensors import write_tensors

PARTS = {
    "weights": {"a.ü": torch.randn(3, 2), "half": torch.ones(2, dtype=torch.bfloat16)},
    "optimiser": {
        "step": torch.tensor(3.0),
        "mask": torch.tensor([True, False]),
        "n": torch.arange(3),
    },
    "empty": {},
    "none": {"rows": torch.zeros(0, 3)},
}
STATE = {"position": 12, "history": [0.5, 0.25], "имя": "é", "rng": [1, 2**62]}


def write(folder: Path, *steps: int) -> list[Path]:
    return [write_checkpoint(folder, step, PARTS, STATE, "auto") for step in steps]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def found_step(folder: Path) -> int | None:
    checkpoint = latest(folder).checkpoint
    return checkpoint.step if checkpoint else None


def dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_checkpoint_comes_back_bit_by_bit(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "new" / "runs", 123, PARTS, STATE, "shutdown")
    found = read_checkpoint(path)
    assert path.name == "step_00000123"
    assert (found.step, found.state, found.reason) == (123, STATE, "shutdown")
    assert found.time.tzinfo is not None
    assert {n: content_hash(t) for n, t in found.parts.items()} == {
        n: content_hash(t) for n, t in PARTS.items()
    }
    assert names(path) == [
        "empty.safetensors",
        "manifest.json",
        "none.safetensors",
        "optimiser.safetensors",
        "state.json",
        "weights.safetensors",
    ]


def test_writing_a_step_again_replaces_it_whole(tmp_path: Path) -> None:
    write(tmp_path, 5)
    write_checkpoint(tmp_path, 5, {"only": {}}, {}, "manual")
    found = read_checkpoint(tmp_path / step_folder(5))
    assert (list(found.parts), found.state, found.reason) == (["only"], {}, "manual")
    assert names(tmp_path) == ["step_00000005"]


def test_latest_is_the_highest_step_and_passes_over_what_is_damaged(tmp_path: Path) -> None:
    assert latest(tmp_path / "none") == (None, [])
    write(tmp_path, 9, 10, 100_000_000, 2)
    assert found_step(tmp_path) == 100_000_000
    (tmp_path / "step_100000000" / "weights.safetensors").write_bytes(b"")
    shutil.copytree(
        tmp_path / step_folder(9), tmp_path / step_folder(50)
    )  # a copy under a false name
    (tmp_path / step_folder(60)).mkdir()
    (tmp_path / "step_00000070").write_text("a file")
    (tmp_path / "notes").mkdir()
    checkpoint, warnings = latest(tmp_path)
    assert checkpoint is not None
    assert checkpoint.step == 10
    assert [
        "step_100000000" in warnings[0],
        "00000060" in warnings[1],
        "step 9" in warnings[2],
    ] == [True] * 3
    assert len(warnings) == 3


def test_every_changed_cut_or_missing_byte_is_found(tmp_path: Path) -> None:
    (path,) = write(tmp_path, 1)
    for file in sorted(path.iterdir()):
        whole = file.read_bytes()
        for at in range(0, len(whole), 29):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(FileError, match="step_00000001"):
                read_checkpoint(path)
        for length in range(0, len(whole), 100):
            file.write_bytes(whole[:length])
            with pytest.raises(FileError, match="step_00000001"):
                read_checkpoint(path)
        file.unlink()
        with pytest.raises(FileError, match=file.name):
            read_checkpoint(path)
        file.write_bytes(whole)
    read_checkpoint(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "newer Worldloom"),
        ({"format": "other"}, "no valid manifest"),
        ({"files": []}, "no valid manifest"),
        ({"time": "noon"}, "no valid manifest"),
        ({"step": -1}, "no valid manifest"),
        ({"files": {}}, "state.json"),
    ],
)
def test_a_forged_but_well_sealed_manifest_is_refused(
    change: dict[str, Any], says: str, tmp_path: Path
) -> None:
    (path,) = write(tmp_path, 1)
    forge(path, change)
    with pytest.raises(FileError, match=says):
        read_checkpoint(path)


def forge(path: Path, change: dict[str, Any]) -> None:
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    del manifest["seal"]
    manifest |= change
    (path / "manifest.json").write_text(json.dumps(manifest | {"seal": _seal(manifest)}))


@pytest.mark.parametrize(
    "name",
    ["../weights", "/etc/x", "a/b", "..", "", "A", "a.b", "nul", "a\0b", "x" * 65, "ü", "a\n"],
)
def test_names_of_parts_never_lead_out_of_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="a name of a-z"):
        write_checkpoint(tmp_path / "runs", 1, {name: {}}, {}, "auto")
    assert not (tmp_path / "runs").exists()
    (path,) = write(tmp_path, 1)
    write_tensors(tmp_path / "weights.safetensors", {})
    facts = json.loads((path / "manifest.json").read_text("utf-8"))["files"]
    forge(path, {"files": facts | {f"{name}.safetensors": facts["empty.safetensors"]}})
    with pytest.raises(FileError, match="a name of a-z"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("step", "state"), [(-1, {}), (True, {}), (1, {"v": float("nan")}), (1, {"v": {1}})]
)
def test_what_cannot_be_written_leaves_the_folder_as_it_was(
    step: int, state: Any, tmp_path: Path
) -> None:
    write(tmp_path, 1)
    with pytest.raises(FileError):
        write_checkpoint(tmp_path, step, PARTS, state, "auto")
    assert found_step(tmp_path) == 1
    assert names(tmp_path) == ["step_00000001"]


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(FileError, match="file exists"):
        write(tmp_path / "runs", 1)


def test_prune_keeps_the_last_ones_and_those_asked_for(tmp_path: Path) -> None:
    write(tmp_path, 1, 2, 3, 4, 5)
    removed = prune(tmp_path, 2, {1})
    assert [path.name for path in removed] == ["step_00000003", "step_00000002"]
    assert names(tmp_path) == ["step_00000001", "step_00000004", "step_00000005"]
    assert prune(tmp_path, 5) == []
    with pytest.raises(ValueError, match="0 or more"):
        prune(tmp_path, -1)


def test_prune_never_removes_the_only_whole_one(tmp_path: Path) -> None:
    paths = write(tmp_path, 1, 2, 3, 4)
    for path in paths[2:]:
        (path / "state.json").write_text("{}")
    prune(tmp_path, 1)
    assert names(tmp_path) == ["step_00000002", "step_00000004"]
    assert found_step(tmp_path) == 2
    prune(tmp_path, 0)
    assert names(tmp_path) == ["step_00000002"]


def test_prune_clears_up_after_the_dead_and_not_after_the_living(tmp_path: Path) -> None:
    dead = dead_process()
    write(tmp_path, 1, 2)
    (tmp_path / f"step_00000003.tmp-{dead}").mkdir()
    (tmp_path / f"step_00000003.tmp-{os.getppid()}").mkdir()
    shutil.copytree(tmp_path / step_folder(1), tmp_path / f"step_00000001.old-{dead}")
    (tmp_path / step_folder(2)).rename(tmp_path / f"step_00000002.old-{dead}")
    assert found_step(tmp_path) == 2  # killed between two renames: nothing was lost
    prune(tmp_path, 5)
    assert names(tmp_path) == [
        "step_00000001",
        "step_00000002",
        f"step_00000003.tmp-{os.getppid()}",
    ]
    assert found_step(tmp_path) == 2
