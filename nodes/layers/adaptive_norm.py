"""Scale, shift and gates that come from a condition, and start as if they were not there."""

from typing import Annotated, Literal, TypeVar

from pydantic import PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block

Layer = TypeVar("Layer", bound=nn.Module)


class AdaptiveNorm(Block):
    """A norm whose scale and shift come from a condition: norm(x) (1 + scale) + shift.

    The map that gives scale and shift starts at zero, so the block starts as its plain norm.

    Shapes: x (b, ..., width), condition (b, condition_width) -> out (b, ..., width).
    Source: Peebles & Xie 2023 (DiT), section 3.2, adaLN; Perez et al. 2018 (FiLM).

    >>> import torch
    >>> AdaptiveNorm(4, 6)(x=torch.ones(2, 5, 4), condition=torch.ones(2, 6)).shape
    torch.Size([2, 5, 4])
    """

    def __init__(
        self,
        width: PositiveInt,
        condition_width: PositiveInt,
        norm: Literal["layer", "rms", "none"] = "layer",
        eps: PositiveFloat = 1e-6,
    ) -> None:
        super().__init__()
        self.norm: nn.Module = nn.Identity()
        if norm == "layer":
            self.norm = nn.LayerNorm(width, eps, elementwise_affine=False)
        elif norm == "rms":
            self.norm = nn.RMSNorm(width, eps, elementwise_affine=False)
        self.modulation = zero(nn.Linear(condition_width, 2 * width))

    def forward(
        self,
        x: Annotated[Tensor, "b ... width"],
        condition: Annotated[Tensor, "b condition_width"],
    ) -> Annotated[Tensor, "b ... width"]:
        """Normalise, scale, shift."""
        normed: Tensor = self.norm(x)
        scale, shift = over_middle(self.modulation(functional.silu(condition)), x).chunk(2, dim=-1)
        return normed * (1 + scale) + shift


class AdaptiveGate(Block):
    """x times a gate that comes from a condition and starts at zero: for the end of a branch.

    A residual branch that ends in it starts as no branch at all.

    Shapes: x (b, ..., width), condition (b, condition_width) -> out (b, ..., width).
    Source: Peebles & Xie 2023 (DiT), section 3.2, adaLN-Zero.

    >>> import torch
    >>> AdaptiveGate(4, 6)(x=torch.ones(2, 5, 4), condition=torch.ones(2, 6)).abs().sum()
    tensor(0., ...)
    """

    def __init__(self, width: PositiveInt, condition_width: PositiveInt) -> None:
        super().__init__()
        self.modulation = zero(nn.Linear(condition_width, width))

    def forward(
        self,
        x: Annotated[Tensor, "b ... width"],
        condition: Annotated[Tensor, "b condition_width"],
    ) -> Annotated[Tensor, "b ... width"]:
        """Gate."""
        return x * over_middle(self.modulation(functional.silu(condition)), x)


def over_middle(rows: Tensor, x: Tensor) -> Tensor:
    """One row per sample, for all the positions between the batch and the last axis of x.

    Shapes: rows (b, d), x (b, ..., width) -> out (b, 1, ..., 1, d), as many axes as x.
    """
    return rows.reshape(rows.shape[0], *[1] * (x.ndim - 2), rows.shape[-1])


def zero(layer: Layer) -> Layer:
    """The layer with all its parameters at zero.

    >>> zero(nn.Linear(2, 1)).weight.tolist()
    [[0.0, 0.0]]
    """
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer
