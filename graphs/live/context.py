"""Run: the facts of one run that are not data on a wire.

Which rows sources give, which step this is, and which random stream a node draws from. Streams are
keyed by (seed, node path, step), so freezing, caching or adding one node never shifts another's
noise, and no generator state needs to survive a restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from graphs.spec.document import join

if TYPE_CHECKING:
    from graphs.live.program import Observer


@dataclass(frozen=True)
class Run:
    """One pass through a graph.

    `position` counts batches from the start of training; `split` and `batch` say which rows a source
    gives; `path` is where in the world the caller stands; `output` is the directory inside which
    writers write. An `observer` is told of every node at every depth. `wanted` are the ports of the
    block itself that somebody reads, among those that it gives on demand only.
    """

    seed: int = 0
    position: int = 0
    split: str = "train"
    batch: int = 32
    shuffle: bool = False
    path: str = ""
    device: str = "cpu"
    regroup: bool = True
    output: str = "."
    observer: Observer | None = field(default=None, repr=False, compare=False)
    wanted: frozenset[str] = frozenset()

    def at(self, name: str, wanted: frozenset[str] = frozenset()) -> Run:
        """The same run, seen from inside the node or iteration `name`."""
        return replace(self, path=join(self.path, name), wanted=wanted)

    @property
    def place(self) -> str:
        """The path in the document: without the numbers of iterations, which no node is called.

        >>> Run(path="sampler.3.solver").place
        'sampler.solver'
        """
        return ".".join(name for name in self.path.split(".") if not name.isdigit())

    def rows(self, count: int) -> Tensor:
        """Which of `count` rows this batch holds.

        A pure function of (seed, position, batch, count): all sources of one length agree. Shuffled
        runs go through a fresh permutation each epoch and always fill the batch; others read in
        order and end with a short batch.

        With `regroup=False` shuffled batches keep their rows through the epochs and only their order
        changes (a last short batch included), so that what was computed from them can be reused.

        Shapes: out (b,) int64.
        Raises: ValueError when there are no rows.
        """
        if count <= 0:
            raise ValueError(f"split {self.split!r} has no rows")
        if self.shuffle and not self.regroup:
            batches = -(-count // self.batch)
            epoch, offset = divmod(self.position, batches)
            which = int(permutation(self.seed, epoch + 1, batches)[offset])
            rows = permutation(self.seed, 0, count)
            return rows[which * self.batch : (which + 1) * self.batch].clone()
        start = self.position * self.batch
        if not self.shuffle:
            start %= -(-count // self.batch) * self.batch
            return torch.arange(start, min(start + self.batch, count), device="cpu")
        parts, need = [], self.batch
        while need:
            epoch, offset = divmod(start, count)
            part = permutation(self.seed, epoch, count)[offset : offset + need]
            parts.append(part)
            start, need = start + len(part), need - len(part)
        return torch.cat(parts)

    def generator(self, name: str = "", device: torch.device | str = "cpu") -> torch.Generator:
        """A generator of this node's own stream."""
        return torch.Generator(device).manual_seed(self.key(name))

    @contextmanager
    def stream(self, name: str) -> Iterator[None]:
        """Torch's global generators stand at this node's own stream inside, as before afterwards."""
        with seeded(self.key(name), torch.device(self.device)):
            yield

    def key(self, name: str = "") -> int:
        """The seed of a stream: 63 bits of blake2b over (seed, path, position)."""
        return _hash(f"{self.seed}/{join(self.path, name)}/{self.position}")


@contextmanager
def seeded(key: int, device: torch.device) -> Iterator[None]:
    """The global generators of the CPU and of `device` start at `key` inside, as before afterwards.

    A GPU in use counts even when `device` is the CPU. Not torch.manual_seed, which would also move
    the generators of every other device.
    """
    generators = [torch.default_generator]
    if device.type == "cuda" or torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.init()  # type: ignore[no-untyped-call]
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    elif device.type == "mps":
        generators.append(torch.mps._get_default_mps_generator())
    states = [generator.get_state() for generator in generators]
    try:
        for generator in generators:
            generator.manual_seed(key)
        yield
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


@lru_cache(maxsize=64)
def permutation(seed: int, epoch: int, count: int) -> Tensor:
    """The order of `count` rows in one epoch.

    Shapes: out (count,) int64.
    """
    stream = torch.Generator().manual_seed(_hash(f"rows/{seed}/{epoch}/{count}"))
    return torch.randperm(count, generator=stream, device="cpu")


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1
