"""The recurrent network that carries energy: one set of weights, one hidden state for each flow."""

import math
from collections.abc import Sequence
from typing import Annotated, NamedTuple, cast

import torch
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.aligned import NUMBERS
from nodes.layers.gru import GRUCell

PIECE = 8192  # rows; their states fit into a cache beside the weights
Forward = Annotated[float, Field(gt=1.0)]


class Carried(NamedTuple):
    """A flow after one step, and what it would give to children that start where it stood."""

    energy: Annotated[Tensor, "... cell_dim"]
    position: Annotated[Tensor, "... 3"]
    hidden: Annotated[Tensor, "... layers hidden"]
    spawn: Annotated[Tensor, "... children"]
    child_energy: Annotated[Tensor, "... children cell_dim"]


class EnergyCarrier(Block):
    """One step of a flow: a GRU stack over what the neuron says, and four heads on its last state.

    The energy head gives a change of the energy. The displacement head moves x and y by at most
    `reach` cells and z by 1 + softplus cells, so a flow goes forward by construction, as far as it
    likes; `advance` is the mean jump before any training. `spawn` are the probabilities of
    `children` children, unlikely at first, and `child_energy` each one's share of the energy: the
    shares of children and parent sum to one in every component.

    Shapes: x (..., d_in), energy (..., cell_dim), position (..., 3), hidden (..., layers, hidden),
    zeros where not wired -> energy, position, hidden of the same shapes, spawn (..., children),
    child_energy (..., children, cell_dim).
    Source: seed 002, energy_carrier.py; Cho et al. 2014 (GRU).

    >>> carrier = EnergyCarrier(4, hidden=8, layers=2, children=3)
    >>> given = {"x": torch.zeros(5, 4), "energy": torch.ones(5, 1), "position": torch.zeros(5, 3)}
    >>> carrier(**given, hidden=torch.zeros(5, 2, 8)).child_energy.shape
    torch.Size([5, 3, 1])
    """

    def __init__(
        self,
        d_in: PositiveInt = 128,
        cell_dim: PositiveInt = 1,
        hidden: PositiveInt = 1024,
        layers: PositiveInt = 3,
        children: NonNegativeInt = 2,
        reach: NonNegativeFloat = 1.0,
        advance: Forward = 2.0,
    ) -> None:
        """`children` is how many flows may leave one flow in one step; 0 leaves out both heads."""
        super().__init__()
        widths = [d_in + cell_dim, *[hidden] * (layers - 1)]
        self.cells = nn.ModuleList(GRUCell(width, hidden) for width in widths)
        self.energy = nn.Linear(hidden, cell_dim)
        self.displacement = nn.Linear(hidden, 3)
        self.spawn = nn.Linear(hidden, children) if children else None
        self.shares = nn.Linear(hidden, (children + 1) * cell_dim) if children else None
        self.state_shape, self.cell_dim = (layers, hidden), cell_dim
        self.d_in = d_in + cell_dim
        self.brood, self.reach = children, reach
        with torch.no_grad():
            self.displacement.bias.copy_(
                torch.tensor([0.0, 0.0, math.log(math.expm1(advance - 1))])
            )
            if self.spawn is not None:
                self.spawn.bias.fill_(-1.0)

    def forward(
        self,
        x: Annotated[Tensor, "... d_in"],
        energy: Annotated[Tensor, "... cell_dim"],
        position: Annotated[Tensor, "... 3"],
        hidden: Annotated[Tensor, "... layers hidden"] | None = None,
    ) -> Carried:
        """Take one step."""
        lead, (layers, width) = x.shape[:-1], self.state_shape
        # Rows of one matrix: a strided state with more axes would be copied by every product.
        below = torch.cat([x, energy.to(x)], dim=-1).view(-1, self.d_in)
        rows = None if hidden is None else hidden.reshape(-1, layers, width)
        last, states = self._in_pieces(below, rows)
        change, moved, *split = self._said(last.view(*lead, width))
        energy = energy + change.to(energy)
        spawn, child_energy = self._children(split, energy)
        position = position + self._move(moved.to(position))
        return Carried(energy, position, states.view(*lead, layers, width), spawn, child_energy)

    def _in_pieces(self, below: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """As `_states`, some rows at a time where it saves memory that a CPU would fetch anew each time.

        Where backward is wanted everything is kept anyway, and a GPU wants all rows at once.
        """
        if torch.is_grad_enabled() or below.device.type != "cpu" or len(below) <= PIECE:
            return self._states(below, hidden)
        states: Tensor | None = None
        for start in range(0, len(below), PIECE):
            rows = slice(start, start + PIECE)
            _, made = self._states(below[rows], None if hidden is None else hidden[rows])
            if states is None:
                states = made.new_empty(len(below), *made.shape[1:])
            states[rows] = made
        assert states is not None
        return states[:, -1].contiguous(), states

    def _states(self, below: Tensor, hidden: Tensor | None) -> tuple[Tensor, Tensor]:
        """The last layer's new state, and every layer's.

        Shapes: below (n, d_in), hidden (n, layers, hidden) -> (n, hidden), (n, layers, hidden).
        """
        known = [None] * len(self.cells) if hidden is None else hidden.unbind(1)
        new = []
        for cell, state in zip(cast(list[GRUCell], self.cells), known, strict=True):
            mapped = cell.input_map(below)
            below = cell.begin(mapped) if state is None else cell.step(mapped, state.to(below))
            new.append(below)
        return below, torch.stack(new, dim=1)

    def _move(self, raw: Tensor) -> Tensor:
        sideways = self.reach * torch.tanh(raw[..., :2])
        return torch.cat([sideways, 1 + functional.softplus(raw[..., 2:])], dim=-1)

    def _said(self, state: Tensor) -> Sequence[Tensor]:
        """What each head says, in one product where nothing adapts a head.

        Shapes: state (..., hidden) -> (..., cell_dim), (..., 3), (..., children), (..., (children + 1) ·
        cell_dim).
        """
        known = (self.energy, self.displacement, self.spawn, self.shares)
        heads = [head for head in known if head is not None]
        if any(type(head) is not nn.Linear for head in heads):  # an adapter may do otherwise
            return [head(state) for head in heads]
        sizes = [head.out_features for head in heads]
        weights: list[Tensor] = [head.weight for head in heads]
        biases: list[Tensor] = [head.bias for head in heads]
        if state.is_cuda and (spare := -sum(sizes) % NUMBERS):
            weights.append(weights[0].new_zeros(spare, state.shape[-1]))
            biases.append(biases[0].new_zeros(spare))
            sizes.append(spare)
        found = functional.linear(state, torch.cat(weights), torch.cat(biases))
        return found.split_with_sizes(sizes, dim=-1)[: len(heads)]

    def _children(self, said: Sequence[Tensor], energy: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities and energies of children, from what the heads say."""
        if not said:
            shape = energy.shape[:-1]
            return energy.new_zeros(*shape, 0), energy.new_zeros(*shape, 0, self.cell_dim)
        likely, shares = said
        logits = shares.view(*shares.shape[:-1], self.brood + 1, self.cell_dim)
        share = torch.softmax(logits.to(energy), dim=-2)[..., :-1, :]  # the last is the parent's
        return torch.sigmoid(likely.to(energy)), share * energy.unsqueeze(-2)
