"""Data from no file: random rows and running numbers."""

import hashlib
from typing import Annotated, Literal

import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Run, Source, held_out_split
from nodes.data.reading import Share


class RandomTensor(Source):
    """`count` rows of random numbers; a row is the same whenever it is asked for.

    A row depends on the run's seed, the node's path and the row's number, not on the step: it is
    data like that of a file. For new noise at each step use a noise layer.

    Units: "normal" has mean `low` and deviation `high` - `low`; "uniform" lies in [low, high),
    "integers" too, as int64.
    Shapes: out (b, *shape).
    Source: torch.randn, rand, randint.

    >>> RandomTensor([2, 3])(run=Run(batch=4)).shape
    torch.Size([4, 2, 3])
    """

    def __init__(
        self,
        shape: tuple[PositiveInt, ...] = (1,),
        distribution: Literal["normal", "uniform", "integers"] = "normal",
        low: float = 0.0,
        high: float = 1.0,
        count: PositiveInt = 1000,
        held_out: Share = 0.2,
        split_seed: int = 0,
    ) -> None:
        """Raises: ValueError when there is no number from low to high."""
        super().__init__()
        if low >= high:
            raise ValueError(f"low must be below high, got {low} and {high}")
        if distribution == "integers" and (low % 1 or high % 1):
            raise ValueError(f"low and high must be whole for integers, got {low} and {high}")
        self.shape, self.distribution, self.low, self.high = tuple(shape), distribution, low, high
        self.size, self.held_out, self.split_seed = count, held_out, split_seed

    def index(self, split: str) -> Tensor:
        """Rows of "train", "test" or "all"."""
        return held_out_split(self.size, self.held_out, self.split_seed, split)

    def forward(self, run: Run) -> Annotated[Tensor, ""]:
        """The rows of this batch."""
        rows = [self._row(run, row) for row in self.rows(run).tolist()]
        return torch.stack(rows).to(run.device)

    def _row(self, run: Run, row: int) -> Tensor:
        name = f"row/{run.seed}/{run.path}/{row}"
        seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 1
        draw = torch.Generator().manual_seed(seed)
        if self.distribution == "integers":
            return torch.randint(int(self.low), int(self.high), self.shape, generator=draw)
        sample = torch.randn if self.distribution == "normal" else torch.rand
        return sample(self.shape, generator=draw) * (self.high - self.low) + self.low


class Counter(Source):
    """The numbers start, start + 1, ... of `count` rows, the same for every split.

    Shapes: out (b,) int64.
    Source: torch.arange.

    >>> Counter(count=5, start=10)(run=Run(batch=3))
    tensor([10, 11, 12])
    """

    def __init__(self, count: PositiveInt = 100, start: int = 0) -> None:
        super().__init__()
        self.size, self.start = count, start

    def index(self, split: str) -> Tensor:
        """All rows, for "train", "test" or "all"."""
        return everything(self.size, split)

    def forward(self, run: Run) -> Annotated[Tensor, "b"]:
        """The numbers of this batch."""
        return (self.rows(run) + self.start).to(run.device)


class Labels(Source):
    """Class ids 0, 1, ..., classes - 1, again and again, `each` times: what to make, not what is.

    Shapes: out (b,) int64 in [0, classes).
    Source: ours; ten of each digit is Labels(classes=10, each=10).

    >>> Labels(classes=3, each=2)(run=Run(batch=6))
    tensor([0, 1, 2, 0, 1, 2])
    """

    def __init__(self, classes: PositiveInt = 10, each: PositiveInt = 10) -> None:
        super().__init__()
        self.classes, self.each = classes, each

    def index(self, split: str) -> Tensor:
        """All rows, for "train", "test" or "all"."""
        return everything(self.classes * self.each, split)

    def forward(self, run: Run) -> Annotated[Tensor, "b"]:
        """The ids of this batch."""
        return (self.rows(run) % self.classes).to(run.device)


def everything(count: int, split: str) -> Tensor:
    """All rows, for data of which nothing is held out.

    Shapes: out (count,) int64.
    Raises: ValueError for another split than train, test and all.
    """
    if split not in ("train", "test", "all"):
        raise ValueError(f"there is no split {split!r}; there are train, test and all")
    return torch.arange(count)
