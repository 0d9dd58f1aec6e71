"""The smallest world that turns: each stage hands on one number and says so."""

from __future__ import annotations

from typing import Any

from graphs.spec.document import Document
from graphs.spec.state import BLOCKS

CYCLE = ("philosopher", "author", "update", "development", "architect", "creator")


def stage(
    does: str, needs: list[str], reads: dict[str, str], writes: dict[str, str], add: float
) -> dict[str, Any]:
    """A stage of one pipeline of one graph of one block: y = x + add."""
    block = {"type": "core/Scale", "config": {"factor": 1.0, "offset": add}}
    graph = {"nodes": {"block": block}, "inputs": {"x": "block.x"}, "outputs": {"y": "block.out"}}
    pipeline = {
        "level": "pipeline",
        "nodes": {"graph": {"body": graph}},
        "inputs": {"x": "graph.x"},
        "outputs": {"y": "graph.y"},
    }
    return {
        "body": {
            "level": "stage",
            "nodes": {"pipeline": {"body": pipeline}},
            "inputs": {"x": "pipeline.x"},
            "outputs": {"y": "pipeline.y"},
            "transition": {"does": does, "needs": needs, "reads": reads, "writes": writes},
        }
    }


def small_world(**changes: Any) -> Document:
    """Development adds 1 to the content's number; each later stage adds 10, 100, 1000, 10000."""
    one, two, three, four, five = BLOCKS
    nodes = {
        "philosopher": stage(
            "transition", [one, two, three], {"x": f"{three}.n"}, {f"{four}.n": "y"}, 1e3
        ),
        "author": stage(
            "transition", [one, two, three, four], {"x": f"{four}.n"}, {f"{five}.n": "y"}, 1e4
        ),
        "update": stage("update", [], {"x": f"{five}.n"}, {"content.n": "y"}, 0.0),
        "development": stage("development", [], {"x": "content.n"}, {f"{one}.n": "y"}, 1.0),
        "architect": stage("transition", [one], {"x": f"{one}.n"}, {f"{two}.n": "y"}, 10.0),
        "creator": stage("transition", [two], {"x": f"{two}.n"}, {f"{three}.n": "y"}, 100.0),
    }
    cycle = {
        "stages": list(CYCLE),
        "state": {block: {"n": "tensor"} for block in BLOCKS},
        "content": {"n": None},
    }
    root = {"level": "world", "nodes": nodes, "cycle": cycle} | changes
    return Document.model_validate({"root": root})
