"""Stopping and going on exactly: what a checkpoint of a training holds.

Weights with buffers (only adapters when only adapters train), the optimiser by parameter name, the
average, the generators' states, the State and the plan. Data order and noise are functions of the
step and need no saving.
"""

from __future__ import annotations

import hashlib
import json
import platform
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graphs.learn.adapters import load_adapters, refuse_adapters
from graphs.learn.training import State, Training
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors, load_tensors
from graphs.spec.plan import Plan
from graphs.spec.problems import FileError
from graphs.store import Checkpoint, content_hash, step_folder, write_checkpoint

MAY_CHANGE = frozenset({"steps", "description", "keep", "stopping", "validation", "log"})


def save(training: Training, folder: Path, reason: str = "auto") -> Path:
    """Write a checkpoint of this training into `folder`; the path of the checkpoint.

    Whatever happens meanwhile, the folder holds the earlier ones or this one whole.
    Raises: WorldloomError when a loss was not finite; nothing is written then.
    """
    training.finite.settle()
    light = only_adapters(training)
    base = base_tensors(training.graph)
    parts: dict[str, dict[str, Tensor]] = {
        "weights": {} if light else base,
        "adapters": {name: p.detach() for name, p in training.modes.adapters.items()},
        "optimiser": training.optimiser.state(),
        "average": dict(training.average.tensors) if training.average else {},
        "generators": _generators(),
    }
    state = {
        "state": asdict(training.state),
        "plan": training.plan.model_dump(mode="json"),
        "variant": training.modes.variant,
        "base": content_hash(base) if light else "",
        "document": document_hash(training.graph),
        "environment": environment(training.device),
    }
    return write_checkpoint(folder, training.state.step, parts, state, reason)


def restore(training: Training, checkpoint: Checkpoint) -> None:
    """Put a fresh training of the same document and plan where the checkpoint stood.

    Raises: FileError when plan, base or weights are not those that were saved; nothing is restored.
    """
    where, saved = step_folder(checkpoint.step), checkpoint.state
    then = Plan.model_validate(saved["plan"])
    _same_plan(training.plan, then, where)
    if saved["base"] and saved["base"] != content_hash(base_tensors(training.graph)):
        raise FileError(
            f"{where}: its adapters were trained on another base; expected weights with hash "
            f"{saved['base'][:12]}; load the world that it was trained on"
        )
    parts = checkpoint.parts
    if training.average and set(parts["average"]) != set(training.average.tensors):
        raise FileError(f"{where}: its average holds other weights than this plan trains")
    training.optimiser.refuse(parts["optimiser"])
    take_weights(training, checkpoint)
    training.optimiser.load(parts["optimiser"])
    if training.average:
        for name, tensor in parts["average"].items():
            training.average.tensors[name].copy_(tensor)
    training.state = State(**saved["state"])
    _judge_again(training, then)
    torch.set_rng_state(parts["generators"]["cpu"])
    for number in range(torch.cuda.device_count()):
        if (state := parts["generators"].get(f"cuda{number}")) is not None:
            torch.cuda.set_rng_state(state, number)
    if saved["document"] != document_hash(training.graph):
        warnings.warn(
            f"{where}: blocks, settings or wires of the document have changed since", stacklevel=2
        )
    _warn_of_changes(saved["environment"], environment(training.device))
    training.modes.apply(training.state.step)


def take_weights(training: Training, checkpoint: Checkpoint, averaged: bool = False) -> None:
    """Only the weights and adapters of a checkpoint; with `averaged` the slow copy of what trains.

    Raises: FileError when they do not fit; nothing is loaded then.
    """
    where, parts = step_folder(checkpoint.step), checkpoint.parts
    adapters, variant = dict(parts["adapters"]), training.modes.variant
    refuse_adapters(training.graph, adapters, variant, where)
    if parts["weights"]:
        load_tensors(training.graph, parts["weights"], where)
    load_adapters(training.graph, adapters, variant, where)
    if averaged:
        with torch.no_grad():
            for name, tensor in parts["average"].items():
                training.trained[name].copy_(tensor)


def only_adapters(training: Training) -> bool:
    """Whether every parameter that trains is an adapter's, so that the base cannot change."""
    return set(training.trained) <= set(training.modes.adapters)


def document_hash(graph: Graph) -> str:
    """A hash of what the graph computes: its blocks, their settings and the wires."""
    bodies = [("", graph.spec), *((p, n.body) for p, n in graph.spec.walk() if n.body)]
    said = [(p, n.type, n.tied_to, n.config) for p, n in graph.spec.walk()]
    wires = [(path, *map(str, body.wires), str(body.inputs)) for path, body in bodies]
    return hashlib.sha256(json.dumps([said, wires], sort_keys=True).encode()).hexdigest()


def environment(device: str) -> dict[str, Any]:
    """What the last bits of a result depend on besides the program."""
    return {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": device,
        "machine": platform.machine(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "matmul": torch.get_float32_matmul_precision(),
    }


def _generators() -> dict[str, Tensor]:
    found = {"cpu": torch.get_rng_state()}
    found |= {f"cuda{n}": torch.cuda.get_rng_state(n) for n in range(torch.cuda.device_count())}
    return found


def _same_plan(now: Plan, then: Plan, where: str) -> None:
    new, old = now.model_dump(mode="json"), then.model_dump(mode="json")  # as files hold them
    changed = [name for name in new if name not in MAY_CHANGE and new[name] != old[name]]
    if changed:
        raise FileError(
            f"{where}: the plan differs from the one it was saved under in {', '.join(changed)}; "
            "resume under the same plan, or start a new training from the saved weights"
        )


def _judge_again(training: Training, then: Plan) -> None:
    """Early stopping by the plan as it is now; another figure to watch has no best value yet."""
    now, state = training.plan.stopping, training.state
    if (now.watch, now.best) != (then.stopping.watch, then.stopping.best):
        state.best, state.best_step, state.bad = None, 0, 0
    state.stopped = training.impatience()


def _warn_of_changes(then: dict[str, Any], now: dict[str, Any]) -> None:
    changed = [f"{k}: {then.get(k)} then, {now[k]} now" for k in now if then.get(k) != now[k]]
    if changed:
        warnings.warn(
            "this run may differ from an uninterrupted one in the last bits ("
            + "; ".join(changed)
            + ")",
            stacklevel=3,
        )
