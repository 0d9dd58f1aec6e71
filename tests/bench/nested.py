"""A world of many small linear layers at every level, with adapters by the engine and by PEFT."""

from collections.abc import Mapping

from torch import nn

from graphs.live.graph import Graph
from graphs.spec.document import GraphSpec, NodeSpec
from tests.bench.flat import WIDTH
from tests.bench.size import Size
from tests.bench.worlds import leaf, live, numbered, row

STAGES, PIPELINES, GRAPHS = 5, 4, 5


def blocks(size: Size) -> int:
    """How many layers each graph has; with 100 the world has 10 000."""
    return 20 if size.quick else 100


def count(size: Size) -> int:
    """How many layers the world has."""
    return STAGES * PIPELINES * GRAPHS * blocks(size)


def world(size: Size) -> Graph:
    """Stages of pipelines of graphs of linear layers, each wired in a row."""
    graph = _row(numbered(blocks(size), leaf("Linear", d_in=WIDTH, d_out=WIDTH)), "graph")
    pipeline = _row(numbered(GRAPHS, NodeSpec(body=graph)), "pipeline")
    stage = _row(numbered(PIPELINES, NodeSpec(body=pipeline)), "stage")
    return live(_row(numbered(STAGES, NodeSpec(body=stage)), "world"))


def plain(size: Size) -> nn.Module:
    """The same layers in the same nesting, as PEFT meets them."""

    def made(counts: tuple[int, ...]) -> nn.Module:
        if not counts:
            return nn.Linear(WIDTH, WIDTH)
        holder = nn.Module()
        for number in range(counts[0]):
            holder.add_module(f"n{number:06}", made(counts[1:]))
        return holder

    return made((STAGES, PIPELINES, GRAPHS, blocks(size)))


def _row(nodes: Mapping[str, NodeSpec], level: str) -> GraphSpec:
    names = list(nodes)
    return GraphSpec(
        level=level,
        nodes=nodes,
        wires=row(names),
        inputs={"x": f"{names[0]}.x"},
        outputs={"out": f"{names[-1]}.out"},
    )
