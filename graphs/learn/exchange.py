"""Adapters of one node out to and in from the folder layout of PEFT.

`adapter_config.json` beside `adapter_model.safetensors`: `peft.PeftModel.from_pretrained` on the plain
node gives the same output as the node with its adapters here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import torch
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, ValidationError
from torch import Tensor, nn

from graphs.learn import relatives
from graphs.learn.adapters import bare, layers_of, unfit_layer, uses_of, wrap
from graphs.learn.lowrank import Adapted, Delta, delta_for
from graphs.learn.merging import remove
from graphs.learn.modes import places
from graphs.learn.variants import refuse_name
from graphs.live.graph import Graph
from graphs.live.weights import WRAPPED, unfit
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import FileError, WorldloomError, near
from graphs.store import read_json, read_tensors, write_json, write_tensors

Number = TypeVar("Number", int, float)
CONFIG, WEIGHTS, PREFIX = "adapter_config.json", "adapter_model.safetensors", "base_model.model."


def export_peft(graph: Graph, node: str, variant: str, folder: Path) -> Path:
    """Write one variant's LoRA adapters of a node (any level) as a PEFT folder.

    Raises: WorldloomError when the node has no such adapters, or some of another method than LoRA
    and rsLoRA, or of both at once (a PEFT folder has one scaling rule), or a layer that PEFT
    would understand otherwise: in several places, dilated, with a padding mode.
    """
    root = graph.at(node)
    adapted = {
        _plain(name): module
        for name, module in root.named_modules()
        if isinstance(module, Adapted) and variant in module.adapters
    }
    foreign = [
        _plain(name)
        for name, module in root.named_modules()
        if WRAPPED in module._modules
        and not isinstance(module, Adapted)
        and variant in relatives.names(module)
    ]
    if foreign:
        raise WorldloomError(
            f"node {node!r}: only LoRA and rsLoRA go out to PEFT folders; {foreign[0]} has another "
            "method"
        )
    if not adapted:
        raise WorldloomError(f"node {node!r} has no LoRA adapters called {variant!r}")
    uses = uses_of(root)
    for name, module in adapted.items():
        if fault := _understood_otherwise(module.base_layer):
            raise WorldloomError(f"node {node!r}: {name}: {fault}")
        if len(uses[id(module)]) > 1:
            raise WorldloomError(
                f"node {node!r}: {name} hangs in {len(uses[id(module)])} places, of which PEFT "
                "would adapt the first only"
            )
    deltas: dict[str, Any] = {name: module.adapters[variant] for name, module in adapted.items()}
    if len({d.root_scale for d in deltas.values()}) > 1:
        raise WorldloomError(f"node {node!r} mixes LoRA and rsLoRA; export its parts one by one")
    tensors: dict[str, Tensor] = {}
    for name, delta in deltas.items():
        a, b = delta.lora_A.detach(), delta.lora_B.detach()
        if isinstance(adapted[name].base_layer, nn.Embedding):
            keys = f"{PREFIX}{name}.lora_embedding_A", f"{PREFIX}{name}.lora_embedding_B"
        else:
            keys = f"{PREFIX}{name}.lora_A.weight", f"{PREFIX}{name}.lora_B.weight"
        tensors |= dict(zip(keys, (a.contiguous(), b.contiguous()), strict=True))
    first = next(iter(deltas.values()))
    config = {
        "peft_type": "LORA",
        "task_type": None,
        "base_model_name_or_path": None,
        "inference_mode": True,
        "bias": "none",
        "r": first.rank,
        "lora_alpha": first.alpha,
        "lora_dropout": first.dropout,
        "use_rslora": first.root_scale,
        "target_modules": "|".join(re.escape(name) for name in sorted(deltas)),
        "rank_pattern": {
            f"^{re.escape(n)}": d.rank for n, d in deltas.items() if d.rank != first.rank
        },
        "alpha_pattern": {
            f"^{re.escape(n)}": d.alpha for n, d in deltas.items() if d.alpha != first.alpha
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / WEIGHTS, tensors, {"format": "pt"})
    write_json(folder / CONFIG, config)
    return folder


def import_peft(graph: Graph, node: str, folder: Path, variant: str) -> list[str]:
    """Put the LoRA adapters of a PEFT folder on a node as a variant; the layers that got one.

    Factors in half precision are widened to the layer's.
    Raises: FileError when the folder is not one, holds another method, or names or shapes do not
    fit; nothing is changed then.
    """
    refuse_name(variant)
    config = _config(folder)
    root = graph.at(node)
    layers: dict[str, nn.Module] = {}
    for name, module in root.named_modules(remove_duplicate=False):  # a shared layer has many names
        layers.setdefault(_plain(name), module)  # a wrapper comes before its layer
    made: dict[str, Delta] = {}
    for name, (a, b) in _pairs(read_tensors(folder / WEIGHTS), folder).items():
        if name not in layers:
            raise FileError(f"{folder}: node {node!r} has no layer {name!r}{near(name, layers)}")
        made[name] = _delta(f"{folder}: {name}", config, name, layers[name], a, b)
    uses = uses_of(graph)
    for name, delta in made.items():
        wrapper = wrap(root.get_submodule(name), uses)
        wrapper.adapters[variant] = delta.train(wrapper.training)
        wrapper.active = ((variant, 1.0),)
    graph.forget_programs()
    return list(made)


def adopt_peft(graph: Graph, node: str, folder: Path, variant: str) -> Plan:
    """Put the adapters of a PEFT folder on a node as a variant; the plan by which it can be learned on.

    Raises: FileError as `import_peft` does, and when no plan can say where the adapters are; nothing
    is changed then.
    """
    import_peft(graph, node, folder, variant)
    try:
        return Plan(description=f"Adapters of {folder.name}", rules=rules_of(graph, variant))
    except WorldloomError as error:
        remove(graph, variant)
        raise FileError(f"{folder}: {error}") from error


def rules_of(graph: Graph, variant: str) -> tuple[Rule, ...]:
    """The rules by which a plan puts a variant's LoRA adapters where they are: one for each block.

    Raises: WorldloomError when the layers of one block have adapters of different forms, as a rule
    says one for all.
    """
    rules, seen = [], set[Delta]()
    for place in places(graph):
        held: dict[str, Delta] = {}
        for name, layer in layers_of(place.block):
            if isinstance(layer, Adapted) and variant in layer.adapters:
                delta: Any = layer.adapters[variant]
                if delta not in seen:  # a layer that several blocks hold is adapted in the first
                    held[name] = delta
        if not held:
            continue
        seen |= set(held.values())
        forms = {(d.root_scale, d.rank, d.alpha, d.dropout) for d in held.values()}
        if len(forms) > 1:
            raise WorldloomError(
                f"{place.path}: its layers {', '.join(held)} have different ranks, alphas or dropouts, "
                "and a plan has one of each for a block"
            )
        [(root_scale, rank, alpha, dropout)] = forms
        rules.append(
            Rule(
                where=place.path, mode="lora", method="rslora" if root_scale else "lora",
                types=(place.type,) if isinstance(place.block, Graph) else (),
                rank=rank, alpha=alpha, dropout=dropout, targets=tuple(held),
            )
        )  # fmt: skip
    return tuple(rules)


class _PeftConfig(BaseModel):
    """What of PEFT's config decides what adapters compute; whatever would change more is refused."""

    model_config = ConfigDict(extra="ignore")
    peft_type: Literal["LORA"]
    r: PositiveInt = 8
    lora_alpha: PositiveFloat = 8.0
    lora_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    use_rslora: bool = False
    rank_pattern: dict[str, PositiveInt] = {}
    alpha_pattern: dict[str, PositiveFloat] = {}
    use_dora: Literal[False] = False
    lora_bias: Literal[False] = False
    fan_in_fan_out: Literal[False] = False
    bias: Literal["none"] = "none"
    modules_to_save: Annotated[list[str], Field(max_length=0)] | None = None
    target_parameters: Annotated[list[str], Field(max_length=0)] | None = None
    layer_replication: Annotated[list[Any], Field(max_length=0)] | None = None
    init_lora_weights: bool | Literal["gaussian", "orthogonal", "eva"] = (
        True  # others move the base
    )


def _config(folder: Path) -> _PeftConfig:
    try:
        config = _PeftConfig.model_validate(read_json(folder / CONFIG))
        for pattern in (*config.rank_pattern, *config.alpha_pattern):
            re.compile(pattern)
    except ValidationError as error:
        faults = "\n".join(
            f"  {'.'.join(map(str, e['loc']))}: {e['msg']}, got {e['input']!r}"
            for e in error.errors()[:10]
        )
        raise FileError(f"{folder}: expected a plain LoRA adapter of PEFT\n{faults}") from error
    except re.error as error:
        raise FileError(f"{folder}: {error.pattern!r} is no regular expression: {error}") from error
    return config


def _delta(
    where: str, config: _PeftConfig, name: str, module: nn.Module, a: Tensor, b: Tensor
) -> Delta:
    layer = bare(module)
    if layer is not module and not isinstance(module, Adapted):
        raise FileError(f"{where} is already adapted by another method")
    if fault := unfit_layer(layer, "lora", config.r) or _understood_otherwise(layer):
        raise FileError(f"{where}: {fault}")
    rank = _by_pattern(config.rank_pattern, name, config.r)
    alpha = _by_pattern(config.alpha_pattern, name, config.lora_alpha)
    delta = delta_for(layer, rank, alpha, config.use_rslora, config.lora_dropout, seed=0)
    for what, given, target in (("A", a, delta.lora_A), ("B", b, delta.lora_B)):
        fitting = given.to(target.dtype) if given.is_floating_point() else given
        if fault := unfit(fitting, target):
            raise FileError(f"{where}, factor {what}: {fault}")
        with torch.no_grad():
            target.copy_(given)
    return delta


def _understood_otherwise(layer: nn.Module) -> str:
    """Why the same factors compute another thing in PEFT (0.21.2), "" when they do not."""
    if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d) and (
        max(layer.dilation) > 1 or layer.padding_mode != "zeros"
    ):
        return "PEFT's adapters pass over the dilation and the padding mode of a convolution"
    return ""


def _pairs(tensors: dict[str, Tensor], folder: Path) -> dict[str, tuple[Tensor, Tensor]]:
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        match = re.fullmatch(
            r"base_model\.model\.(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?", key
        )
        if match is None:
            raise FileError(f"{folder}: {key!r} is not the name of a LoRA tensor")
        found.setdefault(match[1], {})[match[2]] = tensor
    if not found:
        raise FileError(f"{folder}: holds no adapters")
    for name, pair in found.items():
        if set(pair) != {"A", "B"}:
            raise FileError(f"{folder}: {name} has factor {', '.join(pair)} only")
    return {name: (pair["A"], pair["B"]) for name, pair in found.items()}


def _by_pattern(patterns: Mapping[str, Number], name: str, otherwise: Number) -> Number:
    for pattern, value in patterns.items():
        if re.match(rf"(.*\.)?({pattern})$", name):
            return value
    return otherwise


def _plain(name: str) -> str:
    return ".".join(part for part in name.split(".") if part != WRAPPED)
