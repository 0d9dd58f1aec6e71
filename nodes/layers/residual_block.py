"""The residual block of diffusion U-Nets."""

from typing import Annotated

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.adaptive_norm import zero
from nodes.layers.dropout import DropRate
from nodes.layers.norm import GroupNorm


class ResBlock2d(Block):
    """x plus two 3 x 3 convolutions of it; a condition scales and shifts between them.

    Each convolution follows a GroupNorm and a SiLU. The last convolution starts at zero, so the
    block starts as its skip path: x itself, or a 1 x 1 convolution where the channels change.

    Shapes: x (b, channels_in, h, w), condition (b, condition_width), wired exactly when
    condition_width is above 0 -> out (b, channels_out, h, w).
    Source: Dhariwal & Nichol 2021 (ADM), with scale-shift norm; 32 groups there.

    >>> import torch
    >>> block = ResBlock2d(8, 16, condition_width=4)
    >>> block(x=torch.zeros(1, 8, 6, 6), condition=torch.zeros(1, 4)).shape
    torch.Size([1, 16, 6, 6])
    """

    draws = "training"

    def __init__(
        self,
        channels_in: PositiveInt,
        channels_out: PositiveInt,
        condition_width: NonNegativeInt = 0,
        groups: PositiveInt = 8,
        dropout: DropRate = 0.0,
    ) -> None:
        """Raises: ValueError when the groups do not divide the channels."""
        super().__init__()
        self.norm_in = GroupNorm(channels_in, groups)
        self.conv_in = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.modulation = nn.Linear(condition_width, 2 * channels_out) if condition_width else None
        self.norm_out = GroupNorm(channels_out, groups)
        self.dropout = nn.Dropout(dropout)
        self.conv_out = zero(nn.Conv2d(channels_out, channels_out, 3, padding=1))
        same = channels_in == channels_out
        self.skip = nn.Identity() if same else nn.Conv2d(channels_in, channels_out, 1)

    def forward(
        self,
        x: Annotated[Tensor, "b channels_in h w"],
        condition: Annotated[Tensor, "b condition_width"] | None = None,
    ) -> Annotated[Tensor, "b channels_out h w"]:
        """Apply both paths. Raises: ValueError when condition and condition_width disagree."""
        if (condition is None) != (self.modulation is None):
            raise ValueError(
                "a condition is wired exactly when condition_width is above 0, got "
                f"{'none' if condition is None else 'one'}; change the wire or condition_width"
            )
        out = self.norm_out(self.conv_in(functional.silu(self.norm_in(x))))
        if self.modulation is not None and condition is not None:
            rows = self.modulation(functional.silu(condition))[..., None, None]
            scale, shift = rows.chunk(2, dim=1)
            out = out * (1 + scale) + shift
        out = self.conv_out(self.dropout(functional.silu(out)))
        both: Tensor = self.skip(x) + out
        return both
