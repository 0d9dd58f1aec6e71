"""Class ids as conditions, with a class of their own for "no condition"."""

from typing import Annotated, ClassVar, NamedTuple

import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.dropout import DropRate


class ClassCondition(NamedTuple):
    """The embeddings of the classes, and of no class."""

    embedding: Annotated[Tensor, "b width"]
    unconditional: Annotated[Tensor, "b width"]


class ClassConditioner(Block):
    """A learnt row for each class, and one for none that training puts in at the rate `drop`.

    A model that learns from `embedding` learns with and without condition; sampling then runs it on
    both outputs and joins the two with Guidance.

    Shapes: input (b,) of ids 0 <= id < count -> embedding and unconditional (b, width).
    Source: Peebles & Xie 2023 (DiT), LabelEmbedder; Ho & Salimans 2022, algorithm 1.

    >>> ClassConditioner(10, 4)(input=torch.tensor([3, 7])).embedding.shape
    torch.Size([2, 4])
    """

    role: ClassVar[str] = "conditioner"
    draws = "training"

    def __init__(self, count: PositiveInt, width: PositiveInt, drop: DropRate = 0.1) -> None:
        """Rows start normal with deviation 0.02."""
        super().__init__()
        self.table = nn.Embedding(count + 1, width)
        nn.init.normal_(self.table.weight, std=0.02)
        self.none, self.drop = count, drop

    def forward(self, input: Annotated[Tensor, "b"]) -> ClassCondition:
        """Look up."""
        labels, none = input, torch.full_like(input, self.none)
        if self.training:
            dropped = torch.rand(labels.shape, device=labels.device) < self.drop
            labels = torch.where(dropped, none, labels)
        return ClassCondition(self.table(labels), self.table(none))
