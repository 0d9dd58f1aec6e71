"""LoRA's relatives (DoRA, LoHa, LoKr, IA3, OFT), whose layers are PEFT's own.

The only module that knows the inside of PEFT's layers; PEFT itself is imported when one is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn

from graphs.live.block import Block
from graphs.live.weights import WRAPPED
from graphs.spec.plan import Rule
from graphs.spec.problems import WorldloomError

UNWEIGHTED = ("ia3", "oft")  # methods that are on or off


def adapt(block: Block, names: list[str], rule: Rule, variant: str, key: int) -> None:
    """Put PEFT's layers around these layers of one block and make the variant active.

    Modes and base gradients stay; `key` seeds the first values.
    """
    base = [(p, p.requires_grad) for p in block.parameters()]
    fresh = [name for name in names if variant not in _held(block.get_submodule(name))]
    state = torch.get_rng_state()
    torch.manual_seed(key)
    try:
        for size, some in _groups(block, fresh, rule).items():
            _inject(block, some, rule, variant, size)
    finally:
        torch.set_rng_state(state)
    for parameter, wanted in base:
        parameter.requires_grad_(wanted)
    for name in names:
        layer = block.get_submodule(name)
        layer.train(block.training)
        activate(layer, {variant: 1.0})


def _groups(block: Block, names: list[str], rule: Rule) -> dict[int, list[str]]:
    """The layers that one config of PEFT serves: all, or for OFT those of one block size."""
    found: dict[int, list[str]] = {}
    for name in names:
        layer = block.get_submodule(name)
        size = oft_block(layer._modules.get(WRAPPED) or layer, rule.rank)
        found.setdefault(size if rule.method == "oft" else 0, []).append(name)
    return found


def _inject(block: Block, names: list[str], rule: Rule, variant: str, size: int) -> None:
    import peft

    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "dora": (
            "LoraConfig",
            {
                "r": rule.rank,
                "lora_alpha": rule.alpha,
                "lora_dropout": rule.dropout,
                "use_dora": True,
            },
        ),
        "loha": ("LoHaConfig", {"r": rule.rank, "alpha": rule.alpha}),
        "lokr": ("LoKrConfig", {"r": rule.rank, "alpha": rule.alpha}),
        "ia3": ("IA3Config", {"feedforward_modules": []}),
        "oft": ("OFTConfig", {"r": 0, "oft_block_size": size}),
    }
    kind, options = kinds[rule.method]
    exact = "|".join(re.escape(name) for name in names)
    peft_api: Any = peft
    config = getattr(peft_api, kind)(target_modules=exact, **options)
    peft_api.inject_adapter_in_model(config, block, adapter_name=variant)


def method_of(layer: Any) -> str:
    """Which method a layer of PEFT is of."""
    package = type(layer).__module__.split(".")[2]  # peft.tuners.<package>.layer
    return "dora" if package == "lora" else package


def oft_block(layer: Any, rank: int) -> int:
    """The largest block size up to `rank` that divides the width that OFT rotates."""
    weight = layer.weight
    width = weight[0].numel()
    return max(size for size in range(1, rank + 1) if width % size == 0)


def unfit(layer: Any, method: str, rank: int) -> str:
    """Why a layer of a fitting kind takes no adapter of this method, "" when it does."""
    if (
        method == "dora"
        and isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d)
        and (max(layer.dilation) > 1 or layer.padding_mode != "zeros")
    ):
        return "PEFT's dora passes over the dilation and the padding mode of a convolution"
    if method != "oft":
        return ""
    if isinstance(layer, nn.Conv2d) and max(layer.kernel_size) > 1:
        # PEFT 0.21.2 cuts patches that overlap and adds them up again: not the identity when fresh
        return "oft fits convolutions of kernel 1 only"
    if oft_block(layer, rank) == 1:  # a rotation of one axis is no rotation
        return f"no block size from 2 to {rank} divides its width {layer.weight[0].numel()}"
    return ""


def names(layer: Any) -> set[str]:
    """The variants on a layer of PEFT."""
    return _held(layer)


def parameters(layer: Any, variant: str) -> Iterator[tuple[str, nn.Parameter]]:
    """One variant's parameters on a layer of PEFT, named without the variant."""
    for attribute in dict.fromkeys(layer.adapter_layer_names):  # PEFT's DoRA names one twice
        held = getattr(layer, attribute, None)
        if held is None or variant not in held:
            continue
        part = held[variant]
        if isinstance(part, nn.Parameter):
            yield attribute, part
        elif isinstance(part, nn.Module):
            for name, parameter in part.named_parameters():
                yield f"{attribute}.{name}", parameter


def refuse_weights(layer: Any, variants: Mapping[str, float]) -> None:
    """Raises: WorldloomError for a weight that the layer's method does not have."""
    for name, weight in variants.items():
        if weight not in (0, 1) and method_of(layer) in UNWEIGHTED:
            raise WorldloomError(
                f"variant {name!r} is of {method_of(layer)}, which is on (1) or off (0), got {weight:g}"
            )


def activate(layer: Any, variants: Mapping[str, float]) -> None:
    """Make these variants of a layer active, and no other."""
    layer.enable_adapters(bool(variants))
    if variants:
        layer.set_adapter(list(variants))
    if method_of(layer) not in UNWEIGHTED:
        for name, weight in variants.items():
            layer.set_scale(name, weight)
    layer.worldloom_active = tuple(variants.items())  # seen by the cache of outputs


def active_in(layer: Any) -> dict[str, float]:
    """What `activate` was last given; what PEFT says when it never was."""
    return dict(getattr(layer, "worldloom_active", ((n, 1.0) for n in layer.active_adapters)))


def _held(layer: Any) -> set[str]:
    found: set[str] = set()
    for attribute in getattr(layer, "adapter_layer_names", ()):
        found.update(getattr(layer, attribute, {}).keys())
    return found
