"""Between scores and class ids."""

from typing import Annotated, ClassVar

from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block


class Argmax(Block):
    """Where on `axis` the largest number stands; the first of equals. Gives no gradient.

    Shapes: x -> out int64 without `axis`.
    Source: torch.argmax.

    >>> import torch
    >>> Argmax()(x=torch.tensor([[0.1, 0.7, 0.2]]))
    tensor([1])
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Find the largest."""
        return x.argmax(self.axis)


class OneHot(Block):
    """Each class id as a float vector with a single 1. Gives no gradient.

    Shapes: x (...) int64 in [0, count) -> out (... count).
    Source: torch.nn.functional.one_hot.

    >>> import torch
    >>> OneHot(3)(x=torch.tensor([2, 0]))
    tensor([[0., 0., 1.],
            [1., 0., 0.]])
    """

    stops_gradient: ClassVar[bool] = True

    def __init__(self, count: PositiveInt) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "... count"]:
        """Raises: RuntimeError for an id outside the range."""
        if x.is_floating_point():
            raise ValueError(f"class ids are integers, got {x.dtype}; put a Cast before")
        return functional.one_hot(x.long(), self.count).float()
