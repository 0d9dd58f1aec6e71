"""Plays of levels: groups in groups, what trains inside them, definitions and their instances, all undone."""

from __future__ import annotations

from pathlib import Path

from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from graphs.spec.document import Document
from graphs.spec.plan import Rule
from tests.editor.toys import chain
from tests.window.playbill import play
from tests.window.plays_inspector import Form
from tests.window.plays_panels import furnished
from tests.window.stage import Stage, labelled


def opened(folder: Path, document: Document) -> Stage:
    """The window with all panels, and nothing chosen."""
    s = furnished(document, folder)
    s.keys("Home")
    return s


def offered(s: Stage, words: str) -> None:
    """Press what a menu under the cursor offers."""
    s.frames(8)
    menu = s.shell.menus._under_cursor
    assert menu is not None
    rows = dpg.get_item_children(menu, 1)
    row = next(row for row in rows if words in str(dpg.get_item_label(row)))
    (left, top), (x, y) = dpg.get_item_pos(menu), dpg.get_item_pos(row)
    s.point(left + x + 40, top + y + 11)
    s.down()
    s.up()


def chip(s: Stage, name: str) -> str:
    found = s.studio.scene.card(name).chip
    assert found is not None
    return found.text


@play
def levels(folder: Path) -> None:
    """A group, a pipeline around it, LoRA on a node inside; what its chips say at every level."""
    s = opened(folder, chain("a", "b", "c", "d"))
    before = s.studio.document
    first, last = s.seen.card("a"), s.seen.card("b")
    s.drag(Point(first.x - 90, first.y - 130), Point(last.x + 90, last.y + 30))
    assert s.chosen == ["a", "b"], s.chosen
    s.keys("Ctrl+G")
    assert s.chosen == ["graph"]
    s.hold("shift")
    s.click(s.seen.card("c"))
    s.let_go("shift")
    assert s.chosen == ["c", "graph"]
    s.click(s.seen.card("graph"), button=3)
    s.picture("levels-menu")
    offered(s, "pipeline")
    assert s.studio.document.root.nodes["pipeline"].body.level == "pipeline"
    assert s.studio.document.root.level == "stage"  # a graph would not hold it
    s.double(s.seen.card("pipeline"))
    s.double(s.seen.card("graph"))
    assert s.studio.place.path == "pipeline.graph"
    s.click(s.seen.card("a"))
    while chip(s, "a") != "LoRA 8":
        s.click(s.seen.chip("a"))
    form = Form(s)
    form.write("3", "rank", times=2)
    form.write("12", "alpha", times=2)
    rule = Rule(where="pipeline.graph.a", mode="lora", rank=3, alpha=12)
    assert s.studio.document.plans["main"].rules[-1] == rule
    assert (chip(s, "a"), chip(s, "b")) == ("LoRA 3", "Train")
    s.picture("levels-inside")
    s.keys("Escape", "Escape")  # nothing is chosen; then out of it
    assert s.studio.place.path == "pipeline"
    assert (chip(s, "graph"), chip(s, "c")) == ("Train*", "Train")
    s.press(labelled("Untitled", s.shell.bars._trail))
    assert s.studio.place.path == ""
    assert (chip(s, "pipeline"), chip(s, "d")) == ("Train*", "Train")
    s.click(s.seen.card("pipeline"))
    s.frames(6)
    s.picture("levels-outside")
    form.reveal("until_step")
    s.press(labelled("LoRA 3", s.shell.docks.items["right"]))
    assert (s.studio.place.path, s.chosen) == ("pipeline.graph", ["a"])
    s.keys("Backspace", "Backspace")
    s.click(s.seen.card("pipeline"))
    s.keys("Ctrl+Shift+G")
    assert s.chosen == ["c", "graph"]
    assert s.studio.document.plans["main"].rules[-1].where == "graph.a"
    s.click(Point(20, 20))
    s.click(s.seen.card("graph"))
    s.keys("Ctrl+Shift+G")
    assert chip(s, "a") == "LoRA 3"
    s.picture("levels-apart")
    while s.studio.open.position:
        s.keys("Ctrl+Z")
    assert s.studio.document == before
    s.close()


@play
def instances(folder: Path) -> None:
    """A definition and two instances: changed in one both change, overridden in one only that one."""
    s = opened(folder, chain("a", "b", "c"))
    before = s.studio.document
    s.click(s.seen.card("a"))
    s.keys("Ctrl+G")
    s.click(s.seen.card("graph"), button=3)
    offered(s, "Make a definition")
    s.keys("Ctrl+A")
    s.write("unit")
    s.keys("Enter")
    assert s.studio.document.root.nodes["graph"].uses == "unit"
    s.keys("Ctrl+C")
    s.move(Point(240, 420))
    s.keys("Ctrl+V")
    [other] = s.chosen
    assert s.studio.document.root.nodes[other].uses == "unit"
    s.keys("Home")
    s.picture("instances")
    s.double(s.seen.card(other))
    assert s.studio.place.at == "@unit"
    s.click(s.seen.card("a"))
    form = Form(s)
    form.write("6", "d_out", times=2)
    s.picture("instances-all")
    root = s.studio.scene.inspection.root
    assert [root.nodes[n].body.nodes["a"].config["d_out"] for n in ("graph", other)] == [6, 6]
    s.press(labelled("This one only", s.shell.docks.items["right"]))
    s.frames(4)
    form.write("8", "d_out", times=2)
    s.picture("instances-one")
    root = s.studio.scene.inspection.root
    assert [root.nodes[n].body.nodes["a"].config["d_out"] for n in ("graph", other)] == [6, 8]
    assert "d out 8" in s.studio.scene.card("a").line
    s.press(labelled("All instances", s.shell.docks.items["right"]))
    s.point(*dpg_middle(form.line("d_in")._text))
    s.tool("click", "3")
    s.frames(6)
    offered(s, "Show on the graph around it")
    s.keys("Escape", "Escape")
    s.click(s.seen.card("graph"))
    s.frames(6)
    s.picture("instances-promoted")
    assert "1 override" in s.studio.scene.card(other).line
    form.write("5", "d_in", times=2)
    root = s.studio.scene.inspection.root
    assert root.nodes["graph"].body.nodes["a"].config["d_in"] == 5
    assert root.nodes[other].body.nodes["a"].config.get("d_in", 4) == 4
    s.keys("Escape")
    s.click(s.seen.card("graph"))
    s.keys("Ctrl+Shift+G")
    assert s.studio.document.root.nodes["graph"].body is not None
    while s.studio.open.position:
        s.keys("Ctrl+Z")
    assert s.studio.document == before
    s.close()


def dpg_middle(item: int) -> Point:
    (x, y), (wide, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
    return Point(x + wide / 2, y + high / 2)
