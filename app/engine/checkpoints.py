"""What a run's folder holds, without reading any weights."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from app.engine.events import CheckpointFacts, CheckpointsListed
from graphs.learn.fit import BEST, CHECKPOINTS
from graphs.spec.problems import FileError
from graphs.store import read_json
from graphs.store.manifest import MANIFEST, Manifest


def listed(folder: Path) -> CheckpointsListed:
    """Its checkpoints and its best, earliest first; damaged manifests are left out."""
    found = [
        facts
        for place in (CHECKPOINTS, BEST)
        for path in sorted((folder / place).glob("step_*"))
        if (facts := _facts(path, place == BEST)) is not None
    ]
    found.sort(key=lambda facts: (facts.step, facts.best))
    return CheckpointsListed(folder=str(folder), checkpoints=tuple(found))


def _facts(path: Path, best: bool) -> CheckpointFacts | None:
    try:
        manifest = Manifest.model_validate(read_json(path / MANIFEST))
    except (FileError, ValidationError):
        return None  # half written or damaged: nothing that could be loaded
    when = manifest.time.isoformat()
    return CheckpointFacts(
        path=str(path), step=manifest.step, reason=manifest.reason, time=when, best=best
    )
