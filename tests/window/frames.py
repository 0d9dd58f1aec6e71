"""Frame times of the canvas: main-thread milliseconds a frame, by how many nodes a body has.

    DISPLAY=:1 python -m tests.window.frames 50 200 1000 5000

About thirty cards are in view, whatever the total, and the panels are there. "busy" is our own part of
a frame, "whole" is that and the drawing, which a software renderer does on the same processor. A frame
may take 8 ms of ours at 1000 nodes while training runs.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from app.editor.canvas.camera import Camera, Point
from app.editor.canvas.inputs import Mouse
from app.editor.furniture import furnish
from app.editor.gui import dpg
from app.editor.shell import Shell
from app.editor.studio import Selection, Studio
from app.editor.window import shown
from app.engine.events import (
    Event,
    Figures,
    GradientNorms,
    JobFacts,
    JobStarted,
    NodeFinished,
    NodeStarted,
    StepsDone,
)
from app.engine.protocol import Letter
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire
from graphs.spec.edits import Configure
from graphs.spec.plan import Plan
from tests.editor.toys import CATALOGUE

ACROSS, DOWN = 300.0, 190.0
FRAMES = 60
START = Camera(100, 100, 0.72)
Act = Callable[[int], None]


@dataclass(frozen=True)
class Figure:
    """One measure in milliseconds: the median, the worst twentieth, the median with the drawing."""

    what: str
    busy: float
    worst: float = 0.0
    whole: float = 0.0


def field(count: int) -> Document:
    """Nodes in a square, wired from left to right and a few downwards."""
    side = max(round(count**0.5), 1)
    names = [f"n{i}" for i in range(count)]
    nodes = {n: NodeSpec(type="toy/Linear" if i % 3 else "toy/Add") for i, n in enumerate(names)}
    wires = [
        Wire(Pin(names[i - 1], "out"), Pin(names[i], "x")) for i in range(1, count) if i % side
    ]
    wires += [
        Wire(Pin(names[i - side], "out"), Pin(names[i], "x"))
        for i in range(side, count, 3)
        if i % 3 == 0
    ]
    layout = {n: {"x": i % side * ACROSS, "y": i // side * DOWN} for i, n in enumerate(names)}
    return Document(root=GraphSpec(nodes=nodes, wires=wires), layout=layout, plans={"main": Plan()})


def step_of(step: int) -> Figures:
    """What a training says of a step."""
    return Figures(step=step, loss=1 / step, lr=0.1, seconds=0.1, rows=8, grad_norm=1.0)


class Measuring:
    """A window with so many nodes, and the measures of it."""

    def __init__(self, count: int) -> None:
        self.count = count
        document = field(count)
        start = perf_counter()
        self.studio = Studio(document, CATALOGUE)
        self.opened = (perf_counter() - start) * 1000
        self.shell: Shell = shown(self.studio, 1280, 800)
        furnish(self.shell, Path(tempfile.gettempdir(), "no-such-blocks"))
        self.studio.check_now()
        self.board = self.studio.board
        self.board.camera = START
        self.turn(20)
        self.board.camera = START
        gc.freeze()  # as Shell.run does
        self.seen = len(self.studio.scene.grid.within(self.board.view))

    def turn(self, count: int = 1) -> None:
        """So many frames."""
        for _ in range(count):
            self.shell.frame()
            dpg.render_dearpygui_frame()

    def figure(self, what: str, each: Act) -> Figure:
        """What frames take while this happens in each."""
        busy, whole = [], []
        for number in range(FRAMES):
            each(number)
            start = perf_counter()
            self.turn()
            whole.append((perf_counter() - start) * 1000)
            busy.append(self.shell.busy * 1000)
        worst = sorted(busy)[int(FRAMES * 0.95)]
        self.board.camera = START
        return Figure(what, median(busy), worst, median(whole))

    def all(self) -> Iterator[Figure]:
        """Every measure."""
        yield Figure("open", self.opened)
        yield self.figure("nothing happens", lambda _: None)
        yield self.figure("pan", self.pan)
        yield self.figure("zoom", self.zoom)
        self.begin()
        yield self.figure("training", self.train)
        yield self.figure("training and pan", self.train_and_pan)
        self.shell.docks.focus("outline")
        self.turn(6)
        yield self.figure("training and pan, outline shown", self.train_and_pan)
        yield from self.edits()
        yield from self.show_all()
        self.studio.close()

    def pan(self, _: int) -> None:
        """The view moves."""
        self.board.camera = self.board.camera.panned(-9, -5)

    def zoom(self, number: int) -> None:
        """Nearer and farther."""
        factor = 1.04 if number % 30 < 15 else 1 / 1.04
        self.board.camera = self.board.camera.zoomed(factor, Point(600, 400))

    def told(self, event: Event) -> None:
        """The engine says this."""
        self.shell.engine.take(Letter(event))

    def begin(self) -> None:
        """A training of many steps is seen in its panel, and nodes are warm by their gradients."""
        job = JobFacts(job="1", kind="train", title="main", state="running", steps=20_000)
        self.told(JobStarted(job=job))
        steps = tuple(map(step_of, range(1, 10_001)))
        self.told(StepsDone(job="1", figures=steps, steps=20_000))
        self.studio.scene.activity.warm("gradient")
        self.turn(10)

    def train(self, number: int) -> None:
        """What an engine says of ten nodes that ran and of one step."""
        for k in range(10):
            name = f"n{(number * 10 + k) % min(self.count, 60)}"
            self.told(NodeStarted(job="1", path=name, index=k, total=10))
            done = NodeFinished(
                job="1", path=name, index=k, total=10, seconds=0.001 * k, outputs={}
            )
            self.told(done)
        run = self.shell.engine.heard.runs.of["1"]
        self.told(StepsDone(job="1", figures=(step_of(run.step + 1),), steps=20_000))
        if number % 10 == 0:
            norms = {f"n{i}": float(i) for i in range(self.count)}
            self.told(GradientNorms(job="1", step=run.step, norms=norms))

    def train_and_pan(self, number: int) -> None:
        """Both."""
        self.train(number)
        self.pan(number)

    def edits(self) -> Iterator[Figure]:
        """A node is dragged and let go; a setting is changed, taken back; check beside it."""
        studio, board, gestures = self.studio, self.board, self.shell.gestures
        studio.scene.settle()
        self.turn(5)
        name = studio.scene.grid.within(board.view.grown(-120))[0]
        spot = board.camera.to_screen(*studio.scene.card(name).rect.centre)
        studio.select(Selection(frozenset({name})))
        gestures.mouse(Mouse("press", *spot))

        def drag(number: int) -> None:
            gestures.mouse(Mouse("move", spot.x + number * 4, spot.y + number * 2))

        yield self.figure("drag a node", drag)
        yield self.timed("edit: let it go", lambda: gestures.mouse(Mouse("release", *spot)))
        values = iter(range(5, 100))

        def configure() -> None:
            studio.do(Configure(name=name, values={"d_out": next(values)}))

        yield self.timed("edit: a setting, until it is drawn", configure, 5)
        yield self.timed("undo, until it is drawn", studio.undo, 5)
        yield self.timed("its check, in a thread beside", studio.check_now)

    def timed(self, what: str, do: Callable[[], None], rounds: int = 1) -> Figure:
        """What it takes from asking until the frame that shows it is made."""
        taken = []
        for _ in range(rounds):
            start = perf_counter()
            do()
            self.shell.frame()
            taken.append((perf_counter() - start) * 1000)
            dpg.render_dearpygui_frame()
        return Figure(what, median(taken), max(taken))

    def show_all(self) -> Iterator[Figure]:
        """All nodes come into view: how long a frame takes at worst, and then panning."""
        studio, board = self.studio, self.board
        studio.fit()
        board.camera = Camera(board.camera.x, board.camera.y, min(board.camera.zoom, 0.28))
        whole = board.camera
        frames = []
        for _ in range(200):
            self.turn()
            frames.append(self.shell.busy * 1000)
            if not self.shell.painter.busy and len(frames) > 3:
                break
        yield Figure(f"show all, {len(frames)} frames", median(frames), max(frames))
        board.camera = whole
        yield self.figure("pan, all in view", lambda _: self.pan(0))


def figures(count: int, screen: str) -> list[Figure]:
    """The measures for a body of so many nodes, in a process of its own on a display."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.window.frames", "--json", str(count)],
        check=True, stdout=subprocess.PIPE, text=True, env=os.environ | {"DISPLAY": screen},
    )  # fmt: skip
    return [Figure(**item) for item in json.loads(ended.stdout.splitlines()[-1])]


def main() -> None:
    """Each number in a process of its own, as there is one window in a process."""
    if "--json" in sys.argv:
        print(json.dumps([asdict(figure) for figure in Measuring(int(sys.argv[-1])).all()]))
        return
    if len(sys.argv) == 2:
        made = Measuring(int(sys.argv[1]))
        print(f"{made.count} nodes, {made.seen} in view")
        print(f"  {'':36} busy   worst   whole (ms)")
        for figure in made.all():
            print(f"  {figure.what:34} {figure.busy:6.2f} {figure.worst:7.2f} {figure.whole:7.1f}",
                  flush=True)  # fmt: skip
        return
    for count in sys.argv[1:] or ["50", "200", "1000", "5000"]:
        subprocess.run([sys.executable, "-m", "tests.window.frames", count], check=True)


if __name__ == "__main__":
    main()
