"""The catalogue of the last start, kept in the user's cache, so that the window need not wait for torch.

Only the engine can make one; it is kept with the hash that the engine gives it.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from graphs.spec.catalogue import Catalogue
from graphs.store.atomic import write_bytes


class Remembered(BaseModel):
    """A catalogue and its hash."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    hash: str = ""
    catalogue: Catalogue = Catalogue()


def cache_file() -> Path:
    """Where it is kept."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "worldloom" / "catalogue.json"


def remembered(path: Path | None = None) -> Remembered:
    """What the engine sent last; an empty catalogue where it never did or sent another version's."""
    try:
        return Remembered.model_validate_json((path or cache_file()).read_bytes())
    except (OSError, ValidationError):
        return Remembered()


def remember(what: Remembered, path: Path | None = None) -> None:
    """Keep it for the next start. Raises: OSError."""
    path = path or cache_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, what.model_dump_json().encode())
