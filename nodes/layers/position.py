"""Where a token stands: learnt rows, sine waves, or a rotation.

All sine waves here share one set of frequencies, from 1 down to 1 / base.
"""

from typing import Annotated

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn

from graphs.live import Block


class LearnedPosition(Block):
    """x plus a learnt row for each of up to `count` positions.

    Shapes: x (b, t, width) -> out (b, t, width), t <= count.
    Source: Dosovitskiy et al. 2021 (ViT); rows start normal with deviation 0.02.

    >>> LearnedPosition(16, 4)(x=torch.zeros(1, 3, 4)).shape
    torch.Size([1, 3, 4])
    """

    def __init__(self, count: PositiveInt, width: PositiveInt) -> None:
        super().__init__()
        self.table = nn.Embedding(count, width)
        nn.init.normal_(self.table.weight, std=0.02)
        self.count = count

    def forward(self, x: Annotated[Tensor, "b t width"]) -> Annotated[Tensor, "b t width"]:
        """Add the rows. Raises: ValueError when x is longer than the table."""
        if x.shape[1] > self.count:
            raise ValueError(
                f"there are rows for {self.count} positions, got {x.shape[1]} tokens; raise count"
            )
        rows: Tensor = self.table(torch.arange(x.shape[1], device=x.device))
        return x + rows


class SinusoidalPosition(Block):
    """x plus sine and cosine waves of its position; any length.

    Shapes: x (b, t, width) -> out (b, t, width), width even.
    Source: Vaswani et al. 2017, section 3.5.

    >>> SinusoidalPosition(4)(x=torch.zeros(1, 2, 4))[0, 0]
    tensor([0., 1., 0., 1.])
    """

    def __init__(self, width: PositiveInt, base: PositiveFloat = 10000.0) -> None:
        """Raises: ValueError when width is odd."""
        super().__init__()
        check_even(width)
        self.width, self.base = width, base

    def forward(self, x: Annotated[Tensor, "b t width"]) -> Annotated[Tensor, "b t width"]:
        """Add the waves."""
        angle = angles(torch.arange(x.shape[1], device=x.device), self.width, self.base)
        return x + torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2).to(x.dtype)


class RotaryPosition(Block):
    """Each pair of numbers turned by an angle that grows with the position.

    The product of a turned query and a turned key depends on their distance alone. Number i pairs
    with number i + width/2, as in Llama. Works on (b, t, width) and on (b, heads, t, width), where
    `width` is that of one head.

    Shapes: x (..., t, width) with width even, position (t,), 0 .. t-1 where not wired -> out
    (..., t, width).
    Source: Su et al. 2021 (RoFormer), equation 34.

    >>> RotaryPosition(2)(x=torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    tensor([[1.0000, 0.0000],
            [0.5403, 0.8415]])
    """

    def __init__(self, width: PositiveInt, base: PositiveFloat = 10000.0) -> None:
        """Raises: ValueError when width is odd."""
        super().__init__()
        check_even(width)
        self.width, self.base = width, base

    def forward(
        self,
        x: Annotated[Tensor, "... t width"],
        position: Annotated[Tensor, "t"] | None = None,
    ) -> Annotated[Tensor, "... t width"]:
        """Turn."""
        if position is None:
            position = torch.arange(x.shape[-2], device=x.device)
        angle = angles(position, self.width, self.base)
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)


def angles(position: Tensor, width: int, base: float) -> Tensor:
    """position · base^(-2i / width) for i < width / 2, in float32 or the position's float64.

    Shapes: position (...) -> out (..., width // 2).
    """
    dtype = torch.promote_types(position.dtype, torch.float32)
    power = torch.arange(0, width, 2, device=position.device, dtype=dtype) / -width
    return position.to(dtype)[..., None] * base**power


def check_even(width: int) -> None:
    """Raises: ValueError when the width cannot hold pairs of sine and cosine."""
    if width % 2:
        raise ValueError(f"width must be even to hold pairs, got {width}; use {width + 1}")
