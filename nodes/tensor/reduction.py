"""Many numbers become one along an axis.

One block with a choice instead of a block for each way: swapping mean for max is then a setting,
not another node.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import torch
from torch import Tensor

from graphs.live import Block

How = Literal["mean", "sum", "max", "min", "std", "variance", "norm", "product"]


def _product(x: Tensor, axes: tuple[int, ...], keep: bool) -> Tensor:
    for axis in sorted({axis % x.ndim for axis in axes}, reverse=True):
        x = x.prod(axis, keep)
    return x


REDUCTIONS: Mapping[str, Callable[[Tensor, tuple[int, ...], bool], Tensor]] = MappingProxyType(
    {
        "mean": torch.mean,
        "sum": torch.sum,
        "max": torch.amax,
        "min": torch.amin,
        "std": lambda x, axes, keep: torch.std(x, axes, keepdim=keep),
        "variance": lambda x, axes, keep: torch.var(x, axes, keepdim=keep),
        "norm": lambda x, axes, keep: torch.linalg.vector_norm(x, dim=axes, keepdim=keep),
        "product": _product,
    }
)


class Reduce(Block):
    """The mean, sum, max, min, std, variance, Euclidean norm or product over some axes.

    Deviation and variance divide by n - 1.

    Shapes: x -> out without `axes`, or with size 1 there when `keep`.
    Source: torch.mean, sum, amax, amin, std, var, linalg.vector_norm, prod.

    >>> Reduce("mean", [2, 3])(x=torch.ones(2, 3, 4, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, how: How = "mean", axes: tuple[int, ...] = (-1,), keep: bool = False
    ) -> None:
        """Raises: ValueError when no axis is given."""
        super().__init__()
        if not axes:
            raise ValueError("axes names the axes that go, got none; give at least one, such as -1")
        self.how, self.axes, self.keep = how, tuple(axes), keep

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Reduce."""
        return REDUCTIONS[self.how](x, self.axes, self.keep)
