"""Where the engine keeps its own files: beside the project, so that they move and go with it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from graphs.spec.problems import WorldloomError

HIDDEN = ".worldloom"


def stem(project: Path) -> str:
    """What a project is called: its file without .json or .world."""
    return project.name.removesuffix(".json").removesuffix(".world")


def home(project: Path) -> Path:
    """The folder of the engine's own files for a project.

    >>> home(Path("digits.json")).as_posix()
    '.worldloom/digits'
    """
    return project.parent / HIDDEN / stem(project)


def address_file(project: Path) -> Path:
    """Where a detached engine says how to reach it."""
    return home(project) / "engine.json"


def queue_file(project: Path) -> Path:
    """The queue of a project."""
    return home(project) / "queue.json"


def run_folders(project: Path, plan: str) -> Iterator[Path]:
    """The folders that runs of a plan are given, first to last, without end.

    >>> from itertools import islice
    >>> [folder.name for folder in islice(run_folders(Path("digits.json"), "read"), 2)]
    ['digits-read', 'digits-read-2']
    """
    base = project.parent / "runs"
    yield base / f"{stem(project)}-{plan}"
    for number in count(2):
        yield base / f"{stem(project)}-{plan}-{number}"


def fresh_run(project: Path, plan: str, taken: set[str]) -> Path:
    """The first folder of a plan that no run is in and no waiting job was promised."""
    return next(f for f in run_folders(project, plan) if not f.exists() and str(f) not in taken)


def newest_run(project: Path, plan: str) -> Path:
    """The last folder of a plan that there is.

    Raises: WorldloomError when there is none.
    """
    found: Path | None = None
    for folder in run_folders(project, plan):
        if not folder.exists():
            break
        found = folder
    if found is None:
        raise WorldloomError(f"there is no run of plan {plan!r} to go on with; train it first")
    return found
