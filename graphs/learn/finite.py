"""Whether losses and gradients are numbers, without waiting for a GPU at every step.

Reading a figure waits until the device has computed it. On the CPU that costs nothing, and a step is
refused before it changes a weight. Elsewhere figures are read together, every so many steps, and before
anything is saved: a training that went wrong is found a little later, and never written down.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from graphs.spec.problems import WorldloomError

EVERY = 16  # steps on a GPU between two readings


def reads_every(device: str) -> int:
    """After how many steps figures are read on a device."""
    return 1 if torch.device(device).type == "cpu" else EVERY


@dataclass
class Finite:
    """The figures that nobody has looked at yet. `every` steps they are read, 1 is at once."""

    every: int
    waiting: list[tuple[int, str, Mapping[str, Tensor], Tensor]] = field(default_factory=list)
    since: int = -1

    def loss(self, step: int, total: Tensor, losses: Mapping[str, Tensor]) -> None:
        """A step's loss. Raises: WorldloomError when it, or one before it, is not finite."""
        parts = {name: value.detach() for name, value in losses.items()}
        self._take(step, "loss", parts, total.detach())

    def norm(self, step: int, norm: Tensor) -> None:
        """A step's gradient norm. Raises: WorldloomError when it is not finite."""
        self._take(step, "norm", {}, norm.detach())

    def settle(self) -> None:
        """Every figure so far is finite. Raises: WorldloomError naming the first that is not."""
        waiting, self.waiting = self.waiting, []
        if not waiting:
            return
        figures = torch.stack([each[-1].float().reshape(()) for each in waiting]).tolist()
        for (step, what, losses, _), figure in zip(waiting, figures, strict=True):
            if not math.isfinite(figure):
                raise WorldloomError(self._said(step, what, losses, figure))

    def _take(self, step: int, what: str, losses: Mapping[str, Tensor], figure: Tensor) -> None:
        if not self.waiting:
            self.since = step
        self.waiting.append((step, what, losses, figure))
        if step - self.since >= self.every - 1:
            self.settle()

    def _said(self, step: int, what: str, losses: Mapping[str, Tensor], figure: float) -> str:
        after = (
            "the weights are those before this step"
            if self.every == 1
            else "the weights are of no use since then: go on from the last checkpoint"
        )
        if what == "norm":
            return (
                f"step {step}: the gradients' norm is {figure}, though the loss is "
                f"finite; look for a root or a division at 0; {after}"
            )
        parts = ", ".join(f"{name} {value.item():.4g}" for name, value in losses.items())
        return (
            f"step {step}: the loss is {figure} ({parts}); "
            f"lower the learning rate or clip gradients; {after}"
        )
