"""Variants folded into weights: a new full base out of a base and some of its variants.

Adding is exact for LoRA, rsLoRA, LoHa and LoKr; PEFT's other methods fold as their layers do.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn

from graphs.learn import relatives
from graphs.learn.lowrank import Adapted, ConvDelta, Delta, EmbeddingDelta
from graphs.learn.variants import variants_of
from graphs.live.graph import Graph
from graphs.live.weights import WRAPPED, base_tensors, walk
from graphs.spec.problems import WorldloomError, near


def change(delta: Delta) -> Tensor:
    """What a delta adds to its layer's weight.

    Shapes: that of the weight.
    """
    a, b = delta.lora_A, delta.lora_B
    if isinstance(delta, EmbeddingDelta):
        return (b @ a).T * delta.scale
    if isinstance(delta, ConvDelta):
        return torch.einsum("or,rc...->oc...", b.flatten(1), a) * delta.scale
    return b @ a * delta.scale


@torch.no_grad()
def merged(graph: Graph, variants: Mapping[str, float]) -> dict[str, Tensor]:
    """The base's tensors with these variants in them, by name; the graph stays as it is.

    Raises: WorldloomError for a variant that is not there, or a weight that its method lacks.
    """
    known = variants_of(graph)
    for name in variants:
        if name not in known:
            raise WorldloomError(f"there is no variant {name!r}{near(name, known)}")
    names = {id(named.tensor): named.name for named in walk(graph)}
    found = base_tensors(graph)
    for module in graph.modules():
        if WRAPPED not in module._modules:
            continue
        layer: Any = module._modules[WRAPPED]
        if isinstance(module, Adapted):
            on = [
                (cast(Delta, module.adapters[v]), w)
                for v, w in variants.items()
                if v in module.adapters
            ]
            for delta, weight in on:
                name = names[id(layer.weight)]
                found[name] = found[name] + weight * change(delta)
        else:
            folded = _folded(module, variants)
            found |= {names[id(p)]: folded[n] for n, p in layer.named_parameters()}
    return found


def _folded(layer: Any, variants: Mapping[str, float]) -> dict[str, Tensor]:
    """What PEFT makes of its layer; IA3 changes the bias too."""
    here = {v: w for v, w in variants.items() if w and v in relatives.names(layer)}
    relatives.refuse_weights(layer, here)
    held = copy.deepcopy(layer)
    relatives.activate(held, here)
    if here:
        held.merge(adapter_names=list(here))
    return {name: p.detach() for name, p in held.base_layer.named_parameters()}


def remove(graph: Graph, variant: str) -> int:
    """Take a variant off a graph; how many layers it was on. A layer without variants is bare again.

    Raises: WorldloomError when it is nowhere.
    """
    known = variants_of(graph)
    if variant not in known:
        raise WorldloomError(f"there is no variant {variant!r}{near(variant, known)}")
    count = 0
    for parent in list(graph.modules()):
        for name, module in list(parent._modules.items()):
            if isinstance(module, Adapted) and variant in module.adapters:
                count += 1
                del module.adapters[variant]
                module.active = tuple(pair for pair in module.active if pair[0] != variant)
                if not module.adapters:
                    parent._modules[name] = module.base_layer
            elif (
                module is not None
                and not isinstance(module, Adapted)
                and WRAPPED in module._modules
            ):
                count += _remove_relative(parent, name, module, variant)
    graph.forget_programs()
    return count


def _remove_relative(parent: nn.Module, name: str, layer: Any, variant: str) -> int:
    if variant not in relatives.names(layer):
        return 0
    active = {v: w for v, w in relatives.active_in(layer).items() if v != variant}
    layer.delete_adapter(variant)
    if relatives.names(layer):
        relatives.activate(layer, active)
    else:
        parent._modules[name] = layer.base_layer
    return 1
