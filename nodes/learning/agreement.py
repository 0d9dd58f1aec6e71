"""Whether several answers of one sample are all right."""

from typing import Annotated, ClassVar

import torch
from torch import Tensor

from graphs.live import Block


class Agreement(Block):
    """The share of samples in which every wire into `x` says the id that `target`'s says.

    Wires pair up in the order in which they were drawn. A target below 0 asks nothing.

    Units: 0 to 1.
    Shapes: x and target, lists of (b,) int64 -> out ().
    Source: sklearn.metrics.accuracy_score of multilabel rows (subset accuracy).

    >>> digit, slant = torch.tensor([7, 3]), torch.tensor([0, 1])
    >>> Agreement()(x=[digit, slant], target=[digit, torch.tensor([0, 2])])
    tensor(0.5000)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def forward(
        self, x: list[Annotated[Tensor, "b"]], target: list[Annotated[Tensor, "b"]]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when there are not as many wires into both."""
        if len(x) != len(target):
            raise ValueError(f"{len(x)} wires into x and {len(target)} into target; pair them up")
        same = [(a == b) | (b < 0) for a, b in zip(x, target, strict=True)]
        return torch.stack(same).all(0).float().mean()
