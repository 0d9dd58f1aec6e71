"""Rows of a learnt table, one for each id."""

from typing import Annotated, ClassVar

from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from graphs.live import Block


class Embedding(Block):
    """The learnt row of each id.

    Shapes: x (...) of ids 0 <= id < count -> out (..., width).
    Source: torch.nn.Embedding; `scale` is the deviation at the start, 1 in torch, 0.02 in GPT-2.

    >>> import torch
    >>> Embedding(10, 4)(x=torch.tensor([[1, 2, 3]])).shape
    torch.Size([1, 3, 4])
    """

    role: ClassVar[str] = "embedder"

    def __init__(self, count: PositiveInt, width: PositiveInt, scale: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.table = nn.Embedding(count, width)
        nn.init.normal_(self.table.weight, std=scale)

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "... width"]:
        """Look up. Raises: IndexError for an id outside the table."""
        out: Tensor = self.table(x)
        return out
