"""Probing adapters: is each the identity while zero, and does each get a gradient once it is not?

An adapter that never gets a gradient trains nothing and says nothing; it is named here instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from graphs.learn.variants import activate, active_in, adapters_of, put_back
from graphs.live.graph import Graph


@dataclass(frozen=True)
class Probe:
    """`identity`: output bit-equal with fresh adapters; `dead`: adapters without a gradient."""

    identity: bool
    dead: tuple[str, ...]


def probe(graph: Graph, variant: str, loss: Callable[[], Tensor]) -> Probe:
    """Evaluate a scalar `loss` with and without the variant, then with its parameters shaken.

    Weights, gradients, active variants and modes are as before afterwards.
    Raises: WorldloomError when there is no such variant.
    """
    parameters = adapters_of(graph, variant)
    before = {name: p.detach().clone() for name, p in parameters.items()}
    wanted = [(p, p.requires_grad) for p in graph.parameters()]
    active = active_in(graph)
    training = [(m, m.training) for m in graph.modules()]
    graph.eval()
    try:
        with torch.no_grad():
            activate(graph, {})
            plain = loss()
            activate(graph, {variant: 1.0})
            fresh = loss()
        generator = torch.Generator().manual_seed(0)
        with torch.no_grad():
            for p in parameters.values():
                p.requires_grad_(True)
                p.add_(torch.randn(p.shape, generator=generator).to(p) * 0.05)
        dead = _without_gradient(parameters, loss)
    finally:
        with torch.no_grad():
            for name, p in parameters.items():
                p.copy_(before[name])
        put_back(active)
        for p, learns in wanted:
            p.requires_grad_(learns)
        for module, mode in training:
            module.training = mode
    return Probe(torch.equal(plain, fresh), dead)


def _without_gradient(
    parameters: Mapping[str, nn.Parameter], loss: Callable[[], Tensor]
) -> tuple[str, ...]:
    with torch.enable_grad():
        value = loss()
        if not value.requires_grad:
            return tuple(parameters)
        found = torch.autograd.grad(value, list(parameters.values()), allow_unused=True)
    return tuple(n for n, g in zip(parameters, found, strict=True) if g is None or not g.any())
