"""`worldloom demo`: the first real job, from a template to a world file and a light variant of it.

Everything it does is an ordinary command's work: build, fit under three plans, run, export.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from app.jobs import METRICS
from app.plots import loss_plot
from app.show import duration, number
from app.training import progress, stoppable
from app.workspace import Workspace, from_template
from app.worlds import export_adapters
from graphs.learn.fit import fit, use_best
from graphs.learn.journal import LINES
from graphs.learn.training import Training
from graphs.live.context import Run
from graphs.live.execute import best_device, execute
from graphs.live.graph import Graph
from graphs.live.infer import count
from graphs.live.weights import base_tensors
from graphs.spec.settings import configured
from graphs.store import content_hash, export_world, save, write_json

TEMPLATE = "digits"
READ, CREATE, NIGHT = "read", "create", "night"


@dataclass
class Demo:
    """One run of the job: where it writes, and what it has measured so far."""

    folder: Path
    share: float
    console: Console
    device: str = field(default_factory=best_device)
    figures: dict[str, Any] = field(default_factory=dict)

    def train(self, work: Workspace, name: str) -> Graph:
        """Fit one plan of the document; the graph with the best of what it learned."""
        plan = work.document.plans[name]
        plan = plan.model_copy(update={"steps": max(1, round(plan.steps * self.share))})
        training = Training(work.build(work.under(plan)), plan, device=self.device, variant=name)
        rows = training.explain()
        self.console.print(
            f"[bold]{name}[/]  {plan.description}  "
            f"[dim]{number(sum(row.count for row in rows))} numbers train[/]"
        )
        folder = self.folder / "runs" / name
        with stoppable() as stop, progress(name, plan, self.console) as tick:
            done = fit(training, folder, resume=True, watch=tick, stop=stop)
        if done.interrupted:
            raise KeyboardInterrupt
        use_best(training, folder)
        self.figures[name] = {
            "steps": done.steps,
            "seconds": round(done.seconds, 1),
            "validation": training.validate(),
        }
        if name == NIGHT:
            export_adapters(training, self.folder / "night.world", work.document.title)
        return training.graph.eval()

    def draw(self, graph: Graph, name: str) -> Tensor:
        """Generate ten of each digit, write the picture, give the images.

        Shapes: out (100, 1, 8, 8).
        """
        from PIL import Image

        where = Run(batch=100, device=self.device)
        made = execute(graph, targets=["sampler.latent", "gallery.out"], run=where)
        Image.fromarray(made["gallery.out"].cpu().numpy()).save(self.folder / f"{name}.png")
        images: Tensor = made["sampler.latent"]
        return images

    def read_as_wished(self, graph: Graph, images: Tensor) -> float:
        """The share of images that the reader reads as the digit that was asked for."""
        with torch.no_grad():
            logits = graph.at("reader")(image=images)["logits"]
        wished = torch.arange(len(images), device=logits.device) % 10
        return float((logits.argmax(1) == wished).float().mean())


def demonstrate(folder: Path, share: float, *, quiet: bool) -> dict[str, Any]:
    """Do the whole job in `folder`, or go on with it there; the figures that metrics.json holds."""
    folder.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    job = Demo(folder, share, Console(stderr=True, quiet=quiet, highlight=False))
    path = folder / f"{TEMPLATE}.json"
    work = Workspace(path, from_template(TEMPLATE))

    job.train(work, READ)
    graph = job.train(work, CREATE)
    wished = job.read_as_wished(graph, job.draw(graph, "samples"))
    save(path, work.document, graph)
    export_world(folder / f"{TEMPLATE}.world", work.document, base_tensors(graph))
    base = content_hash(base_tensors(graph))

    night = job.train(work, NIGHT)
    drawn = job.draw(night, "night")
    slanted = work.build(
        configured(
            work.document,
            {"digits": {"slant": work.document.plans[NIGHT].settings["digits"]["slant"]}},
        )
    )
    ceiling = execute(
        slanted.eval(),
        targets=["accuracy.out"],
        run=Run(batch=360, split="test", device=job.device),
    )
    same = content_hash(base_tensors(night)) == base
    sizes = {p: os.path.getsize(folder / p) for p in (f"{TEMPLATE}.safetensors", "night.world")}
    loss_plot(folder / "loss.png", {n: folder / "runs" / n / LINES for n in (READ, CREATE, NIGHT)})
    job.figures |= {
        "parameters": count(graph)[0],
        "reader_accuracy": job.figures[READ]["validation"]["accuracy"],
        "read_as_wished": wished,
        "night_read_as_wished": job.read_as_wished(night, -drawn),
        "night_reader_on_real": float(ceiling["accuracy.out"]),
        "night_bytes": sizes["night.world"],
        "base_bytes": sizes[f"{TEMPLATE}.safetensors"],
        "night_share_of_base": sizes["night.world"] / sizes[f"{TEMPLATE}.safetensors"],
        "base_unchanged_by_night": same,
        "seconds": round(time.perf_counter() - start, 1),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": job.device,
    }
    write_json(folder / METRICS, job.figures)
    return job.figures


def report(console: Console, folder: Path, found: Mapping[str, Any]) -> None:
    """Print every figure beside its bar, and where everything is."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("reader, held-out digits", f"{found['reader_accuracy']:.1%}", "bar 97.5%")
    table.add_row("creator, read as wished", f"{found['read_as_wished']:.1%}", "bar 95%")
    table.add_row(
        "night, read as wished when inverted back",
        f"{found['night_read_as_wished']:.1%}",
        f"real slanted digits: {found['night_reader_on_real']:.1%}",
    )
    table.add_row("night, size beside its base", f"{found['night_share_of_base']:.1%}", "bar 5%")
    table.add_row(
        "base after night training",
        "bit-identical" if found["base_unchanged_by_night"] else "CHANGED",
    )
    table.add_row(
        "time", duration(found["seconds"]), f"{found['threads']} threads, {found['device']}"
    )
    console.print(table)
    for name, what in (
        ("digits.json", "the document"),
        ("digits.safetensors", "its weights"),
        ("digits.world", "both in one file"),
        ("night.world", "the light variant: adapters only"),
        ("samples.png", "ten of each digit"),
        ("night.png", "the same under the light variant"),
        ("loss.png", "how training went"),
        ("metrics.json", "these figures"),
    ):
        console.print(f"  {folder / name}  [dim]{what}[/]", soft_wrap=True)
