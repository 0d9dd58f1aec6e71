"""Plays of the panels at the left: what is dragged out of the palette, the outline, the files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from app.editor.canvas.arrangement import place_of
from app.editor.canvas.camera import Point
from app.editor.furniture import furnish
from app.editor.lists.row_list import RowList
from graphs.spec.document import Document
from graphs.spec.edits import Define, Group
from graphs.store.document_file import write_document
from tests.editor.toys import chain
from tests.window.playbill import play
from tests.window.stage import Stage

PATIENCE = 200  # frames that something may take that comes by itself


def furnished(document: Document, folder: Path, **more: Any) -> Stage:
    """A stage with the panels at the left; what is saved goes into a folder of the play's own."""
    s = Stage(document, folder, **more)
    shutil.rmtree(folder / "blocks", ignore_errors=True)
    furnish(s.shell, folder / "blocks")
    s.frames(6)
    s.studio.fit()
    s.frames(6)
    return s


def rows(s: Stage, panel: str) -> RowList:
    view: Any = s.shell.docks.view(panel)
    found: RowList = view.list
    return found


def spot(s: Stage, panel: str, wanted: Callable[[Any], bool], part: str = "") -> Point:
    """Where a row is in the window, once it is scrolled to."""
    shown = rows(s, panel)
    key: Hashable = next(key for key in shown.keys if wanted(key))
    shown.reveal(list(shown.keys).index(key))
    s.frames(4)
    return shown.spot(key, part)


def thing(title: str, section: str | None = None) -> Callable[[Any], bool]:
    """The row of a thing, under a heading or any."""
    return lambda key: (
        getattr(getattr(key, "thing", None), "title", "") == title
        and section
        in (
            None,
            key.section,
        )
    )


def press(s: Stage, at: Point, button: int = 1) -> None:
    s.point(*at)
    s.down(button)
    s.up(button)


def wait(s: Stage, until: Callable[[], object]) -> None:
    for _ in range(PATIENCE):
        if until():
            return
        s.frames(1)
    raise AssertionError("it did not come")


@play
def palette(folder: Path) -> None:
    """Found, dragged onto the canvas and into a wire, given up, added with keys, starred, explained."""
    s = furnished(chain("a", "b"), folder)
    press(s, spot(s, "palette", lambda key: getattr(key, "name", "") == "layers"))
    row = spot(s, "palette", thing("Linear"))
    s.point(*row)
    view: Any = s.shell.docks.view("palette")
    wait(s, lambda: bool(view.help._shown))
    s.picture("palette-help")
    s.down()
    s.point(row.x + 40, row.y + 10)
    s.glide(Point(20, 420), Point(420, 520))
    s.picture("palette-ghost")
    s.up()
    assert s.chosen == ["linear"]
    assert place_of(s.studio.document, "linear") is not None
    _into_the_wire(s)
    s.point(*spot(s, "palette", thing("Linear", "layers")))
    s.down()
    s.glide(Point(20, 420), Point(420, 300))
    s.keys("Escape")
    s.up()
    assert s.nodes == ["a", "b", "linear", "linear_2", "source"], s.nodes
    _with_keys(s)
    star = spot(s, "palette", thing("Add", "recent"))
    s.point(*star)
    press(s, spot(s, "palette", thing("Add", "recent"), "star"))
    assert s.shell.settings.value.favourites == ("block:toy/Add",)
    s.picture("palette-favourite")
    s.close()


def _into_the_wire(s: Stage) -> None:
    middle = s.seen.on_wire("a.out -> b.x")
    s.point(*spot(s, "palette", thing("Linear", "layers")))
    s.down()
    s.glide(Point(20, 400), Point(middle.x, middle.y - 60))
    s.move(Point(middle.x, middle.y - 30 * s.studio.board.camera.zoom))
    s.picture("palette-insert")
    s.up()
    assert {"a.out -> linear_2.x", "linear_2.out -> b.x"} <= set(s.wires), s.wires


def _with_keys(s: Stage) -> None:
    s.keys("Slash")
    s.write("add")
    s.picture("palette-search")
    s.keys("Enter")
    assert s.chosen == ["add"]
    s.keys("Escape")
    s.frames(4)
    view: Any = s.shell.docks.view("palette")
    assert view.search.text == ""
    s.keys("Delete")
    assert "add" not in s.nodes
    s.keys("Ctrl+Z")


@play
def blocks(folder: Path) -> None:
    """A node is saved as a block and dragged back; a definition is used again; a template is dropped."""
    from graphs.live.registry import Registry  # templates are made of all blocks

    document = Group(names=("a", "b"), into="pair")(chain("a", "b"))
    s = furnished(document, folder, catalogue=Registry.installed().catalogue())
    s.click(s.seen.card("pair"), button=3)
    s.frames(8)
    s.picture("node-menu")
    s.keys("Escape")
    s.shell.actions.run("save block")
    s.frames(4)
    assert (folder / "blocks" / "pair.json").is_file()
    press(s, spot(s, "palette", lambda key: getattr(key, "name", "") == "saved"))
    _drop(s, spot(s, "palette", thing("pair", "saved")), Point(300, 560))
    assert "pair_2" in s.nodes
    s.click(s.seen.card("pair"))
    s.shell.actions.run("define")
    s.frames(4)
    s.keys("Enter")
    assert list(s.studio.document.definitions) == ["pair"]
    _drop(s, spot(s, "palette", thing("pair", "definition")), Point(640, 560))
    assert s.studio.document.root.nodes["pair_3"].uses == "pair"
    press(s, spot(s, "palette", lambda key: getattr(key, "name", "") == "template"))
    _drop(s, spot(s, "palette", thing("Digits")), Point(500, 640))
    assert set(s.studio.document.plans) >= {"main", "read", "create", "night"}
    s.keys("Home")
    s.picture("blocks")
    s.double(s.seen.card("pair_3"))
    assert s.studio.place.at == "@pair"
    s.picture("definition")
    s.close()


def _drop(s: Stage, row: Point, at: Point) -> None:
    s.point(*row)
    s.down()
    s.glide(Point(20, at.y), at)
    s.up()


@play
def outline(folder: Path) -> None:
    """The whole world as a tree: a click goes there, a double one enters, the chip and the menu are there."""
    document = Group(names=("a", "b"), into="inner")(chain("a", "b", "c"))
    document = Group(names=("inner", "c"), into="outer")(document)
    s = furnished(Define(name="outer", definition="unit")(document), folder)
    s.shell.docks.focus("outline")
    s.frames(6)

    def row(path: str, part: str = "") -> Point:
        return spot(s, "outline", lambda key: key.path == path, part)

    press(s, row("outer", "fold"))
    press(s, row("outer.inner", "fold"))
    press(s, row("outer.inner.a"))
    assert (s.studio.place.path, s.chosen) == ("outer.inner", ["a"])
    s.picture("outline")
    press(s, row("outer.inner.a", "mode"))
    assert s.studio.document.plans["main"].rules[-1].where == "outer.inner.a"
    press(s, row("outer.c"), button=3)
    s.frames(8)
    s.picture("outline-menu")
    s.keys("Escape")
    assert s.chosen == ["c"]
    s.point(*row("outer"))
    s.double_here()
    assert s.studio.place.path == "outer"
    s.shell.docks.focus("outline")
    s.write("inner b")
    s.picture("outline-search")
    s.keys("Enter")
    assert (s.studio.place.path, s.chosen) == ("outer.inner", ["b"])
    s.close()


@play
def browser(folder: Path) -> None:
    """Folders are walked, marked and filtered; a document opens in place of the one that is open."""
    home = folder / "browsed"
    shutil.rmtree(home, ignore_errors=True)
    (home / "inner").mkdir(parents=True)
    for name in ("one", "two"):
        write_document(home / f"{name}.json", chain(name).model_copy(update={"title": name}))
    s = furnished(chain("a"), folder)
    view: Any = s.shell.docks.view("files")
    view.looking.go(home)
    s.shell.docks.focus("files")
    wait(s, lambda: view.looking.listing.folder == home)
    s.frames(6)
    s.picture("files")
    s.shell.docks.focus("files")
    s.write("two")
    s.picture("files-filter")
    s.keys("Enter")
    s.frames(6)
    assert s.studio.path == home / "two.json"
    assert s.nodes == ["source", "two"]
    s.close()
