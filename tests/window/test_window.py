"""Every gesture with real mouse and keys in a real window, each play in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.window.display import display, lacking
from tests.window.playbill import names

LACKING = lacking()
pytestmark = pytest.mark.skipif(
    bool(LACKING), reason=f"needs {', '.join(LACKING)}: apt-get install xvfb xdotool"
)
PLAYS = names()


Ended = subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def played(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Ended]]]:
    """The plays that were asked for, two at a time, each on a display of its own."""
    root = Path(request.config.rootpath)
    asked = {item.callspec.params["name"] for item in request.session.items if hasattr(item, "callspec")
             and "played" in item.fixturenames}  # fmt: skip
    folder = root / "out" / "window"
    folder.mkdir(parents=True, exist_ok=True)

    def run(name: str) -> Ended:
        with display() as number:
            return subprocess.run(
                [sys.executable, "-m", "tests.window.stage", name, str(folder)],
                cwd=root, env=os.environ | {"DISPLAY": number},
                capture_output=True, text=True, timeout=420, check=False,
            )  # fmt: skip

    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(run, name) for name in PLAYS if name in asked}


@pytest.mark.parametrize("name", PLAYS)
def test_the_play(name: str, played: dict[str, Future[Ended]]) -> None:
    ended = played[name].result()
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    assert "played" in ended.stdout
