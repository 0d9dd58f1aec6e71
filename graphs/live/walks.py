"""Walks over live modules in torch's order, without its generators inside generators.

Torch's own pass every module up through all levels around it: in a world of ten thousand blocks they
take several times as long as what is done with the modules.
"""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn


def modules_in(root: nn.Module) -> Iterator[nn.Module]:
    """The module and every one inside, a shared one once."""
    seen: set[nn.Module] = set()
    waiting = [root]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        if current._modules:
            waiting += [child for child in reversed(current._modules.values()) if child is not None]


def parameters_in(root: nn.Module) -> Iterator[nn.Parameter]:
    """Every parameter inside, a shared one once."""
    seen: set[int] = set()
    for module in modules_in(root):
        for parameter in module._parameters.values():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                yield parameter
