"""Snapshots of the world in the engine: what there is to open, and standing at one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.engine.events import SnapshotFacts, SnapshotsListed
from app.engine.model import Model, Stood
from app.engine.turning import as_world, slots_of
from app.values import brief
from graphs.spec.problems import FileError
from graphs.spec.state import Storage
from graphs.store import content_hash
from graphs.store.snapshot import folder_of, read_snapshot, snapshots


def list_snapshots(model: Model) -> SnapshotsListed:
    """The snapshots beside the project; a damaged one is told of and left out."""
    cycle = model.document.root.cycle
    if model.path is None or cycle is None:
        return SnapshotsListed(folder="", snapshots=())
    folder = folder_of(model.path, cycle.storage or Storage())
    paths = snapshots(folder)
    base = content_hash(model.base()) if paths else ""
    found = []
    for path in paths:
        try:
            shot = read_snapshot(path)
        except FileError as error:
            model.tell(str(error))
            continue
        stat = path.stat()
        facts = SnapshotFacts(
            path=str(path),
            turn=shot.turn,
            time=datetime.fromtimestamp(stat.st_mtime, UTC).isoformat(timespec="seconds"),
            bytes=stat.st_size,
            state={place: brief(value) for place, value in slots_of(shot.state).items()},
            fits=shot.base_hash == base,
        )
        found.append(facts)
    return SnapshotsListed(folder=str(folder), snapshots=tuple(found))


def open_snapshot(model: Model, path: Path) -> None:
    """The world stands where it stood after that turn.

    Raises: FileError for damage; StateError when its state is none of this world's.
    """
    shot = read_snapshot(path)
    world = as_world(model.build())
    state = world.accept(shot.state)
    if shot.base_hash != content_hash(model.base()):
        model.tell(f"{path.name} was taken with other weights; the world goes on with its own")
    model.world = Stood(shot.turn + 1, state, shot.content)
