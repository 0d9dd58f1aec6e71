"""Gated linear units: one half of the numbers decides how much of the other half passes."""

from typing import Annotated

from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.activation import ACTIVATIONS, Activation


class Glu(Block):
    """The first half of the last axis times the activation of the second half.

    Shapes: x (..., d) -> out (..., d // 2), d even.
    Source: Dauphin et al. 2017; torch.nn.GLU for "sigmoid".

    >>> import torch
    >>> Glu()(x=torch.tensor([4.0, 0.0]))
    tensor([2.])
    """

    def __init__(self, activation: Activation = "sigmoid") -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Annotated[Tensor, "... d"]) -> Annotated[Tensor, "... d//2"]:
        """Gate. Raises: ValueError when the last axis is odd."""
        if x.shape[-1] % 2:
            raise ValueError(
                f"the last axis must be even to have two halves, got {x.shape[-1]}; "
                "make the layer before it one wider"
            )
        value, gate = x.chunk(2, dim=-1)
        return value * self.activation(gate)


class SwiGLU(Block):
    """down(silu(gate(x)) * up(x)): the feed-forward layer of Llama, three maps without bias.

    `hidden` is 8/3 of `d_in` in most models, which costs as much as an MLP of four times `d_in`.

    Shapes: x (..., d_in) -> out (..., d_out).
    Source: Shazeer 2020, "GLU Variants Improve Transformer", equation 6.

    >>> import torch
    >>> SwiGLU(4, 8, 4)(x=torch.zeros(2, 4)).shape
    torch.Size([2, 4])
    """

    def __init__(
        self, d_in: PositiveInt, hidden: PositiveInt, d_out: PositiveInt, bias: bool = False
    ) -> None:
        super().__init__()
        self.gate = nn.Linear(d_in, hidden, bias)
        self.up = nn.Linear(d_in, hidden, bias)
        self.down = nn.Linear(hidden, d_out, bias)

    def forward(self, x: Annotated[Tensor, "... d_in"]) -> Annotated[Tensor, "... d_out"]:
        """Apply the three maps."""
        out: Tensor = self.down(functional.silu(self.gate(x)) * self.up(x))
        return out
