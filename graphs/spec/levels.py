"""The levels and what each may hold, as one table: another level is one more row.

A block has no body; a node is the place that holds a block. Everything above is a body with a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from graphs.spec.problems import near

BLOCK, GRAPH, PIPELINE, STAGE, WORLD = "block", "graph", "pipeline", "stage", "world"


@dataclass(frozen=True)
class Contract:
    """A level's row.

    `holds`: levels that its nodes may have. `needs_output`: something must come out. `loops`: its
    wires may form cycles that run several times. `transition`: it may say what it does to a state.
    `cycle`: it may turn stages around a state.
    """

    holds: frozenset[str]
    meaning: str
    needs_output: bool = False
    loops: bool = False
    transition: bool = False
    cycle: bool = False


LEVELS: dict[str, Contract] = {
    GRAPH: Contract(frozenset({BLOCK, GRAPH}), "one whole task made of nodes", loops=True),
    PIPELINE: Contract(
        frozenset({BLOCK, GRAPH}),
        "whole graphs wired at their exposed ports",
        needs_output=True,
        loops=True,
    ),
    STAGE: Contract(
        frozenset({BLOCK, GRAPH, PIPELINE}),
        "one transition of the state",
        needs_output=True,
        transition=True,
    ),
    WORLD: Contract(
        frozenset({BLOCK, STAGE}), "stages in a fixed cycle around a state", cycle=True
    ),
}


def _known(name: str) -> str:
    if name not in LEVELS:
        raise ValueError(
            f"there is no level {name!r}{near(name, LEVELS)}; there are {', '.join(LEVELS)}"
        )
    return name


Level = Annotated[str, AfterValidator(_known)]
