"""World files from the command line: whole ones, light ones, and unpacking."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from app.workspace import WORLD, open_workspace
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


def export_file(
    file: Path, output: Path, light: str | None, run_folder: Path | None
) -> dict[str, Any]:
    """Write a world file, or with `light` the adapters that a plan's run learned."""
    work = open_workspace(file)
    if light is None:
        graph = work.build()
        export_world(output, work.document, base_tensors(graph))
    else:
        name, plan = work.plan(light)
        training = Training(work.build(work.under(plan), seed=plan.seed), plan, variant=name)
        if not only_adapters(training):
            raise click.UsageError(
                f"plan {name!r} trains weights of the base too; only adapters are light"
            )
        folder = run_folder or work.run_folder(name)
        found = latest(folder / CHECKPOINTS).checkpoint
        if found is None:
            raise FileError(
                f"{folder}: no run to export; train it: worldloom train {file} --plan {name}"
            )
        take_weights(training, found)
        use_best(training, folder)
        export_adapters(training, output, work.document.title)
    return {"file": str(output), "bytes": os.path.getsize(output)}


def export_adapters(training: Training, output: Path, title: str) -> None:
    """Write the adapters of a training as a light world that names its base by content hash."""
    tensors = {
        n: p.detach() for n, p in adapters_of(training.graph, training.modes.variant).items()
    }
    base = content_hash(base_tensors(training.graph))
    export_light(output, base, title, training.plan, tensors)


def import_into(file: Path, folder: Path, force: bool) -> Path:
    """Unpack a world file into FOLDER/NAME.json and NAME.safetensors; the document's path."""
    if file.suffix != WORLD:
        raise click.UsageError(f"a world file ends in {WORLD}, got {file.name}")
    world = import_world(file)
    target = folder / f"{file.stem}.json"
    taken = [p for p in project_files(target) if p.exists()]
    if taken and not force:
        raise click.UsageError(f"{taken[0]} exists; choose another folder or give --force")
    folder.mkdir(parents=True, exist_ok=True)
    write_project(target, world.document, world.tensors)
    return target
