"""B11: the editor's window: our part of a frame, by how many nodes there are, edits, and the first frame.

Main-thread work of a frame may take 8 ms with a thousand nodes on the canvas, about thirty of them in
view, while training runs; the window with its catalogue comes within a second of a warm start. The
window is real, on a display of its own (Xvfb); where there is none nothing is measured.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.editor.catalogue_file import Remembered, remember
from tests.bench.measure import Row, Times, once, seconds
from tests.bench.size import Size
from tests.bench.worlds import catalogue
from tests.window.display import display, lacking
from tests.window.frames import Figure, figures
from tests.window.world_frames import figures as world_figures

COUNTS = (50, 200, 1000, 5000)
BUSY, FIRST = 8.0, 1.0  # ms of a frame, s to the first
JUDGED = "training and pan"
TOLD = (
    "nothing happens", JUDGED, "training and pan, outline shown", "drag a node",
    "edit: a setting, until it is drawn", "undo, until it is drawn",
)  # fmt: skip
TEMPLATE = Path(__file__).parents[2] / "assets" / "templates" / "digits.json"


def rows(size: Size) -> Iterator[Row]:
    if lacking("Xvfb"):
        yield Row("B11", "the editor's window", "not measured: needs Xvfb (apt-get install xvfb)")
        return
    with display("1440x900") as screen:
        yield _first(screen, 3 if size.quick else 9)
        for count in COUNTS[::2] if size.quick else COUNTS:
            for figure in figures(count, screen):
                if figure.what in TOLD:
                    yield _row(count, figure)
        for figure in world_figures(screen):
            ours = f"{figure.busy:.2f} ms (95 % within {figure.worst:.2f} ms)"
            met = figure.busy <= BUSY
            yield Row("B11", f"frame: {figure.what}", ours, limit=f"≤ {BUSY:.0f} ms", met=met)


def _row(count: int, figure: Figure) -> Row:
    frame = figure.whole > 0
    what = f"{'frame: ' if frame else ''}{figure.what}, {count} nodes"
    worst = f" (95 % within {figure.worst:.2f} ms)" if frame else f" (at most {figure.worst:.2f})"
    ours = f"{figure.busy:.2f} ms{worst}"
    if figure.what != JUDGED:
        return Row("B11", what, ours)
    judged = count == 1000
    met = figure.busy <= BUSY if judged else None
    return Row("B11", what, ours, limit=f"≤ {BUSY:.0f} ms" if judged else "", met=met)


def _first(screen: str, rounds: int) -> Row:
    """From the start of the process until the first frame is there; the first round warms the disk.

    It also writes the bytecode, which an installed program has, and a checkout may be told not to keep.
    """
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder, "catalogue.json")
        remember(Remembered(hash="x", catalogue=catalogue()), known)
        taken = [_start(screen, known, folder) for _ in range(rounds + 1)][1:]
    times = Times(tuple(taken))
    empty = once(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    what = f"start to first frame, warm (Python alone: {seconds(empty)})"
    return Row("B11", what, str(times), limit=f"≤ {FIRST:.0f} s", met=times.median <= FIRST)


def _start(screen: str, known: Path, bytecode: str) -> float:
    words = [sys.executable, "-m", "tests.window.first_frame", str(TEMPLATE), str(known)]
    around = os.environ | {
        "DISPLAY": screen,
        "PYTHONPYCACHEPREFIX": bytecode,
        "PYTHONDONTWRITEBYTECODE": "",
    }
    start = time.perf_counter()
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=around) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter() - start
        process.stdout.read()
    assert line.strip() == "shown", "no frame came"
    return taken
