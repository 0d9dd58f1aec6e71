"""Dropout, and the type of every dropout rate."""

from typing import Annotated

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from graphs.live import Block

DropRate = Annotated[float, Field(ge=0.0, lt=1.0)]


class Dropout(Block):
    """In training each number is zeroed with probability `rate` and the rest scaled up to match.

    Shapes: x (...) -> out (...).
    Source: Srivastava et al. 2014; torch.nn.Dropout.

    >>> Dropout(0.5).eval()(x=torch.ones(3))
    tensor([1., 1., 1.])
    """

    draws = "training"

    def __init__(self, rate: DropRate = 0.1) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Drop in training; give x itself otherwise."""
        return functional.dropout(x, self.rate, self.training)


class DropPath(Block):
    """In training whole samples are zeroed with probability `rate`: put it before a residual sum.

    Shapes: x (b, ...) -> out (b, ...).
    Source: Huang et al. 2016, "Deep Networks with Stochastic Depth"; torchvision's StochasticDepth
    in its mode "row".

    >>> DropPath(0.5).eval()(x=torch.ones(3, 1)).sum()
    tensor(3.)
    """

    draws = "training"

    def __init__(self, rate: DropRate = 0.1) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Annotated[Tensor, "b ..."]) -> Annotated[Tensor, "b ..."]:
        """Drop in training; give x itself otherwise."""
        if not self.training or self.rate == 0:
            return x
        shape = (x.shape[0], *[1] * (x.ndim - 1))
        keep = torch.rand(shape, device=x.device) >= self.rate
        return x * keep / (1 - self.rate)
