"""Numbers into kinds, and plain lists into tensors."""

from itertools import pairwise
from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from graphs.live import Block, Run


class Bins(Block):
    """Which interval between rising `edges` each number falls into. Gives no gradient.

    Shapes: x (...) -> out (...) int64 in [0, len(edges)]; a number on an edge falls above it.
    Source: torch.bucketize with right=True.

    >>> Bins([-1.0, 1.0])(x=torch.tensor([-3.0, 0.0, 1.0]))
    tensor([0, 1, 2])
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, edges: Annotated[tuple[float, ...], Field(min_length=1)]) -> None:
        """Raises: ValueError when the edges do not rise."""
        super().__init__()
        if any(a >= b for a, b in pairwise(edges)):
            raise ValueError(f"edges rise from one to the next, got {tuple(edges)}; sort them")
        self.edges = tuple(edges)

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Sort in."""
        above = [x.detach() >= edge for edge in self.edges]
        return torch.stack(above).sum(0)


class Listed(Block):
    """A plain list of numbers as one sample of a batch; a tensor passes as it is, in float32.

    Shapes: x a list of n numbers or a tensor (b, n) -> out (1, n) or (b, n).
    Source: torch.tensor.

    >>> Listed()(x=[3, 0, 1])
    tensor([[3., 0., 1.]])
    """

    stops_gradient: ClassVar[bool] = True

    def forward(
        self, x: Annotated[Tensor | tuple[float, ...], ""], run: Run | None = None
    ) -> Annotated[Tensor, "b _"]:
        """Raises: ValueError for a tensor without a batch axis."""
        if not isinstance(x, Tensor):
            return torch.tensor([list(x)], dtype=torch.float32, device=run.device if run else None)
        if x.ndim != 2:
            raise ValueError(f"expected a list of numbers or a tensor (b, n), got {tuple(x.shape)}")
        return x.detach().float()
