"""The catalogue of the last start, kept in the user's cache, so that the window need not wait for torch.

Only the engine can make one; what it sent is kept as it came, with the hash that it goes by.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from app.engine.events import CatalogueSent
from graphs.store.atomic import write_bytes


def cache_file() -> Path:
    """Where it is kept."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "worldloom" / "catalogue.json"


def remembered(path: Path | None = None) -> CatalogueSent | None:
    """What the engine sent at the last start, None where there was none or it is of another version."""
    try:
        return CatalogueSent.model_validate_json((path or cache_file()).read_bytes())
    except (OSError, ValidationError):
        return None


def remember(sent: CatalogueSent, path: Path | None = None) -> None:
    """Keep it for the next start. Raises: OSError."""
    path = path or cache_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, sent.model_dump_json().encode())
