"""Whether an embedding finds what it should mean among what else there is."""

import math
from typing import Annotated, ClassVar

import torch
from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.learning.regression import alike


class Retrieval(Block):
    """The share of samples whose own target is among the k nearest of all targets of the batch.

    Near is a large cosine. Equal targets are one: whichever of them comes first counts. Other targets
    that are exactly as near count against the sample, so an output without direction finds nothing.
    With `given`, what a sample came from is no answer: a target equal to its `given` is passed over.

    Units: 0 to 1. Chance is k / (different targets in the batch).
    Shapes: x (b, d), target (b, d), given (b, d) -> out ().
    Source: recall at k, Jegou et al. 2011, "Product Quantization for Nearest Neighbor Search", 5.

    >>> Retrieval()(x=torch.tensor([[1.0, 0.1], [0.9, 0.2]]), target=torch.eye(2))
    tensor(0.5000)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, k: PositiveInt = 1) -> None:
        super().__init__()
        self.k = k

    def forward(
        self,
        x: Annotated[Tensor, "b d"],
        target: Annotated[Tensor, "b d"],
        given: Annotated[Tensor, "b d"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        found, known = x.detach().float(), alike(x, target).detach().float()
        near = functional.normalize(found, dim=-1) @ functional.normalize(known, dim=-1).T
        own = near.diagonal().unsqueeze(1)
        equal = _equal(known, known)
        before = (near >= own) & ~equal
        if given is not None:
            before &= ~_equal(alike(x, given).detach().float(), known)
        return _distinct(before, equal).lt(self.k).float().mean()


def _equal(one: Tensor, other: Tensor) -> Tensor:
    """Which rows are the same in every number. Shapes: one (a, d), other (b, d) -> (a, b)."""
    return torch.cdist(one, other, p=math.inf) == 0


def _distinct(before: Tensor, equal: Tensor) -> Tensor:
    """How many different targets are before each sample's own.

    Shapes: before (b, b), equal (b, b) -> out (b,).
    """
    name = equal.long().argmax(dim=1)  # the first of those that are equal
    groups = torch.zeros_like(before, dtype=torch.long)
    return groups.scatter_add(1, name.expand_as(before), before.long()).gt(0).sum(dim=1)
