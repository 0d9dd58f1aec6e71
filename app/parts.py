"""A node of a document as a world file of its own, and back into its place: checkpoints of any level."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import UsageError
from app.workspace import WORLD, Workspace, open_workspace, refuse_path
from app.worlds import Exported
from graphs.live.block import Block
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors, load_tensors
from graphs.spec.check import inspect
from graphs.spec.document import NodeSpec, node_at
from graphs.spec.parts import home_of, part, wrapped
from graphs.spec.problems import EditError, FileError
from graphs.store import content_hash, export_world, import_world, project_files, save

PART = "part"  # in a world file's extra: where it was taken from


@dataclass(frozen=True)
class Placed:
    """A part that was put into its place."""

    node: str
    numbers: int
    weights: Path

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {"node": self.node, "numbers": self.numbers, "weights": str(self.weights)}


def export_part(file: Path, output: Path, path: str) -> Exported:
    """Write one node, with its weights, as a world file that opens, runs and trains on its own.

    Raises: UsageError when there is no such node, or it has no weights.
    """
    work = open_workspace(file)
    try:
        home = home_of(work.document, path)
    except EditError as error:
        raise UsageError(f"--node: {error}") from error
    inspection = inspect(work.document, work.catalogue)
    node = node_at(inspection.root, home) or NodeSpec()
    ports = (tuple(inspection.inputs.get(home, ())), tuple(inspection.outputs.get(home, ())))
    graph = work.build()
    prefix = f"{home.rpartition('.')[2]}." if wrapped(node) else ""
    tensors = {f"{prefix}{name}": t for name, t in base_tensors(graph.at(home)).items()}
    if not tensors:
        raise UsageError(f"--node: {path!r} has no weights to save\n  → name a node that has some")
    base = content_hash(base_tensors(graph))
    came = {"node": home, "level": node.level, "of": work.document.title, "base": base}
    document = part(work.document, home, ports)
    own = export_world(output, document, tensors, {PART: {**came, "prefix": prefix}})
    return Exported(output, node.level, os.path.getsize(output), own, base)


def import_part(file: Path, into: Path, path: str | None) -> Placed:
    """Put the weights of a part into a node of a document, where it came from unless said otherwise.

    Raises: UsageError when the file is no part; FileError when it does not fit, nothing changed then.
    """
    refuse_path(file)
    if file.suffix != WORLD:
        raise UsageError(f"a part of a world is a file {WORLD}, got {file.name}")
    if into.suffix == WORLD:
        raise UsageError(f"{into} is not changed in place\n  → worldloom import {into} -o FOLDER")
    world = import_world(file)
    came = world.extra.get(PART)
    if not isinstance(came, dict):
        raise UsageError(
            f"{file} is a whole world, not a part of one\n"
            f"  → worldloom import {file} -o FOLDER, or worldloom export FILE --node PATH"
        )
    at, prefix = path or str(came["node"]), str(came["prefix"])
    work = open_workspace(into)
    graph = work.build()
    tensors = {name.removeprefix(prefix): tensor for name, tensor in world.tensors.items()}
    load_tensors(block_at(work, graph, at), tensors, f"{file}, into node {at!r} of {into.name}")
    save(work.path, work.document, graph)
    return Placed(at, sum(t.numel() for t in tensors.values()), project_files(into)[1])


def block_at(work: Workspace, graph: Graph, path: str) -> Block:
    """The live block at a path. Raises: FileError naming the document when there is none."""
    try:
        return graph.at(path)
    except KeyError as error:
        raise FileError(f"{work.path}: {error.args[0]}\n  → say where with --node") from error
