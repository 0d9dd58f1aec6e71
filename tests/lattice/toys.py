"""Parts as a stranger might write them."""

from typing import Annotated

import torch
from torch import Tensor

from graphs.live import Block
from nodes.lattice.carrier import Carried


class Stubborn(Block):
    """A carrier that wants to go backwards and far to the side."""

    def forward(
        self,
        x: Annotated[Tensor, "... _"],
        energy: Annotated[Tensor, "... e"],
        position: Annotated[Tensor, "... 3"],
        hidden: Annotated[Tensor, "... layers n"] | None = None,
    ) -> Carried:
        hidden = torch.zeros(*x.shape[:-1], 1, 1) if hidden is None else hidden
        none = energy.new_zeros(*x.shape[:-1], 0)
        back = position + position.new_tensor([9.0, -9.0, -3.0])
        return Carried(energy, back, hidden, none, none.unsqueeze(-1).expand(*none.shape, 1))


class NeedsState(Stubborn):
    """A carrier that cannot start without a state."""

    def forward(  # type: ignore[override]
        self,
        x: Annotated[Tensor, "... _"],
        energy: Annotated[Tensor, "... e"],
        position: Annotated[Tensor, "... 3"],
        hidden: Annotated[Tensor, "... layers n"],
    ) -> Carried:
        return super().forward(x, energy, position, hidden)
