"""The whole story, by hand, in the whole window with its real engine.

Somebody who has an empty canvas drags three blocks onto it, wires them, makes a plan, toggles a node,
groups it, runs, trains, takes everything back and does it again, exports the world and opens it anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.catalogue_cache import load_catalogue
from app.editor.canvas.camera import Point
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.window import create, dressed
from graphs.spec.document import Document
from graphs.store import import_world
from tests.editor.toys import Hands
from tests.window.playbill import play
from tests.window.plays_inspector import Form
from tests.window.plays_jobs import Desk
from tests.window.plays_panels import press, spot, thing
from tests.window.stage import FRAMES, labelled

BLOCKS = {  # the heading that it is under, and where it is dropped
    "RandomTensor": ("data", Point(60, 120)),
    "Linear": ("layers", Point(330, 120)),
    "MSELoss": ("learning", Point(600, 200)),
}
STEPS = 60


class Whole(Desk):
    """The window as a person has it, at first without settings."""

    def __init__(
        self, folder: Path, document: Document | None = None, path: Path | None = None
    ) -> None:
        self.folder = folder
        self.studio = Studio(document or Document(), load_catalogue(), path)
        create(1440, 900)
        self.shell = dressed(self.studio, EngineLink(self.studio), SettingsFile())
        dpg.show_viewport()
        dpg.set_viewport_pos([0, 0])
        self.frames(FRAMES)
        self.seen = Hands(self.studio)
        self.link = self.shell.engine
        self.link.start()
        self.until(lambda: self.link.ready)
        self.frames(8)

    def port(self, name: str, port: str, side: str) -> Point:
        return self.seen.port(f"{name}.{port}", side)

    def wire(self, source: str, target: str) -> None:
        """A wire, drawn from an output to an input."""
        (a, out), (b, into) = source.split("."), target.split(".")
        self.drag(self.port(a, out, "out"), self.port(b, into, "in"))


@play
def story(folder: Path) -> None:
    """Drag, wire, plan, toggle, group, run, train, undo all, redo all, export, reopen."""
    home = Path(tempfile.mkdtemp())
    s = Whole(folder)
    built(s)
    planned(s)
    toggled(s)
    saved(s, home / "first.json")
    ran(s)
    trained(s, home / "runs")
    undone(s)
    exported(s, home / "first.world")
    s.close()


def built(s: Whole) -> None:
    """Three blocks out of the palette, three wires, two settings."""
    for title, (section, at) in BLOCKS.items():
        press(s, spot(s, "palette", _heading(section)))
        canvas = s.shell.docks.rects["canvas"]
        row = spot(s, "palette", thing(title, section))
        s.point(*row)
        s.down()
        s.point(row.x + 30, row.y + 6)
        s.point(canvas.x + at.x, canvas.y + at.y)
        s.frames(3)
        s.up()
        press(s, spot(s, "palette", _heading(section)))
    assert s.nodes == ["linear", "mseloss", "random_tensor"], s.nodes
    s.keys("Home")
    s.wire("random_tensor.out", "linear.x")
    s.wire("linear.out", "mseloss.x")
    s.wire("random_tensor.out", "mseloss.target")
    assert len(s.wires) == 3, s.wires
    s.click(s.seen.card("linear"))
    form = Form(s)
    for name in ("d_in", "d_out"):
        form.write("1", name, times=2)
    s.until(lambda: not s.studio.scene.inspection.errors)


def _heading(section: str) -> Callable[[Any], bool]:
    return lambda key: getattr(key, "name", "") == section


def planned(s: Whole) -> None:
    """A plan, which finds the loss by itself."""
    s.shell.docks.focus("plan")
    s.frames(6)
    s.press(labelled("New", s.shell.docks.items["right"]))
    assert [loss.port for loss in s.studio.document.plans["plan"].losses] == ["mseloss.out"]
    form = Form(s, "plan")
    form.write(str(STEPS), "steps", times=2)
    form.write("0.1", "optimiser", "lr", times=2)
    assert s.studio.document.plans["plan"].steps == STEPS


def toggled(s: Whole) -> None:
    """The chip goes round: trainable, frozen, LoRA; then a group is a node that trains."""
    seen = []
    for _ in range(3):
        s.click(s.seen.chip("linear"))
        chip = s.studio.scene.card("linear").chip
        assert chip is not None
        seen.append(chip.mode)
    assert set(seen) >= {"frozen", "lora"}, seen
    while s.studio.scene.card("linear").chip.mode != "train":
        s.click(s.seen.chip("linear"))
    s.click(s.seen.card("linear"))
    s.keys("Ctrl+G")
    assert "linear" not in s.nodes
    assert s.chosen == ["graph"], s.chosen
    s.until(lambda: not s.studio.scene.inspection.problems)
    s.picture("story-built")


def saved(s: Whole, path: Path) -> None:
    s.keys("Ctrl+S")
    s.write(str(path))
    s.keys("Enter")
    s.until(lambda: path.exists() and not s.studio.open.dirty)


def ran(s: Whole) -> None:
    s.press(s.work.bar.buttons["run"])
    s.until(lambda: s.studio.scene.activity.of("mseloss").state == "done")


def trained(s: Whole, runs: Path) -> None:
    """The sheet says what will train; it learns, to the end."""
    s.press(s.work.bar.buttons["train"])
    sheet = s.shell.requests.popup
    s.until(lambda: "2 parameters" in dpg.get_value(sheet.summary))
    s.keys("Enter")
    s.until(lambda: s.step == STEPS and not s.link.busy)
    run = s.link.heard.runs.newest
    losses = run.series["loss"].values
    assert losses[-1] < losses[0] / 10
    s.frames(20)
    s.picture("story-trained")
    assert list(runs.rglob("step_*")), "no checkpoint was written"


def undone(s: Whole) -> None:
    """Everything is taken back, to the empty canvas, and done again; what was learned stays."""
    whole, steps = s.studio.document, s.studio.open.position
    assert steps > 10
    s.click(Point(10, 10))
    for _ in range(steps):
        s.keys("Ctrl+Z")
    assert s.studio.document == Document()
    for _ in range(steps):
        s.keys("Ctrl+Shift+Z")
    assert s.studio.document == whole
    s.until(lambda: not s.studio.scene.inspection.problems)


def exported(s: Whole, path: Path) -> None:
    """One file holds the world; opened anew it is the same, with the weights that were learned."""
    s.shell.actions.run("export world")
    s.frames(6)
    s.write(str(path))
    s.keys("Enter")
    s.until(path.exists)
    s.frames(10)
    world = import_world(path)
    assert world.document.root == s.studio.document.root
    weights = {name: tensor.clone() for name, tensor in world.tensors.items()}
    assert sorted(weights) == ["graph.linear.map.bias", "graph.linear.map.weight"]
    assert abs(float(weights["graph.linear.map.weight"]) - 1) < 1
    s.keys("Ctrl+O")
    s.frames(6)
    s.write(str(path))
    s.keys("Enter")
    s.until(lambda: s.studio.open.position == 0 and "graph" in s.nodes)
    s.picture("story-reopened")
