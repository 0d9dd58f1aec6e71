"""Arithmetic of whole tensors.

The result always has the shape of `x`, and `y` broadcasts into it: so a graph's shapes stay known,
and a forgotten axis is an error, not a silent outer product.
"""

from typing import Annotated

from torch import Tensor

from graphs.live import Block


def fitting(x: Tensor, y: Tensor) -> Tensor:
    """`y` broadcast into the shape of `x`, as a view.

    Raises: ValueError when the result would need another shape than that of `x`.
    """
    try:
        return y.expand(x.shape)
    except RuntimeError as error:
        raise ValueError(
            f"y must broadcast into the shape of x, {tuple(x.shape)}, got {tuple(y.shape)}; "
            "swap x and y, or reshape y"
        ) from error


class Add(Block):
    """The sum of all wires into `x`, which have one shape, and of `y` broadcast into it.

    Shapes: x (...), y anything that broadcasts -> out (...).
    Source: torch.add.

    >>> import torch
    >>> Add()(x=torch.tensor([1.0, 2.0]), y=torch.tensor(0.5))
    tensor([1.5000, 2.5000])
    """

    def forward(
        self, x: Annotated[Tensor, "...", "sum"], y: Annotated[Tensor, ""] | None = None
    ) -> Annotated[Tensor, "..."]:
        """Raises: ValueError when y does not broadcast into x."""
        return x if y is None else x + fitting(x, y)


class Subtract(Block):
    """x - y.

    Shapes: x (...), y anything that broadcasts -> out (...).
    Source: torch.sub.

    >>> import torch
    >>> Subtract()(x=torch.tensor([3.0, 4.0]), y=torch.tensor(1.0))
    tensor([2., 3.])
    """

    def forward(
        self, x: Annotated[Tensor, "..."], y: Annotated[Tensor, ""]
    ) -> Annotated[Tensor, "..."]:
        """Raises: ValueError when y does not broadcast into x."""
        return x - fitting(x, y)


class Multiply(Block):
    """x · y, element by element.

    Shapes: x (...), y anything that broadcasts -> out (...).
    Source: torch.mul.

    >>> import torch
    >>> Multiply()(x=torch.tensor([3.0, 4.0]), y=torch.tensor([2.0, 0.5]))
    tensor([6., 2.])
    """

    def forward(
        self, x: Annotated[Tensor, "..."], y: Annotated[Tensor, ""]
    ) -> Annotated[Tensor, "..."]:
        """Raises: ValueError when y does not broadcast into x."""
        return x * fitting(x, y)


class Divide(Block):
    """x / y, element by element; division by zero gives inf or nan as in torch.

    Shapes: x (...), y anything that broadcasts -> out (...).
    Source: torch.div.

    >>> import torch
    >>> Divide()(x=torch.tensor([3.0, 4.0]), y=torch.tensor(2.0))
    tensor([1.5000, 2.0000])
    """

    def forward(
        self, x: Annotated[Tensor, "..."], y: Annotated[Tensor, ""]
    ) -> Annotated[Tensor, "..."]:
        """Raises: ValueError when y does not broadcast into x."""
        return x / fitting(x, y)


class Scale(Block):
    """factor · x + offset, with fixed numbers.

    Shapes: x (...) -> out (...).
    Source: the affine map of numbers; Scale(-1, 1) is 1 - x.

    >>> import torch
    >>> Scale(-1, 1)(x=torch.tensor([0.0, 0.25]))
    tensor([1.0000, 0.7500])
    """

    def __init__(self, factor: float = 1.0, offset: float = 0.0) -> None:
        super().__init__()
        self.factor, self.offset = factor, offset

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply the map."""
        return x * self.factor + self.offset
