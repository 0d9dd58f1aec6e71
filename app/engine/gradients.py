"""Gradient norms of each node, taken from a training now and then, only while somebody looks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from graphs.learn.modes import own_parameters
from graphs.learn.training import Training


class Gradients:
    """Reads gradients just before the optimiser uses them; where nobody looks it is not there."""

    def __init__(self, training: Training) -> None:
        """Nothing is read before `arm`."""
        self.training = training
        self.nodes = {
            id(parameter): place.path
            for place in training.modes.places
            for parameter in own_parameters(place.block)
        }
        self._hook: Any = None
        self._found: list[tuple[str, Tensor]] = []

    @property
    def armed(self) -> bool:
        """Whether the next step is read, or was just."""
        return self._hook is not None

    def arm(self) -> None:
        """The next step is read."""
        if self._hook is None:
            self._hook = self.training.optimiser.torch.register_step_pre_hook(self._read)

    def take(self, total: float | None) -> dict[str, float]:
        """The norms of the step that was read, by node; {} when none was. `total` undoes clipping."""
        if self._hook is None or not self._found:
            return {}
        self._hook.remove()
        self._hook = None
        names, squares = zip(*self._found, strict=True)
        self._found = []
        sums: dict[str, float] = {}
        for name, square in zip(names, torch.stack(squares).tolist(), strict=True):
            sums[name] = sums.get(name, 0.0) + square
        clip = self.training.plan.clip_norm
        scale = max(1.0, total / clip) if clip and total is not None else 1.0
        return {name: scale * float(square) ** 0.5 for name, square in sums.items()}

    def _read(self, optimiser: Any, args: Any, kwargs: Any) -> None:
        for parameter in self.training.trained.values():
            grad = parameter.grad
            if grad is not None:
                plain = grad.coalesce().values() if grad.is_sparse else grad
                square = plain.detach().double().square().sum().cpu()
                self._found.append((self.nodes[id(parameter)], square))
