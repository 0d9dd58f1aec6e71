"""Which variants of a base are in use, everywhere and at single places: one small file beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphs.spec.problems import FileError
from graphs.store import read_json, write_json

Weights = Mapping[str, float]  # of variants, by name


@dataclass(frozen=True)
class InUse:
    """Variants in use everywhere, and at nodes that use others: by node path."""

    everywhere: Weights = field(default_factory=dict)
    places: Mapping[str, Weights] = field(default_factory=dict)

    def at(self, path: str, weights: Weights) -> InUse:
        """The same, but with these variants where the node at `path` is called."""
        return InUse(self.everywhere, {**self.places, path: dict(weights)})

    def without(self, name: str) -> InUse:
        """The same without one variant."""
        places = {path: _but(name, weights) for path, weights in self.places.items()}
        return InUse(_but(name, self.everywhere), places)

    def names(self) -> list[str]:
        """Every variant in use anywhere."""
        held = (self.everywhere, *self.places.values())
        return list(dict.fromkeys(name for weights in held for name in weights))


def read_in_use(path: Path) -> InUse:
    """What the file says; the plain base when there is none. Raises: FileError."""
    if not path.exists():
        return InUse()
    found = read_json(path)
    if _weights(found):  # as it was written before there were places
        return InUse(found)
    if isinstance(found, dict) and found.keys() <= {"everywhere", "places"}:
        used = InUse(found.get("everywhere", {}), found.get("places", {}))
        held = used.places.values() if isinstance(used.places, dict) else [None]
        if all(map(_weights, [used.everywhere, *held])):
            return used
    got = json.dumps(found)[:80]
    raise FileError(
        f"{path}: expected names and weights, everywhere and at places, got {got}\n"
        "  → remove it and say what is in use: worldloom variants use"
    )


def write_in_use(path: Path, used: InUse) -> None:
    """The file says this from now on. Atomic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    places = {place: dict(weights) for place, weights in used.places.items()}
    write_json(path, {"everywhere": dict(used.everywhere), "places": places})


def _but(name: str, weights: Weights) -> dict[str, float]:
    return {n: w for n, w in weights.items() if n != name}


def _weights(found: Any) -> bool:
    return isinstance(found, dict) and all(
        isinstance(w, int | float) and not isinstance(w, bool) for w in found.values()
    )
