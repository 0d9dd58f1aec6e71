"""A class with traits as a condition."""

from typing import Annotated, ClassVar

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.class_conditioner import ClassCondition
from nodes.layers.dropout import DropRate


class TraitConditioner(Block):
    """A learnt row for each class plus a map of its traits, and a row of its own for no condition.

    Training puts "none" in place of class and traits together, at the rate `drop`, so that a model
    learns with and without; sampling joins the two with Guidance, which then strengthens the traits as
    well as the class.

    Shapes: input (b,) of ids 0 <= id < count, traits (b, kinds) about in [-1, 1] -> embedding and
    unconditional (b, width).
    Source: Ho & Salimans 2022, algorithm 1; Peebles & Xie 2023 (DiT), LabelEmbedder, with traits added.

    >>> conditioner = TraitConditioner(10, 2, 4)
    >>> conditioner(input=torch.tensor([3, 7]), traits=torch.zeros(2, 2)).embedding.shape
    torch.Size([2, 4])
    """

    role: ClassVar[str] = "conditioner"
    draws = "training"

    def __init__(
        self, count: PositiveInt, kinds: PositiveInt, width: PositiveInt, drop: DropRate = 0.1
    ) -> None:
        """Rows start normal with deviation 0.02."""
        super().__init__()
        self.table = nn.Embedding(count + 1, width)
        nn.init.normal_(self.table.weight, std=0.02)
        self.traits = nn.Sequential(
            nn.Linear(kinds, width), nn.SiLU(), nn.Linear(width, width, bias=False)
        )
        self.none, self.drop = count, drop

    def forward(
        self, input: Annotated[Tensor, "b"], traits: Annotated[Tensor, "b kinds"]
    ) -> ClassCondition:
        """Look up and add."""
        none = torch.full_like(input, self.none)
        kept = torch.ones_like(input, dtype=torch.bool)
        if self.training:
            kept = torch.rand(input.shape, device=input.device) >= self.drop
        shown: Tensor = self.table(torch.where(kept, input, none))
        mapped: Tensor = self.traits(traits) * kept[:, None]
        return ClassCondition(shown + mapped, self.table(none))
