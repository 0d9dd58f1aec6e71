"""Normalisation with a learnt scale and shift."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor, nn

from graphs.live import Block


class LayerNorm(Block):
    """Mean 0 and variance 1 over the last axis, then a learnt scale and shift.

    Shapes: x (..., width) -> out (..., width).
    Source: Ba et al. 2016; torch.nn.LayerNorm.

    >>> import torch
    >>> LayerNorm(2)(x=torch.tensor([[1.0, 3.0]])).tolist()
    [[-0.99999..., 0.99999...]]
    """

    def __init__(self, width: PositiveInt, eps: PositiveFloat = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps, elementwise_affine=affine)

    def forward(self, x: Annotated[Tensor, "... width"]) -> Annotated[Tensor, "... width"]:
        """Normalise."""
        out: Tensor = self.norm(x)
        return out


class RMSNorm(Block):
    """Root mean square 1 over the last axis, then a learnt scale; the mean stays.

    Shapes: x (..., width) -> out (..., width).
    Source: Zhang & Sennrich 2019; torch.nn.RMSNorm.

    >>> import torch
    >>> RMSNorm(2)(x=torch.tensor([[3.0, 3.0]]))
    tensor([[1.0000, 1.0000]], ...)
    """

    def __init__(self, width: PositiveInt, eps: PositiveFloat = 1e-6, affine: bool = True) -> None:
        super().__init__()
        self.norm = nn.RMSNorm(width, eps, elementwise_affine=affine)

    def forward(self, x: Annotated[Tensor, "... width"]) -> Annotated[Tensor, "... width"]:
        """Normalise."""
        out: Tensor = self.norm(x)
        return out


class GroupNorm(Block):
    """Mean 0 and variance 1 over each group of channels of a sample, then scale and shift.

    Shapes: x (b, channels, ...) -> out (b, channels, ...).
    Source: Wu & He 2018; torch.nn.GroupNorm. One group per channel is instance norm.

    >>> import torch
    >>> GroupNorm(8, groups=2)(x=torch.zeros(1, 8, 4, 4)).shape
    torch.Size([1, 8, 4, 4])
    """

    def __init__(
        self,
        channels: PositiveInt,
        groups: PositiveInt = 8,
        eps: PositiveFloat = 1e-5,
        affine: bool = True,
    ) -> None:
        """Raises: ValueError when the groups do not divide the channels."""
        super().__init__()
        if channels % groups:
            raise ValueError(
                f"channels must be a multiple of groups={groups}, got {channels}; "
                f"set groups to a divisor of {channels}"
            )
        self.norm = nn.GroupNorm(groups, channels, eps, affine)

    def forward(
        self, x: Annotated[Tensor, "b channels ..."]
    ) -> Annotated[Tensor, "b channels ..."]:
        """Normalise."""
        out: Tensor = self.norm(x)
        return out


class BatchNorm(Block):
    """Mean 0 and variance 1 of each channel over the batch, then scale and shift.

    Training uses the batch and moves running averages by `momentum`; evaluation uses those.

    Shapes: x (b, channels, ...) -> out (b, channels, ...).
    Source: Ioffe & Szegedy 2015; torch.nn.BatchNorm1d, 2d and 3d in one.

    >>> import torch
    >>> BatchNorm(3)(x=torch.zeros(2, 3, 4, 4)).shape
    torch.Size([2, 3, 4, 4])
    """

    def __init__(
        self,
        channels: PositiveInt,
        eps: PositiveFloat = 1e-5,
        momentum: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1,
        affine: bool = True,
    ) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels, eps, momentum, affine)

    def forward(
        self, x: Annotated[Tensor, "b channels ..."]
    ) -> Annotated[Tensor, "b channels ..."]:
        """Normalise. Raises: ValueError in training when a channel has one number only."""
        flat = x.flatten(2) if x.ndim > 3 else x  # torch's 1d takes any number of positions
        out: Tensor = self.norm(flat)
        return out.reshape(x.shape)
