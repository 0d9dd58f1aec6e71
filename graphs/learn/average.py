"""The exponential moving average of trained weights, put in their place while it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

import torch
from torch import Tensor, nn


class Average:
    """A slow copy: w̄ ← d·w̄ + (1−d)·w with d = min(decay, (1+t)/(10+t)), so that early steps count.

    As a context manager it swaps itself in and out.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter], decay: float) -> None:
        """Start as a copy of the weights."""
        self.parameters, self.decay = dict(parameters), decay
        self.tensors: dict[str, Tensor] = {n: p.detach().clone() for n, p in parameters.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the weights as they are after 0-based `step`."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for name, parameter in self.parameters.items():
            self.tensors[name].lerp_(parameter, 1 - decay)

    def __enter__(self) -> None:
        self._swap()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, parameter in self.parameters.items():
            held = self.tensors[name].clone()
            self.tensors[name].copy_(parameter)
            parameter.copy_(held)
