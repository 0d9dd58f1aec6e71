"""A real editor in a process of its own, with settings of its own, beside the one on the stage."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

from app.editor.settings import SettingsFile

CODE = "import sys; from pathlib import Path; from app.editor import main; main(Path(sys.argv[1]))"
PATIENCE = 120.0  # seconds that something may take that comes by itself


class Other:
    """The editor on a file; it is killed, as by kill -9, when it is left."""

    def __init__(self, home: Path, file: Path) -> None:
        """Its settings, its cache and its drafts are in `home`."""
        self.recovery = home / "state" / "worldloom" / "recovery"
        kept = SettingsFile(home / "config" / "worldloom" / "settings.json")
        kept.change(tour_seen=True, language="en", window={"width": 640, "height": 420})
        kept.close()
        own = {
            f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE")
        }
        self.others = _windows()
        self.process = subprocess.Popen(
            [sys.executable, "-c", CODE, str(file)], env=os.environ | own
        )
        self.wait(lambda: len(_windows()) > len(self.others))
        [self.window] = set(_windows()) - set(self.others)

    def wait(self, until: Callable[[], object], again: Callable[[], None] = lambda: None) -> None:
        """Until something is so; what is done `again` is done every half a second."""
        end = monotonic() + PATIENCE
        while not until():
            assert self.process.poll() is None, "the editor ended"
            assert monotonic() < end, "it did not come"
            again()
            sleep(0.5)

    def keys(self, *combinations: str) -> None:
        """Pressed with the mouse in the middle of its window, which then gives way to the stage's."""
        _hands("windowraise", self.window, "windowmove", self.window, "0", "0")
        _hands("windowfocus", self.window, "mousemove", "--window", self.window, "320", "210")
        _hands("key", "--delay", "60", *combinations)
        _hands("windowmove", self.window, "-640", "0")
        for stage in self.others:
            _hands("windowfocus", stage)

    def kill(self) -> None:
        """It ends without a chance to do anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def other(home: Path, file: Path) -> Iterator[Other]:
    """Another editor on a file, gone at the end whatever came."""
    editor = Other(home, file)
    try:
        yield editor
    finally:
        editor.kill()


def _windows() -> list[str]:
    return _hands("search", "--onlyvisible", "--name", "Worldloom", check=False).split()


def _hands(*words: str, check: bool = True) -> str:
    return subprocess.run(
        ["xdotool", *words], check=check, stdout=subprocess.PIPE, text=True
    ).stdout
