"""The small documents that the bars run on."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import nodes
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document, GraphSpec, NodeSpec


@cache
def registry() -> Registry:
    """Our own library, whatever else is installed."""
    return Registry({"core": nodes})


@cache
def catalogue() -> Catalogue:
    """Its block types as data."""
    return registry().catalogue()


def leaf(name: str, **config: Any) -> NodeSpec:
    """A node of our library."""
    return NodeSpec(type=f"core/{name}", config=config)


def numbered(count: int, node: NodeSpec) -> dict[str, NodeSpec]:
    """So many places for equal nodes, named in order."""
    return {f"n{number:06}": node for number in range(count)}


def row(names: Sequence[str]) -> list[str]:
    """The wires of nodes one behind the other."""
    return [f"{a}.out -> {b}.x" for a, b in pairwise(names)]


def chain(parts: Mapping[str, NodeSpec]) -> GraphSpec:
    """Nodes in a row, from the input x to the output out."""
    names = list(parts)
    return GraphSpec(
        nodes=parts,
        wires=row(names),
        inputs={"x": f"{names[0]}.x"},
        outputs={"out": f"{names[-1]}.out"},
    )


def diamond(parts: Mapping[str, NodeSpec]) -> GraphSpec:
    """Nodes beside each other, from the input x, stacked into the output out."""
    return GraphSpec(
        nodes={**parts, "stack": leaf("Stack", axis=0)},
        wires=[f"{name}.out -> stack.x" for name in parts],
        inputs={"x": [f"{name}.x" for name in parts]},
        outputs={"out": "stack.out"},
    )


def learning(parts: Mapping[str, NodeSpec], inputs: Mapping[str, str] | None = None) -> GraphSpec:
    """Nodes in a row, from the input x to a squared distance "loss.out" from the input target.

    More inputs are said as {name: "node.port"}.
    """
    names = list(parts)
    return GraphSpec(
        nodes={**parts, "loss": leaf("MSELoss")},
        wires=row([*names, "loss"]),
        inputs={"x": f"{names[0]}.x", "target": "loss.target", **(inputs or {})},
        outputs={"out": f"{names[-1]}.out", "loss": "loss.out"},
    )


def live(spec: GraphSpec | Document, seed: int = 0) -> Graph:
    """The graph, built from our library."""
    return build(spec, registry(), catalogue=catalogue(), seed=seed)
