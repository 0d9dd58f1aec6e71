"""A training that runs in a process of its own: `python -m tests.learn.resuming WHAT FOLDER STEPS`.

Prints what it saw as JSON, so that another process can compare every bit.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graphs.learn.fit import CHECKPOINTS, fit
from graphs.learn.resume import restore
from graphs.learn.training import Training
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Data, Keep, Optimiser, Plan, Rule, Schedule, Stopping, Validation
from graphs.store import content_hash, latest
from tests.learn.world import leaf, linear, model, nested, plan

STEPS = 40
COMMON: dict[str, Any] = {
    "steps": STEPS,
    "validation": Validation(every=5, batch=8),
    "stopping": Stopping(patience=1000),
    "keep": Keep(every=7),
}
PLANS: dict[str, Plan] = {
    "everything": plan(
        Rule(),
        Rule(where="b", lr=0.01, from_step=9),
        Rule(where="d", mode="lora", rank=2, dropout=0.25),
        optimiser=Optimiser(lr=0.02, weight_decay=0.1),
        schedule=Schedule(kind="cosine", warmup=5),
        accumulate=2,
        clip_norm=0.5,
        ema=0.9,
        **COMMON,
    ),
    "momentum": plan(
        Rule(until_step=30),
        Rule(where="a", mode="frozen", from_step=10, until_step=25),
        optimiser=Optimiser(name="SGD", lr=0.05, options={"momentum": 0.9}),
        data=Data(batch=8, shuffle=False),
        cache_frozen=True,
        **{**COMMON, "steps": 30},
    ),
    "light": plan(Rule(mode="lora", rank=2), ema=0.5, **COMMON),
    "relatives": plan(Rule(mode="lora", method="loha", rank=2), **COMMON),
    "bfloat16": plan(Rule(), precision="bfloat16", recompute=("a",), **COMMON),
    "killed": plan(Rule(), ema=0.9, **{**COMMON, "steps": 150, "keep": Keep(every=3, last=2)}),
}


def parts() -> dict[str, NodeSpec]:
    """Batch norm, dropout and noise, in nests and in a shared block."""
    return {
        "a": nested({"net": leaf("toy/Network"), "drop": leaf("Dropout", rate=0.3)}),
        "b": linear(),
        "c": NodeSpec(tied_to="b"),
        "d": linear(),
    }


def training(what: str, device: str = "cpu") -> Training:
    return Training(model(parts()), PLANS[what], device=device)


def bits(found: Training) -> dict[str, str]:
    """A hash of everything that the next step depends on."""

    def digest(tensors: dict[str, Tensor]) -> str:
        return content_hash({name: t.detach() for name, t in tensors.items()})

    return {
        "weights and buffers": digest(dict(found.graph.state_dict())),
        "optimiser": digest(found.optimiser.state()),
        "average": digest(found.average.tensors if found.average else {}),
        "history": json.dumps(found.state.history, sort_keys=True),
        "best": f"{found.state.best} {found.state.best_step} {found.state.bad}",
    }


def go(found: Training, steps: int) -> list[str]:
    """The losses of up to so many steps, as exact text."""
    losses = []
    if steps:
        for done in found.steps():
            losses.append(done.loss.hex())
            if len(losses) == steps:
                break
    return losses


def main(what: str, folder: Path, steps: int) -> None:
    torch.set_num_threads(1)
    found = training(what)
    if what == "killed":
        fit(found, folder, resume=True, tensorboard=False)
        print(json.dumps(bits(found)))
        return
    checkpoint = latest(folder / CHECKPOINTS).checkpoint
    assert checkpoint is not None
    torch.rand(5)
    restore(found, checkpoint)
    print(json.dumps({"losses": go(found, steps), **bits(found)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
