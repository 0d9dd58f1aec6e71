"""Affine maps over the last axis."""

from typing import Annotated, ClassVar

from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block


class Linear(Block):
    """y = x Wᵀ + b over the last axis.

    Shapes: x (..., d_in) -> out (..., d_out).
    Source: torch.nn.Linear.

    >>> import torch
    >>> Linear(4, 3)(x=torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """

    def __init__(self, d_in: PositiveInt, d_out: PositiveInt, bias: bool = True) -> None:
        """Weights start as torch does: uniform within ±1/sqrt(d_in)."""
        super().__init__()
        self.map = nn.Linear(d_in, d_out, bias)

    def forward(self, x: Annotated[Tensor, "... d_in"]) -> Annotated[Tensor, "... d_out"]:
        """Apply the map."""
        out: Tensor = self.map(x)
        return out


class Projection(Block):
    """Into a space shared with another encoder: a map without bias, then scaled to length 1.

    Shapes: x (..., d_in) -> out (..., d_out); with `unit` the last axis has Euclidean length 1.
    Source: Radford et al. 2021 (CLIP), figure 3: `l2_normalize(np.dot(I_f, W_i), axis=1)`.

    >>> import torch
    >>> out = Projection(4, 3)(x=torch.ones(2, 4))
    >>> torch.allclose(out.norm(dim=-1), torch.ones(2))
    True
    """

    role: ClassVar[str] = "projection"

    def __init__(self, d_in: PositiveInt, d_out: PositiveInt, unit: bool = True) -> None:
        """The weight starts normal with deviation 1/sqrt(d_in), as CLIP's does."""
        super().__init__()
        self.map = nn.Linear(d_in, d_out, bias=False)
        self.unit = unit
        nn.init.normal_(self.map.weight, std=d_in**-0.5)

    def forward(self, x: Annotated[Tensor, "... d_in"]) -> Annotated[Tensor, "... d_out"]:
        """Apply the map and scale."""
        out: Tensor = self.map(x)
        return functional.normalize(out, dim=-1) if self.unit else out
