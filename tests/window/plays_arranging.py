"""Plays of what stands where on the canvas, of how wires are led, and of widths that wires decide."""

from __future__ import annotations

from pathlib import Path

from app.catalogue_cache import load_catalogue
from app.editor.canvas.arrangement import place_of, route
from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from graphs.spec.document import Document, GraphSpec, NodeSpec, pin, wire
from graphs.spec.edits import Configure
from tests.window.playbill import play
from tests.window.plays import EMPTY, opened
from tests.window.plays_panels import furnished, press
from tests.window.stage import Stage, labelled


def chosen_by_clicks(s: Stage, *names: str) -> None:
    """The first is clicked, the others with shift."""
    s.click(EMPTY)
    s.click(s.seen.card(names[0]))
    s.hold("shift")
    for name in names[1:]:
        s.click(s.seen.card(name))
    s.let_go("shift")
    assert s.chosen == sorted(names)


def from_bar(s: Stage, menu: str, row: str) -> None:
    """A row of a menu of the bar, taken with the mouse."""
    item = s.shell.menus._menus[menu]
    x, _ = dpg.get_item_pos(item)
    press(s, Point(x + 24, 15))
    s.frames(6)
    take(s, item, Point(x + 24, 27), row)


def from_cursor(s: Stage, row: str) -> None:
    """A row of the menu under the cursor, taken with the mouse."""
    s.frames(8)
    menu = s.shell.menus._under_cursor
    assert menu is not None
    x, y = dpg.get_item_pos(menu)
    take(s, menu, Point(x + 40, y), row)


def take(s: Stage, menu: int, top: Point, words: str) -> None:
    """Dear PyGui says of no row where it is: rows are as high as another, lines lie between them."""
    y = top.y + 18
    for item in dpg.get_item_children(menu, 1):
        if dpg.get_item_label(item).endswith(words):
            press(s, Point(top.x, y))
            s.frames(6)
            return
        y += 6 if "Separator" in dpg.get_item_type(item) else s.shell.look.text + 7
    raise AssertionError(f"there is no {words!r}")


def at(s: Stage, name: str) -> Point:
    """Where a node stands."""
    spot = place_of(s.studio.document, name)
    assert spot is not None
    return spot


@play
def arranging(folder: Path) -> None:
    """Several carried at once, aligned, put at equal gaps, arranged; snapping turned off and on."""
    s = opened(folder)
    chosen_by_clicks(s, "free", "say", "wide")
    grip = s.seen.card("say")
    s.drag(grip, Point(grip.x - 40, grip.y + 120), Point(grip.x, grip.y + 64))
    assert [at(s, n) for n in ("free", "say", "wide")] == [Point(x, 384) for x in (320, 640, 960)]
    s.keys("Ctrl+Z")
    assert [at(s, n).y for n in ("free", "say", "wide")] == [320] * 3  # one step
    grip = s.seen.card("say")
    s.keys("Alt+S")
    s.click(EMPTY)
    s.drag(grip, Point(grip.x + 83, grip.y + 33))
    assert at(s, "say") == Point(723, 353)
    s.keys("Alt+S")
    assert s.studio.board.snap
    chosen_by_clicks(s, "free", "say", "wide")
    from_bar(s, "Arrange", "Align top edges")
    assert {at(s, n).y for n in ("free", "say", "wide")} == {320}
    from_bar(s, "Arrange", "Distribute across")
    boxes = [s.studio.scene.card(n).rect for n in ("free", "say", "wide")]
    assert abs((boxes[1].x - boxes[0].right) - (boxes[2].x - boxes[1].right)) < 0.01
    s.picture("aligned")
    s.click(s.seen.card("say"), button=3)
    s.picture("menu-of-several")
    from_cursor(s, "Align left edges")
    assert {at(s, n).x for n in ("free", "say", "wide")} == {320}
    s.keys("Ctrl+Shift+A")
    rects = list(s.studio.scene.rects().values())
    assert not any(a.meets(b) for i, a in enumerate(rects) for b in rects[:i])
    assert at(s, "source").x < at(s, "a").x < at(s, "b").x
    assert all(s.studio.board.view.covers(r) for r in rects)
    s.picture("arranged")
    s.close()


@play
def leading(folder: Path) -> None:
    """A wire is led through points: made by a double click, drawn, put onto its neighbour, made straight."""
    s = opened(folder)
    led = wire("a.out -> b.x")
    middle = s.seen.on_wire("a.out -> b.x")
    s.double(middle)
    [knee] = route(s.studio.document, "", led)
    s.drag(s.seen.seen(knee), Point(middle.x, middle.y + 140))
    [knee] = route(s.studio.document, "", led)
    assert abs(s.seen.seen(knee).y - middle.y - 140) < 2
    view = s.studio.scene.view_of(led)
    assert view is not None
    piece = view.curve[-1]
    spot = s.seen.seen(Point((piece[0].x + piece[3].x) / 2, (piece[0].y + piece[3].y) / 2))
    s.drag(spot, Point(spot.x + 10, spot.y + 60))
    two = route(s.studio.document, "", led)
    assert len(two) == 2
    s.picture("led")
    s.drag(s.seen.seen(two[1]), s.seen.seen(two[0]))
    assert len(route(s.studio.document, "", led)) == 1
    s.click(s.seen.seen(route(s.studio.document, "", led)[0]), button=3)
    from_cursor(s, "Straighten")
    assert route(s.studio.document, "", led) == ()
    s.hold("alt")  # a stroke that begins on a wire cuts it as well
    s.drag(middle, Point(middle.x, middle.y + 60))
    s.let_go("alt")
    assert "a.out -> b.x" not in s.wires
    s.close()


@play
def widths(folder: Path) -> None:
    """A wire fills in the width that it decides; a problem's row mends one that does not fit."""
    nodes = {
        "first": NodeSpec(type="core/Linear", config={"d_in": 4, "d_out": 8}),
        "second": NodeSpec(type="core/Linear", config={"d_out": 3}),
    }
    document = Document(root=GraphSpec(nodes=nodes, inputs={"x": (pin("first.x"),)}))
    s = furnished(document, folder, catalogue=load_catalogue())
    s.drag(s.seen.port("first.out", "out"), s.seen.port("second.x", "in"))
    assert s.studio.document.root.nodes["second"].config == {"d_in": 8, "d_out": 3}
    s.studio.do(Configure(name="first", values={"d_out": 12}))
    s.shell.docks.toggle("problems")
    s.settle()
    s.frames(4)
    s.click(s.seen.card("second"))
    s.picture("widths")
    s.press(labelled("Set d in = 12", s.shell.docks.items["bottom"]))
    assert s.studio.document.root.nodes["second"].config["d_in"] == 12
    assert not s.studio.scene.inspection.problems
    s.keys("Ctrl+Z")
    s.frames(6)
    s.press(labelled("Set d in = 12", s.shell.docks.items["right"]))
    assert s.studio.document.root.nodes["second"].config["d_in"] == 12
    s.close()
