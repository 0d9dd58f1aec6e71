"""Tensors that come from no input: fixed ones and learnt ones."""

from typing import Annotated, ClassVar, Literal

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block, Run


class Constant(Block):
    """One number in a fixed shape; [] is a scalar. It has no batch axis of its own.

    Shapes: out (*shape).
    Source: torch.full.

    >>> Constant(0.5, [2])()
    tensor([0.5000, 0.5000])
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, value: float = 0.0, shape: tuple[PositiveInt, ...] = ()) -> None:
        super().__init__()
        self.value, self.shape = float(value), tuple(shape)

    def forward(self, run: Run | None = None) -> Annotated[Tensor, ""]:
        """Give the constant, on the run's device."""
        return torch.full(self.shape, self.value, device=run.device if run else None)


class Parameter(Block):
    """A free tensor that is learnt; with `like` wired it is repeated for each sample of `like`.

    Shapes: like (b, anything) or not wired -> out (b, *shape) or (*shape).
    Source: torch.nn.Parameter; `scale` is the deviation of "normal", the bound of "uniform", the
    value of "constant".

    >>> Parameter([4, 8])(like=torch.zeros(2, 3)).shape
    torch.Size([2, 4, 8])
    """

    def __init__(
        self,
        shape: tuple[PositiveInt, ...],
        init: Literal["normal", "uniform", "constant"] = "normal",
        scale: float = 0.02,
    ) -> None:
        """Raises: ValueError for a negative deviation or bound."""
        super().__init__()
        if scale < 0 and init != "constant":
            raise ValueError(f"scale must be 0 or more for init {init!r}, got {scale}")
        self.value = nn.Parameter(torch.empty(tuple(shape)))
        if init == "normal":
            nn.init.normal_(self.value, std=scale)
        elif init == "uniform":
            nn.init.uniform_(self.value, -scale, scale)
        else:
            nn.init.constant_(self.value, scale)

    def forward(self, like: Annotated[Tensor, ""] | None = None) -> Annotated[Tensor, ""]:
        """Give the tensor; a copy, so that no later optimiser step changes a kept output."""
        if like is None:
            return self.value.clone()
        return self.value.expand(like.shape[0], *self.value.shape).clone()
