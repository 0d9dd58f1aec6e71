"""Several tensors become one; wires keep the order in which they were drawn."""

from typing import Annotated

import torch
from torch import Tensor

from graphs.live import Block


class Concat(Block):
    """The wires into `x` one after another along an axis that is there already.

    Shapes: x list of tensors alike but for `axis` -> out with the sizes of `axis` summed.
    Source: torch.cat.

    >>> Concat(axis=1)(x=[torch.zeros(2, 3), torch.zeros(2, 4)]).shape
    torch.Size([2, 7])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: list[Annotated[Tensor, ""]]) -> Annotated[Tensor, ""]:
        """Join."""
        return torch.cat(x, self.axis)


class Stack(Block):
    """The wires into `x` beside each other along a new axis.

    Shapes: x list of n tensors (...) -> out with an axis of size n put in at `axis`.
    Source: torch.stack.

    >>> Stack(axis=1)(x=[torch.zeros(2, 3), torch.zeros(2, 3)]).shape
    torch.Size([2, 2, 3])
    """

    def __init__(self, axis: int = 1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: list[Annotated[Tensor, "..."]]) -> Annotated[Tensor, ""]:
        """Join."""
        return torch.stack(x, self.axis)
