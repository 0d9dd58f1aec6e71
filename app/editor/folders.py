"""Where the program keeps what belongs to a person: settings, recovery files, the catalogue."""

from __future__ import annotations

from pathlib import Path

from platformdirs import PlatformDirs

_DIRS = PlatformDirs("worldloom", appauthor=False)


def settings_file() -> Path:
    """How a person likes the studio."""
    return Path(_DIRS.user_config_path) / "settings.json"


def recovery_folder() -> Path:
    """What was not saved yet, for when the program is killed."""
    return Path(_DIRS.user_state_path) / "recovery"


def block_folder() -> Path:
    """The blocks that a person saved, a file each."""
    return Path(_DIRS.user_data_path) / "blocks"


def cache_folder() -> Path:
    """What can be made again."""
    return Path(_DIRS.user_cache_path)


def shown(path: Path) -> str:
    """A path as people read it: their own folder is "~"."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
