"""Whether an embedding finds what it should mean among what else there is."""

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
        both = known if given is None else torch.cat([known, alike(x, given).detach().float()])
        names = torch.unique(both, dim=0, return_inverse=True)[1]  # equal rows have one name
        name = names[: len(known)]
        before = (near >= own) & (name.unsqueeze(1) != name.unsqueeze(0))
        if given is not None:
            before &= names[len(known) :].unsqueeze(1) != name.unsqueeze(0)
        return _distinct(before, name).lt(self.k).float().mean()


def _distinct(before: Tensor, name: Tensor) -> Tensor:
    """How many different targets are before each sample's own.

    Shapes: before (b, b), name (b,) int64 -> out (b,).
    """
    groups = before.new_zeros(len(before), int(name.max()) + 1, dtype=torch.long)
    return groups.scatter_add(1, name.expand_as(before), before.long()).gt(0).sum(dim=1)
