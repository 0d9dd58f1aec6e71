"""Looks: what was found out about steps without running them, kept until what they depend on changes.

A block that an edit leaves alone is the same object (see build), so its step is known by the object,
what can change in place (mode, layers, adapters) and the shapes that come in. A composite is new
after every build: it is known by its wiring and the blocks inside.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.control import CONTROL
from graphs.live.graph import Graph
from graphs.live.program import Step, arriving
from graphs.live.source import Source

SPARE = 256  # looks that are kept beyond those of the last graph: for undo


class Unknowable(Exception):
    """Something decides a step that cannot be told apart; it is looked at each time."""


@dataclass(frozen=True)
class Look:
    """What a step gives, without data, and costs; or why it fails."""

    values: tuple[Any, ...] = ()
    flops: int = 0
    error: str = ""


@dataclass
class Looks:
    """Looks by what they depend on, in one world of fake tensors; owned by whoever asks again."""

    fake: FakeTensorMode = field(default_factory=lambda: FakeTensorMode(allow_non_fake_inputs=True))
    known: dict[Hashable, tuple[Look, Any]] = field(default_factory=dict)
    used: int = 0  # since the last forgetting

    def find(self, key: Hashable) -> Look | None:
        """What is known; it counts as used now."""
        found = self.known.pop(key, None)
        if found is None:
            return None
        self.known[key] = found
        self.used += 1
        return found[0]

    def keep(self, key: Hashable, look: Look, holds: Any) -> None:
        """Remember a look; `holds` are the objects that the key names."""
        self.known[key] = look, holds
        self.used += 1

    def forget(self) -> None:
        """Keep what was used since the last time, and a few more."""
        for key in list(self.known)[: max(0, len(self.known) - self.used - SPARE)]:
            del self.known[key]
        self.used = 0

    def ghost(self, step: Step, device: str) -> Step:
        """The step with a copy of its block whose weights are fake; data of sources stays data."""
        block = step.block
        if block is None:
            return step
        memo: dict[int, Any] = {}
        for module in block.modules():
            if isinstance(module, Source):
                memo[id(module)] = module
        with self.fake:
            for tensor in [*block.parameters(), *block.buffers()]:
                memo[id(tensor)] = self._weight(tensor, device)
            made = copy.deepcopy(block, memo)
        if isinstance(made, Graph):
            made.forget_programs()
        return step._replace(call=made, block=made)

    def value(self, value: Any) -> Any:
        """The value with fake tensors for real ones."""
        if isinstance(value, Tensor):
            return value if isinstance(value, FakeTensor) else self.fake.from_tensor(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if type(value) in (list, tuple):
            return type(value)(self.value(item) for item in value)
        return value

    def _weight(self, tensor: Tensor, device: str) -> Tensor:
        if tensor.is_meta:
            made = torch.empty_strided(
                tensor.size(), tensor.stride(), dtype=tensor.dtype, device=device
            )
        else:
            made = self.fake.from_tensor(tensor.detach())
        if isinstance(tensor, nn.Parameter):
            return nn.Parameter(made, requires_grad=tensor.requires_grad)
        return made


def key_of(step: Step, values: list[Any], run: Run) -> Hashable:
    """What decides a look. Raises: Unknowable."""
    given = tuple((name, seen_of(value)) for name, value in arriving(step, values).items())
    if step.block is None:
        assert isinstance(step.call, partial)
        return step.call.args, given
    where = run.at(step.stream) if step.run else None
    return tuple(_block(step.block)), given, where, run.device


def _block(block: Block) -> Iterator[Hashable]:
    if not isinstance(block, Graph):
        yield id(block)
        for name, module in block.named_modules():
            adapters = getattr(module, "active", ()), getattr(module, "worldloom_active", ())
            tensors = {**module._parameters, **module._buffers}.items()
            shapes = tuple((n, t.shape, t.dtype) for n, t in tensors if t is not None)
            yield name, type(module), module.training, shapes, adapters
        return
    if type(block) not in CONTROL.values():
        raise Unknowable(type(block).__name__)
    spec = block.spec
    settings = (getattr(block, name, None) for name in ("times", "scale"))
    over = tuple(getattr(block, "over", None) or ())
    yield type(block), *settings, over, spec.loops, spec.wires
    yield tuple((name, pins) for name, pins in sorted(spec.inputs.items()))
    yield tuple((name, pin) for name, pin in sorted(spec.outputs.items()))
    for name in sorted(spec.nodes):
        yield name, tuple(_block(block.child(name)))


def seen_of(value: Any) -> Hashable:
    """What a step may see of a value that has no data: shapes, and plain values themselves."""
    if isinstance(value, Tensor):
        return value.dtype, tuple(value.shape), value.stride(), str(value.device)
    if isinstance(value, Mapping):
        return "dict", tuple((key, seen_of(item)) for key, item in value.items())
    if type(value) in (list, tuple):
        return type(value), tuple(map(seen_of, value))
    if isinstance(value, str | int | float | None):
        return type(value), value
    raise Unknowable(type(value).__name__)


@contextmanager
def silent() -> Iterator[None]:
    """Inside, torch does not print the shape errors that it raises on fake tensors."""
    logger = logging.getLogger("torch._subclasses.fake_tensor")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
