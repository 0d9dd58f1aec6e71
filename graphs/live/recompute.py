"""Recomputing a block's activations in backward instead of keeping them: less memory, the same bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from torch import nn
from torch.utils.checkpoint import checkpoint

from graphs.live.block import Block


def recomputed(block: Block, call: Callable[..., Any]) -> Callable[..., Any]:
    """The block's call at a place, run a second time when its gradients are wanted.

    It runs to its end both times: torch's early stop is an exception, which a graph inside the block
    would report as a failure of a node.
    """
    contexts = partial(_contexts, block)
    return partial(checkpoint, call, use_reentrant=False, early_stop=False, context_fn=contexts)


def _contexts(
    block: nn.Module,
) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    return nullcontext(), _as_if_it_never_ran(block)


@contextmanager
def _as_if_it_never_ran(block: nn.Module) -> Iterator[None]:
    """Buffers afterwards as before: running statistics count a batch once."""
    before = [(buffer, buffer.clone()) for buffer in block.buffers()]
    try:
        yield
    finally:
        for buffer, value in before:
            buffer.data.copy_(value)  # .data: backward is under way and must not see a new version
