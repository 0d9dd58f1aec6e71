"""Frame times of the canvas: main-thread milliseconds a frame, by how many nodes a body has.

    DISPLAY=:1 python -m tests.window.frames 50 200 1000 5000

About thirty cards are in view, whatever the total. "busy" is our own part of a frame, "whole" is that
and the drawing, which a software renderer does on the same processor. A frame may take 8 ms of ours at
1000 nodes while training runs.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from app.editor.canvas.camera import Camera, Point
from app.editor.canvas.inputs import Mouse
from app.editor.gui import dpg
from app.editor.shell import Shell
from app.editor.studio import Selection, Studio
from app.editor.window import shown
from app.engine.events import Figures, GradientNorms, NodeFinished, NodeStarted, StepsDone
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire
from graphs.spec.plan import Plan
from tests.editor.toys import CATALOGUE

ACROSS, DOWN = 300.0, 190.0
FRAMES = 60


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


def measured(shell: Shell, each: Callable[[int], None]) -> str:
    """Median and worst twentieth of our part of a frame, and the median of the whole, in ms."""
    busy, whole = [], []
    for number in range(FRAMES):
        each(number)
        start = perf_counter()
        shell.frame()
        dpg.render_dearpygui_frame()
        whole.append((perf_counter() - start) * 1000)
        busy.append(shell.busy * 1000)
    worst = sorted(busy)[int(FRAMES * 0.95)]
    return f"{median(busy):5.2f} {worst:6.2f} {median(whole):6.1f}"


def one(count: int) -> None:
    """All measures for a body of so many nodes; a line each."""
    document = field(count)
    start = perf_counter()
    studio = Studio(document, CATALOGUE)
    made = perf_counter() - start
    shell = shown(studio, 1280, 800)
    studio.check_now()
    start_camera = Camera(100, 100, 0.72)
    studio.board.camera = start_camera
    for _ in range(20):
        shell.frame()
        dpg.render_dearpygui_frame()
    studio.board.camera = start_camera
    gc.freeze()  # as Shell.run does
    seen = len(studio.scene.grid.within(studio.board.view))
    board, gestures = studio.board, shell.gestures
    print(f"{count} nodes, {seen} in view; opened in {made * 1000:.0f} ms")
    print(f"  {'':28} busy  worst   whole (ms)")

    def still(_: int) -> None: ...

    def pan(_: int) -> None:
        board.camera = board.camera.panned(-9, -5)

    def zoom(number: int) -> None:
        factor = 1.04 if number % 30 < 15 else 1 / 1.04
        board.camera = board.camera.zoomed(factor, Point(600, 400))

    def train(number: int) -> None:
        for k in range(10):
            name = f"n{(number * 10 + k) % min(count, 60)}"
            studio.hear_engine(NodeStarted(job="1", path=name, index=k, total=10))
            studio.hear_engine(
                NodeFinished(job="1", path=name, index=k, total=10, seconds=0.001 * k, outputs={})
            )
        figures = (Figures(step=number, loss=1.0, lr=0.1, seconds=0.1, rows=8),)
        studio.hear_engine(StepsDone(job="1", figures=figures))
        if number % 10 == 0:
            norms = {f"n{i}": float(i) for i in range(count)}
            studio.hear_engine(GradientNorms(job="1", step=number, norms=norms))

    def train_and_pan(number: int) -> None:
        train(number)
        pan(number)

    for title, each in (("nothing happens", still), ("pan", pan), ("zoom", zoom)):
        print(f"  {title:26} {measured(shell, each)}", flush=True)
        board.camera = start_camera
    print(f"  {'training':26} {measured(shell, train)}", flush=True)
    print(f"  {'training and pan':26} {measured(shell, train_and_pan)}", flush=True)
    board.camera = start_camera
    studio.scene.settle()
    for _ in range(5):
        shell.frame()
        dpg.render_dearpygui_frame()
    name = studio.scene.grid.within(board.view.grown(-120))[0]
    spot = board.camera.to_screen(*studio.scene.card(name).rect.centre)
    studio.select(Selection(frozenset({name})))
    gestures.mouse(Mouse("press", *spot))

    def drag(number: int) -> None:
        gestures.mouse(Mouse("move", spot.x + number * 4, spot.y + number * 2))

    print(f"  {'drag a node':26} {measured(shell, drag)}", flush=True)
    start = perf_counter()
    gestures.mouse(Mouse("release", spot.x + 200, spot.y + 100))
    edit = (perf_counter() - start) * 1000
    start = perf_counter()
    studio.check_now()
    print(f"  the edit {edit:.1f} ms, its check beside {1000 * (perf_counter() - start):.0f} ms")
    studio.fit()
    board.camera = Camera(board.camera.x, board.camera.y, min(board.camera.zoom, 0.28))
    frames = []
    for _ in range(200):
        shell.frame()
        dpg.render_dearpygui_frame()
        frames.append(shell.busy * 1000)
        if not shell.painter.busy and len(frames) > 3:
            break
    print(f"  show all: {len(frames)} frames, the worst {max(frames):.1f} ms")
    print(f"  {'pan, all in view':26} {measured(shell, pan)}", flush=True)
    studio.close()


def main() -> None:
    """Each number in a process of its own, as there is one window in a process."""
    if len(sys.argv) == 2:
        one(int(sys.argv[1]))
        return
    for count in sys.argv[1:] or ["50", "200", "1000", "5000"]:
        subprocess.run([sys.executable, "-m", "tests.window.frames", count], check=True)


if __name__ == "__main__":
    main()
