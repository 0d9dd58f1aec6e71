"""Products that sum over axes."""

from typing import Annotated

import torch
from torch import Tensor

from graphs.live import Block


class MatMul(Block):
    """Matrix product over the last two axes; the axes before them are a batch.

    Shapes: x (... n k), y (... k m) -> out (... n m).
    Source: torch.matmul.

    >>> MatMul()(x=torch.ones(2, 3, 4), y=torch.ones(2, 4, 5)).shape
    torch.Size([2, 3, 5])
    """

    def forward(
        self, x: Annotated[Tensor, "... n k"], y: Annotated[Tensor, "... k m"]
    ) -> Annotated[Tensor, "... n m"]:
        """Multiply."""
        return x @ y


class Einsum(Block):
    """A sum of products written as an equation, over wires in the order they were drawn.

    Shapes: x as the left side of the equation says -> out as its right side says.
    Source: torch.einsum.

    >>> Einsum("bi,bj->bij")(x=[torch.ones(2, 3), torch.ones(2, 4)]).shape
    torch.Size([2, 3, 4])
    """

    def __init__(self, equation: str) -> None:
        """Raises: ValueError when the equation has no "->"."""
        super().__init__()
        left, arrow, _ = equation.partition("->")
        if not arrow:
            raise ValueError(f"an equation is written 'bi,ij->bj', got {equation!r}")
        self.equation, self.terms = equation, left.count(",") + 1

    def forward(self, x: list[Annotated[Tensor, ""]]) -> Annotated[Tensor, ""]:
        """Raises: ValueError when the number of wires is not that of the equation."""
        if len(x) != self.terms:
            raise ValueError(f"{self.equation!r} needs {self.terms} wires into x, got {len(x)}")
        return torch.einsum(self.equation, *x)
