"""`worldloom train`: a plan at work with a progress bar; Ctrl+C ends it at a step, saved."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from app.errors import UsageError
from app.running import chosen_device
from app.show import sheet, summary, wrote
from app.workspace import WORLD, Workspace, open_workspace
from app.worlds import export_adapters
from graphs.learn.finite import EVERY
from graphs.learn.fit import CHECKPOINTS, Summary, fit, has_checkpoint, use_best
from graphs.learn.resume import only_adapters
from graphs.learn.training import StepDone, Training
from graphs.spec.definitions import expand
from graphs.spec.plan import Plan
from graphs.spec.problems import FileError, near
from graphs.store import project_files, read_document, save

LINES = 10  # of progress, where there is no terminal to draw a bar on


@dataclass(frozen=True)
class Request:
    """What a person asks of one training."""

    plan: str | None = None
    steps: int | None = None
    resume: bool = False
    output: Path | None = None
    settings: tuple[str, ...] = ()
    device: str | None = None
    nodes: tuple[str, ...] = ()
    level: str | None = None

    def again(self, file: Path, plan: str) -> str:
        """The command that goes on with it."""
        words = ["worldloom", "train", str(file), "--plan", plan, "--resume"]
        if self.output is not None:
            words += ["--output", str(self.output)]
        if self.steps is not None:
            words += ["--steps", str(self.steps)]
        if self.device is not None:
            words += ["--device", self.device]
        for text in self.settings:
            words += ["--set", text]
        for path in self.nodes:
            words += ["--node", path]
        if self.level is not None:
            words += ["--level", self.level]
        return shlex.join(words)


@dataclass
class Trained:
    """How a training from the command line ended, and what it left."""

    plan: str
    summary: Summary
    folder: Path
    resume: str
    files: dict[str, Path] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "plan": self.plan,
            **asdict(self.summary),
            "folder": str(self.folder),
            "files": {what: str(path) for what, path in self.files.items()},
            "resume": self.resume if self.summary.interrupted else "",
        }

    def show(self, console: Console) -> None:
        """Print the summary, and when it was stopped how to go on."""
        written = {what: wrote(path, os.path.getsize(path)) for what, path in self.files.items()}
        summary(console, self.plan, self.summary, written | {"run": str(self.folder)})
        if self.summary.interrupted:
            console.print("\nTo go on:")
            console.print(f"  {self.resume}", soft_wrap=True, markup=False)


def train_file(file: Path, asked: Request) -> Trained:
    """Train a document's plan and keep what it learned beside the document.

    Trained weights go to NAME.safetensors; when only adapters trained the base stays as it is and
    NAME.PLAN.world is the light world (see `keep`). A run that was stopped leaves its checkpoints.
    """
    if file.suffix == WORLD:
        raise UsageError(f"a world file is not trained in place\n  → worldloom import {file} -o .")
    work = open_workspace(file, asked.settings)
    name, plan = work.plan(asked.plan)
    if asked.steps is not None:
        plan = plan.model_copy(update={"steps": asked.steps})
    if asked.nodes or asked.level is not None:
        plan = plan.model_copy(update={"only": only(work, asked.nodes, asked.level)})
    folder = asked.output or work.run_folder(name)
    console = Console(stderr=True, highlight=False)
    held = has_checkpoint(folder)
    if held and not asked.resume:
        raise UsageError(
            f"{folder} holds an earlier run\n  → go on with --resume, or choose another --output"
        )
    if asked.resume and not (folder / CHECKPOINTS).exists():
        console.print(f"{folder} holds no checkpoint: starting at step 0", soft_wrap=True)
    device = chosen_device(asked.device)
    graph = work.build(work.under(plan), seed=plan.seed)
    training = Training(graph, plan, device=device, variant=name)
    console.print(sheet(training.explain(), training.modes.adaptation))
    again = asked.again(file, name)
    try:
        with stoppable() as stop, progress(name, plan, console) as tick:
            done = fit(training, folder, resume=asked.resume, watch=tick, stop=stop)
    except KeyboardInterrupt:
        if has_checkpoint(folder):
            console.print(
                f"\nstopped at once; from the last checkpoint:\n  {again}", soft_wrap=True
            )
        raise
    trained = Trained(name, done, folder, again)
    if not done.interrupted:
        trained.files = keep(work, training, name, folder)
    return trained


def only(work: Workspace, nodes: tuple[str, ...], level: str | None) -> tuple[str, ...]:
    """The nodes that may learn: these, or with a level those of that level at or inside them.

    Without nodes all of that level. What is inside a node may learn with it.
    Raises: UsageError with near names for what the document does not have.
    """
    root = expand(work.document)
    levels = {path: node.level for path, node in root.walk() if not node.tied_to}
    known = [path for path, _ in root.walk()]
    for path in nodes:
        if path not in known:
            raise UsageError(f"{work.path} has no node {path!r}{near(path, known)}")
    if level is None or (level == root.level and not nodes):
        return nodes
    within = [p for p in levels if not nodes or any(p == n or p.startswith(f"{n}.") for n in nodes)]
    found = tuple(path for path in within if levels[path] == level)
    if not found:
        there = dict.fromkeys(levels[path] for path in within)
        where = f" in {', '.join(nodes)}" if nodes else ""
        hint = f"{near(level, there)}\n  → there are nodes of level {', '.join(there)}"
        raise UsageError(f"{work.path} has no {level}{where}{hint}")
    return found


def keep(work: Workspace, training: Training, name: str, folder: Path) -> dict[str, Path]:
    """Write the best of what was learned beside the document; what was written.

    When that file no longer holds what trained (--set, or somebody changed it meanwhile), both are
    left alone, and the document that trained goes into the run's folder with its weights.
    """
    if training.plan.keep.best:
        use_best(training, folder)
    written: dict[str, Path] = {}
    path = work.path if _holds(work) else folder / work.path.name
    document, weights = project_files(path)
    light = only_adapters(training)
    if not light or not weights.exists():  # a base that no file holds would be lost to its adapters
        save(path, work.document, training.graph)
        written = {"weights": weights} if path == work.path else {"document": document}
    if light:
        written["light world"] = work.path.with_name(f"{work.path.stem}.{name}{WORLD}")
        export_adapters(training, written["light world"], work.document.title)
    return written


def _holds(work: Workspace) -> bool:
    """Whether the file holds the document that trained."""
    if not work.path.exists():
        return True  # and the document is written again
    try:
        return read_document(work.path) == work.document
    except FileError:
        return False


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Inside, the first Ctrl+C only asks to stop and the second interrupts at once."""
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        # Not print: a handler may run in the middle of another write to the same buffer.
        os.write(2, b"\nstopping after this step; once more stops at once\n")

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
        BarColumn(bar_width=16),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[figures]}"),
        console=console,
        disable=not console.is_terminal,
    )
    task = bar.add_task(name, total=plan.steps, figures="")
    every = max(1, plan.steps // LINES)
    validation, smooth = "", 0.0

    def tick(done: StepDone) -> None:
        nonlocal validation, smooth
        if done.at_hand or done.validation or done.index % EVERY == 0:
            smooth = 0.9 * smooth + 0.1 * done.loss if smooth else done.loss
        if done.validation:
            validation = f"held out: {_figures(done.validation)}"
        if not console.is_terminal and (done.validation or done.index % every == 0):
            at = f"{name} {done.index}/{plan.steps}"
            console.print(f"{at}  loss {smooth:.4g}  {validation}".rstrip(), soft_wrap=True)
        bar.update(task, completed=done.index, figures=f"loss {smooth:.4g}  {validation}")

    with bar:
        yield tick


def _figures(validation: Mapping[str, float]) -> str:
    shown = {name: value for name, value in validation.items() if "." not in name}  # not each port
    return "  ".join(f"{name} {value:.4g}" for name, value in shown.items())
