"""Putting adapters on a graph: explicit targets, one block at a time, shared layers once.

LoRA and rsLoRA are ours (see lowrank); their relatives come from PEFT (see relatives). Nothing is
matched by name suffix, and what was adapted, what was not and why is part of the answer. Everything
that can be refused is refused before the first layer is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import nn

from graphs.learn import relatives
from graphs.learn.lowrank import Adapted, delta_for
from graphs.learn.variants import (
    activate,
    adapters_of,
    load_adapters,
    parameters_on,
    refuse_adapters,
    refuse_name,
)
from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.walks import modules_in
from graphs.live.weights import WRAPPED
from graphs.spec.patterns import matches
from graphs.spec.plan import Rule
from graphs.spec.problems import WorldloomError, near

__all__ = [
    "Adaptation",
    "Target",
    "activate",
    "adapters_of",
    "inject",
    "layers_of",
    "load_adapters",
    "refuse_adapters",
    "unfit_layer",
    "uses_of",
    "wrap",
]

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
# These read the weights of their layers themselves: an adapter inside would be passed over.
CLOSED = (nn.MultiheadAttention, nn.TransformerEncoderLayer, nn.RNNBase, nn.RNNCellBase)
Uses = dict[int, list[tuple[nn.Module, str]]]  # id of a layer -> where it hangs


class Target(NamedTuple):
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


@dataclass
class _Work:
    """One block to adapt under a rule."""

    path: str
    block: Block
    rule: Rule
    layers: dict[str, nn.Module]


def inject(
    graph: Graph, places: Iterable[tuple[str, Block, Rule]], variant: str = "default", seed: int = 0
) -> Adaptation:
    """Put one variant's adapters on these (path, block, rule) and make it active.

    A block or layer that several nodes share is adapted once. A variant that is there already is
    left as it is. The output does not change: adapters start as the identity.

    Raises: WorldloomError when a rule fits no layer of any of its nodes, when one of its targets is
    no layer there, or when a layer is adapted otherwise already; nothing is changed then.
    """
    refuse_name(variant)
    report = Adaptation()
    work = _planned(list(places), report)
    for item in work:
        for name, layer in item.layers.items():
            _refuse_conflict(f"{item.path}.{name}", layer, item.rule, variant)
    graph.forget_programs()
    uses = uses_of(graph)
    for item in work:
        report.targets += _adapt(item, variant, seed, uses)
    return report


def _planned(places: list[tuple[str, Block, Rule]], report: Adaptation) -> list[_Work]:
    work: list[_Work] = []
    blocks: dict[int, tuple[str, Rule]] = {}
    layers: dict[int, str] = {}
    fitted = {rule: False for _, _, rule in places}
    names: dict[Rule, set[str]] = {rule: set() for rule in fitted}
    for path, block, rule in places:
        first, other = blocks.setdefault(id(block), (path, rule))
        if other is not rule and first == path and _form(other) != _form(rule):
            raise WorldloomError(
                f"{path}: two rules adapt it at different steps with different methods, ranks, "
                "alphas, dropouts or targets; an adapter keeps its form, so make these equal"
            )
        if first != path:
            report.skipped.append((path, f"shares its block with {first}, adapted there"))
        if first != path or other is not rule:
            fitted[rule] = True
            names[rule].update(rule.targets)
            continue
        found = dict(layers_of(block))
        names[rule].update(found)
        chosen = _chosen(path, block, rule, found, report, layers)
        if chosen:
            fitted[rule] = True
            work.append(_Work(path, block, rule, chosen))
    for rule, fits in fitted.items():
        _refuse_idle(rule, fits, names[rule], report)
    return work


def _form(rule: Rule) -> tuple[object, ...]:
    return rule.method, rule.rank, rule.alpha, rule.dropout, rule.targets


def _refuse_idle(rule: Rule, fits: bool, names: set[str], report: Adaptation) -> None:
    what = f"rule '{rule.mode} {rule.where}'"
    for pattern in rule.targets:
        if not any(pattern == name or matches(pattern, name) for name in names):
            raise WorldloomError(f"{what}: no layer named {pattern!r}{near(pattern, names)}")
    if not fits:
        kinds = ", ".join(kind.__name__ for kind in FITS[rule.method])
        of = f" named {', '.join(rule.targets)}" if rule.targets else ""
        why = "".join(f"\n  {path}: {reason}" for path, reason in report.skipped[:10])
        raise WorldloomError(f"{what}: no layer{of} takes {rule.method}; it fits {kinds}{why}")


def _chosen(
    path: str,
    block: Block,
    rule: Rule,
    found: dict[str, nn.Module],
    report: Adaptation,
    layers: dict[int, str],
) -> dict[str, nn.Module]:
    """The layers of one block that a rule adapts, by name; the rest go to the report."""
    chosen: dict[str, nn.Module] = {}
    if not found and any(True for _ in block.parameters()):
        report.skipped.append((path, "holds no layer that takes adapters"))
    for name, layer in found.items():
        core, here = bare(layer), f"{path}.{name}"
        if rule.targets and not any(matches(pattern, name) for pattern in rule.targets):
            continue
        if id(core) in layers:
            report.skipped.append((here, f"is shared with {layers[id(core)]}, adapted there"))
        elif reason := unfit_layer(core, rule.method, rule.rank):
            report.skipped.append((here, reason))
        else:
            layers[id(core)] = here
            chosen[name] = layer
    return chosen


def layers_of(module: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Layers that hold weights themselves, adapted ones whole; of a composite its own only."""
    nodes = module.spec.nodes if isinstance(module, Graph) else ()
    for name, child in module.named_children():
        here = f"{path}.{name}" if path else name
        if name in nodes:
            continue
        leaf = all(inner is None for inner in child._modules.values())
        if (
            WRAPPED in child._modules
            or isinstance(child, CLOSED)
            or (leaf and any(p is not None for p in child._parameters.values()))
        ):
            yield here, child
        else:
            yield from layers_of(child, here)


def bare(layer: nn.Module) -> nn.Module:
    """The layer under its adapters."""
    while (inner := layer._modules.get(WRAPPED)) is not None:
        layer = inner
    return layer


def unfit_layer(layer: nn.Module, method: str, rank: int) -> str:
    """Why a bare layer takes no adapter of this method, "" when it does."""
    if not isinstance(layer, FITS[method]):
        return f"{type(layer).__name__} takes no {method}"
    if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d) and layer.groups > 1:
        return "a grouped convolution takes no low-rank adapter"
    return relatives.unfit(layer, method, rank)


def _refuse_conflict(where: str, layer: nn.Module, rule: Rule, variant: str) -> None:
    if WRAPPED not in layer._modules:
        return
    known = "lora" if isinstance(layer, Adapted) else relatives.method_of(layer)
    if known != ("lora" if rule.method in OURS else rule.method):
        raise WorldloomError(
            f"{where} is already adapted by {known}; {rule.method} cannot be added"
        )
    if isinstance(layer, Adapted) and variant in layer.adapters:
        held: Any = layer.adapters[variant]
        there = held.rank, held.alpha, held.root_scale
        if there != (rule.rank, rule.alpha, rule.method == "rslora"):
            raise WorldloomError(
                f"{where}: variant {variant!r} is there with rank {held.rank} and alpha "
                f"{held.alpha:g}, not {rule.method} of rank {rule.rank} and alpha {rule.alpha:g}; "
                "choose another variant name, or make the rule agree"
            )


def _adapt(work: _Work, variant: str, seed: int, uses: Uses) -> list[Target]:
    path, block, rule = work.path, work.block, work.rule
    if rule.dropout and block.draws == "never":
        block.draws = "training"
    adapted: dict[str, nn.Module] = {}
    if rule.method in OURS:
        run, root = Run(seed=seed), rule.method == "rslora"
        for name, layer in work.layers.items():
            wrapper = adapted[name] = wrap(layer, uses)
            adapters = wrapper.adapters
            if variant not in adapters:
                key = run.key(f"{path}.{name}.{variant}")
                delta = delta_for(bare(layer), rule.rank, rule.alpha, root, rule.dropout, key)
                adapters[variant] = delta if block.training else delta.eval()
            wrapper.active = ((variant, 1.0),)
    else:
        key = Run(seed=seed).key(f"{path}.{variant}")
        relatives.adapt(block, list(work.layers), rule, variant, key)
        for name, layer in work.layers.items():
            adapted[name] = block.get_submodule(name)
            _hang(bare(layer), adapted[name], uses)
    return [_target(path, name, layer, rule, variant) for name, layer in adapted.items()]


def _target(path: str, name: str, layer: nn.Module, rule: Rule, variant: str) -> Target:
    size = sum([p.numel() for p in parameters_on(layer, variant)])
    return Target(path, name, type(bare(layer)).__name__, rule.method, rule.rank, size)


def uses_of(graph: nn.Module) -> Uses:
    """Every place where a module hangs: a layer that two attributes share is one layer."""
    found: Uses = {}
    for module in modules_in(graph):
        for name, child in module._modules.items():
            found.setdefault(id(child), []).append((module, name))
    return found


def wrap(layer: nn.Module, uses: Uses) -> Adapted:
    """The wrapper around a layer, put in all its places if it is not there yet."""
    if isinstance(layer, Adapted):
        return layer
    wrapper = Adapted(layer)
    _hang(layer, wrapper, uses)
    return wrapper


def _hang(layer: nn.Module, wrapper: nn.Module, uses: Uses) -> None:
    for parent, name in uses.get(id(layer), ()):
        if WRAPPED not in parent._modules:
            parent._modules[name] = wrapper
