"""The levels and what each may hold, as one table: a new level is one more row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a body is. A block has no body; a node is the place that holds a block."""

    BLOCK = "block"
    GRAPH = "graph"
    PIPELINE = "pipeline"
    STAGE = "stage"
    WORLD = "world"


@dataclass(frozen=True)
class Contract:
    """A level's row: which levels its nodes may have, and whether something must come out."""

    holds: frozenset[Level]
    needs_output: bool
    meaning: str


LEVELS: dict[Level, Contract] = {
    Level.GRAPH: Contract(
        frozenset({Level.BLOCK, Level.GRAPH}), False, "one whole task made of nodes"
    ),
    Level.PIPELINE: Contract(
        frozenset({Level.BLOCK, Level.GRAPH}), True, "whole graphs wired at their exposed ports"
    ),
    Level.STAGE: Contract(
        frozenset({Level.BLOCK, Level.GRAPH, Level.PIPELINE}), True, "one transition of the state"
    ),
    Level.WORLD: Contract(
        frozenset({Level.BLOCK, Level.STAGE}), False, "stages in a fixed cycle around a state"
    ),
}
