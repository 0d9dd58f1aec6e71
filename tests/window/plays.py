"""Plays on the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.editor.canvas.arrangement import decor, folded, place_of, route
from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from app.editor.studio import Selection
from app.engine.events import (
    Inspected,
    JobFacts,
    JobFailed,
    NodeFacts,
    NodeFinished,
    NodeStarted,
    Preview,
)
from graphs.spec.document import NodeSpec, wire
from graphs.spec.edits import AddNode, Configure, SetLayout
from graphs.store.document_file import read_document
from tests.editor.toys import chain
from tests.window.playbill import play
from tests.window.stage import Stage

EMPTY = Point(500, 560)
DIGITS = Path(__file__).parents[2] / "assets" / "templates" / "digits.json"


def opened(folder: Path) -> Stage:
    """Three nodes in a row, a free one below, at zoom 1."""
    document = AddNode(name="free", node=NodeSpec(type="toy/Linear"))(chain("a", "b"))
    document = AddNode(name="say", node=NodeSpec(type="toy/Say"))(document)
    document = AddNode(name="wide", node=NodeSpec(type="toy/Linear"))(document)
    document = Configure(name="wide", values={"d_in": 9})(document)
    for name, x, y in (("free", 320, 320), ("say", 640, 320), ("wide", 960, 320)):
        document = SetLayout(key=name, value={"x": x, "y": y})(document)
    stage = Stage(document, folder)
    stage.studio.board.camera = type(stage.studio.board.camera)(-60, -60, 1.0)
    stage.frames()
    return stage


@play
def view(folder: Path) -> None:
    """Pan, zoom, fit, minimap."""
    s = opened(folder)
    before = s.seen.card("a")
    s.drag(EMPTY, Point(EMPTY.x + 60, EMPTY.y - 40), button=2)
    assert s.seen.card("a") == Point(before.x + 60, before.y - 40)
    s.hold("space")
    s.drag(EMPTY, Point(EMPTY.x - 60, EMPTY.y + 40))
    s.let_go("space")
    assert s.seen.card("a") == before
    spot = s.seen.card("a")
    s.move(spot)
    for _ in range(5):
        s.tool("click", "4")
    assert abs(s.seen.card("a").x - spot.x) < 1
    assert s.studio.board.camera.zoom > 1.9
    s.picture("zoomed-in")
    from app.editor.canvas.hitting import map_of

    small = map_of(s.studio)
    assert small is not None
    s.click(Point(*small.to_screen(s.studio.scene.card("say").rect).centre))
    assert s.studio.board.view.holds(*s.studio.scene.card("say").rect.centre)
    s.keys("Home")
    assert all(s.studio.board.view.covers(r) for r in s.studio.scene.rects().values())
    s.click(s.seen.card("b"))
    s.keys("F")
    assert abs(s.studio.board.view.centre.x - s.studio.scene.card("b").rect.centre.x) < 1
    for _ in range(14):
        s.tool("click", "5")
    assert s.studio.board.camera.zoom < 0.3
    s.picture("far-away")
    s.close()


@play
def carry(folder: Path) -> None:
    """Choose, box, carry with snap, undo and redo, insert into a wire."""
    s = opened(folder)
    s.click(s.seen.card("a"))
    assert s.chosen == ["a"]
    start = s.seen.card("a")
    s.drag(start, Point(start.x, start.y + 96))
    assert place_of(s.studio.document, "a") == Point(320, 96)
    s.keys("Ctrl+Z")
    assert place_of(s.studio.document, "a") == Point(320, 0)
    s.keys("Ctrl+Shift+Z")
    assert place_of(s.studio.document, "a") == Point(320, 96)
    s.keys("Ctrl+Z")
    a, b = s.seen.card("a"), s.seen.card("b")
    s.move(Point(a.x - 120, 20))
    s.down()
    s.glide(Point(a.x - 120, 20), Point(b.x + 20, b.y + 40))
    s.picture("box")
    s.up()
    assert s.chosen == ["a", "b"]
    s.click(EMPTY)
    middle = s.seen.on_wire("a.out -> b.x")
    rect = s.studio.scene.card("free").rect
    grip = s.seen.card("free")
    end = Point(middle.x, middle.y + rect.height / 2 - 5)
    s.move(grip)
    s.down()
    s.glide(grip, Point(grip.x, grip.y - 60), end)
    s.picture("inserting")
    s.up()
    assert {"a.out -> free.x", "free.out -> b.x"} <= set(s.wires)
    s.close()


@play
def wiring(folder: Path) -> None:
    """Draw, refuse with a reason, rewire, cut, bend, wire by keys, delete and keep the path."""
    s = opened(folder)
    out = s.seen.port("b.out", "out")
    s.move(out)
    s.down()
    s.glide(out, s.seen.port("wide.x", "in"))
    s.picture("refused")
    assert "takes b 9" in s.shell.gestures.overlay().words
    s.glide(s.seen.port("wide.x", "in"), s.seen.port("say.x", "in"))
    assert "takes text" in s.shell.gestures.overlay().words
    s.glide(s.seen.port("say.x", "in"), s.seen.port("free.x", "in"))
    s.picture("fits")
    s.up()
    assert "b.out -> free.x" in s.wires
    s.drag(s.seen.port("free.x", "in"), Point(700, 600))
    assert "b.out -> free.x" not in s.wires
    middle = s.seen.on_wire("a.out -> b.x")
    s.drag(middle, Point(middle.x, middle.y + 120))
    assert len(route(s.studio.document, "", wire("a.out -> b.x"))) == 1
    s.click(EMPTY)
    s.picture("bent")
    s.keys("Ctrl+Z")
    s.hold("alt")
    s.drag(Point(middle.x, middle.y - 80), Point(middle.x, middle.y + 60))
    s.let_go("alt")
    assert "a.out -> b.x" not in s.wires
    s.click(s.seen.card("a"))
    s.keys("W")
    s.picture("by-keys")
    s.keys("Enter")
    assert any(w.startswith("a.out -> ") for w in s.wires)
    s.keys("Ctrl+Z", "Ctrl+Z")
    s.click(s.seen.card("a"))
    s.keys("Delete")
    assert "source.out -> b.x" in s.wires
    s.close()


@play
def search(folder: Path) -> None:
    """A wire let go on nothing searches for what fits; the palette does what is written."""
    s = opened(folder)
    s.drag(s.seen.port("b.out", "out"), Point(700, 520))
    assert s.shell.requests.open
    s.write("add")
    s.picture("search")
    s.keys("Enter")
    assert "b.out -> add.x" in s.wires
    assert s.chosen == ["add"]
    s.double(Point(150, 480))
    s.write("lin")
    s.keys("Down", "Up", "Enter")
    assert "linear" in s.nodes
    s.keys("Ctrl+P")
    s.write("select all")
    s.picture("palette")
    s.keys("Enter")
    assert s.chosen == s.nodes
    s.keys("Ctrl+P", "Escape")
    assert not s.shell.requests.open
    s.close()


@play
def bodies(folder: Path) -> None:
    """Group, enter, leave, rename, fold, chip, copy and paste."""
    s = opened(folder)
    s.click(s.seen.card("a"))
    s.hold("shift")
    s.click(s.seen.card("b"))
    s.let_go("shift")
    s.keys("Ctrl+G")
    assert s.chosen == ["graph"]
    s.double(s.seen.card("graph"))
    assert s.studio.place.path == "graph"
    s.picture("inside")
    s.keys("Escape")
    assert s.studio.place.path == ""
    s.keys("F2")
    s.keys("Ctrl+A")
    s.write("Encoder")
    s.picture("label")
    s.keys("Enter")
    assert s.studio.document.root.nodes["graph"].label == "Encoder"
    s.click(s.seen.chip("graph"))
    chip = s.studio.scene.card("graph").chip
    assert chip is not None
    assert (chip.mode, chip.own) == ("frozen", True)
    s.click(s.seen.card("graph"))
    s.keys("H")
    assert folded(s.studio.document, "graph")
    s.keys("H", "Ctrl+C")
    s.move(Point(200, 480))
    s.keys("Ctrl+V")
    assert s.chosen == ["graph_2"]
    s.keys("Ctrl+D")
    assert s.chosen == ["graph_3"], s.chosen
    s.keys("Ctrl+Z", "Ctrl+Z")
    s.click(s.seen.card("graph"))
    s.keys("Ctrl+Shift+G")
    assert {"a", "b"} <= set(s.nodes)
    s.close()


@play
def decorations(folder: Path) -> None:
    """Frames and notes: made, written, carried with what they hold, drawn larger, removed."""
    s = opened(folder)
    s.click(s.seen.card("a"))
    s.keys("Ctrl+F")
    s.keys("Ctrl+A")
    s.write("Encoder")
    s.keys("Enter")
    [frame] = decor(s.studio.document, "")
    assert frame.text == "Encoder"
    grip = s.seen.seen(Point(frame.box.x + 60, frame.box.y + 12))
    s.drag(grip, Point(grip.x, grip.y + 40), Point(grip.x + 8, grip.y + 96))
    moved = place_of(s.studio.document, "a")
    assert moved is not None
    assert moved.y > 60
    s.move(Point(60, 420))
    s.keys("N")
    s.write("Remember the milk")
    s.keys("Ctrl+Enter")
    note = next(d for d in decor(s.studio.document, "") if d.kind == "note")
    assert note.text == "Remember the milk"
    corner = s.seen.seen(Point(note.box.right - 5, note.box.bottom - 5))
    s.drag(corner, Point(corner.x + 40, corner.y + 24))
    s.picture("frame-and-note")
    s.keys("Delete")
    assert [d.kind for d in decor(s.studio.document, "")] == ["frame"]
    s.close()


@play
def menus(folder: Path) -> None:
    """The context menu and the menu bar do what they say; a border is drawn; themes are worn."""
    s = opened(folder)
    s.click(s.seen.card("a"), button=3)
    s.frames(10)
    s.picture("context-menu")
    s.keys("Escape")
    assert s.chosen == ["a"]  # the key closed the menu and did nothing else
    s.point(66, 15)
    s.down()
    s.up()
    s.frames(6)
    s.picture("menu")
    s.keys("Escape")
    assert s.chosen == ["a"]  # as well
    s.shell.docks.toggle("problems")
    s.settle()
    canvas = s.shell.docks.rects["canvas"]
    s.point(canvas.centre.x, canvas.bottom + 3)
    s.down()
    s.point(canvas.centre.x, canvas.bottom - 57)
    s.up()
    assert s.shell.docks.rects["canvas"].height == canvas.height - 60
    s.picture("problems")
    for name in ("light", "high contrast"):
        s.shell.actions.run(f"theme {name}")
        s.settle()
        s.picture(name.replace(" ", "-"))
    s.close()


@play
def digits(folder: Path) -> None:
    """The show document with what an engine says: for pictures."""
    from graphs.live.registry import Registry  # the only play that needs all blocks

    s = Stage(read_document(DIGITS), folder, Registry.installed().catalogue())
    s.picture("digits")
    s.studio.choose_plan("night")
    facts = {"reader": 132_874, "creator": 1_203_212, "sampler": 1_203_212, "judge": 132_874}
    nodes = {path: NodeFacts(parameters=count) for path, count in facts.items()}
    s.studio.hear_engine(Inspected(revision=0, nodes=nodes))
    for path, seconds in (("digits", 0.002), ("path", 0.0003), ("wishes", 0.0001)):
        done = NodeFinished(job="1", path=path, index=0, total=5, seconds=seconds, outputs={})
        s.studio.hear_engine(done)
    falling = [1 / (i + 1) for i in range(60)]
    look = Preview(job="1", port="creating_loss.out", kind="plot", data={"y": falling})
    s.studio.hear_engine(look)
    s.studio.hear_engine(NodeStarted(job="1", path="sampler", index=3, total=5))
    failed = JobFacts(job="2", kind="run", title="Run")
    s.studio.hear_engine(JobFailed(job=failed, where="agreement", message="expected labels"))
    s.settle()
    s.studio.select(Selection(frozenset({"creator"})))
    s.picture("digits-running")
    s.double(s.seen.card("reader"))
    s.picture("digits-reader")
    s.keys("Escape")
    s.studio.hear_engine(NodeStarted(job="1", path="sampler.solver", index=0, total=0))
    rect = s.studio.scene.card("creator").rect
    s.studio.board.camera = type(s.studio.board.camera)(rect.x - 360, rect.y - 220, 1.25)
    s.picture("digits-near")
    assert dpg.is_dearpygui_running()
    s.close()


@play
def lattice(folder: Path) -> None:
    """The lattice viewer: empty, with flows, turned, nearer, stepped, in the light and over the canvas."""
    from app.catalogue_cache import load_catalogue
    from app.editor.lattice.orbit import Orbit
    from app.editor.lattice.panel import LatticePanel
    from app.editor.lattice_panel import lattice_panel

    s = Stage(read_document(DIGITS.with_name("lattice-digits.json")), folder, load_catalogue())
    if "lattice" not in s.shell.docks.areas.panels:
        s.shell.add_panel(lattice_panel())
    s.shell.docks.areas.sizes = type(s.shell.docks.areas.sizes)(bottom=330)
    s.shell.docks.toggle("lattice")
    s.frames(8)
    s.picture("lattice-empty")
    data, blob = flows()
    told = Preview(job="1", port="lattice.trajectory", kind="trajectory", data=data, step=40)
    s.shell.engine.heard.hear(told, blob)
    s.frames(8)
    panel = s.shell.docks._views["lattice"]
    assert isinstance(panel, LatticePanel)
    assert panel.path == "lattice"
    assert "lattice.trajectory" in s.shell.engine.pinned
    assert panel.reel.moment > 0  # it plays by itself
    panel.reel.playing = False
    panel.reel.seek(1.4)
    s.picture("lattice")
    centre = panel.view.centre
    s.point(*centre)
    s.frames(4)
    s.keys("Right")
    assert (panel.reel.moment, panel.reel.playing) == (2.0, False)
    s.keys("Space")
    assert panel.reel.playing
    s.down()
    s.point(centre.x + 50, centre.y + 20)
    s.up()
    assert panel.kept.orbit.pitch > Orbit().pitch
    s.tool("click", "4")
    assert panel.kept.orbit.zoom > 1
    panel.kept.by = "sample"
    s.shell.actions.run("theme light")
    s.frames(6)
    s.picture("lattice-light")
    turned = panel.kept.orbit
    s.shell.dock("lattice", "middle")
    s.frames(8)
    assert s.shell.docks._views["lattice"].kept.orbit == turned
    s.picture("lattice-middle")
    s.shell.docks.toggle("lattice")
    s.frames(4)
    assert "lattice.trajectory" not in s.shell.engine.pinned
    s.close()


def flows() -> tuple[dict[str, Any], bytes]:
    """Two samples of a small lattice, as the engine sends them."""
    import numpy as np

    from app.lattice.scene import Scene, channels, packed
    from app.lattice.story import Story

    rng = np.random.default_rng(0)
    cells = np.stack(np.meshgrid(range(8), range(8), [0.0], indexing="ij"), -1).reshape(-1, 3)
    start = np.concatenate([cells, cells])
    jumps = rng.uniform(-0.7, 0.7, (5, 128, 3)) + np.array((0.1, -0.2, 1.2))
    place = np.concatenate([start[None], start + jumps.cumsum(axis=0)])
    arrived = place[..., 2] >= 5
    place = place.clip(0, [7, 7, 5])
    energy = rng.uniform(0.4, 1.6, (6, 128))
    age = np.arange(6.0)[:, None] + np.zeros(128)
    told = Story((8, 8, 6), place, energy, age, ~arrived, arrived, np.repeat([0, 1], 64))
    views = told.entered(), told.landed() / 2, told.visits((0, 2)) / 2, told.visits((1, 2)) / 2
    scene = Scene(told, 2, 128, told.top, *views, channels(told), told.counts / 2, told.spread / 2)
    return packed(scene)
