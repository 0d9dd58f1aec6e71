"""The light variants of one base world, kept beside it: NAME.variants/VARIANT.world and which are in use.

A variant holds adapters, the plan that says where they sit, and the hash of its base; the base's own
files are never written here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.in_use import InUse, Weights, read_in_use, write_in_use
from graphs.learn.merging import merged
from graphs.learn.modes import Modes
from graphs.learn.variants import (
    activate,
    active_in,
    load_adapters,
    put_back,
    refuse_name,
    using,
    variants_of,
)
from graphs.live.calling import call_at
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors
from graphs.spec.problems import FileError, WorldloomError, near
from graphs.store import (
    LightWorld,
    content_hash,
    export_light,
    import_light,
    require_base,
)

USED = "used.json"
ENDING = ".world"


@dataclass(frozen=True)
class Entry:
    """One variant on the shelf; `fits` tells whether it was made for the base as it is now.

    `weight` is how strongly it is in use everywhere, `places` where it is in use besides.
    """

    name: str
    weight: float
    places: tuple[str, ...]
    bytes: int
    parameters: int
    methods: tuple[str, ...]
    fits: bool


class Shelf:
    """The variants of the document at `path`. Files are the truth; nothing is kept in memory."""

    def __init__(self, path: Path) -> None:
        """The shelf may not exist yet; the first variant makes it."""
        self.folder = path.with_name(f"{path.stem}.variants")

    def names(self) -> list[str]:
        """What is on the shelf, sorted."""
        return (
            sorted(p.stem for p in self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []
        )

    def read(self, name: str) -> LightWorld:
        """One variant. Raises: WorldloomError when it is not there, FileError when it is damaged."""
        self._known(name)
        return import_light(self._file(name))

    def entries(self, base_hash: str) -> list[Entry]:
        """All variants, as a list shows them."""
        used, found = self.used(), []
        for name in self.names():
            light = self.read(name)
            methods = {r.method for r in light.plan.rules if r.mode == "lora"}
            found.append(
                Entry(
                    name,
                    used.everywhere.get(name, 0.0),
                    tuple(path for path, weights in used.places.items() if name in weights),
                    os.path.getsize(self._file(name)),
                    sum(t.numel() for t in light.tensors.values()),
                    tuple(sorted(methods)),
                    light.base_hash == base_hash,
                )
            )
        return found

    def add(self, name: str, light: LightWorld, base_hash: str, replace: bool = False) -> Path:
        """Put a variant on the shelf. Raises: FileError for another base, WorldloomError if taken."""
        refuse_name(name)
        require_base(light, base_hash)
        if name in self.names() and not replace:
            raise WorldloomError(
                f"there is a variant {name!r} already; remove it, or choose another name"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        export_light(
            self._file(name),
            light.base_hash,
            light.base_title,
            light.plan,
            light.tensors,
            light.extra,
        )
        return self._file(name)

    def remove(self, name: str) -> None:
        """Take a variant off the shelf, and out of use."""
        self._known(name)
        write_in_use(self.folder / USED, self.used().without(name))
        self._file(name).unlink()

    def used(self) -> InUse:
        """The variants in use."""
        return read_in_use(self.folder / USED)

    def use(self, weights: Weights, at: str = "", keep_places: bool = False) -> None:
        """These variants are in use from now on, with these weights; {} is the plain base.

        With `at` only where that node is called, whatever is in use elsewhere; without it everywhere,
        and what was said of single places is forgotten, unless `keep_places`.
        """
        for name in weights:
            self._known(name)
        before = self.used()
        used = InUse(weights, before.places if keep_places else {})
        if at:
            used = before.at(at, weights)
        write_in_use(self.folder / USED, used)

    def put_on(self, graph: Graph, weights: Weights | None = None) -> dict[str, float]:
        """Put variants on a live graph and make them active; those in use unless told otherwise.

        Variants that are on the graph already are only switched, which takes no reading.
        Raises: FileError for a variant of another base; WorldloomError for a place that is no node.
        """
        used = self.used() if weights is None else InUse(weights)
        self.load(graph, used.names())
        activate(graph, used.everywhere)
        if used.places or any(isinstance(m, Graph) and m.calling for m in graph.modules()):
            try:
                call_at(graph, {path: using(held) for path, held in used.places.items()})
            except KeyError as error:  # the document has changed since
                raise FileError(
                    f"{self.folder / USED}: {error.args[0]}\n  → say anew what is in use: "
                    f"worldloom variants use {self.folder.stem}.json"
                ) from error
        return dict(used.everywhere)

    def load(self, graph: Graph, names: Iterable[str]) -> None:
        """These variants are on the graph; what is active is as before.

        Raises: FileError for a variant of another base.
        """
        before = active_in(graph)
        present = variants_of(graph)
        missing = [name for name in names if name not in present]
        base = content_hash(base_tensors(graph)) if missing else ""
        for name in missing:
            light = self.read(name)
            require_base(light, base)
            Modes(graph, light.plan, name)
            load_adapters(graph, dict(light.tensors), name, str(self._file(name)))
        if missing:
            put_back({layer: before.get(layer, {}) for layer in active_in(graph)})

    def refuse_place(self, graph: Graph, path: str, weights: Weights) -> None:
        """Raises: WorldloomError unless there is such a node and every variant has adapters in it."""
        try:
            block = graph.at(path)
        except KeyError as error:
            raise WorldloomError(str(error.args[0])) from error
        self.load(graph, weights)
        for name in weights:
            if name not in variants_of(block):
                raise WorldloomError(
                    f"variant {name!r} has no adapters inside {path!r}, so nothing would change there"
                    "\n  → name a node that it adapts: worldloom info FILE --plan PLAN"
                )

    def merged(self, graph: Graph, weights: Weights) -> dict[str, Any]:
        """The tensors of a new full world: the base with these variants folded in."""
        self.put_on(graph, weights)
        return merged(graph, weights)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}{ENDING}"

    def _known(self, name: str) -> None:
        names = self.names()
        if name not in names:
            has = ", ".join(names) or "none yet"
            raise WorldloomError(
                f"there is no variant {name!r}{near(name, names)}; there are: {has}"
            )
