"""How a person likes the studio: one frozen value, kept in a file of theirs.

A file that is broken or from a newer version is set aside, not overwritten, and the studio starts with
defaults; a single setting that no longer fits falls back alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graphs.spec.problems import FileError
from graphs.store.atomic import write_bytes

VERSION = 1
RECENT = 12  # files that are remembered
USED = 24  # things of the palette that are


class PanelPlace(BaseModel):
    """Where a panel is and whether it is seen."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    area: Literal["left", "right", "bottom"]
    shown: bool


class WindowPlace(BaseModel):
    """The size of the window, and how much of it the areas take. Units: pixels."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    width: Annotated[int, Field(ge=640, le=20000)] = 1440
    height: Annotated[int, Field(ge=420, le=20000)] = 900
    left: Annotated[float, Field(ge=40, le=4000)] = 264.0
    right: Annotated[float, Field(ge=40, le=4000)] = 320.0
    bottom: Annotated[float, Field(ge=40, le=4000)] = 220.0


class Settings(BaseModel):
    """Every setting with its default."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    theme: Literal["dark", "light", "high contrast"] = "dark"
    language: Literal["", "en", "ru"] = ""  # "" as the system says
    text_size: Annotated[int, Field(ge=12, le=28)] = 17
    scale: Annotated[float, Field(ge=0.75, le=3.0)] = 1.0
    autosave: bool = True
    snap: bool = True
    minimap: bool = True
    tour_seen: bool = False
    window: WindowPlace = WindowPlace()
    panels: Mapping[str, PanelPlace] = Field(default_factory=dict)
    shortcuts: Mapping[str, str] = Field(default_factory=dict)  # only what differs from the table
    recent: tuple[str, ...] = ()  # files, the newest first
    favourites: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()  # that were marked
    used: tuple[str, ...] = ()  # things of the palette, the newest first


DEFAULTS = Settings()


class SettingsFile:
    """The one owner of a person's settings. Changes are written at once, beside the window."""

    def __init__(self, path: Path | None = None) -> None:
        """Settings that are kept in no file without a path. `faults` say what was wrong with it."""
        self.path = path
        self.faults: list[str] = []
        self.value = DEFAULTS
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="settings")
        self._listeners: list[Callable[[Settings], None]] = []
        if path is not None:
            self._read(path)

    def change(self, **fields: Any) -> None:
        """These settings hold from now on. Raises: ValidationError when one of them cannot be."""
        new = Settings.model_validate({**dict(self.value), **fields})
        if new == self.value:
            return
        self.value = new
        if self.path is not None:
            self._writer.submit(_write, self.path, new)
        for listener in list(self._listeners):
            listener(new)

    def listen(self, listener: Callable[[Settings], None]) -> None:
        """Tell this one after every change."""
        self._listeners.append(listener)

    def opened(self, path: Path) -> None:
        """A file was opened or saved: it is the newest of the recent ones."""
        name = str(path.absolute())
        others = [one for one in self.value.recent if one != name]
        self.change(recent=(name, *others)[:RECENT])

    def used(self, key: str) -> None:
        """A thing of the palette was put somewhere: it is the newest of those that were."""
        others = [one for one in self.value.used if one != key]
        self.change(used=(key, *others)[:USED])

    def close(self) -> None:
        """Everything is on the disk."""
        self._writer.shutdown(wait=True)

    def _read(self, path: Path) -> None:
        try:
            data = json.loads(path.read_bytes())
        except FileNotFoundError:
            return
        except (OSError, ValueError, RecursionError) as error:
            self._set_aside(path, f"cannot be read: {error}")
            return
        if not isinstance(data, dict):
            self._set_aside(path, "holds no settings")
            return
        version = data.pop("version", 1)
        if not isinstance(version, int) or version > VERSION:
            self._set_aside(path, f"is of version {version}, this program writes {VERSION}")
            return
        self.value = self._fitting(path, data)

    def _fitting(self, path: Path, data: dict[str, Any]) -> Settings:
        """The settings that can be taken; the others keep their defaults."""
        while True:
            try:
                return Settings.model_validate(data)
            except ValidationError as error:
                wrong = {str(fault["loc"][0]) for fault in error.errors()}
                names = ", ".join(sorted(wrong))
                self.faults.append(f"{path}: {names}: not as expected, the default is used")
                data = {name: value for name, value in data.items() if name not in wrong}

    def _set_aside(self, path: Path, why: str) -> None:
        """Our defaults will be written where it was: it is kept under another name."""
        aside = path.with_name(f"{path.name}.aside")
        with suppress(OSError):  # it cannot be read, so perhaps not renamed; the fault says enough
            os.replace(path, aside)
        self.faults.append(f"{path} {why}; it is now {aside.name}, and the defaults are used")


def _write(path: Path, settings: Settings) -> None:
    data = {"version": VERSION, **settings.model_dump(mode="json")}
    text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True)
    with suppress(OSError, FileError):  # no room or no right to write: they hold until the end
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, text.encode() + b"\n")
