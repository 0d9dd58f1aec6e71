"""Where every flow was: what a lattice remembers of one run when it is asked to."""

from typing import NamedTuple

import torch
from torch import Tensor

from nodes.lattice.flows import Flows


class Trajectory(NamedTuple):
    """Every slot at every moment, the first before any step. No gradient.

    A flow was born at a moment where it is `flowing` with age 0; one that is neither flowing nor
    arrived, and was flowing before, has died. `size` is the box.

    Shapes: position (t, b, slots, 3), energy (t, b, slots), the norm, and age, flowing, arrived, the
    same.
    """

    size: tuple[int, int, int]
    position: Tensor
    energy: Tensor
    age: Tensor
    flowing: Tensor
    arrived: Tensor

    def sample(self, number: int) -> "Trajectory":
        """The same of one sample, with a batch axis of 1."""
        return Trajectory(self.size, *(part[:, number : number + 1] for part in self[1:]))


def recorded(frames: list[Flows], size: tuple[int, int, int]) -> Trajectory:
    """The pools of each moment as one value, on the CPU."""

    def column(values: list[Tensor]) -> Tensor:
        return torch.stack([value.detach().float().cpu() for value in values])

    return Trajectory(
        size,
        column([f.position for f in frames]),
        column([torch.linalg.vector_norm(f.energy, dim=-1) for f in frames]),
        column([f.age for f in frames]),
        column([f.flowing for f in frames]).bool(),
        column([f.arrived for f in frames]).bool(),
    )
