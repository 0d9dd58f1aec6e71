"""Numbers for people. No gradient flows through them."""

from typing import Annotated, ClassVar

import torch
from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from graphs.live import Block
from nodes.learning.regression import alike


class Accuracy(Block):
    """The share of targets that have the highest score.

    Units: 0 to 1.
    Shapes: x (b classes ...), target (b ...) int64 -> out ().
    Source: sklearn.metrics.accuracy_score.

    >>> Accuracy()(x=torch.eye(3), target=torch.tensor([0, 1, 1]))
    tensor(0.6667)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def forward(
        self, x: Annotated[Tensor, "b classes ..."], target: Annotated[Tensor, "b ..."]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes do not fit."""
        found = x.argmax(1)
        return (found == alike(found, target)).float().mean()


class TopKAccuracy(Block):
    """The share of targets that are among the k highest scores.

    Units: 0 to 1.
    Shapes: x (b classes ...), target (b ...) int64 -> out ().
    Source: sklearn.metrics.top_k_accuracy_score.

    >>> x = torch.tensor([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]])
    >>> TopKAccuracy(2)(x=x, target=torch.tensor([1, 2]))
    tensor(0.5000)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, k: PositiveInt = 5) -> None:
        super().__init__()
        self.k = k

    def forward(
        self, x: Annotated[Tensor, "b classes ..."], target: Annotated[Tensor, "b ..."]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when there are fewer than k classes."""
        if x.shape[1] < self.k:
            raise ValueError(f"k must be at most the number of classes, {x.shape[1]}, got {self.k}")
        found = x.topk(self.k, dim=1).indices
        return (found == target.unsqueeze(1)).any(1).float().mean()


class PSNR(Block):
    """Peak signal-to-noise ratio, the mean over images; equal images give inf.

    Units: decibel. `peak` is the width of the range of values: 1 for [0, 1], 2 for [-1, 1].
    Shapes: x (b ...), target (b ...) -> out ().
    Source: 10 · log10(peak² / mean squared error), as skimage.metrics.peak_signal_noise_ratio.

    >>> PSNR()(x=torch.zeros(1, 4), target=torch.full((1, 4), 0.1))
    tensor(20.)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, peak: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.peak = peak

    def forward(
        self, x: Annotated[Tensor, "b ..."], target: Annotated[Tensor, "b ..."]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        error = (x.detach() - alike(x, target).detach()).reshape(len(x), -1).pow(2).mean(1)
        return (10 * torch.log10(self.peak**2 / error)).mean()


class MeanAbsoluteError(Block):
    """The mean distance of numbers from what they should be, in their own unit.

    Shapes: x (b ...), target (b ...) -> out ().
    Source: sklearn.metrics.mean_absolute_error.

    >>> MeanAbsoluteError()(x=torch.tensor([1.0, 2.0]), target=torch.tensor([1.0, 4.0]))
    tensor(1.)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def forward(
        self, x: Annotated[Tensor, "b ..."], target: Annotated[Tensor, "b ..."]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        return (x.detach() - alike(x, target).detach()).abs().float().mean()


class ConfusionMatrix(Block):
    """How often each true class (row) was given each highest score (column).

    Shapes: x (b classes ...), target (b ...) int64 -> out (classes classes) int64.
    Source: sklearn.metrics.confusion_matrix.

    >>> ConfusionMatrix(2)(x=torch.eye(2), target=torch.tensor([0, 0]))
    tensor([[1, 1],
            [0, 0]])
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, classes: PositiveInt) -> None:
        super().__init__()
        self.classes = classes

    def forward(
        self, x: Annotated[Tensor, "b classes ..."], target: Annotated[Tensor, "b ..."]
    ) -> Annotated[Tensor, "classes classes"]:
        """Raises: ValueError when the shapes do not fit."""
        found = x.argmax(1)
        cell = alike(found, target).flatten().long() * self.classes + found.flatten()
        counts = torch.zeros(self.classes**2, dtype=torch.long, device=x.device)
        counts = counts.scatter_add(0, cell, torch.ones_like(cell))
        return counts.view(self.classes, self.classes)
