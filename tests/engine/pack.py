"""Blocks that behave badly in the ways that an engine has to survive; installed for its tests only."""

import os
import signal
import time
from typing import Annotated, ClassVar

import torch
from torch import Tensor, nn

from graphs.live import Block


class Slow(Block):
    """Gives its input after a while, and says so where everybody prints."""

    def __init__(self, seconds: float = 0.01) -> None:
        super().__init__()
        self.seconds = seconds

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        print("slow")
        time.sleep(self.seconds)
        return x


class Failing(Block):
    """Raises what its name says, or kills the whole process."""

    def __init__(self, how: str = "value") -> None:
        super().__init__()
        self.how = how

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        if self.how == "memory":
            return x + torch.empty(1 << 60)
        if self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("no more")


class Writing(Block):
    """A side effect that no preview may cause."""

    effects: ClassVar[tuple[str, ...]] = ("writes files",)

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        return x


class Drawing(Block):
    """A layer with dropout inside: what only the same random stream repeats."""

    draws = "training"

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.map, self.drop = nn.Linear(width, width), nn.Dropout(0.5)

    def forward(self, x: Annotated[Tensor, "b width"]) -> Annotated[Tensor, "b width"]:
        return self.drop(self.map(x))


class Hearing(Block):
    """How many letters it was told; it takes a while, so that the next turn can be told others."""

    def forward(self, x: Annotated[str, "text"] | None = None) -> Annotated[Tensor, "one"]:
        time.sleep(0.02)
        return torch.full((1,), float(len(x or "")))
