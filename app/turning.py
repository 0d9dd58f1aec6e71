"""`worldloom run --turns` and `worldloom snapshots`: a world turns, and every turn is kept.

A turn is stored only when it is whole; what went wrong in one leaves the last snapshot as it was.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from app.errors import UsageError
from app.running import chosen_device
from app.shelf import Shelf
from app.values import brief
from app.workspace import Workspace, open_workspace
from graphs.live.context import Run
from graphs.live.weights import base_tensors
from graphs.live.world import StageFinished, StageSkipped, TurnFinished, World, WorldEvent, turns
from graphs.spec.problems import FileError, near
from graphs.spec.state import BLOCKS, CONTENT, Storage
from graphs.store import content_hash, read_json
from graphs.store.snapshot import (
    ENDING,
    Snapshot,
    folder_of,
    read_snapshot,
    snapshots,
    write_snapshot,
)

Watch = Callable[[WorldEvent], None]


@dataclass(frozen=True)
class TurnRequest:
    """What a person asks of a world. `start` is a snapshot's file, its turn's number, or "last"."""

    number: int = 1
    action: str | None = None
    state: Path | None = None
    start: str | None = None
    settings: tuple[str, ...] = ()
    output: Path | None = None
    seed: int = 0
    device: str | None = None


@dataclass
class Turned:
    """What came of it: what was written in each turn, and the snapshots that hold everything."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    _skipped: list[str] = field(default_factory=list)
    _wrote: dict[str, str] = field(default_factory=dict)

    def hear(self, world: World, event: WorldEvent) -> None:
        """Note what a stage wrote; a turn is listed when it is whole."""
        match event:
            case StageSkipped():
                self._skipped.append(event.stage)
            case StageFinished():
                for place, port in world.transitions[event.stage].writes.items():
                    if not place.startswith(CONTENT):
                        self._wrote[place] = brief(event.outputs[port])
            case TurnFinished():
                turn = {"turn": event.turn, "skipped": self._skipped, "wrote": self._wrote}
                self.turns.append(turn)
                self._skipped, self._wrote = [], {}

    def as_data(self) -> dict[str, Any]:
        """For --json."""
        return {"turns": self.turns, "snapshots": [str(path) for path in self.files]}

    def show(self, console: Console) -> None:
        """One paragraph a turn: what each stage wrote, in words."""
        for turn in self.turns:
            skipped = f"  [dim]skipped {', '.join(turn['skipped'])}[/]" if turn["skipped"] else ""
            console.print(f"[bold]turn {turn['turn']}[/]{skipped}")
            for place, value in turn["wrote"].items():
                console.print(f"  {place:24} {value}", markup=False, soft_wrap=True)
        if self.files:
            console.print(f"{len(self.files)} snapshots in {self.files[0].parent}")


def turn_file(file: Path, asked: TurnRequest, watch: Watch | None = None) -> Turned:
    """Let a world turn; the variants in use are on. Raises: UsageError when it is no world."""
    work = open_workspace(file, asked.settings)
    world = work.build(seed=asked.seed)
    if not isinstance(world, World):
        level = work.document.root.level
        raise UsageError(f"{file} is a {level}, and only a world turns\n  → run it without --turns")
    Shelf(file).put_on(world)
    base = content_hash(base_tensors(world))
    device = chosen_device(asked.device)
    world.to(device).eval()
    folder = asked.output or snapshot_folder(work)
    first, state, content = _start(work, asked, folder, base)
    if asked.state is not None:
        state = read_state(asked.state)
    done = Turned()
    run = Run(seed=asked.seed, device=device, batch=1, split="test")
    stream = turns(world, state, asked.action, asked.number, content=content, first=first, run=run)
    try:
        for event in stream:
            if watch is not None:
                watch(event)
            done.hear(world, event)
            if isinstance(event, TurnFinished):
                storage = world.cycle.storage
                path = write_snapshot(storage, folder, event.turn, event.state, event.content, base)
                done.files.append(path)
    except KeyboardInterrupt:
        _stopped(done, file, asked)
        raise
    return done


def _stopped(done: Turned, file: Path, asked: TurnRequest) -> None:
    """Say what is kept of turns that somebody stopped, and how to go on."""
    kept = (
        f"{len(done.files)} of {asked.number} turns are kept" if done.files else "none was finished"
    )
    words = ["worldloom", "run", str(file), "--turns", str(asked.number - len(done.files))]
    words += ["--output", str(asked.output)] if asked.output else []
    words += ["--action", asked.action] if asked.action else []
    again = shlex.join([*words, *(["--from", "last"] if done.files else [])])
    Console(stderr=True).print(
        f"\nstopped in the middle of a turn, which is not kept; {kept}\nTo go on:\n  {again}",
        markup=False,
        soft_wrap=True,
    )


def snapshot_folder(work: Workspace) -> Path:
    """Where a world's snapshots are: the storage's directory, beside the document."""
    cycle = work.document.root.cycle
    try:
        return folder_of(work.path, cycle.storage if cycle else Storage())
    except FileError as error:
        raise UsageError(str(error)) from error


def read_state(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """A state from JSON (numbers and lists of numbers become tensors) or from a snapshot."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if path.suffix == ENDING:
        return read_snapshot(path).state
    found = read_json(path)
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise UsageError(f'{path}: a state is {{"block": {{"slot": value}}}}')
    return {b: {s: _value(v) for s, v in slots.items()} for b, slots in found.items()}


def list_snapshots(file: Path, output: Path | None) -> list[dict[str, Any]]:
    """Every snapshot of a world, in order of turns, with what it holds in words."""
    work = open_workspace(file)
    found = []
    for path in snapshots(output or snapshot_folder(work)):
        shot = read_snapshot(path)
        found.append(
            {
                "turn": shot.turn,
                "file": str(path),
                "bytes": path.stat().st_size,
                "filled": [b for b in BLOCKS if shot.state.get(b)],
                "state": {
                    f"{b}.{s}": brief(v)
                    for b, slots in shot.state.items()
                    for s, v in slots.items()
                },
                "content": sorted(shot.content),
            }
        )
    return found


def _start(
    work: Workspace, asked: TurnRequest, folder: Path, base: str
) -> tuple[int, Mapping[str, Mapping[str, Any]] | None, Mapping[str, Any] | None]:
    if asked.start is None:
        return 0, None, None
    shot = _shot(asked.start, folder)
    if shot.base_hash != base:
        Console(stderr=True).print(
            f"{shot.path.name} was taken with other weights; going on with those of {work.path.name}"
        )
    return shot.turn + 1, shot.state, shot.content


def _shot(name: str, folder: Path) -> Snapshot:
    path = Path(name)
    if path.suffix == ENDING:
        if not path.is_file():
            raise UsageError(f"there is no file {path}")
        return read_snapshot(path)
    known = list(_numbered(folder))
    if not known:
        raise UsageError(f"there are no snapshots in {folder}")
    if name == "last":
        return read_snapshot(known[-1][1])
    for number, found in known:
        if name == number:
            return read_snapshot(found)
    numbers = [number for number, _ in known]
    there = f"there are {numbers[0]} to {numbers[-1]}"
    raise UsageError(f"there is no snapshot of turn {name!r}{near(name, numbers)}; {there}")


def _numbered(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in snapshots(folder):
        yield str(read_snapshot(path).turn), path


def _value(value: Any) -> Any:
    numbers = isinstance(value, int | float) and not isinstance(value, bool)
    if numbers or (isinstance(value, list) and value and not isinstance(value[0], str)):
        tensor: Tensor = torch.tensor(value)
        return tensor
    return value
