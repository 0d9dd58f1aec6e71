"""Multi-layer perceptron over the last axis."""

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.activation import ACTIVATIONS, Activation
from nodes.layers.dropout import DropRate


class MLP(Block):
    """Linear maps; after each but the last: norm, activation, dropout.

    `hidden` lists the widths between; [] leaves one map.

    Shapes: x (..., d_in) -> out (..., d_out).
    Source: Rumelhart et al. 1986; the order of torchvision.ops.MLP.

    >>> import torch
    >>> MLP(4, [8, 8], 3, activation="gelu")(x=torch.zeros(2, 4)).shape
    torch.Size([2, 3])
    """

    draws = "training"

    def __init__(
        self,
        d_in: PositiveInt,
        hidden: tuple[PositiveInt, ...],
        d_out: PositiveInt,
        activation: Activation = "relu",
        dropout: DropRate = 0.0,
        norm: Literal["none", "layer"] = "none",
        bias: bool = True,
    ) -> None:
        super().__init__()
        widths = [d_in, *hidden, d_out]
        self.maps = nn.ModuleList(nn.Linear(a, b, bias) for a, b in pairwise(widths))
        normed = norm == "layer"
        self.norms = nn.ModuleList(nn.LayerNorm(w) if normed else nn.Identity() for w in hidden)
        self.activation = ACTIVATIONS[activation]
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Annotated[Tensor, "... d_in"]) -> Annotated[Tensor, "... d_out"]:
        """Apply all maps."""
        for map_, norm in zip(self.maps, self.norms, strict=False):  # there is one map more
            x = self.dropout(self.activation(norm(map_(x))))
        out: Tensor = self.maps[-1](x)
        return out
