"""Long short-term memory. All states are batch first, so that each row of a batch has its own."""

from typing import Annotated, NamedTuple, cast

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.dropout import DropRate


class LSTMState(NamedTuple):
    """What an LSTM shows (`state`) and what it keeps (`memory`)."""

    state: Annotated[Tensor, "b hidden"]
    memory: Annotated[Tensor, "b hidden"]


class LSTMCell(Block):
    """One step of an LSTM: gates decide what the memory forgets, takes in and shows.

    `input_map` and `state_map` hold the gates input, forget, candidate, output, laid out as
    weight_ih and weight_hh of torch. torch calls `state` h and `memory` c.

    Shapes: x (b, d_in), state and memory (b, hidden), zeros where not wired -> state and memory
    (b, hidden).
    Source: Hochreiter & Schmidhuber 1997, Gers et al. 2000; torch.nn.LSTMCell.

    >>> LSTMCell(3, 5)(x=torch.zeros(2, 3)).memory.shape
    torch.Size([2, 5])
    """

    def __init__(self, d_in: PositiveInt, hidden: PositiveInt, bias: bool = True) -> None:
        """Weights and biases start uniform within ±1/sqrt(hidden)."""
        super().__init__()
        self.input_map = nn.Linear(d_in, 4 * hidden, bias)
        self.state_map = nn.Linear(hidden, 4 * hidden, bias)
        self.size = hidden
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden**-0.5), hidden**-0.5)

    def forward(
        self,
        x: Annotated[Tensor, "b d_in"],
        state: Annotated[Tensor, "b hidden"] | None = None,
        memory: Annotated[Tensor, "b hidden"] | None = None,
    ) -> LSTMState:
        """Take one step."""
        zeros = x.new_zeros(x.shape[0], self.size)
        known = LSTMState(zeros if state is None else state, zeros if memory is None else memory)
        return self.step(self.input_map(x), known)

    def step(self, mapped: Tensor, known: LSTMState) -> LSTMState:
        """The new state, from an input that went through `input_map` already.

        Shapes: mapped (b, 4 hidden), known and out (b, hidden) each.
        """
        gates = mapped + self.state_map(known.state)
        take, keep, candidate, show = gates.chunk(4, dim=-1)
        taken = torch.sigmoid(take) * torch.tanh(candidate)
        memory = torch.sigmoid(keep) * known.memory + taken
        return LSTMState(torch.sigmoid(show) * torch.tanh(memory), memory)

    def scan(self, x: Tensor, known: LSTMState, mask: Tensor | None) -> tuple[Tensor, LSTMState]:
        """The state after each step, and state and memory at the end.

        Shapes: x (b, t, d), known (b, hidden) each, mask (b, t) -> (b, t, hidden), and as known.
        """
        states = []
        for number, mapped in enumerate(self.input_map(x).unbind(1)):  # all inputs in one product
            new = self.step(mapped, known)
            if mask is not None:
                here = mask[:, number, None].bool()
                new = LSTMState(*(torch.where(here, a, b) for a, b in zip(new, known, strict=True)))
            known = new
            states.append(known.state)
        return torch.stack(states, dim=1), known


class LSTMOutput(NamedTuple):
    """The last layer's state after each step, and every layer's state and memory at the end."""

    sequence: Annotated[Tensor, "b t hidden"]
    state: Annotated[Tensor, "b layers hidden"]
    memory: Annotated[Tensor, "b layers hidden"]


class LSTM(Block):
    """A stack of LSTM cells over a sequence; wire `state` and `memory` back to go on.

    Where `mask` is false the states stay as they were, so padding at the end of a sequence changes
    nothing. Dropout falls between layers.

    Shapes: x (b, t, d_in), state and memory (b, layers, hidden), zeros where not wired, mask (b, t)
    -> sequence (b, t, hidden), state and memory (b, layers, hidden).
    Source: torch.nn.LSTM with batch_first, whose states are (layers, b, hidden).

    >>> LSTM(3, 5, layers=2)(x=torch.zeros(4, 7, 3)).sequence.shape
    torch.Size([4, 7, 5])
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
        self.cells = nn.ModuleList(LSTMCell(width, hidden, bias) for width in widths)
        self.dropout = nn.Dropout(dropout)
        self.state_shape = (layers, hidden)

    def forward(
        self,
        x: Annotated[Tensor, "b t d_in"],
        state: Annotated[Tensor, "b layers hidden"] | None = None,
        memory: Annotated[Tensor, "b layers hidden"] | None = None,
        mask: Annotated[Tensor, "b t"] | None = None,
    ) -> LSTMOutput:
        """Run over all steps."""
        zeros = x.new_zeros(x.shape[0], *self.state_shape)
        states = (zeros if state is None else state).unbind(1)
        memories = (zeros if memory is None else memory).unbind(1)
        cells, last = cast(list[LSTMCell], self.cells), []
        for number, cell in enumerate(cells):
            start = LSTMState(states[number], memories[number])
            x, end = cell.scan(self.dropout(x) if number else x, start, mask)
            last.append(end)
        shown, kept = zip(*last, strict=True)
        return LSTMOutput(x, torch.stack(shown, dim=1), torch.stack(kept, dim=1))
