"""Does a lattice stay finite? The debug preset trained on and on, in pieces that go on where they stopped.

    python -m tests.bench.lattice_endurance FOLDER [--steps N] [--hidden N] [--layers N] [--seconds S]
        [--device cuda] [--precision bfloat16] [--compile reduce-overhead]

The seed's carrier (3 × 1024) takes seconds a step on a CPU; a narrower one takes the same paths through
the mechanics. Every step must have a finite loss and gradient (the trainer refuses any other), and at
the end of a piece all weights and optimiser states are looked at.
"""

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

import nodes
from graphs.learn.fit import fit
from graphs.learn.training import StepDone, Training
from graphs.live.build import build
from graphs.live.execute import to_device
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Keep, Loss, Optimiser, Plan, Schedule
from nodes.lattice.presets import PRESETS, SEED, lattice


def training(asked: argparse.Namespace) -> Training:
    """The debug preset from random embeddings to a fixed turn of them, under MSE and cosine."""
    preset, steps, batch = PRESETS["debug"], asked.steps, asked.batch
    wide = {"hidden": asked.hidden, "layers": asked.layers}
    node = lattice(SEED, SEED, preset.size, advance=preset.advance, **wide)
    wires = [f"lattice.out -> {loss}.x" for loss in ("mse", "cosine")]
    spec = {
        "nodes": {
            "lattice": node,
            "mse": {"type": "core/MSELoss"},
            "cosine": {"type": "core/CosineLoss"},
        },
        "wires": wires,
        "inputs": {"x": "lattice.x", "target": ["mse.target", "cosine.target"]},
        "outputs": {
            "arrived": "lattice.arrived",
            "spawned": "lattice.spawned",
            "died": "lattice.died",
        },
    }
    graph = build(GraphSpec.model_validate(spec), Registry({"core": nodes}))
    plan = Plan(
        losses=(Loss(port="mse.out"), Loss(port="cosine.out")),
        optimiser=Optimiser(name="Adam", lr=1e-3),
        schedule=Schedule(warmup=100),
        clip_norm=1.0,
        precision=asked.precision,
        compile={"lattice": asked.compile} if asked.compile else {},
        steps=steps,
        keep=Keep(every=steps, last=1, best=False),
    )
    turn = torch.randn(SEED, SEED, generator=torch.Generator().manual_seed(7)) / SEED**0.5

    def batches(position: int) -> Mapping[str, Tensor]:
        x = torch.randn(batch, SEED, generator=torch.Generator().manual_seed(position))
        return {"x": x, "target": torch.tanh(x @ turn)}

    return Training(graph, plan, batches=batches, device=asked.device)


def main() -> None:
    """Train a piece and print what came of it."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--steps", type=int, default=10_000)
    ask.add_argument("--hidden", type=int, default=48)
    ask.add_argument("--layers", type=int, default=1)
    ask.add_argument("--batch", type=int, default=1)
    ask.add_argument("--seconds", type=float, default=300.0)
    ask.add_argument("--device", default="cpu")
    ask.add_argument("--precision", default="float32")
    ask.add_argument("--compile", default="", help="a mode of torch.compile")
    asked = ask.parse_args()
    made = training(asked)
    end, norms = time.monotonic() + asked.seconds, [0.0]

    def watch(done: StepDone) -> None:
        if done.index % 50 == 0 or done.at_hand:
            norms.append(done.grad_norm or 0.0)

    done = fit(made, asked.folder, resume=True, watch=watch, tensorboard=False,
               stop=lambda: time.monotonic() > end)  # fmt: skip
    states = [t for t in made.optimiser.state().values() if t.is_floating_point()]
    tensors = [*made.graph.parameters(), *states]
    assert made.batches is not None
    with torch.no_grad():
        found = made.graph.eval()(**to_device(made.batches(0), asked.device))
    told = {
        "steps": done.steps,
        "loss": done.loss,
        "largest_gradient_norm": max(norms),
        "finite": all(bool(torch.isfinite(tensor).all()) for tensor in tensors),
        "tensors": len(tensors),
        "seconds": round(done.seconds, 1),
        **{name: float(value) for name, value in found.items()},
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
