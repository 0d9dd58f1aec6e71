"""The tensors of one node, for people to look at: names, shapes, kinds."""

from __future__ import annotations

from torch import nn

from app.engine.events import TensorFacts, TensorsListed
from graphs.live.graph import Graph
from graphs.live.weights import walk
from graphs.spec.problems import WorldloomError, near

MOST = 400  # that are told of one node


def list_tensors(graph: Graph, path: str, revision: int) -> TensorsListed:
    """What the block at a path holds, with its adapters. Raises: WorldloomError when there is none."""
    blocks = {"": graph, **dict(graph.blocks())}
    block = blocks.get(path)
    if block is None:
        raise WorldloomError(f"there is no node {path!r}{near(path, blocks)}")
    base = {named.name for named in walk(block)}
    found = [
        TensorFacts(
            name=named.name,
            shape=tuple(named.tensor.shape),
            dtype=str(named.tensor.dtype).removeprefix("torch."),
            kind="adapter"
            if named.name not in base
            else "parameter"
            if isinstance(named.tensor, nn.Parameter)
            else "buffer",
            shared=bool(named.others),
        )
        for named in walk(block, adapters=True)
    ]
    left_out = max(len(found) - MOST, 0)
    return TensorsListed(
        path=path, revision=revision, tensors=tuple(found[:MOST]), left_out=left_out
    )
