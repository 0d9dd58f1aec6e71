"""How a shared block is called at one of its places: a block is one object, its places need not agree.

One place may keep the block still while another trains it, and two places may use different variants
of its adapters at the same time. The block itself knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from graphs.live.block import Block
from graphs.live.graph import Graph
from graphs.spec.problems import near

Call = Callable[..., Any]
How = Callable[[Block], Call]


def still(block: Block) -> Call:
    """Call the block without gradients into its parameters; they flow through to its inputs."""

    def call(*arguments: Any, **named: Any) -> Any:
        held = {name: parameter.detach() for name, parameter in block.named_parameters()}
        return torch.func.functional_call(block, held, arguments, named)

    return call


def call_at(root: Graph, calls: Mapping[str, How]) -> None:
    """From now on the blocks at these paths are called so, all others plainly; {} is the rule.

    A path may name a graph: it holds for all inside. Places inside a shared composite that runs its
    body itself (a repeat under two names) are one place and take the last that was said.
    Raises: KeyError for a path that is no node; nothing is changed then.
    """
    known = dict(root.blocks())
    for path in calls:
        if path not in known:
            raise KeyError(f"there is no node {path!r}{near(path, known)}")
    for module in root.modules():
        if isinstance(module, Graph):
            module.calling = {}
    for path, block in known.items():
        how = next((calls[p] for p in _from_inside(path) if p in calls), None)
        if how is not None and not isinstance(block, Graph):
            holder, inner = _holder(root, path)
            holder.calling[inner] = how(block)
    root.forget_programs()


def _from_inside(path: str) -> list[str]:
    names = path.split(".")
    return [".".join(names[:n]) for n in range(len(names), 0, -1)]


def _holder(root: Graph, path: str) -> tuple[Graph, str]:
    """The graph whose program calls the block, and the block's path there."""
    names = path.split(".")
    holder, start = root, 0
    block: Block = root
    for number, name in enumerate(names[:-1]):
        assert isinstance(block, Graph)
        block = block.child(name)
        if isinstance(block, Graph) and block.called:
            holder, start = block, number + 1
    return holder, ".".join(names[start:])
