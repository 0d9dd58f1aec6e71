"""The catalogue of installed blocks without torch: kept in a file, made again when it may be stale.

Reading every block's signature means importing every pack, and with it torch: seconds. What comes out
is plain data, the same until something is installed or a pack's source changes; a key of both
says when that is. The file is a convenience: where it cannot be kept, it is made each time.
"""

from __future__ import annotations

import hashlib
import json
import os
import site
import sys
from collections.abc import Iterator
from importlib.machinery import all_suffixes
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from graphs.spec.catalogue import Catalogue
from graphs.spec.problems import FileError
from graphs.store.atomic import write_bytes

GROUP = "worldloom.blocks"  # graphs.live.registry reads the same; importing it imports torch
ENGINE = "graphs"  # how signatures are read, and what a catalogue holds
SUFFIXES = tuple(all_suffixes())


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str
    catalogue: Catalogue


def load_catalogue() -> Catalogue:
    """Every installed block type as data; without importing torch when nothing has changed."""
    key, file = catalogue_key(), cache_file()
    if key and file is not None:
        kept = _read(file)
        if kept is not None and kept.key == key:
            return kept.catalogue
    # What was imported before may be older than the files that the key was made from.
    imported = {f"{ENGINE}.live", *_packs()}.intersection(sys.modules)
    from graphs.live.registry import Registry

    catalogue = Registry.installed().catalogue()
    whole = not catalogue.broken  # what failed may work the next time
    if key and file is not None and whole and not imported:
        _write(file, _Kept(key=key, catalogue=catalogue))
    return catalogue


def catalogue_key() -> str:
    """What the catalogue depends on, as a digest; "" when a pack's files cannot be seen."""
    facts: list[object] = [sys.version, sorted(_distributions())]
    facts += [(entry.name, entry.value) for entry in sorted(entry_points(group=GROUP))]
    for package in sorted({ENGINE, *_packs()}):
        sources = _sources(package)
        if not sources:
            return ""
        facts.append((package, sources))
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _packs() -> set[str]:
    """The outermost packages that blocks are declared in."""
    values = (entry.value for entry in entry_points(group=GROUP))  # one may be written wrongly
    return {value.partition(":")[0].partition(".")[0] for value in values}


def cache_file() -> Path | None:
    """Where this environment's catalogue is kept, None where nobody has a home."""
    try:
        if sys.platform == "win32":
            local = os.environ.get("LOCALAPPDATA")
            folder = Path(local) if local else Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            folder = Path.home() / "Library" / "Caches"
        else:
            asked = Path(os.environ.get("XDG_CACHE_HOME", ""))
            folder = asked if asked.is_absolute() else Path.home() / ".cache"
    except RuntimeError:  # no HOME, and no such user
        return None
    environment = hashlib.sha256(f"{sys.prefix} {sys.version}".encode()).hexdigest()[:12]
    return folder / "worldloom" / f"catalogue-{environment}.json"


def _distributions() -> Iterator[str]:
    """What is installed in this environment; the names of the folders tell the version as well.

    Not all of sys.path: where a program was started from says nothing of what is installed.
    """
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    for place in {*site.getsitepackages(), *user}:
        try:
            with os.scandir(place) as entries:
                yield from (e.name for e in entries if e.name.endswith((".dist-info", ".egg-info")))
        except OSError:  # a folder that is not there: Python passes over it too
            continue


def _sources(package: str) -> list[tuple[str, int, int]]:
    """(path, time of change, size) of every module of a package; none when it is not in files."""
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    files = [file for place in places for file in _modules(place)]
    if not places and spec.origin is not None and Path(spec.origin).is_file():
        files = [Path(spec.origin)]
    facts = [(str(file), file.stat()) for file in files]
    return sorted((name, stat.st_mtime_ns, stat.st_size) for name, stat in facts)


def _modules(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (Path(place, name) for name in names if name.endswith(SUFFIXES))


def _read(file: Path) -> _Kept | None:
    try:
        return _Kept.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):  # none yet, not ours to read, or of another version
        return None


def _write(file: Path, kept: _Kept) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, kept.model_dump_json().encode())
    except (OSError, FileError):  # a read-only home: the next start is slow again, and right
        return
