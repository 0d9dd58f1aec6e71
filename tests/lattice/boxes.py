"""Small lattices to look at: one node in a graph, built as any document is."""

from functools import cache
from typing import Any

import torch
from torch import Tensor

import nodes
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec
from nodes.lattice.lattice import METRICS, EnergyLattice
from nodes.lattice.presets import lattice
from tests.lattice import toys

D_IN, D_OUT = 6, 5


@cache
def registry() -> Registry:
    return Registry({"core": nodes, "toy": toys})


def spec_of(node: dict[str, Any]) -> GraphSpec:
    """A graph of this lattice alone, with everything exposed that it gives without being asked."""
    given = ("out", "face", *METRICS, *["trajectory"] * node["config"].get("trace", False))
    outputs = {name: f"lattice.{name}" for name in given}
    return GraphSpec.model_validate(
        {"nodes": {"lattice": node}, "inputs": {"x": "lattice.x"}, "outputs": outputs}
    )


def world(
    size: tuple[int, int, int] = (4, 3, 5), seed: int = 0, lively: float = 0.0, **config: Any
) -> Graph:
    """A live one. `lively` moves every head's weights away from a quiet start."""
    config = {"hidden": 8, "layers": 2, "neuron": 8, "features": 6, **config}
    graph = build(spec_of(lattice(D_IN, D_OUT, size, **config)), registry(), seed=seed)
    if lively:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for name, p in graph.named_parameters():
                noise = torch.randn(p.shape, generator=generator) * lively
                p.add_(noise + (1.0 if name.endswith("spawn.bias") else 0.0))
    return graph


def box(graph: Graph) -> EnergyLattice:
    found = graph.at("lattice")
    assert isinstance(found, EnergyLattice)
    return found


def embedding(batch: int = 3, seed: int = 0) -> Tensor:
    return torch.randn(batch, D_IN, generator=torch.Generator().manual_seed(seed))
