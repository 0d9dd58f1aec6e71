"""Source: a block that reads rows of data; which rows is decided by the Run, never by the block.

Order, epochs and batches are a pure function of the run's (seed, position), so a training resumes
exactly without saving an iterator.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import unset_fake_temporarily

from graphs.live.block import Block
from graphs.live.context import Run


class Source(Block):
    """A block without inputs that gives rows.

    A subclass implements `index` and a `forward(self, run: Run)` that returns the rows
    `self.rows(run)` of its data on `run.device`. Data is read on first use, not in `__init__`.
    """

    hidden = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Read real data even while shapes are inferred: data is kept, and a fake must not be."""
        with unset_fake_temporarily():
            return super().__call__(*args, **kwargs)

    def index(self, split: str) -> Tensor:
        """Which rows of the whole data belong to a split, in a fixed order.

        Shapes: out (n,) int64.
        Raises: ValueError for a split that this source does not have.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say which rows a split has")

    def count(self, split: str) -> int:
        """How many rows a split has."""
        return len(self.index(split))

    def rows(self, run: Run) -> Tensor:
        """The rows of this batch, as numbers of the whole data.

        Shapes: out (b,) int64.
        """
        index = self.index(run.split)
        return index[run.rows(len(index))]


def held_out_split(count: int, held_out: float, seed: int, split: str) -> Tensor:
    """Rows of "train", "test" (a fixed random share `held_out`) or "all".

    Shapes: out (n,) int64, ascending.
    Raises: ValueError for another split name.

    >>> len(held_out_split(10, 0.2, 0, "train")), len(held_out_split(10, 0.2, 0, "test"))
    (8, 2)
    """
    if split == "all":
        return torch.arange(count, device="cpu")
    stream = torch.Generator().manual_seed(seed)
    order = torch.randperm(count, generator=stream, device="cpu")
    cut = round(count * held_out)
    if split not in ("train", "test"):
        raise ValueError(f"there is no split {split!r}; there are train, test and all")
    return (order[:cut] if split == "test" else order[cut:]).sort().values
