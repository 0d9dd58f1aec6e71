"""A document file opened for work: what it holds, its live graph, and where its runs are kept.

Every command goes through here, so that `run`, `train` and `export` see the same weights. Opening and
checking need no torch; what builds or loads weights imports it then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.catalogue_cache import load_catalogue
from app.errors import UsageError
from graphs.spec.catalogue import Catalogue
from graphs.spec.check import check
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import DocumentError, EditError, FileError, Problem, near
from graphs.spec.settings import configured
from graphs.store import Template, read_document, read_template

if TYPE_CHECKING:
    from torch import Tensor

    from graphs.live.build import Attic
    from graphs.live.graph import Graph
    from graphs.live.registry import Registry

DOCUMENT, WEIGHTS, WORLD = ".json", ".safetensors", ".world"


@dataclass
class Workspace:
    """An open document. `document` may be replaced; blocks that did not change keep their weights.

    `weights` are those of a world file; a document's own lie beside it.
    """

    path: Path
    document: Document
    weights: Mapping[str, Tensor] | None = None
    untrained: bool = False  # whether it was built, and no file had weights for it

    @cached_property
    def registry(self) -> Registry:
        """The block types themselves."""
        from graphs.live.registry import Registry

        return Registry.installed()

    @cached_property
    def attic(self) -> Attic:
        """The live blocks, kept from build to build."""
        from graphs.live.build import Attic

        return Attic()

    @cached_property
    def catalogue(self) -> Catalogue:
        """Every installed block type, as data."""
        return load_catalogue()

    def problems(self) -> list[Problem]:
        """Everything wrong with the document and its plans."""
        return check(self.document, self.catalogue)

    def build(self, document: Document | None = None, seed: int = 0) -> Graph:
        """The live graph, with the file's weights the first time. Raises: DocumentError, FileError."""
        from graphs.live.build import build
        from graphs.live.weights import load_tensors
        from graphs.store import load_weights

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
            self.untrained = not load_weights(self.path, graph)
        return graph

    def plan(self, name: str | None) -> tuple[str, Plan]:
        """A plan by name; without a name the only one. Raises: UsageError, DocumentError."""
        plans = self.document.plans
        if name is None and len(plans) == 1:
            name = next(iter(plans))
        if not plans:
            raise UsageError(f"{self.path.name} has no plans\n  → write one under 'plans'")
        if name is None or name not in plans:
            what = f"there is no plan {name!r}{near(name, plans)}" if name else "which plan?"
            raise UsageError(f"{what}\n  → choose with --plan: {', '.join(plans)}")
        faults = [p for p in self.problems() if p.path == f"plans.{name}" and p.severity == "error"]
        if faults:
            raise DocumentError(faults)
        return name, plans[name]

    def under(self, plan: Plan) -> Document:
        """The document with the settings that a plan asks for while it runs."""
        return configured(self.document, plan.settings)

    def adapt(self, graph: Graph, light: Path) -> str:
        """Put a light world's adapters on the graph; its name. Raises: FileError for another base."""
        from graphs.learn.adapters import load_adapters
        from graphs.learn.modes import Modes
        from graphs.live.weights import base_tensors
        from graphs.store import content_hash, file_kind, import_light

        if file_kind(light) == "world":
            raise UsageError(f"{light} is a whole world\n  → run it itself: worldloom run {light}")
        world = import_light(light)
        base = content_hash(base_tensors(graph))
        if world.base_hash != base:
            raise FileError(
                f"{light}: expected the weights that it was trained on ({world.base_title!r}, hash "
                f"{world.base_hash[:12]}), got {self.path} with hash {base[:12]}\n"
                "  → name the world or the document that it was made from, with its weights"
            )
        Modes(graph, world.plan, "light")
        load_adapters(graph, dict(world.tensors), "light", str(light))
        return light.stem

    def run_folder(self, plan: str) -> Path:
        """Where a plan's journal and checkpoints are kept when nothing else is said."""
        return self.path.parent / "runs" / f"{self.path.stem}-{plan}"


def open_workspace(path: Path, settings: Iterable[str] = ()) -> Workspace:
    """Open NAME.json (with NAME.safetensors beside it, if there is one) or a .world file.

    `settings` are "node.path.key=value"; values are JSON, or else text.
    Raises: FileError; UsageError for what is not there or not ours, and for a setting of no node.
    """
    refuse_path(path)
    if path.suffix == WORLD:
        from graphs.store import import_world

        world = import_world(path)
        return Workspace(path, with_settings(world.document, settings), world.tensors)
    return Workspace(path, with_settings(read_document(path), settings))


def with_settings(document: Document, settings: Iterable[str]) -> Document:
    """The document with "node.path.key=value" done to it. Raises: UsageError."""
    asked: dict[str, dict[str, Any]] = {}
    for text in settings:
        where, found, value = text.partition("=")
        node, _, key = where.strip().rpartition(".")
        if not found or not node or not key:
            raise UsageError(
                f"--set takes node.key=value, such as reader.head.bias=false; got {text!r}"
            )
        asked.setdefault(node, {})[key] = parsed(value)
    try:
        return configured(document, asked)
    except EditError as error:
        raise UsageError(f"--set: {error}") from error


def parsed(text: str) -> Any:
    """JSON when it is JSON, else the text itself.

    >>> parsed("[1, 2]"), parsed("silu")
    ([1, 2], 'silu')
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def templates() -> dict[str, Path]:
    """Templates that ship, by name."""
    folder = files("assets") / "templates"
    found = sorted(Path(str(folder)).glob("*.json"))
    return {path.stem: path for path in found}


def template(name: str) -> Template:
    """A template that ships, or one's own by its file. Raises: UsageError, FileError."""
    shipped = templates()
    if name in shipped:
        return read_template(shipped[name])
    if name.endswith(DOCUMENT) and Path(name).is_file():
        return read_template(Path(name))
    hint = near(name, shipped) or f"\n  → there are {', '.join(shipped)}, and files {DOCUMENT}"
    raise UsageError(f"there is no template {name!r}{hint}")


def from_template(name: str, values: Mapping[str, Any] | None = None) -> Document:
    """A new document from a template: these values for its parameters, the defaults for the rest.

    Raises: UsageError for no such template; TemplateError naming every value that does not fit.
    """
    return template(name).document(values)


def parameter_values(found: Template, texts: Iterable[str]) -> dict[str, Any]:
    """What "NAME=VALUE" texts choose: JSON, but a text as it stands, and a list of texts by commas.

    Raises: UsageError for a text without "=".
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, given, value = text.partition("=")
        if not given:
            raise UsageError(f"--param takes NAME=VALUE, got {text!r}")
        kind = found.parameters[name].type if name in found.parameters else ""
        if kind == "texts" and not value.startswith("["):
            values[name] = [part.strip() for part in value.split(",")]
        else:
            values[name] = value if kind == "text" else parsed(value)
    return values


def refuse_path(path: Path) -> None:
    """Say what a wrong path is before a reader says what it is not.

    Raises: UsageError unless a document or a whole world may be there.
    """
    if path.is_dir():
        inside = [f.name for f in sorted(path.iterdir()) if f.suffix in (DOCUMENT, WORLD)]
        hint = f": {', '.join(inside[:5])}" if inside else ""
        raise UsageError(f"{path} is a folder\n  → name a file inside it{hint}")
    if not path.exists():
        beside = path.parent.iterdir() if path.parent.is_dir() else ()
        names = [f.name for f in beside if f.suffix in (DOCUMENT, WORLD)]
        hint = near(path.name, names) or "\n  → check the path, or start one: worldloom new"
        raise UsageError(f"there is no file {path}{hint}")
    if path.suffix == WEIGHTS and path.with_suffix(DOCUMENT).exists():
        raise UsageError(
            f"{path} holds weights\n  → name the document: {path.with_suffix(DOCUMENT)}"
        )
    if path.suffix not in (DOCUMENT, WORLD):
        raise UsageError(f"{path}: a document ends in {DOCUMENT}, a world in {WORLD}")
    if path.suffix == WORLD:
        from graphs.store import file_kind

        if file_kind(path) == "light world":
            raise UsageError(
                f"{path} is a light world: adapters without the world that they belong to\n"
                f"  → worldloom run BASE --light {path}"
            )
