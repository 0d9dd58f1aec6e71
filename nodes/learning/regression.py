"""Losses between numbers and the numbers they should be."""

from typing import Annotated, ClassVar

from pydantic import PositiveFloat
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.learning.weighting import weighted_mean


class MSELoss(Block):
    """Mean squared error.

    Shapes: x (b ...), target (b ...), weight (b,) -> out ().
    Source: torch.nn.MSELoss.

    >>> import torch
    >>> MSELoss()(x=torch.tensor([1.0, 3.0]), target=torch.tensor([1.0, 1.0]))
    tensor(2.)
    """

    role: ClassVar[str] = "loss"

    def forward(
        self,
        x: Annotated[Tensor, "b ..."],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        return weighted_mean((x - alike(x, target)) ** 2, weight)


class L1Loss(Block):
    """Mean absolute error.

    Shapes: x (b ...), target (b ...), weight (b,) -> out ().
    Source: torch.nn.L1Loss.

    >>> import torch
    >>> L1Loss()(x=torch.tensor([1.0, 3.0]), target=torch.tensor([1.0, 1.0]))
    tensor(1.)
    """

    role: ClassVar[str] = "loss"

    def forward(
        self,
        x: Annotated[Tensor, "b ..."],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        return weighted_mean((x - alike(x, target)).abs(), weight)


class HuberLoss(Block):
    """Half the squared error up to `delta`, a straight line beyond: far outliers pull less.

    Shapes: x (b ...), target (b ...), weight (b,) -> out ().
    Source: torch.nn.HuberLoss; Huber, "Robust Estimation of a Location Parameter", 1964.

    >>> import torch
    >>> HuberLoss()(x=torch.tensor([0.5, 3.0]), target=torch.tensor([0.0, 0.0]))
    tensor(1.3125)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, delta: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.delta = delta

    def forward(
        self,
        x: Annotated[Tensor, "b ..."],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        each = functional.huber_loss(x, alike(x, target), reduction="none", delta=self.delta)
        return weighted_mean(each, weight)


class CosineLoss(Block):
    """1 minus the cosine of the angle between vectors: 0 for one direction, 2 for opposite ones.

    Shapes: x (b ... d), target (b ... d), weight (b,) -> out ().
    Source: torch.nn.functional.cosine_similarity.

    >>> import torch
    >>> CosineLoss()(x=torch.tensor([[1.0, 0.0]]), target=torch.tensor([[0.0, 3.0]]))
    tensor(1.)
    """

    role: ClassVar[str] = "loss"

    def forward(
        self,
        x: Annotated[Tensor, "b ... d"],
        target: Annotated[Tensor, "b ... d"],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        each = 1 - functional.cosine_similarity(x, alike(x, target), dim=-1)
        return weighted_mean(each, weight)


def alike(x: Tensor, target: Tensor) -> Tensor:
    """`target` as it stands.

    Torch would broadcast (b, 1) against (b,) to (b, b) and train on nonsense.
    Raises: ValueError when its shape is not that of `x`.
    """
    if x.shape != target.shape:
        raise ValueError(
            f"target must have the shape {tuple(x.shape)}, got {tuple(target.shape)}; "
            "put a Reshape or Squeeze before one of them"
        )
    return target
