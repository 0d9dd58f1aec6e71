"""Outputs of frozen nodes, kept under a key of everything that decides them.

A key holds the block's code, settings, weights, mode, precision and random stream, and the keys of
what flows in. Values from outside and from sources are keyed by their content, and so are weights;
nothing relies on somebody remembering to clear the cache.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import torch
import xxhash
from torch import Tensor, nn

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.program import Program, Step, brief, located, perform
from graphs.live.source import Source

PLAIN = (int, float, str, bool, bytes, tuple, list, type(None))


class OutputCache:
    """Least recently used outputs up to a number of bytes."""

    def __init__(self, max_bytes: int = 2 << 30) -> None:
        """An empty cache."""
        self.max_bytes, self.bytes, self.hits, self.misses = max_bytes, 0, 0, 0
        self._kept: OrderedDict[bytes, tuple[tuple[Any, ...], int]] = OrderedDict()

    def get(self, key: bytes) -> tuple[Any, ...] | None:
        """The outputs kept under a key."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: bytes, values: tuple[Any, ...]) -> None:
        """Keep outputs, dropping the longest unused ones when there is no room."""
        size = sum(_bytes(v) for v in values)
        if size > self.max_bytes or key in self._kept:
            return
        self._kept[key] = values, size
        self.bytes += size
        while self.bytes > self.max_bytes:
            self.bytes -= self._kept.popitem(last=False)[1][1]


class CachedProgram:
    """A program whose cacheable steps run only when something that decides their outputs changed."""

    def __init__(
        self, program: Program, kept: OutputCache, cacheable: Callable[[str], bool] = lambda _: True
    ) -> None:
        """`cacheable` says by path which steps may be reused: frozen ones, in training."""
        self.program, self.kept = program, kept
        self.reusable = [self._reusable(step) and cacheable(step.path) for step in program.steps]
        self.refresh()

    @staticmethod
    def _reusable(step: Step) -> bool:
        block = step.block
        return block is None or not (block.effects or isinstance(block, Source))

    def refresh(self) -> None:
        """Look at code, settings and weights again; call whenever they may have changed."""
        seen: dict[int, bytes] = {}
        self.prints = []
        for step, reusable in zip(self.program.steps, self.reusable, strict=True):
            if not reusable:
                self.prints.append(b"")
            elif step.block is None:
                self.prints.append(repr(step.call).encode())
            else:
                if id(step.block) not in seen:
                    seen[id(step.block)] = fingerprint(step.block)
                self.prints.append(seen[id(step.block)])

    def __call__(self, given: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
        """The program's answers. Cached values are shared: blocks do not change their inputs."""
        values: list[Any] = [None] * self.program.size
        keys: list[bytes | None] = [None] * self.program.size
        for name, slot in self.program.inputs.items():
            values[slot] = given[name]
        for step, reusable, code in zip(
            self.program.steps, self.reusable, self.prints, strict=True
        ):
            try:
                if reusable:
                    self._reuse(step, code, values, keys, run)
                else:
                    perform(step, values, run)
            except Exception as error:
                raise located(error, step, Program._given(step, values)) from error
        return {name: values[slot] for name, slot in self.program.answers.items()}

    def _reuse(
        self, step: Step, code: bytes, values: list[Any], keys: list[bytes | None], run: Run | None
    ) -> None:
        hasher = xxhash.xxh3_128(code)
        for name, slot in [*enumerate(step.ins), *step.named]:
            if keys[slot] is None:
                keys[slot] = content(values[slot])
            hasher.update(f"|{name}:".encode())
            hasher.update(keys[slot] or b"")
        hasher.update(_surroundings(step, run).encode())
        key = hasher.digest()
        found = self.kept.get(key)
        if found is None:
            perform(step, values, run)
            self.kept.put(key, tuple(_detached(values[slot]) for slot in step.outs))
        else:
            for slot, value in zip(step.outs, found, strict=True):
                values[slot] = value
        for number, slot in enumerate(step.outs):
            keys[slot] = key + bytes([number])


def fingerprint(block: nn.Module) -> bytes:
    """Everything inside a block that decides its outputs: code, settings, mode, weights, buffers."""
    hasher = xxhash.xxh3_128()
    for name, module in block.named_modules():
        settings = {
            k: v for k, v in vars(module).items() if isinstance(v, PLAIN) and not k.startswith("_")
        }
        hasher.update(
            f"{name}|{_code(type(module))}|{sorted(settings.items(), key=str)!r}".encode()
        )
    for name, tensor in [*block.named_parameters(), *block.named_buffers()]:
        hasher.update(name.encode())
        hasher.update(content(tensor))
    return hasher.digest()


def content(value: Any) -> bytes:
    """A key of a value's content: dtype, shape and bytes of tensors, and so on inside collections."""
    hasher = xxhash.xxh3_128()
    if isinstance(value, Tensor):
        plain = value.detach().cpu().contiguous()
        hasher.update(
            f"{plain.dtype}{tuple(plain.shape)}{value.device}{value.requires_grad}".encode()
        )
        hasher.update(plain.flatten().view(torch.uint8).numpy() if plain.numel() else b"")
    elif isinstance(value, np.ndarray):
        hasher.update(f"{value.dtype}{value.shape}".encode())
        hasher.update(np.ascontiguousarray(value).view(np.uint8).data)
    elif isinstance(value, Mapping):
        for key, item in sorted(value.items(), key=str):
            hasher.update(repr(key).encode() + content(item))
    elif isinstance(value, list | tuple):
        for item in value:
            hasher.update(b"," + content(item))
    else:
        hasher.update(f"{type(value).__name__}{value!r}".encode())
    return hasher.digest()


def _surroundings(step: Step, run: Run | None) -> str:
    block, parts = step.block, [torch.is_grad_enabled(), torch.get_default_dtype()]
    parts += [torch.is_autocast_enabled(kind) for kind in ("cpu", "cuda")]
    parts += [torch.get_autocast_dtype(kind) for kind in ("cpu", "cuda")]
    draws = block is not None and any(
        m.draws == "always" or (m.draws == "training" and m.training)
        for m in block.modules()
        if isinstance(m, Block)
    )
    if draws or step.run:
        parts.append((run, step.path))
    return repr(parts)


@cache
def _code(cls: type) -> str:
    try:
        with open(inspect.getsourcefile(cls) or "", "rb") as file:
            return f"{cls.__qualname__}{xxhash.xxh3_128_hexdigest(file.read())}"
    except (OSError, TypeError):  # a class made at run time has no file: its compiled code speaks
        functions = [f for f in vars(cls).values() if inspect.isfunction(f)]
        return (
            f"{cls.__qualname__}{[(f.__code__.co_code, f.__code__.co_consts) for f in functions]!r}"
        )


def _bytes(value: Any) -> int:
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, Mapping):
        return sum(map(_bytes, value.values()))
    return sum(map(_bytes, value)) if isinstance(value, list | tuple) else 64


def _detached(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, Mapping):
        return {k: _detached(v) for k, v in value.items()}
    return type(value)(map(_detached, value)) if type(value) in (list, tuple) else value
