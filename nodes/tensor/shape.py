"""The same numbers under other axes."""

from typing import Annotated

import torch
from torch import Tensor

from graphs.live import Block


class Reshape(Block):
    """Each sample gets a new shape; the batch axis stays. One size may be -1: what is left.

    Shapes: x (b, anything) -> out (b, *shape).
    Source: torch.reshape.

    >>> Reshape([2, -1])(x=torch.zeros(3, 8)).shape
    torch.Size([3, 2, 4])
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        """Raises: ValueError when a size is neither positive nor the one -1."""
        super().__init__()
        if shape.count(-1) > 1 or any(size < 1 and size != -1 for size in shape):
            raise ValueError(f"sizes are 1 or more and at most one is -1, got {shape}")
        self.shape = tuple(shape)

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Reshape."""
        return x.reshape(x.shape[0], *self.shape)


class Flatten(Block):
    """All axes from `start` on become one.

    Shapes: x -> out with `start` + 1 axes.
    Source: torch.nn.Flatten.

    >>> Flatten()(x=torch.zeros(2, 3, 4)).shape
    torch.Size([2, 12])
    """

    def __init__(self, start: int = 1) -> None:
        super().__init__()
        self.start = start

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Flatten."""
        return x.flatten(self.start)


class Unflatten(Block):
    """One axis becomes several. One size may be -1: what is left.

    Shapes: x -> out with `sizes` in place of `axis`.
    Source: torch.nn.Unflatten.

    >>> Unflatten(-1, [2, -1])(x=torch.zeros(3, 8)).shape
    torch.Size([3, 2, 4])
    """

    def __init__(self, axis: int, sizes: tuple[int, ...]) -> None:
        """Raises: ValueError when a size is neither positive nor the one -1."""
        super().__init__()
        if not sizes or sizes.count(-1) > 1 or any(s < 1 and s != -1 for s in sizes):
            raise ValueError(f"sizes are one or more, of which one may be -1, got {sizes}")
        self.axis, self.sizes = axis, tuple(sizes)

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Unflatten."""
        return torch.unflatten(x, self.axis, self.sizes)


class Permute(Block):
    """All axes, the batch axis too, in a new order.

    Shapes: x -> out, whose axis i is axis order[i] of x.
    Source: torch.permute.

    >>> Permute([0, 2, 1])(x=torch.zeros(2, 3, 4)).shape
    torch.Size([2, 4, 3])
    """

    def __init__(self, order: tuple[int, ...]) -> None:
        """Raises: ValueError when an axis is missing or named twice."""
        super().__init__()
        if sorted(order) != list(range(len(order))):
            raise ValueError(
                f"order names each axis from 0 on once, such as [0, 2, 1], got {order}"
            )
        self.order = tuple(order)

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Permute."""
        return x.permute(self.order)


class Squeeze(Block):
    """An axis of size 1 goes.

    Shapes: x -> out without `axis`.
    Source: torch.squeeze, which however keeps an axis of another size without a word.

    >>> Squeeze()(x=torch.zeros(2, 1)).shape
    torch.Size([2])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Raises: ValueError when the axis has another size."""
        if x.shape[self.axis] != 1:
            raise ValueError(
                f"axis {self.axis} must have size 1, got the shape {tuple(x.shape)}; "
                "Select takes one entry of a longer axis"
            )
        return x.squeeze(self.axis)


class Unsqueeze(Block):
    """A new axis of size 1.

    Shapes: x -> out with an axis of size 1 put in at `axis`.
    Source: torch.unsqueeze.

    >>> Unsqueeze(1)(x=torch.zeros(2, 3)).shape
    torch.Size([2, 1, 3])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Unsqueeze."""
        return x.unsqueeze(self.axis)
