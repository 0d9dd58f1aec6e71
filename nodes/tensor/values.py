"""Each number becomes another; the shape stays."""

from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from graphs.live import Block

Dtype = Literal[
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"
]


class Clamp(Block):
    """Numbers below `low` become `low`, above `high` become `high`; None is no limit.

    Shapes: x (...) -> out (...).
    Source: torch.clamp.

    >>> Clamp(-1, 1)(x=torch.tensor([-3.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000])
    """

    def __init__(self, low: float | None = None, high: float | None = None) -> None:
        """Raises: ValueError when there is no limit, or none that leaves a number."""
        super().__init__()
        if low is None and high is None:
            raise ValueError("low or high must be a number, got neither; give one or both")
        if low is not None and high is not None and low > high:
            raise ValueError(f"low must not be above high, got {low} and {high}; swap them")
        self.low, self.high = low, high

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Clamp."""
        return x.clamp(self.low, self.high)


class Rescale(Block):
    """The range `source` mapped on the range `target` by a straight line; with `clamp` kept inside.

    Shapes: x (...) -> out (...).
    Source: linear interpolation; [0, 1] to [-1, 1] is what diffusion models ask of images.

    >>> Rescale((0, 255), (-1, 1))(x=torch.tensor([0.0, 255.0]))
    tensor([-1.,  1.])
    """

    def __init__(
        self,
        source: tuple[float, float] = (0.0, 1.0),
        target: tuple[float, float] = (-1.0, 1.0),
        clamp: bool = False,
    ) -> None:
        """Raises: ValueError when the source range has no width."""
        super().__init__()
        if source[0] == source[1]:
            raise ValueError(f"source must be two different numbers, got {source}")
        self.source, self.target, self.clamp = source, target, clamp

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Map the range."""
        (a, b), (c, d) = self.source, self.target
        out = (x - a) * ((d - c) / (b - a)) + c
        return out.clamp(min(c, d), max(c, d)) if self.clamp else out


class Fill(Block):
    """One number everywhere, in the shape, dtype and device of `like`. Gives no gradient.

    Shapes: like (...) -> out (...).
    Source: torch.full_like.

    >>> Fill(2)(like=torch.zeros(3))
    tensor([2., 2., 2.])
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self.value = value

    def forward(self, like: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Fill."""
        return torch.full_like(like, self.value)


class Cast(Block):
    """The same numbers in another dtype. Gradients pass between floating dtypes only.

    Shapes: x (...) -> out (...).
    Source: torch.Tensor.to; fractions are cut off on the way to integers.

    >>> Cast("bfloat16")(x=torch.tensor([1.5]))
    tensor([1.5000], dtype=torch.bfloat16)
    """

    def __init__(self, dtype: Dtype) -> None:
        super().__init__()
        self.dtype: torch.dtype = getattr(torch, dtype)

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Cast."""
        return x.to(self.dtype)
