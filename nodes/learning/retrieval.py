"""Whether an embedding finds what it should mean among what else there is."""

from typing import Annotated, ClassVar

from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.learning.regression import alike


class Retrieval(Block):
    """The share of samples whose own target is among the k nearest of all targets of the batch.

    Near is a large cosine. Equal targets are one: whichever of them comes first counts. Other targets
    that are exactly as near count against the sample, so an output without direction finds nothing.

    Units: 0 to 1. Chance is k / (different targets in the batch).
    Shapes: x (b, d), target (b, d) -> out ().
    Source: recall at k, Jegou et al. 2011, "Product Quantization for Nearest Neighbor Search", 5.

    >>> import torch
    >>> Retrieval()(x=torch.tensor([[1.0, 0.1], [0.9, 0.2]]), target=torch.eye(2))
    tensor(0.5000)
    """

    role: ClassVar[str] = "metric"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, k: PositiveInt = 1) -> None:
        super().__init__()
        self.k = k

    def forward(
        self, x: Annotated[Tensor, "b d"], target: Annotated[Tensor, "b d"]
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        found, known = x.detach().float(), alike(x, target).detach().float()
        near = functional.normalize(found, dim=-1) @ functional.normalize(known, dim=-1).T
        own = near.diagonal().unsqueeze(1)
        same = (known.unsqueeze(1) == known.unsqueeze(0)).all(-1)
        before = ((near >= own) & ~same).sum(dim=1)
        return (before < self.k).float().mean()
