"""Losses between scores (logits) and what is true. None takes probabilities: logits are exact."""

from typing import Annotated, ClassVar

import torch
from pydantic import Field, PositiveFloat
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.learning.regression import alike
from nodes.learning.weighting import weighted_mean

Smoothing = Annotated[float, Field(ge=0, lt=1)]


class CrossEntropyLoss(Block):
    """Cross-entropy of class scores; the classes are on the second axis, as torch has them.

    Targets that equal `ignore_index` do not count; when all do, the loss is 0.

    Shapes: x (b classes ...), target (b ...) int64, weight (b,) -> out ().
    Source: torch.nn.CrossEntropyLoss.

    >>> CrossEntropyLoss()(x=torch.zeros(2, 4), target=torch.tensor([0, 3]))
    tensor(1.3863)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, label_smoothing: Smoothing = 0.0, ignore_index: int = -100) -> None:
        super().__init__()
        self.label_smoothing, self.ignore_index = label_smoothing, ignore_index

    def forward(
        self,
        x: Annotated[Tensor, "b classes ..."],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Compare."""
        each = functional.cross_entropy(
            x,
            target,
            reduction="none",
            ignore_index=self.ignore_index,
            label_smoothing=self.label_smoothing,
        )
        return weighted_mean(each, weight, target != self.ignore_index)


class TokenCrossEntropyLoss(Block):
    """Cross-entropy with the classes on the last axis, as language models have them.

    Targets that equal `ignore_index` do not count; when all do, the loss is 0.

    Shapes: x (b ... classes), target (b ...) int64, weight (b,) -> out ().
    Source: torch.nn.CrossEntropyLoss.

    >>> TokenCrossEntropyLoss()(x=torch.zeros(2, 3, 4), target=torch.zeros(2, 3).long())
    tensor(1.3863)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, label_smoothing: Smoothing = 0.0, ignore_index: int = -100) -> None:
        super().__init__()
        self.classes_second = CrossEntropyLoss(label_smoothing, ignore_index)

    def forward(
        self,
        x: Annotated[Tensor, "b ... classes"],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Compare."""
        out: Tensor = self.classes_second(x.movedim(-1, 1), target, weight)
        return out


class BCELoss(Block):
    """Binary cross-entropy of logits with targets in [0, 1], each element on its own.

    Shapes: x (b ...), target (b ...), weight (b,) -> out ().
    Source: torch.nn.BCEWithLogitsLoss; `positive_weight` multiplies the loss of targets 1.

    >>> BCELoss()(x=torch.zeros(2), target=torch.tensor([0.0, 1.0]))
    tensor(0.6931)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, positive_weight: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.positive_weight = positive_weight

    def forward(
        self,
        x: Annotated[Tensor, "b ..."],
        target: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        each = functional.binary_cross_entropy_with_logits(
            x,
            alike(x, target).to(x.dtype),
            reduction="none",
            pos_weight=torch.full((), self.positive_weight, dtype=x.dtype, device=x.device),
        )
        return weighted_mean(each, weight)
