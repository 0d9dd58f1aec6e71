"""The pictures of the README: `python -m tests.window.pictures WORLD.json [NAME ...]` on a machine with xvfb.

WORLD.json is a trained digits world, as `make run` leaves it in out/digits-world. The window is the whole
one with its real engine; everything seen on the pictures is really going on. They go into assets/docs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.workspace import templates
from graphs.store.document_file import read_document
from tests.window.display import display
from tests.window.plays_story import Whole

DOCS = Path(__file__).parents[2] / "assets" / "docs"
TURNS = 6


def opened(template: str) -> Whole:
    """The window on a project of its own, from a template."""
    home = Path(tempfile.mkdtemp()) / f"{template}.json"
    shutil.copy(templates()[template], home)
    return Whole(DOCS, read_document(home), home)


def studio(_: Path) -> None:
    """The digits job while its creator learns, seen from its canvas."""
    s = opened("digits")
    s.studio.choose_plan("create")
    s.work.conduct.start("create", steps=4000)
    s.until(lambda: s.step > 40)
    s.shell.docks.show((), "training")
    s.click(s.seen.card("creator"))
    s.keys("Home")
    s.until(lambda: s.step > 150)
    s.point(700, 200)
    s.frames(20)
    s.picture("studio")
    s.close()


def world(path: Path) -> None:
    """A world that turns."""
    s = Whole(DOCS, read_document(path), path)
    told = s.link.heard.world
    s.frames(20)
    told.action = "more sevens"
    for turn in range(1, TURNS + 1):
        s.shell.actions.run("turn")
        s.until(lambda done=turn: told.turns == done and not told.job)
    s.frames(60)
    s.picture("world")
    s.close()


def lattice(_: Path) -> None:
    """Flows of an energy lattice while it learns."""
    s = opened("lattice-digits")
    s.click(s.seen.card("lattice"))
    s.shell.docks.show(("lattice",), "lattice")
    s.studio.choose_plan("lattice")
    s.work.conduct.start("lattice", steps=2000)
    s.until(lambda: s.step > 60)
    s.shell.docks.show((), "lattice")
    s.until(lambda: s.step > 150)
    s.frames(60)
    s.picture("lattice-studio")
    s.close()


PICTURES: dict[str, Callable[[Path], None]] = {"studio": studio, "world": world, "lattice": lattice}


def main() -> None:
    """Each picture in a process of its own: Dear PyGui allows one window in a process."""
    path, *names = sys.argv[1:]
    if os.environ.get("WORLDLOOM_PICTURE"):
        PICTURES[names[0]](Path(path))
        return
    for name in names or PICTURES:
        with display("1440x900") as number:
            words = [sys.executable, "-m", "tests.window.pictures", path, name]
            subprocess.run(
                words, env=os.environ | {"DISPLAY": number, "WORLDLOOM_PICTURE": "1"}, check=True
            )
        print(f"assets/docs: {name}")


if __name__ == "__main__":
    main()
