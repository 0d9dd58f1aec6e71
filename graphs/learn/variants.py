"""The adapters that are on a graph, by variant: naming, loading, switching.

A variant is one set of adapters under a name ("night"). A graph holds any number of them on one
base; which are active, and how strongly, costs nothing to change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn import relatives
from graphs.learn.lowrank import Adapted
from graphs.live.block import Block
from graphs.live.calling import Call, How
from graphs.live.weights import adapted, finite, unfit
from graphs.spec.problems import FileError, WorldloomError, near

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def refuse_name(variant: str) -> None:
    """Raises: WorldloomError for a name that torch cannot keep modules under."""
    taken = hasattr(nn.ModuleDict, variant) or hasattr(nn.ParameterDict, variant)
    if not _NAME.fullmatch(variant) or taken:
        raise WorldloomError(
            f"a variant is named by letters, digits, _ and -, and not like a method of torch's "
            f"modules; got {variant!r}"
        )


def adapters_of(graph: nn.Module, variant: str) -> dict[str, nn.Parameter]:
    """One variant's parameters by name, without the variant's own name in it.

    "creator.lin.map.lora_A" is the same in every variant and file, whatever it is called here.
    """
    found: dict[str, nn.Parameter] = {}
    for path, module in adapted(graph):
        for name, parameter in _parameters(module, variant):
            found[f"{path}.{name}" if path else name] = parameter
    return found


def parameters_on(layer: nn.Module, variant: str) -> list[nn.Parameter]:
    """One variant's parameters on one adapted layer."""
    return [parameter for _, parameter in _parameters(layer, variant)]


def variants_of(graph: nn.Module) -> list[str]:
    """The names of all variants on a graph, sorted."""
    return sorted({name for _, module in adapted(graph) for name in _names(module)})


def refuse_adapters(
    graph: nn.Module, tensors: Mapping[str, Tensor], variant: str, where: str
) -> dict[str, nn.Parameter]:
    """The variant's parameters, when these tensors fit them.

    Raises: FileError naming what is missing, unknown or unfit.
    """
    wanted = adapters_of(graph, variant)
    faults = [f"  {name}: missing" for name in wanted if name not in tensors]
    sound = finite(tensors.values())
    for name, tensor in tensors.items():
        if name not in wanted:
            faults.append(f"  {name}: no such adapter here{near(name, wanted)}")
        elif fault := unfit(tensor, wanted[name], sound):
            faults.append(f"  {name}: {fault}")
    if faults:
        shown = "\n".join(faults[:20])
        more = f"\n  and {len(faults) - 20} more" if len(faults) > 20 else ""
        raise FileError(f"{where}: the adapters do not fit; nothing was loaded\n{shown}{more}")
    return wanted


def load_adapters(
    graph: nn.Module, tensors: Mapping[str, Tensor], variant: str, where: str
) -> None:
    """Copy one variant's tensors in by name; everything is checked before anything is copied.

    Raises: FileError naming what is missing, unknown or unfit.
    """
    wanted = refuse_adapters(graph, tensors, variant, where)
    with torch.no_grad():
        for name, tensor in tensors.items():
            wanted[name].copy_(tensor)


def activate(graph: nn.Module, variants: Mapping[str, float]) -> None:
    """Make these variants active with these weights, everywhere; {} is the plain base.

    Raises: WorldloomError for a variant that is nowhere on the graph, or a weight between on and off
    for a method that has none; nothing is changed then.
    """
    known = variants_of(graph)
    for name in variants:
        if name not in known:
            raise WorldloomError(f"there is no variant {name!r}{near(name, known)}")
    wrappers = [module for _, module in adapted(graph)]
    foreign = [module for module in wrappers if not isinstance(module, Adapted)]
    for module in foreign:
        relatives.refuse_weights(module, {n: w for n, w in variants.items() if n in _names(module)})
    put_back({module: _here(module, variants) for module in wrappers})


def using(variants: Mapping[str, float]) -> How:
    """A way to call a shared block at one of its places: with these variants, whatever is active.

    For `live.calling.call_at`. The block has what was active before when the call is over.
    """

    def how(block: Block) -> Call:
        wanted = {layer: _here(layer, variants) for _, layer in adapted(block)}

        def call(*arguments: Any, **named: Any) -> Any:
            before = active_in(block)
            put_back(wanted)
            try:
                return block(*arguments, **named)
            finally:
                put_back(before)

        return call

    return how


def active_in(graph: nn.Module) -> dict[nn.Module, dict[str, float]]:
    """What is active on each layer; what `put_back` needs to make it so again."""
    return {
        module: dict(module.active) if isinstance(module, Adapted) else relatives.active_in(module)
        for _, module in adapted(graph)
    }


def put_back(active: Mapping[nn.Module, Mapping[str, float]]) -> None:
    """The variants are active that were when `active_in` was asked."""
    for module, weights in active.items():
        if isinstance(module, Adapted):
            module.active = tuple(weights.items())
        else:
            relatives.activate(module, weights)


def _here(module: nn.Module, variants: Mapping[str, float]) -> dict[str, float]:
    return {n: w for n, w in variants.items() if w and n in _names(module)}


def _names(module: nn.Module) -> set[str]:
    return set(module.adapters) if isinstance(module, Adapted) else relatives.names(module)


def _parameters(module: nn.Module, variant: str) -> Iterator[tuple[str, nn.Parameter]]:
    if not isinstance(module, Adapted):
        yield from relatives.parameters(module, variant)
    elif (delta := module.adapters._modules.get(variant)) is not None:
        yield from delta._parameters.items()  # type: ignore[misc]
