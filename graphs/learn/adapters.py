"""Putting adapters on a graph: explicit targets, one block at a time, shared layers once.

LoRA and rsLoRA are ours (see lowrank); their relatives come from PEFT. Nothing is matched by name
suffix, and what was adapted, what was not and why is part of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.lowrank import Adapted, delta_for
from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.weights import WRAPPED, unfit, walk
from graphs.spec.patterns import matches
from graphs.spec.plan import Rule
from graphs.spec.problems import FileError, WorldloomError, near

OURS = ("lora", "rslora")
FITS: dict[str, tuple[type[nn.Module], ...]] = {
    "lora": (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d),
    "rslora": (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d),
    "dora": (nn.Linear, nn.Embedding, nn.Conv1d, nn.Conv2d, nn.Conv3d),
    "loha": (nn.Linear, nn.Conv1d, nn.Conv2d),
    "lokr": (nn.Linear, nn.Conv1d, nn.Conv2d),
    "ia3": (nn.Linear, nn.Conv2d, nn.Conv3d),
    "oft": (nn.Linear, nn.Conv2d, nn.Embedding),
}


@dataclass(frozen=True)
class Target:
    """One layer that takes an adapter: the node, the layer's name inside it, and how many numbers."""

    node: str
    layer: str
    kind: str
    method: str
    rank: int
    parameters: int


@dataclass
class Adaptation:
    """What was adapted, and what was not with the reason."""

    targets: list[Target] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)


def inject(
    graph: Graph, places: Iterable[tuple[str, Block, Rule]], variant: str = "default", seed: int = 0
) -> Adaptation:
    """Put one variant's adapters on these (path, leaf block, rule) and make it active.

    A block or layer that several nodes share is adapted once. A variant that is there already is
    left as it is. The output does not change: adapters start as the identity.

    Raises: WorldloomError when a rule fits no layer of any of its nodes.
    """
    report = Adaptation()
    seen: dict[int, str] = {}
    fitted: dict[int, bool] = {}
    rules: dict[int, Rule] = {}
    for path, block, rule in places:
        rules[id(rule)] = rule
        fitted.setdefault(id(rule), False)
        if id(block) in seen:
            report.skipped.append((path, f"shares its block with {seen[id(block)]}, adapted there"))
            continue
        seen[id(block)] = path
        found = list(_layers(block, path, rule, report, seen))
        if found:
            fitted[id(rule)] = True
            report.targets += _adapt(block, path, rule, found, variant, seed)
    for key, fits in fitted.items():
        if not fits:
            _nothing_fits(rules[key], report)
    graph.forget_programs()
    return report


def _nothing_fits(rule: Rule, report: Adaptation) -> None:
    kinds = ", ".join(kind.__name__ for kind in FITS[rule.method])
    why = "\n".join(f"  {path}: {reason}" for path, reason in report.skipped[:10])
    raise WorldloomError(
        f"rule '{rule.mode} {rule.where}': no layer takes {rule.method}; it fits {kinds}"
        + (f" and targets {', '.join(rule.targets)}" if rule.targets else "")
        + (f"\n{why}" if why else "")
    )


def _layers(
    block: Block, path: str, rule: Rule, report: Adaptation, seen: dict[int, str]
) -> Iterator[tuple[str, nn.Module]]:
    """The layers of one block that a rule adapts, by name; the rest go to the report."""
    layers = list(_plain_layers(block))
    if not layers:
        if any(True for _ in block.parameters()):
            report.skipped.append((path, "holds no layer that takes adapters"))
        return
    chosen = [n for n, _ in layers if not rule.targets or any(matches(p, n) for p in rule.targets)]
    if not chosen:
        names = [name for name, _ in layers]
        hint = near(rule.targets[0], names)
        report.skipped.append(
            (path, f"no layer named {', '.join(rule.targets)}{hint}; it has {', '.join(names)}")
        )
    for name, layer in layers:
        core = layer.base_layer if isinstance(layer, Adapted) else layer
        if name not in chosen:
            continue
        if id(core) in seen:
            report.skipped.append(
                (f"{path}.{name}", f"is shared with {seen[id(core)]}, adapted there")
            )
        elif reason := _unfit(core, rule):
            report.skipped.append((f"{path}.{name}", reason))
        else:
            seen[id(core)] = f"{path}.{name}"
            yield name, layer


def _plain_layers(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Layers that hold weights themselves, adapted ones whole; not inside torch's own attention."""
    for name, child in module.named_children():
        here = f"{path}.{name}" if path else name
        if isinstance(child, Adapted) or hasattr(child, WRAPPED):
            yield here, child
        elif isinstance(child, nn.MultiheadAttention | nn.RNNBase | nn.RNNCellBase):
            yield here, child
        elif any(True for _ in child.parameters(recurse=False)) and not any(
            True for _ in child.children()
        ):
            yield here, child
        else:
            yield from _plain_layers(child, here)


def _unfit(layer: nn.Module, rule: Rule) -> str:
    if not isinstance(layer, FITS[rule.method]):
        return f"{type(layer).__name__} takes no {rule.method}"
    if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d) and layer.groups > 1:
        return "a grouped convolution takes no low-rank adapter"
    return ""


def _adapt(
    block: Block, path: str, rule: Rule, found: list[tuple[str, nn.Module]], variant: str, seed: int
) -> list[Target]:
    if rule.method not in OURS:
        return _with_peft(block, path, rule, [name for name, _ in found], variant, seed)
    targets = []
    for name, layer in found:
        if hasattr(layer, WRAPPED) and not isinstance(layer, Adapted):
            raise WorldloomError(
                f"{path}.{name} is already adapted by another method than {rule.method}"
            )
        wrapper = wrap(block, name)
        if variant not in wrapper.adapters:
            stream = Run(seed=seed).key(f"{path}.{name}.{variant}")
            delta = delta_for(
                wrapper.base_layer,
                rule.rank,
                rule.alpha,
                rule.method == "rslora",
                rule.dropout,
                stream,
            )
            wrapper.adapters[variant] = delta.train(block.training)
        wrapper.active = ((variant, 1.0),)
        size = sum(p.numel() for p in wrapper.adapters[variant].parameters())
        targets.append(
            Target(path, name, type(wrapper.base_layer).__name__, rule.method, rule.rank, size)
        )
        if rule.dropout:
            block.draws = "training" if block.draws == "never" else block.draws
    return targets


def wrap(block: nn.Module, name: str) -> Adapted:
    """The wrapper around the layer `name` of a block, put there if it is not yet."""
    layer = block.get_submodule(name)
    if isinstance(layer, Adapted):
        return layer
    wrapper = Adapted(layer)
    parent, _, last = name.rpartition(".")
    block.get_submodule(parent)._modules[last] = wrapper
    return wrapper


def _with_peft(
    block: Block, path: str, rule: Rule, names: list[str], variant: str, seed: int
) -> list[Target]:
    """PEFT's own layers, injected into this one block; a regular expression makes targets exact."""
    import peft

    common: dict[str, Any] = {"target_modules": "|".join(re.escape(name) for name in names)}
    config = {
        "dora": lambda: peft.LoraConfig(
            r=rule.rank, lora_alpha=rule.alpha, lora_dropout=rule.dropout, use_dora=True, **common
        ),
        "loha": lambda: peft.LoHaConfig(r=rule.rank, alpha=rule.alpha, **common),
        "lokr": lambda: peft.LoKrConfig(r=rule.rank, alpha=rule.alpha, **common),
        "ia3": lambda: peft.IA3Config(feedforward_modules=[], **common),
        "oft": lambda: peft.OFTConfig(
            r=0, oft_block_size=_oft_block(block, names, rule.rank), **common
        ),
    }[rule.method]()
    state = torch.get_rng_state()
    torch.manual_seed(Run(seed=seed).key(f"{path}.{variant}"))
    try:
        peft.inject_adapter_in_model(config, block, adapter_name=variant)
    finally:
        torch.set_rng_state(state)
    targets = []
    for name in names:
        layer = block.get_submodule(name)
        size = sum(p.numel() for n, p in layer.named_parameters() if variant in n.split("."))
        targets.append(
            Target(path, name, type(layer.base_layer).__name__, rule.method, rule.rank, size)
        )
    return targets


def _oft_block(block: Block, names: list[str], rank: int) -> int:
    """The largest block size up to `rank` that divides every target's input width."""
    widths = []
    for name in names:
        layer: Any = block.get_submodule(name)
        weight = getattr(layer, WRAPPED, layer).weight
        widths.append(weight[0].numel() if weight.dim() > 1 else weight.numel())
    return max(size for size in range(1, rank + 1) if all(width % size == 0 for width in widths))


def adapters_of(graph: nn.Module, variant: str) -> dict[str, nn.Parameter]:
    """One variant's parameters by name, without the variant's own name in it.

    "creator.lin.map.lora_A" is the same in every variant and file, whatever it is called here.
    """
    found: dict[str, nn.Parameter] = {}
    base = {id(n.tensor) for n in walk(graph)}
    for named in walk(graph, adapters=True):
        parts = named.name.split(".")
        if (
            id(named.tensor) in base
            or variant not in parts
            or not isinstance(named.tensor, nn.Parameter)
        ):
            continue
        last = len(parts) - 1 - parts[::-1].index(variant)
        kept = parts[:last] + parts[last + 1 :]
        if last and kept[last - 1] == "adapters":
            kept.pop(last - 1)
        found[".".join(kept)] = named.tensor
    return found


def load_adapters(graph: nn.Module, tensors: dict[str, Tensor], variant: str, where: str) -> None:
    """Copy one variant's tensors in by name; everything is checked before anything is copied.

    Raises: FileError naming what is missing, unknown or unfit.
    """
    wanted = adapters_of(graph, variant)
    faults = [f"  {name}: missing" for name in wanted if name not in tensors]
    for name, tensor in tensors.items():
        if name not in wanted:
            faults.append(f"  {name}: no such adapter here{near(name, wanted)}")
        elif fault := unfit(tensor, wanted[name]):
            faults.append(f"  {name}: {fault}")
    if faults:
        raise FileError(
            f"{where}: the adapters do not fit; nothing was loaded\n" + "\n".join(faults[:20])
        )
    with torch.no_grad():
        for name, tensor in tensors.items():
            wanted[name].copy_(tensor)


def activate(graph: nn.Module, variants: dict[str, float]) -> None:
    """Make these variants active with these weights, everywhere; {} is the plain base."""
    for module in graph.modules():
        if isinstance(module, Adapted):
            module.active = tuple((n, w) for n, w in variants.items() if n in module.adapters and w)
        elif hasattr(module, "set_adapter") and hasattr(module, WRAPPED):
            known = [n for n, w in variants.items() if w and n in _peft_names(module)]
            module.enable_adapters(bool(known))
            if known:
                module.set_adapter(known)


def _peft_names(module: Any) -> set[str]:
    names: set[str] = set()
    for attribute in module.adapter_layer_names:
        names.update(getattr(module, attribute, {}).keys())
    return names
