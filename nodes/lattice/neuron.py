"""The simple automaton that stands in every cell of the lattice; all cells share its weights."""

from typing import Annotated

import torch
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block


class SimpleNeuron(Block):
    """What the lattice says to a flow: a small MLP of where the flow is and of its energy.

    Positions count cells; they are brought to [-1, 1] first, so that one set of weights suits a box
    of any size. They need not be whole: a flow may stand between cells.

    Shapes: position (..., 3) as x, y, z, energy (..., cell_dim) -> out (..., d_out).
    Source: seed 002, simple_neuron.py: 3 coordinates and the energy -> 64 -> the carrier's input.

    >>> neuron = SimpleNeuron(20, 20, 10)
    >>> neuron(position=torch.zeros(2, 3), energy=torch.ones(2, 1)).shape
    torch.Size([2, 128])
    >>> sum(p.numel() for p in neuron.parameters())  # the seed's "about 1 000" does not close
    8640
    """

    def __init__(
        self,
        width: PositiveInt,
        height: PositiveInt,
        depth: PositiveInt,
        cell_dim: PositiveInt = 1,
        hidden: PositiveInt = 64,
        d_out: PositiveInt = 128,
    ) -> None:
        """`cell_dim` is how many numbers a flow's energy has."""
        super().__init__()
        self.size, self.cell_dim = (width, height, depth), cell_dim
        self.enter = nn.Linear(3 + cell_dim, hidden)
        self.leave = nn.Linear(hidden, d_out)
        middle = torch.tensor([max(n - 1, 1) / 2 for n in self.size], device="cpu")
        self.middle: Tensor
        self.register_buffer("middle", middle, persistent=False)

    def forward(
        self, position: Annotated[Tensor, "... 3"], energy: Annotated[Tensor, "... cell_dim"]
    ) -> Annotated[Tensor, "... d_out"]:
        """Look around."""
        place = position / self.middle.to(position) - 1
        seen = torch.cat([place, energy.to(place)], dim=-1).to(self.enter.weight.dtype)
        out: Tensor = self.leave(functional.silu(self.enter(seen)))
        return out
