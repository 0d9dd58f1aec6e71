"""Running and training in a real window: pressed, watched, paused; the engine killed, and gone on with."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.catalogue_cache import load_catalogue
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.jobs.work import Work
from app.editor.studio import Selection, Studio
from app.editor.window import shown
from app.engine.events import JobFinished
from graphs.spec.document import Document, wire
from graphs.spec.edits import AddNode, Connect
from graphs.spec.plan import Validation
from graphs.store import write_document
from tests.editor.toys import Hands
from tests.engine.desk import chain, leaf, linear, plan
from tests.window.playbill import play
from tests.window.stage import FRAMES, Stage

LONG = 150.0  # seconds after which nothing comes any more
STEPS = 200_000  # no machine comes to their end before the play does


class Desk(Stage):
    """A window whose engine is started, on a project in a folder of its own."""

    def __init__(self, document: Document, project: Path, folder: Path) -> None:
        self.folder = folder
        self.studio = Studio(document, load_catalogue(), project)
        self.shell = shown(self.studio, 1280, 800, engine=EngineLink(self.studio))
        dpg.set_viewport_pos([0, 0])
        self.frames(FRAMES)
        self.studio.check_now()
        self.frames(8)
        self.seen = Hands(self.studio)
        self.link = self.shell.engine
        self.link.start()
        self.until(lambda: self.link.ready and self.link.heard.inspected is not None)

    @property
    def work(self) -> Work:
        assert self.shell.work is not None
        return self.shell.work

    @property
    def step(self) -> int:
        run = self.link.heard.runs.newest
        return run.step if run is not None else 0

    def until(self, test: Callable[[], object]) -> None:
        end = time.monotonic() + LONG
        while not test():
            lines = [line.text for line in self.link.heard.log.lines]
            assert time.monotonic() < end, f"it never came; the log says {lines[-8:]}"
            self.frames(1)

    def close(self) -> None:
        self.link.close()
        super().close()


def world() -> Document:
    """Random rows through two maps to a loss, with a viewer of what comes out."""
    learn = plan(steps=STEPS, every=50, validation=Validation(every=50, split="train", batch=8))
    document = chain({"lin": linear(), "again": linear()}, learn=learn)
    document = AddNode(name="seen", node=leaf("TensorStats"))(document)
    return Connect(wire=wire("again.out -> seen.x"))(document)


@play
def training(folder: Path) -> None:
    """Run, train from the sheet, pause, step, go on; the engine is killed and its training goes on."""
    home = Path(tempfile.mkdtemp())
    project = home / "small.json"
    write_document(project, world())
    s = Desk(world(), project, folder)
    bar = s.work.bar

    s.press(bar.buttons["run"])
    s.until(lambda: s.studio.scene.activity.of("lin").state == "done")
    s.studio.select(Selection(frozenset({"lin"})))
    s.keys("Shift+F5")
    s.until(lambda: [job.title for job in s.link.heard.jobs.over][:1] == ["lin"])

    s.press(bar.buttons["train"])
    sheet = s.shell.requests.popup
    s.until(lambda: "40 parameters in 2 nodes" in dpg.get_value(sheet.summary))
    s.picture("train-sheet")
    s.keys("Enter")
    s.until(lambda: s.step > 60 and s.link.heard.runs.newest.marks)
    s.until(lambda: s.link.heard.samples.jobs)
    s.frames(30)
    s.picture("training")
    assert "training" in s.shell.docks.areas.shown
    assert s.studio.progress

    s.press(bar.buttons["pause"])
    s.until(lambda: s.work.conduct.paused)
    at = s.step
    s.keys("F10")
    s.until(lambda: s.step == at + 1 and s.work.conduct.paused)
    s.press(bar.buttons["pause"])
    s.until(lambda: s.step > at + 60)

    s.studio.scene.activity.warm("gradient")
    s.until(lambda: s.studio.scene.activity.of("lin").heat is not None)
    for name in ("samples", "checkpoints", "queue", "log"):
        s.shell.docks.show((name,), name)
        s.frames(20)
        s.picture(f"panel-{name}")
    s.shell.docks.show((), "training")

    history = len(s.studio.open.history)
    process = s.link.client.process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    s.until(lambda: "resume" in s.work.calm.buttons)
    s.frames(6)
    s.picture("engine-killed")
    s.keys("Ctrl+D")  # the document lives on
    assert len(s.studio.open.history) > history
    s.keys("Ctrl+Z")
    assert s.studio.open.position < len(s.studio.open.history) - 1
    saved = max(each.step for each in s.link.heard.runs.newest.saved)
    s.press(s.work.calm.buttons["resume"])
    s.until(lambda: s.work.calm.window is None and s.link.heard.jobs.active is not None)
    s.until(lambda: s.step > saved + 20)
    losses = list(s.link.heard.runs.newest.series["loss"].steps)
    assert losses == sorted(set(losses))

    s.press(bar.buttons["stop"])
    s.until(lambda: not s.link.busy)
    s.picture("stopped")
    s.close()


@play
def attached(folder: Path) -> None:
    """A window that is closed lets its training go on, and the next one finds it."""
    home = Path(tempfile.mkdtemp())
    project = home / "small.json"
    write_document(project, world())
    s = Desk(world(), project, folder)
    s.work.conduct.start("learn", steps=100_000)
    s.until(lambda: s.step > 5)
    s.keys("Ctrl+Q")
    s.frames(6)
    s.picture("closing")
    s.keys("Enter")  # let it go on
    s.until(lambda: s.studio.closing)
    assert s.link.state == "gone"

    second = EngineLink(s.studio)
    finished = []
    second.listen(lambda event, _: finished.append(isinstance(event, JobFinished)))
    second.start()
    end = time.monotonic() + LONG
    while second.heard.runs.newest is None or second.heard.runs.newest.step < 20:
        assert time.monotonic() < end, "the next window never heard of it"
        second.frame()
        time.sleep(0.01)
    assert second.busy
    assert not any(finished)
    second.close()
    Stage.close(s)
