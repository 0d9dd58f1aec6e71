"""`worldloom run`: values in from files, one run, values out to files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.errors import UsageError
from app.shelf import Shelf
from app.values import as_data, in_words, read_value, write_value
from app.workspace import Workspace, open_workspace
from graphs.live.context import Run
from graphs.live.execute import Event, NodeFinished, best_device, execute
from graphs.live.graph import Graph
from graphs.spec.problems import near


@dataclass(frozen=True)
class Request:
    """What a person asks of one run. Results go to the folder `output`, or are told."""

    inputs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    output: Path | None = None
    light: Path | None = None
    batch: int = 32
    position: int = 0
    split: str = "test"
    seed: int = 0
    device: str | None = None
    precision: Literal["float32", "bfloat16"] = "float32"


@dataclass
class Results:
    """What came out, and the files that hold it when a folder was asked for."""

    values: Mapping[str, Any]
    files: Mapping[str, Path]

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {
            name: {"file": str(self.files[name])} if name in self.files else as_data(value)
            for name, value in self.values.items()
        }

    def in_words(self) -> dict[str, str]:
        """For people."""
        return {
            name: str(self.files[name]) if name in self.files else in_words(value)
            for name, value in self.values.items()
        }


def run_file(file: Path, asked: Request) -> Results:
    """Run a document once. Raises: UsageError for inputs, targets or a device that are not there."""
    if asked.light is not None and not asked.light.is_file():
        raise UsageError(f"there is no file {asked.light}")
    work = open_workspace(file, asked.settings)
    if asked.output is not None:
        asked.output.mkdir(parents=True, exist_ok=True)  # refused now, not after an hour's run
    where = Run(
        seed=asked.seed,
        position=asked.position,
        split=asked.split,
        batch=asked.batch,
        device=chosen_device(asked.device),
        output=str(asked.output or "."),
    )
    graph = work.build(seed=asked.seed)
    if work.untrained and next(graph.parameters(), None) is not None:
        Console(stderr=True, highlight=False).print(
            f"no weights lie beside {file.name}: they are fresh, from seed {asked.seed}",
            style="yellow",
            soft_wrap=True,
            markup=False,
        )
    if asked.light is not None:
        work.adapt(graph, asked.light)
    else:
        Shelf(file).put_on(graph)  # the variants in use
    given = dict(_given(work, graph, asked.inputs))
    graph.to(where.device).eval()
    targets = list(asked.targets) or None
    try:
        graph.program(targets, given)
    except KeyError as error:
        waiting = [name for name in graph.ports()[0] if name not in given]
        hint = f"\n  → give --input NAME=FILE for {', '.join(waiting)}" if waiting else ""
        raise UsageError(f"{error.args[0]}{hint}") from error
    with _bar() as watch:
        values = execute(
            graph, given, targets=targets, run=where, watch=watch, precision=asked.precision
        )
    output = asked.output
    files = {n: write_value(output, n, v) for n, v in values.items()} if output else {}
    return Results(values, files)


def chosen_device(name: str | None) -> str:
    """The device asked for, or the best there is. Raises: UsageError when it is not here."""
    if name is None:
        return best_device()
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(f"there is no device {name!r} here; there is {best_device()}") from error
    return name


def _given(work: Workspace, graph: Graph, texts: Iterable[str]) -> Iterator[tuple[str, Any]]:
    known = graph.ports()[0]
    for text in texts:
        name, found, value = text.partition("=")
        if not found or not value:
            raise UsageError(f"--input takes name=file or name=JSON, got {text!r}")
        if name not in known:
            there = f"it has {', '.join(known)}" if known else "it has none"
            raise UsageError(f"{work.path} has no input {name!r}{near(name, known)}\n  → {there}")
        yield name, read_value(value, known[name].kind)


@contextmanager
def _bar() -> Iterator[Callable[[Event], None]]:
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("starting", total=None)

    def watch(event: Event) -> None:
        done = event.index + (1 if isinstance(event, NodeFinished) else 0)
        bar.update(task, description=event.path, total=event.total, completed=done)

    with bar:
        yield watch
