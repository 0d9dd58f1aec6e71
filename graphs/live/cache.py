"""Outputs of frozen nodes, kept under a key of everything that decides them.

A key holds the block's code, settings, weights, mode, precision and random stream, and the keys of
what flows in. Values from outside and from sources are keyed by their content, and so are weights;
nothing relies on somebody remembering to clear the cache. What has no key is computed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
import xxhash
from torch import Tensor

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.fingerprint import PLAIN, NoFingerprint, fingerprint
from graphs.live.graph import Graph
from graphs.live.program import Program, Step, perform
from graphs.live.source import Source


class OutputCache:
    """Least recently used outputs up to a number of bytes."""

    def __init__(self, max_bytes: int = 2 << 30) -> None:
        """An empty cache."""
        self.max_bytes, self.bytes, self.hits, self.misses = max_bytes, 0, 0, 0
        self._kept: OrderedDict[bytes, tuple[tuple[Any, ...], int]] = OrderedDict()

    def get(self, key: bytes) -> tuple[Any, ...] | None:
        """The outputs kept under a key; they stay the cache's own: copy before handing them on."""
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: bytes, values: tuple[Any, ...]) -> None:
        """Keep outputs, dropping the longest unused ones when there is no room."""
        size = sum(map(_bytes, values))
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
        self.program, self.kept, self.cacheable = program, kept, cacheable
        self.refresh()

    def refresh(self) -> None:
        """Look at code, settings and weights again; call whenever they may have changed."""
        seen: dict[int, bytes] = {}
        self.prints = [self._print(step, seen) for step in self.program.steps]
        self.draws = [_draws(step) for step in self.program.steps]

    def distrust(self, tensors: set[int]) -> None:
        """Reuse no step that holds one of these tensors until the next refresh: they changed."""
        for number, step in enumerate(self.program.steps):
            if tensors & _versions(step).keys():
                self.prints[number] = b""

    def _print(self, step: Step, seen: dict[int, bytes]) -> bytes:
        """What is known of a step apart from its inputs; b"" is never to be reused."""
        if not self.cacheable(step.path):
            return b""
        block = step.block
        if block is not None and (_placed(step) or any(_acts(m) for m in block.modules())):
            return b""
        key = id(step.call if block is None else block)
        if key not in seen:
            try:
                seen[key] = fingerprint(step.call if block is None else block)
            except NoFingerprint:
                seen[key] = b""
        return seen[key]

    def __call__(self, given: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
        """The program's answers; they are the caller's own, whatever the cache keeps."""
        pass_ = _Pass(self, run)
        results = self.program.stepwise(given, run, pass_.do)
        lent = {n for n, slot in self.program.answers.items() if slot in pass_.lent}
        return {n: _copied(value) if n in lent else value for n, value in results.items()}


class _Pass:
    """One run: the keys of its slots, and which of them hold values that belong to the cache."""

    def __init__(self, cached: CachedProgram, run: Run | None) -> None:
        self.cached, self.run = cached, run
        self.keys: dict[int, bytes] = {}
        self.lent: set[int] = set()
        self.surroundings = _surroundings()

    def do(self, number: int, step: Step, values: list[Any]) -> bool:
        """Take the step's results from the cache or compute them; whether they were taken."""
        key = self._key(number, step, values)
        found = self.cached.kept.get(key) if key else None
        if found is None:
            self._own(step, values)
            before = _versions(step) if key else {}
            perform(step, values, self.run)
            if changed := before.items() - _versions(step).items():
                self.cached.distrust({address for address, _ in changed})
                key = b""
            self._keep(key, step, values)
        else:
            for slot, value in zip(step.outs, found, strict=True):
                values[slot] = value
            self.lent.update(step.outs)
        if key:
            for port, slot in enumerate(step.outs):
                self.keys[slot] = key + port.to_bytes(4)
        return found is not None

    def _key(self, number: int, step: Step, values: list[Any]) -> bytes:
        """The key of a step's results, b"" when it has none."""
        code, draws = self.cached.prints[number], self.cached.draws[number]
        if not code or (draws and self.run is None):
            return b""
        hasher = xxhash.xxh3_128(code + self.surroundings)
        if draws or step.run:
            hasher.update(repr((self.run, step.stream, sorted(step.wanted))).encode())
        try:
            for name, slot in [*enumerate(step.ins), *step.named]:
                if slot not in self.keys:
                    self.keys[slot] = fingerprint(values[slot])
                hasher.update(f"|{name}:".encode() + self.keys[slot])
        except NoFingerprint:
            return b""
        return hasher.digest()

    def _own(self, step: Step, values: list[Any]) -> None:
        """Copies for a step that runs, so that what it passes on is not the cache's."""
        for slot in self.lent.intersection((*step.ins, *(s for _, s in step.named))):
            values[slot] = _copied(values[slot])
            self.lent.discard(slot)

    def _keep(self, key: bytes, step: Step, values: list[Any]) -> None:
        results = tuple(values[slot] for slot in step.outs)
        if key and all(map(_keepable, results)):
            self.cached.kept.put(key, tuple(map(_copied, results)))


def _acts(module: Any) -> bool:
    """Whether leaving a run out would be noticed, or data has to be read anew."""
    return isinstance(module, Source) or (isinstance(module, Block) and bool(module.effects))


def _placed(step: Step) -> bool:
    """Whether the block is called in a way of its own here or at a place inside it (see calling)."""
    call = step.call.args[0] if isinstance(step.call, partial) else step.call  # see recompute
    inner = step.block.modules() if step.block is not None else ()
    return call is not step.block or any(isinstance(m, Graph) and m.calling for m in inner)


def _draws(step: Step) -> bool:
    return step.block is not None and any(
        m.draws == "always" or (m.draws == "training" and m.training)
        for m in step.block.modules()
        if isinstance(m, Block)
    )


def _versions(step: Step) -> dict[int, int]:
    """How often each weight and buffer was written, by identity: batch norm writes in training."""
    if step.block is None:
        return {}
    tensors = [*step.block.parameters(), *step.block.buffers()]
    return {id(t): t._version for t in tensors if not t.is_inference()}


def _surroundings() -> bytes:
    """What torch was told elsewhere, and what changes bits."""
    parts: list[Any] = [torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()]
    for kind in ("cpu", "cuda"):
        parts += [torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind)]
    parts += [torch.get_float32_matmul_precision(), torch.are_deterministic_algorithms_enabled()]
    return repr(parts).encode()


def _keepable(value: Any) -> bool:
    """Whether a copy is as good as the value: it belongs to no autograd graph and can be copied."""
    if isinstance(value, Tensor):
        return not value.requires_grad
    if type(value) is dict:
        return all(map(_keepable, value.values()))
    if type(value) in (list, tuple):
        return all(map(_keepable, value))
    return isinstance(value, (np.ndarray, *PLAIN))


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return type(value)(map(_copied, value)) if isinstance(value, list | tuple) else value


def _bytes(value: Any) -> int:
    if isinstance(value, Tensor | np.ndarray):
        return value.nbytes
    if isinstance(value, dict):
        return sum(map(_bytes, value.values()))
    if isinstance(value, str | bytes):
        return len(value)
    return sum(map(_bytes, value)) if isinstance(value, list | tuple) else 64
