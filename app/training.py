"""`worldloom train`: a plan at work with a progress bar; Ctrl+C ends it at a step, saved."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from app.show import sheet, summary_table
from app.workspace import WORLD, Workspace, open_workspace
from app.worlds import export_adapters
from graphs.learn.fit import Summary, fit, has_checkpoint, use_best
from graphs.learn.resume import only_adapters
from graphs.learn.training import StepDone, Training
from graphs.live.execute import best_device
from graphs.spec.plan import Plan
from graphs.store import save


@dataclass
class Trained:
    """How a training from the command line ended, and what it left."""

    plan: str
    summary: Summary
    folder: Path
    resume: str
    files: dict[str, str] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "plan": self.plan,
            **asdict(self.summary),
            "folder": str(self.folder),
            "files": self.files,
            "resume": self.resume if self.summary.interrupted else "",
        }

    def show(self, console: Console) -> None:
        """Print the summary, and when it was stopped how to go on."""
        console.print(
            summary_table(self.plan, self.summary, self.files | {"run": str(self.folder)})
        )
        if self.summary.interrupted:
            console.print(f"To resume:\n  {self.resume}", soft_wrap=True)


def train_file(
    file: Path,
    plan_name: str | None,
    steps: int | None,
    resume: bool,
    output: Path | None,
    settings: list[str],
    device: str | None,
    *,
    quiet: bool,
) -> Trained:
    """Train a document's plan and keep what it learned beside the document.

    Trained weights go to NAME.safetensors; when only adapters trained the base stays as it is and
    NAME.PLAN.world is the light world.
    """
    if file.suffix == WORLD:
        raise click.UsageError(f"unpack it first: worldloom import {file} -o FOLDER")
    work = open_workspace(file, settings)
    name, plan = work.plan(plan_name)
    if steps is not None:
        plan = plan.model_copy(update={"steps": steps})
    folder = output or work.run_folder(name)
    if has_checkpoint(folder) and not resume:
        raise click.UsageError(
            f"{folder} holds an earlier run; go on with --resume, or choose another --output"
        )
    graph = work.build(work.under(plan), seed=plan.seed)
    training = Training(graph, plan, device=device or best_device(), variant=name)
    console = Console(stderr=True, quiet=quiet)
    console.print(sheet(training.explain(), training.modes.adaptation))
    with stoppable() as stop, progress(name, plan, console) as tick:
        summary = fit(training, folder, resume=resume, watch=tick, stop=stop)
    command = f"worldloom train {file} --plan {name} --resume"
    if output:
        command += f" --output {output}"
    if steps is not None:
        command += f" --steps {steps}"
    command += "".join(f" --set {text}" for text in settings)
    done = Trained(name, summary, folder, command)
    if not summary.interrupted:
        done.files = keep(work, training, name, folder)
    return done


def keep(work: Workspace, training: Training, name: str, folder: Path) -> dict[str, str]:
    """Write the best of what was learned beside the document; what was written."""
    if training.plan.keep.best:
        use_best(training, folder)
    if only_adapters(training):
        path = work.path.with_name(f"{work.path.stem}.{name}{WORLD}")
        export_adapters(training, path, work.document.title)
        return {"light world": f"{path} ({os.path.getsize(path):,} bytes)"}
    save(work.path, work.document, training.graph)
    return {"weights": str(work.path.with_suffix(".safetensors"))}


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Inside, the first Ctrl+C only asks to stop and the second interrupts at once."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def progress(name: str, plan: Plan, console: Console) -> Iterator[Callable[[StepDone], None]]:
    """A bar with loss and the last validation; where there is no terminal, a line now and then."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
        console=console,
        disable=not console.is_terminal,
    )
    task = bar.add_task(name, total=plan.steps, figures="")
    validation, smooth = "", 0.0

    def tick(done: StepDone) -> None:
        nonlocal validation, smooth
        smooth = 0.9 * smooth + 0.1 * done.loss if smooth else done.loss
        if done.validation:
            shown = {k: v for k, v in done.validation.items() if "." not in k}
            validation = "held out: " + "  ".join(f"{k} {v:.4g}" for k, v in shown.items())
            if not console.is_terminal:
                at = f"{name} {done.index}/{plan.steps}"
                console.print(f"{at}  loss {smooth:.4f}  {validation}")
        bar.update(task, completed=done.index, figures=f"loss {smooth:.4f}  {validation}")

    with bar:
        yield tick
