"""Every gesture with real mouse and keys in a real window, each play in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

NEEDED = ("Xvfb", "xdotool")
LACKING = [tool for tool in NEEDED if shutil.which(tool) is None]
pytestmark = pytest.mark.skipif(
    bool(LACKING), reason=f"needs {', '.join(LACKING)}: apt-get install xvfb xdotool"
)
PLAYS = [
    "view",
    "carry",
    "wiring",
    "search",
    "bodies",
    "decorations",
    "menus",
    "digits",
    "files",
    "inspector",
    "lattice",
]


Ended = subprocess.CompletedProcess[str]


@contextmanager
def display() -> Iterator[str]:
    """A display of our own; the X server says itself which number is free."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def played(pytestconfig: pytest.Config) -> Iterator[dict[str, Future[Ended]]]:
    """All plays, two at a time, each on a display of its own."""
    root = Path(pytestconfig.rootpath)
    folder = root / "out" / "window"
    folder.mkdir(parents=True, exist_ok=True)

    def run(name: str) -> Ended:
        with display() as number:
            return subprocess.run(
                [sys.executable, "-m", "tests.window.stage", name, str(folder)],
                cwd=root, env=os.environ | {"DISPLAY": number},
                capture_output=True, text=True, timeout=180, check=False,
            )  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(run, name) for name in PLAYS}


@pytest.mark.parametrize("name", PLAYS)
def test_the_play(name: str, played: dict[str, Future[Ended]]) -> None:
    ended = played[name].result()
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    assert "played" in ended.stdout


def test_every_play_is_run() -> None:
    found = []
    for path in sorted(Path(__file__).parent.glob("plays*.py")):
        text = path.read_text(encoding="utf-8")
        found += [line.split("(")[0][4:] for line in text.split("@play\n")[1:]]
    assert found == PLAYS
