"""Parts of a tensor along one axis.

A cut has exactly two outputs, `first` and `second`: ports must be known before anything runs, and a
list of chunks would be one port that no layer takes. More pieces are Slices or a chain of Splits.
"""

from typing import Annotated, NamedTuple

from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Block


class Halves(NamedTuple):
    """The parts before and after a cut."""

    first: Annotated[Tensor, ""]
    second: Annotated[Tensor, ""]


class Split(Block):
    """An axis cut in two after `first` entries; a negative `first` counts from the end.

    Shapes: x with n entries on `axis` -> first with `first`, second with n - `first` entries.
    Source: torch.tensor_split.

    >>> import torch
    >>> [part.tolist() for part in Split(first=2)(x=torch.arange(5))]
    [[0, 1], [2, 3, 4]]
    """

    def __init__(self, first: int, axis: int = -1) -> None:
        """Raises: ValueError for a cut that leaves one side empty whatever the size."""
        super().__init__()
        if first == 0:
            raise ValueError("first is how many entries come before the cut, got 0; give 1 or more")
        self.first, self.axis = first, axis

    def forward(self, x: Annotated[Tensor, ""]) -> Halves:
        """Raises: ValueError when the axis is too short to have both parts."""
        size = x.shape[self.axis]
        cut = self.first if self.first > 0 else size + self.first
        if not 0 < cut < size:
            raise ValueError(
                f"a cut at {self.first} needs an axis of more than {abs(self.first)} entries, got "
                f"{size} on axis {self.axis}"
            )
        return Halves(*x.tensor_split([cut], self.axis))


class Slice(Block):
    """The entries start, start + step, ... before `stop` of one axis; the axis stays.

    Shapes: x -> out with as many entries on `axis` as Python's slice gives.
    Source: Python's slices; `stop` None is the end, negative numbers count from the end.

    >>> import torch
    >>> Slice(1, step=2)(x=torch.arange(6))
    tensor([1, 3, 5])
    """

    def __init__(
        self, start: int = 0, stop: int | None = None, step: PositiveInt = 1, axis: int = -1
    ) -> None:
        super().__init__()
        self.part, self.axis = slice(start, stop, step), axis

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Take the part."""
        return x.movedim(self.axis, 0)[self.part].movedim(0, self.axis)


class Select(Block):
    """One entry of one axis; the axis goes.

    Shapes: x -> out without `axis`.
    Source: torch.select; a negative `index` counts from the end.

    >>> import torch
    >>> Select(index=-1, axis=1)(x=torch.arange(6).view(2, 3))
    tensor([2, 5])
    """

    def __init__(self, index: int, axis: int = 1) -> None:
        super().__init__()
        self.index, self.axis = index, axis

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Take the entry."""
        return x.select(self.axis, self.index)
