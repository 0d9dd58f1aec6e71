"""Gated recurrent units. All states are batch first, so that each row of a batch has its own."""

from typing import Annotated, NamedTuple, cast

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.aligned import AlignedLinear
from nodes.layers.dropout import DropRate


class GRUCell(Block):
    """One step of a GRU: reset and update gates mix the state with a candidate.

    `input_map` and `state_map` hold the gates reset, update, candidate, laid out as weight_ih and
    weight_hh of torch.

    Shapes: x (b, d_in), state (b, hidden), zeros where not wired -> out (b, hidden), the new state.
    Source: Cho et al. 2014; torch.nn.GRUCell.

    >>> GRUCell(3, 5)(x=torch.zeros(2, 3)).shape
    torch.Size([2, 5])
    """

    def __init__(self, d_in: PositiveInt, hidden: PositiveInt, bias: bool = True) -> None:
        """Weights and biases start uniform within ±1/sqrt(hidden)."""
        super().__init__()
        self.input_map = AlignedLinear(d_in, 3 * hidden, bias)
        self.state_map = nn.Linear(hidden, 3 * hidden, bias)
        self.size = hidden
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden**-0.5), hidden**-0.5)

    def forward(
        self,
        x: Annotated[Tensor, "b d_in"],
        state: Annotated[Tensor, "b hidden"] | None = None,
    ) -> Annotated[Tensor, "b hidden"]:
        """Take one step."""
        state = x.new_zeros(x.shape[0], self.size) if state is None else state
        return self.step(self.input_map(x), state)

    def step(self, mapped: Tensor, state: Tensor) -> Tensor:
        """The new state, from an input that went through `input_map` already.

        Shapes: mapped (b, 3 hidden), state (b, hidden) -> out (b, hidden).
        """
        parts = (2 * state.shape[-1], state.shape[-1])
        # Split, not sliced: backward joins the parts once, a slice's fills a whole tensor with zeros.
        gates_in, offered_in = mapped.split_with_sizes(parts, dim=-1)
        gates_of, offered_of = self.state_map(state).split_with_sizes(parts, dim=-1)
        reset, update = torch.sigmoid(gates_in + gates_of).chunk(2, dim=-1)
        # Fused kernels: beside matrix products of this size each pass over memory is seen.
        offered = torch.addcmul(offered_in, reset, offered_of)
        return torch.lerp(torch.tanh(offered), state, update)

    def begin(self, mapped: Tensor) -> Tensor:
        """As `step` from a state of zeros, without the product that would give only its bias.

        Shapes: mapped (b, 3 hidden) -> out (b, hidden).
        """
        width, known = self.size, self.state_map.bias
        if type(self.state_map) is not nn.Linear or known is None:  # an adapter may do otherwise
            return self.step(mapped, mapped.new_zeros(len(mapped), width))
        gates, offered = mapped.split_with_sizes((2 * width, width), dim=-1)
        bias = known.to(mapped)
        reset, update = torch.sigmoid(gates + bias[: 2 * width]).chunk(2, dim=-1)
        offered = torch.tanh(torch.addcmul(offered, reset, bias[2 * width :].expand_as(reset)))
        return torch.lerp(offered, torch.zeros_like(offered), update)

    def scan(self, x: Tensor, state: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """The state after each step, and after the last.

        Shapes: x (b, t, d), state (b, hidden), mask (b, t) -> (b, t, hidden), (b, hidden).
        """
        states = []
        for number, mapped in enumerate(self.input_map(x).unbind(1)):  # all inputs in one product
            new = self.step(mapped, state)
            state = new if mask is None else torch.where(mask[:, number, None].bool(), new, state)
            states.append(state)
        return torch.stack(states, dim=1), state


class GRUOutput(NamedTuple):
    """The last layer's state after each step, and every layer's state after the last step."""

    sequence: Annotated[Tensor, "b t hidden"]
    state: Annotated[Tensor, "b layers hidden"]


class GRU(Block):
    """A stack of GRU cells over a sequence; wire `state` back to go on where it stopped.

    Where `mask` is false the states stay as they were, so padding at the end of a sequence changes
    nothing. Dropout falls between layers.

    Shapes: x (b, t, d_in), state (b, layers, hidden), zeros where not wired, mask (b, t) ->
    sequence (b, t, hidden), state (b, layers, hidden).
    Source: torch.nn.GRU with batch_first, whose states are (layers, b, hidden).

    >>> GRU(3, 5, layers=2)(x=torch.zeros(4, 7, 3)).state.shape
    torch.Size([4, 2, 5])
    """

    draws = "training"

    def __init__(
        self,
        d_in: PositiveInt,
        hidden: PositiveInt,
        layers: PositiveInt = 1,
        dropout: DropRate = 0.0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        widths = [d_in, *[hidden] * (layers - 1)]
        self.cells = nn.ModuleList(GRUCell(width, hidden, bias) for width in widths)
        self.dropout = nn.Dropout(dropout)
        self.state_shape = (layers, hidden)

    def forward(
        self,
        x: Annotated[Tensor, "b t d_in"],
        state: Annotated[Tensor, "b layers hidden"] | None = None,
        mask: Annotated[Tensor, "b t"] | None = None,
    ) -> GRUOutput:
        """Run over all steps."""
        state = x.new_zeros(x.shape[0], *self.state_shape) if state is None else state
        cells, last = cast(list[GRUCell], self.cells), []
        for number, (cell, start) in enumerate(zip(cells, state.unbind(1), strict=True)):
            x, end = cell.scan(self.dropout(x) if number else x, start, mask)
            last.append(end)
        return GRUOutput(x, torch.stack(last, dim=1))
