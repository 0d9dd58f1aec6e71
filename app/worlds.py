"""World files from the command line: whole ones, light ones, and unpacking."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import UsageError
from app.workspace import WORLD, Workspace, open_workspace, refuse_path
from graphs.learn.adapters import adapters_of
from graphs.learn.fit import CHECKPOINTS, use_best
from graphs.learn.resume import only_adapters, take_weights
from graphs.learn.training import Training
from graphs.live.weights import base_tensors
from graphs.spec.problems import FileError
from graphs.store import (
    content_hash,
    export_light,
    export_world,
    import_world,
    latest,
    project_files,
    write_project,
)


@dataclass(frozen=True)
class Exported:
    """A world file that was written; `hash` names its weights, `base` those it belongs to."""

    file: Path
    kind: str
    bytes: int
    hash: str
    base: str = ""

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        data = {"file": str(self.file), "kind": self.kind, "bytes": self.bytes, "hash": self.hash}
        return data | ({"base": self.base} if self.base else {})


def export_file(
    file: Path, output: Path, light: str | None = None, run_folder: Path | None = None
) -> Exported:
    """Write a world file, or with `light` the adapters that a plan's run learned."""
    if output.suffix != WORLD:
        raise UsageError(f"a world file ends in {WORLD}, got {output.name}")
    if run_folder is not None and light is None:
        raise UsageError("--run names the run of a light world\n  → give --light PLAN too")
    work = open_workspace(file)
    if light is not None:
        return _export_light(work, output, light, run_folder)
    name = export_world(output, work.document, base_tensors(work.build()))
    return Exported(output, "world", os.path.getsize(output), name)


def _export_light(work: Workspace, output: Path, plan_name: str, folder: Path | None) -> Exported:
    name, plan = work.plan(plan_name)
    training = Training(work.build(work.under(plan), seed=plan.seed), plan, variant=name)
    if not only_adapters(training):
        raise UsageError(
            f"plan {name!r} trains weights of the base too; only adapters are light\n"
            "  → export the whole world, without --light"
        )
    folder = folder or work.run_folder(name)
    found = latest(folder / CHECKPOINTS).checkpoint
    if found is None:
        raise FileError(
            f"{folder}: there is no run to export\n"
            f"  → train it: worldloom train {work.path} --plan {name}"
        )
    base = content_hash(base_tensors(training.graph))
    if found.state["base"] != base:
        raise FileError(
            f"{folder}: its adapters were trained on a base with hash {found.state['base'][:12]}, and "
            f"{work.path} has {base[:12]} now\n  → train the plan again, or bring the old weights back"
        )
    take_weights(training, found)
    use_best(training, folder)
    own = export_adapters(training, output, work.document.title)
    return Exported(output, "light world", os.path.getsize(output), own, base)


def export_adapters(training: Training, output: Path, title: str) -> str:
    """Write the adapters of a training as a light world that names its base by content hash.

    Gives the hash of the adapters.
    """
    tensors = {
        n: p.detach() for n, p in adapters_of(training.graph, training.modes.variant).items()
    }
    base = content_hash(base_tensors(training.graph))
    return export_light(output, base, title, training.plan, tensors)


def import_into(file: Path, folder: Path, force: bool) -> tuple[Path, Path]:
    """Unpack a world file into FOLDER/NAME.json and NAME.safetensors; their paths."""
    refuse_path(file)
    if file.suffix != WORLD:
        raise UsageError(f"a world file ends in {WORLD}, got {file.name}")
    target = folder / f"{file.stem}.json"
    taken = [path for path in project_files(target) if path.exists()]
    if taken and not force:
        raise UsageError(f"{taken[0]} exists\n  → choose another folder, or give --force")
    world = import_world(file)
    folder.mkdir(parents=True, exist_ok=True)
    write_project(target, world.document, world.tensors)
    return project_files(target)
