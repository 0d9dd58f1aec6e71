"""Normal noise, from this node's own random stream."""

from typing import Annotated

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from graphs.live import Block


class GaussianNoise(Block):
    """Normal numbers in the shape of `like`, mean 0 and deviation `scale`.

    Shapes: like (...) -> out (...).
    Source: torch.randn_like.

    >>> GaussianNoise()(like=torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """

    draws = "always"

    def __init__(self, scale: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, like: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Draw."""
        return torch.randn_like(like) * self.scale


class LatentNoise(Block):
    """Normal numbers in a shape of their own, one sample for each of `like`: where samplers start.

    Shapes: like (b, anything), for example class ids -> out (b, *shape), float32.
    Source: torch.randn.

    >>> LatentNoise([4, 8, 8])(like=torch.tensor([3, 1])).shape
    torch.Size([2, 4, 8, 8])
    """

    draws = "always"

    def __init__(self, shape: tuple[PositiveInt, ...], scale: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.shape, self.scale = tuple(shape), scale

    def forward(self, like: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Draw."""
        return torch.randn(like.shape[0], *self.shape, device=like.device) * self.scale
