"""A document file opened for work: what it holds, its live graph, and where its runs are kept.

Every command goes through here, so that `run`, `train` and `export` see the same weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from torch import Tensor

from graphs.learn.adapters import load_adapters
from graphs.learn.modes import Modes
from graphs.live.build import Attic, build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors, load_tensors
from graphs.spec.catalogue import Catalogue
from graphs.spec.check import check
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import DocumentError, Problem, near
from graphs.spec.settings import configured
from graphs.store import (
    content_hash,
    import_light,
    import_world,
    load_weights,
    read_document,
    require_base,
)

WORLD = ".world"


@dataclass
class Workspace:
    """An open document. `document` may be replaced; blocks that did not change keep their weights.

    `weights` are those of a world file; a document's own lie beside it.
    """

    path: Path
    document: Document
    weights: Mapping[str, Tensor] | None = None
    registry: Registry = field(default_factory=Registry.installed)
    attic: Attic = field(default_factory=Attic)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every installed block type."""
        return self.registry.catalogue()

    def problems(self) -> list[Problem]:
        """Everything wrong with the document and its plans."""
        return check(self.document, self.catalogue)

    def build(self, document: Document | None = None, seed: int = 0) -> Graph:
        """The live graph, with the file's weights the first time. Raises: DocumentError, FileError."""
        fresh = not self.attic.blocks
        graph = build(
            document or self.document,
            self.registry,
            attic=self.attic,
            seed=seed,
            catalogue=self.catalogue,
        )
        if fresh and self.weights is not None:
            load_tensors(graph, self.weights, str(self.path))
        elif fresh:
            load_weights(self.path, graph)
        return graph

    def plan(self, name: str | None) -> tuple[str, Plan]:
        """A plan by name; without a name the only one. Raises: UsageError, DocumentError."""
        plans = self.document.plans
        if name is None and len(plans) == 1:
            name = next(iter(plans))
        if name is None or name not in plans:
            known = ", ".join(plans) or "none"
            what = f"there is no plan {name!r}{near(name, plans)}" if name else "which plan?"
            raise click.UsageError(f"{what}; {self.path.name} has: {known} (choose with --plan)")
        faults = [
            p for p in self.problems() if p.path in (f"plans.{name}",) and p.severity == "error"
        ]
        if faults:
            raise DocumentError(faults)
        return name, plans[name]

    def under(self, plan: Plan) -> Document:
        """The document with the settings that a plan asks for while it runs."""
        return configured(self.document, plan.settings)

    def adapt(self, graph: Graph, light: Path) -> str:
        """Put a light world's adapters on the graph; its name. Raises: FileError for another base."""
        world = import_light(light)
        require_base(world, content_hash(base_tensors(graph)))
        Modes(graph, world.plan, "light")
        load_adapters(graph, dict(world.tensors), "light", str(light))
        return light.stem

    def run_folder(self, plan: str) -> Path:
        """Where a plan's journal and checkpoints are kept when nothing else is said."""
        return self.path.parent / "runs" / f"{self.path.stem}-{plan}"


def open_workspace(path: Path, settings: Iterable[str] = ()) -> Workspace:
    """Open NAME.json (with NAME.safetensors beside it, if there is one) or a .world file.

    `settings` are "node.path.key=value"; values are JSON, or else text.
    Raises: FileError; UsageError for a missing file or a setting that cannot be read.
    """
    if not path.exists():
        raise click.UsageError(f"there is no file {path}")
    if path.suffix == WORLD:
        world = import_world(path)
        document, weights = world.document, world.tensors
    else:
        document, weights = read_document(path), None
    asked: dict[str, dict[str, Any]] = {}
    for text in settings:
        where, found, value = text.partition("=")
        node, _, key = where.rpartition(".")
        if not found or not node:
            raise click.UsageError(f"--set takes node.key=value, got {text!r}")
        asked.setdefault(node, {})[key] = parsed(value)
    return Workspace(path, configured(document, asked), weights)


def parsed(text: str) -> Any:
    """JSON when it is JSON, else the text itself."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def templates() -> dict[str, Path]:
    """Documents that ship, by name."""
    folder = files("assets") / "templates"
    found = sorted(Path(str(folder)).glob("*.json"))
    return {path.stem: path for path in found}
