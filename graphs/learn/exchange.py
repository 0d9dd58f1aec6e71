"""Adapters of one node out to and in from the folder layout of PEFT.

`adapter_config.json` beside `adapter_model.safetensors`: `peft.PeftModel.from_pretrained` on the plain
node gives the same output as the node with its adapters here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.adapters import FITS, wrap
from graphs.learn.lowrank import Adapted, delta_for
from graphs.live.graph import Graph
from graphs.live.weights import unfit
from graphs.spec.problems import FileError, WorldloomError, near
from graphs.store import read_json, read_tensors, write_json, write_tensors

CONFIG, WEIGHTS, PREFIX = "adapter_config.json", "adapter_model.safetensors", "base_model.model."


def export_peft(graph: Graph, node: str, variant: str, folder: Path) -> Path:
    """Write one variant's LoRA adapters of a node (any level) as a PEFT folder.

    Raises: WorldloomError when the node has no such adapters, or some of another method than LoRA
    and rsLoRA, or of both at once (a PEFT folder has one scaling rule).
    """
    root = graph.at(node)
    adapted = {
        _plain(name): module
        for name, module in root.named_modules()
        if isinstance(module, Adapted) and variant in module.adapters
    }
    if not adapted:
        raise WorldloomError(f"node {node!r} has no LoRA adapters called {variant!r}")
    if any(hasattr(m, "base_layer") and not isinstance(m, Adapted) for m in root.modules()):
        raise WorldloomError(f"node {node!r}: only LoRA and rsLoRA go out to PEFT folders")
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

    Raises: FileError when the folder is not one, holds another method, or names or shapes do not
    fit; nothing is changed then.
    """
    config = read_json(folder / CONFIG)
    if not isinstance(config, dict) or config.get("peft_type") != "LORA" or config.get("use_dora"):
        kind = config.get("peft_type") if isinstance(config, dict) else type(config).__name__
        raise FileError(f"{folder}: expected a LoRA adapter folder, got {kind}")
    root = graph.at(node)
    layers = {_plain(name): (name, module) for name, module in root.named_modules()}
    pairs = _pairs(read_tensors(folder / WEIGHTS), folder)
    made = {}
    for name, (a, b) in pairs.items():
        if name not in layers:
            raise FileError(f"{folder}: node {node!r} has no layer {name!r}{near(name, layers)}")
        module = layers[name][1]
        layer = getattr(module, "base_layer", module)
        if not isinstance(layer, FITS["lora"]):
            raise FileError(f"{folder}: {name} is a {type(layer).__name__}, which takes no LoRA")
        delta = delta_for(
            layer,
            len(a),
            float(_by_pattern(config.get("alpha_pattern"), name, config["lora_alpha"])),
            bool(config.get("use_rslora")),
            float(config.get("lora_dropout") or 0.0),
            seed=0,
        )
        for what, given, target in (("A", a, delta.lora_A), ("B", b, delta.lora_B)):
            if fault := unfit(given, target):
                raise FileError(f"{folder}: {name}, factor {what}: {fault}")
        with torch.no_grad():
            delta.lora_A.copy_(a)
            delta.lora_B.copy_(b)
        made[name] = delta
    for name, delta in made.items():
        wrapper = wrap(root, name)
        wrapper.adapters[variant] = delta.train(wrapper.training)
        wrapper.active = ((variant, 1.0),)
    graph.forget_programs()
    return list(made)


def _pairs(tensors: dict[str, Tensor], folder: Path) -> dict[str, tuple[Tensor, Tensor]]:
    found: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        match = re.fullmatch(
            r"base_model\.model\.(.+)\.lora_(?:embedding_)?([AB])(?:\.weight)?", key
        )
        if match is None:
            raise FileError(f"{folder}: {key!r} is not the name of a LoRA tensor")
        found.setdefault(match[1], {})[match[2]] = tensor
    for name, pair in found.items():
        if set(pair) != {"A", "B"}:
            raise FileError(f"{folder}: {name} has factor {', '.join(pair)} only")
    return {name: (pair["A"], pair["B"]) for name, pair in found.items()}


def _by_pattern(patterns: Any, name: str, otherwise: Any) -> Any:
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", name):
            return value
    return otherwise


def _plain(name: str) -> str:
    return name.replace(".base_layer", "")
