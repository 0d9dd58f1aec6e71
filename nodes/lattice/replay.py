"""A call recorded once as CUDA graphs, forward and backward, and from then on replayed.

Launching the kernels of a walk one by one takes longer than running them; a replay is one launch. It
writes into the same memory each time, so everything that leaves it is copied, and a walk whose backward
is still to come is not overwritten.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Results = dict[str, Tensor]
MOST = 8  # recordings that are kept, each with memory of its own; the oldest goes


class Replay:
    """What `call` makes of tensors and of the weights of `module`, as a replay of its first run.

    `call` must launch the same kernels whatever the values are, read none of them, and return tensors.
    Each combination of shapes, types, modes and learning weights is recorded by itself. With `casts`
    the weights of linear maps are cast once a call in a region of mixed precision, not once at every
    use; a call that is made again in backward must go without.
    """

    def __init__(self, module: nn.Module, call: Callable[..., Results], casts: bool) -> None:
        self._holder, self._call, self._casts = _Holder(module, call), call, casts
        self._recorded: dict[tuple[Any, ...], tuple[Callable[..., Any], list[str]]] = {}
        self._lease: weakref.ref[_Lease] | None = None

    def __call__(self, given: Mapping[str, Tensor]) -> Results:
        """Replay, or record when nothing fits; call plainly while a backward is still to come."""
        if self._awaited():
            return self._call(**given)
        device = next(iter(given.values())).device.type
        half = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
        weights = dict(self._weights(half if self._casts else None))
        tensors = [*given.values(), *weights.values()]
        mode = (half, torch.is_grad_enabled(), self._holder.module.training)
        key = (*mode, *given, *map(_kind, tensors))
        if key not in self._recorded:
            self._recorded[key] = self._record(given, weights, device, half)
            while len(self._recorded) > MOST:
                del self._recorded[next(iter(self._recorded))]
        replay, names = self._recorded[key]
        lease = _Lease()
        self._lease = weakref.ref(lease)
        handed = _Handed.apply(lease, *tensors)  # type: ignore[no-untyped-call]
        return dict(zip(names, (made.clone() for made in replay(*handed)), strict=True))

    def _awaited(self) -> bool:
        lease = self._lease() if self._lease is not None else None
        return lease is not None and not lease.over

    def _weights(self, half: torch.dtype | None) -> Iterator[tuple[str, Tensor]]:
        linear = {
            id(p)
            for module in self._holder.modules()
            if half is not None and isinstance(module, nn.Linear)
            for p in module.parameters(recurse=False)
        }
        for name, weight in self._holder.named_parameters():
            yield name, weight.to(half) if half is not None and id(weight) in linear else weight

    def _record(
        self,
        given: Mapping[str, Tensor],
        weights: Mapping[str, Tensor],
        device: str,
        half: torch.dtype | None,
    ) -> tuple[Callable[..., Any], list[str]]:
        names: list[str] = []

        def call(*tensors: Tensor) -> tuple[Tensor, ...]:
            inputs = dict(zip(given, tensors, strict=False))
            own = dict(zip(weights, tensors[len(given) :], strict=True))
            with torch.autocast(device, half, enabled=half is not None, cache_enabled=False):
                made = torch.func.functional_call(self._holder, own, (), inputs)
            names[:] = made
            return tuple(made.values())

        fixed = [each.detach().clone() for each in given.values()]  # replays read these
        fixed += [each.detach() for each in weights.values()]
        for mine, each in zip(fixed, (*given.values(), *weights.values()), strict=True):
            mine.requires_grad_(each.requires_grad and torch.is_grad_enabled())
        with torch.autocast(device, enabled=False):
            replay = torch.cuda.make_graphed_callables(call, tuple(fixed), allow_unused_input=True)
        return replay, names


class _Holder(nn.Module):
    """The module under another name, whose forward is the call."""

    def __init__(self, module: nn.Module, call: Callable[..., Results]) -> None:
        super().__init__()
        self.module, self.call = module, call

    def forward(self, **given: Tensor) -> Results:
        return self.call(**given)


class _Lease:
    """Stands for one replay; over when its backward is done, gone when nobody can ask for it."""

    over = False


class _Handed(torch.autograd.Function):
    """Inputs and weights as they are; their gradients are copied out of the replay's memory."""

    @staticmethod
    def forward(ctx: Any, lease: _Lease, *tensors: Tensor) -> tuple[Tensor, ...]:
        ctx.lease = lease
        mine = tuple(tensor.detach() for tensor in tensors)
        learn = ctx.needs_input_grad[1:]
        ctx.mark_non_differentiable(
            *(m for m, learns in zip(mine, learn, strict=True) if not learns)
        )
        return mine

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        ctx.lease.over = True
        return None, *(None if each is None else each.clone() for each in gradients)


def _kind(tensor: Tensor) -> tuple[Any, ...]:
    learns = tensor.requires_grad and torch.is_grad_enabled()
    return tuple(tensor.shape), tensor.dtype, tensor.device, learns
