"""Blocks as a stranger might write them: torch's own layers inside, layers shared, layers unused."""

from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graphs.live import Block


class Unused(Block):
    """Holds a layer that no output depends on."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.used, self.idle = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.used(x)


class ReadsWeight(Block):
    """Uses a layer's weight without calling the layer, so that no wrapper is asked."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.map, self.out = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.out(F.linear(x, self.map.weight))


class SharedLayer(Block):
    """One layer under two names."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.first = nn.Linear(width, width)
        self.second = self.first

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.second(self.first(x).tanh())


class Foreign(Block):
    """torch's own attention, recurrence and encoder beside one plain map called by keyword."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.recurrent = nn.GRU(width, width, batch_first=True)
        self.cell = nn.GRUCell(width, width)
        self.encoder = nn.TransformerEncoderLayer(width, 2, 8, dropout=0.0, batch_first=True)
        self.grouped = nn.Conv1d(width, width, 1, groups=2)
        self.norm = nn.BatchNorm1d(width)
        self.map = nn.Linear(width, width)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        line = x[:, None]
        line = line + self.attention(line, line, line)[0] + self.recurrent(line)[0]
        line = self.encoder(line) + self.cell(x)[:, None]
        line = self.grouped(line.transpose(1, 2)).transpose(1, 2)
        return self.map(input=self.norm(line[:, 0]))


class Running(Block):
    """Statistics without parameters, and dropout: what only eval holds still."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.norm, self.drop = nn.BatchNorm1d(width, affine=False), nn.Dropout(0.5)

    draws = "training"

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.drop(self.norm(x))


class Network(Block):
    """A small leaf of many kinds of layers: batch norm and dropout inside, partly trainable."""

    draws = "training"

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.enter, self.norm = nn.Linear(width, width), nn.BatchNorm1d(width)
        self.drop, self.leave = nn.Dropout(0.25), nn.Linear(width, width)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.leave(self.drop(self.norm(self.enter(x)).tanh()))


class SparseTable(Block):
    """A table whose gradients are sparse."""

    def __init__(self, count: int = 8, width: int = 4) -> None:
        super().__init__()
        self.table = nn.Embedding(count, width, sparse=True)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.table(x[:, 0].abs().long() % self.table.num_embeddings)


class Root(Block):
    """The mean root of its input: an infinite gradient at 0, where the value is finite."""

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "()"]:
        return (x - x.detach()).abs().sqrt().mean()


class Blowing(Block):
    """Gives its input until it has been called `calls` times, then NaN."""

    def __init__(self, calls: int = 1) -> None:
        super().__init__()
        self.calls, self.count = calls, 0

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        self.count += 1
        return x if self.count <= self.calls else x * torch.nan
