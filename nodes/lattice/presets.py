"""Ready-made lattices as documents: the seed's three sizes, and any other."""

from typing import Any, NamedTuple

SEED = 768  # numbers of the embeddings that the seed speaks of
BODY_WIRES = [
    "face_in.energy -> neuron.energy",
    "face_in.position -> neuron.position",
    "neuron.out -> carrier.x",
    "face_in.energy -> carrier.energy",
    "face_in.position -> carrier.position",
    "carrier.energy -> face_out.energy",
    "carrier.position -> face_out.position",
]


class Preset(NamedTuple):
    """A mode of the seed: its box, and how far an untrained flow jumps so that it arrives in time."""

    size: tuple[int, int, int]
    advance: float


PRESETS = {
    "debug": Preset((20, 20, 10), 2.0),
    "experiment": Preset((50, 50, 20), 3.0),
    "optimised": Preset((100, 100, 50), 6.0),
}


def lattice(
    d_in: int,
    d_out: int,
    size: tuple[int, int, int],
    *,
    cell_dim: int = 1,
    hidden: int = 1024,
    layers: int = 3,
    neuron: int = 64,
    features: int = 128,
    children: int = 2,
    reach: float = 1.0,
    advance: float = 2.0,
    **config: Any,
) -> dict[str, Any]:
    """A node of a document: a lattice with the usual parts; `config` is the lattice's own.

    >>> lattice(64, 32, (8, 8, 6))["body"]["inputs"]
    {'x': 'face_in.x'}
    """
    width, height, depth = size
    box = {"width": width, "height": height, "depth": depth}
    face = {"width": width, "height": height, "cell_dim": cell_dim}
    carrier: dict[str, Any] = {"d_in": features, "cell_dim": cell_dim, "hidden": hidden}
    carrier |= {"layers": layers, "children": children, "reach": reach, "advance": advance}
    parts = {
        "face_in": ("FaceIn", {"d_in": d_in, **face}),
        "neuron": (
            "SimpleNeuron",
            {**box, "cell_dim": cell_dim, "hidden": neuron, "d_out": features},
        ),
        "carrier": ("EnergyCarrier", carrier),
        "face_out": ("FaceOut", {"d_out": d_out, **box, "cell_dim": cell_dim}),
    }
    return {
        "type": "core/EnergyLattice",
        "config": {**box, **config},
        "body": {
            "nodes": {n: {"type": f"core/{kind}", "config": c} for n, (kind, c) in parts.items()},
            "wires": list(BODY_WIRES),
            "inputs": {"x": "face_in.x"},
            "outputs": {"out": "face_out.out", "face": "face_out.face"},
        },
    }


def document(name: str) -> dict[str, Any]:
    """A preset as a document of its own: one lattice, from an embedding to an embedding."""
    preset = PRESETS[name]
    width, height, depth = preset.size
    node = lattice(SEED, SEED, preset.size, advance=preset.advance)
    return {
        "title": f"Energy lattice, {name}",
        "description": f"The seed's {name} mode: a box of {width}×{height}×{depth} cells and a "
        f"carrier of 3×1024, from an embedding of {SEED} numbers to another.",
        "root": {
            "nodes": {"lattice": node | {"label": "Energy lattice"}},
            "inputs": {"x": "lattice.x"},
            "outputs": {"out": "lattice.out", "arrived": "lattice.arrived"},
        },
    }
