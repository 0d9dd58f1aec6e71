"""The light variants of one base world, kept beside it: NAME.variants/VARIANT.world and which are in use.

A variant holds adapters, the plan that says where they sit, and the hash of its base; the base's own
files are never written here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphs.learn.merging import merged
from graphs.learn.modes import Modes
from graphs.learn.variants import activate, load_adapters, refuse_name, variants_of
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors
from graphs.spec.problems import FileError, WorldloomError, near
from graphs.store import (
    LightWorld,
    content_hash,
    export_light,
    import_light,
    read_json,
    require_base,
    write_json,
)

USED = "used.json"
ENDING = ".world"


@dataclass(frozen=True)
class Entry:
    """One variant on the shelf; `fits` tells whether it was made for the base as it is now."""

    name: str
    weight: float
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
                    used.get(name, 0.0),
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
        self.use({n: w for n, w in self.used().items() if n != name})
        self._file(name).unlink()

    def used(self) -> dict[str, float]:
        """The variants in use and their weights; {} is the plain base."""
        path = self.folder / USED
        if not path.exists():
            return {}
        found = read_json(path)
        fits = isinstance(found, dict) and all(isinstance(w, int | float) for w in found.values())
        if not fits:
            raise FileError(
                f"{path}: expected an object of names and weights, got {json.dumps(found)[:80]}"
            )
        return {name: float(weight) for name, weight in found.items()}

    def use(self, weights: Mapping[str, float]) -> None:
        """These variants are in use from now on, with these weights."""
        for name in weights:
            self._known(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / USED, dict(weights))

    def put_on(self, graph: Graph, weights: Mapping[str, float] | None = None) -> dict[str, float]:
        """Put variants on a live graph and make them active; those in use unless told otherwise.

        Variants that are on the graph already are only switched, which takes no reading.
        Raises: FileError for a variant of another base.
        """
        wanted = dict(self.used() if weights is None else weights)
        present = variants_of(graph)
        missing = [name for name in wanted if name not in present]
        base = content_hash(base_tensors(graph)) if missing else ""
        for name in missing:
            light = self.read(name)
            require_base(light, base)
            Modes(graph, light.plan, name)
            load_adapters(graph, dict(light.tensors), name, str(self._file(name)))
        activate(graph, wanted)
        return wanted

    def merged(self, graph: Graph, weights: Mapping[str, float]) -> dict[str, Any]:
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
