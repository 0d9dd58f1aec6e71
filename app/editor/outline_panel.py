"""The outline of the whole world: a tree with modes, parameters and problems; a click goes there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from time import perf_counter

from app.editor.areas import Panel, PanelView
from app.editor.canvas.camera import Point
from app.editor.canvas.chips import next_mode
from app.editor.language import _
from app.editor.lists.bubble import Bubble
from app.editor.lists.row import Row
from app.editor.lists.row_list import Answers, RowList
from app.editor.lists.search_field import SearchField
from app.editor.lists.searched import SearchedList
from app.editor.outline import looks
from app.editor.outline.looks import Shown
from app.editor.outline.tree import (
    DEFINITIONS,
    Branch,
    Orders,
    above,
    branches,
    instances,
    matching,
)
from app.editor.places import TOP, Place
from app.editor.shell import Shell
from app.editor.studio import Menu, Selection, Topic
from graphs.spec.document import GRAPH_TYPE, join

NAME = "outline"
TOPICS: tuple[Topic, ...] = (
    "document", "selection", "place", "catalogue", "checked", "plan", "theme",
)  # fmt: skip
EVERY = 0.2  # seconds between two looks at what the engine says


@dataclass
class Opened:
    """The paths that are open; it outlives the panel."""

    paths: set[str] = field(default_factory=lambda: {""})


class OutlinePanel(SearchedList):
    """The panel."""

    def __init__(self, shell: Shell, parent: int, opened: Opened) -> None:
        self.shell, self.studio, self.opened = shell, shell.studio, opened
        self.search = SearchField(parent, _("Find a node"))
        answers = Answers(self._row, self._clicked, self._double, self._menu)
        self.list = RowList(shell.look, parent, answers)
        self.bubble = Bubble(shell.look)
        self._made: tuple[object, ...] = ()
        self._news = -1
        self._orders = Orders()
        self._engine = (-1, 0.0)
        self._seen: tuple[Place, Selection] | None = None

    def frame(self) -> None:
        """Follow the document and what is chosen; nothing is done while it is not seen."""
        self.search.frame()
        self.list.marking = self.search.focused
        if not self.list.seen and self._made:
            self.bubble.hide()
            self.list.frame()
            return
        self._follow()
        studio = self.studio
        root = studio.scene.inspection.root if self.search.text else studio.document.root
        made = (root, studio.document.definitions, studio.document.title, self.search.text,
                frozenset(self.opened.paths))  # fmt: skip
        if not _same(made, self._made):
            self._made = made
            self.list.show(self._rows())
        self._refresh()
        self.list.frame()
        self.bubble.frame(self.list)

    def close(self) -> None:
        """What it drew over the window is gone."""
        self.bubble.close()

    def _rows(self) -> list[Branch]:
        if self.search.text:
            return matching(self.search.text, self.studio.scene.inspection.root)
        return branches(self.studio.document, self.opened.paths, self._orders)

    def _refresh(self) -> None:
        """Let rows be looked at again where there is news, what the engine says not every frame."""
        news = sum(self.studio.news[topic] for topic in TOPICS)
        engine, now = self.studio.news["engine"], perf_counter()
        old = self._engine
        heard = engine != old[0] and now - old[1] > EVERY
        if news != self._news or heard:
            self._news, self._engine = news, (engine, now)
            self.list.refresh()

    def _follow(self) -> None:
        """What is chosen on the canvas is seen here."""
        seen = (self.studio.place, self.studio.selection)
        if seen == self._seen:
            return
        self._seen = seen
        nodes = self.studio.selection.nodes
        if len(nodes) != 1 or self.search.text:
            return
        path = join(self.studio.place.path, next(iter(nodes)))
        self.opened.paths |= set(above(path))
        rows = self._rows()
        place = next((n for n, row in enumerate(rows) if row.path == path), None)
        if place is not None:
            self.list.reveal(place)

    # rows

    def _row(self, key: Hashable) -> Row:
        assert isinstance(key, Branch)
        studio = self.studio
        flat = bool(self.search.text)
        holder, _, name = key.path.rpartition(".")
        shown = Shown(
            fold=None if flat or not key.opens else key.path in self.opened.paths,
            chosen=bool(key.path)
            and holder == studio.place.path
            and name in studio.selection.nodes,
            here=key.path == studio.place.path,
            flat=flat,
        )
        return looks.row(studio, self.shell.look.theme, key, shown)

    # what people do

    def take(self) -> None:
        """The chosen row is taken, or the first."""
        now = self.list.now if self.list.place >= 0 else next(iter(self.list.keys), None)
        if isinstance(now, Branch):
            self._go(now)

    def _clicked(self, key: Hashable, part: str) -> None:
        assert isinstance(key, Branch)
        if part == "fold" or key.path == DEFINITIONS:
            self.opened.paths ^= {key.path}
        elif part == "mode":
            self._cycle(key)
        else:
            self._go(key)

    def _double(self, key: Hashable) -> None:
        assert isinstance(key, Branch)
        if key.path and not key.path.startswith("@") and key.opens:
            self.studio.enter(key.path.rpartition(".")[2])

    def _menu(self, key: Hashable, at: Point) -> None:
        assert isinstance(key, Branch)
        if key.path and not key.path.startswith("@"):
            self.studio.jump(key.path)
            name = key.path.rpartition(".")[2]
            self.studio.request(Menu(self.shell.gestures.menu_of(name), at))

    def _go(self, key: Branch) -> None:
        """Show it: a node in its body, a definition in one of its places, the top as a whole."""
        studio = self.studio
        if key.path.startswith("@"):
            used = [path for path in instances(studio.document, key.path[1:]) if path[0] != "@"]
            studio.go(Place(key.path, used[0] if used else key.path))
        elif key.path:
            studio.jump(key.path)
        else:
            studio.go(TOP)

    def _cycle(self, key: Branch) -> None:
        studio, chip = self.studio, looks.mode(self.studio, key)
        if studio.plan is not None and chip is not None:
            path = key.node.tied_to or key.path
            kind = looks.block_of(studio, key).type or GRAPH_TYPE
            studio.do(next_mode(studio.plan_name, studio.plan, path, chip, kind))


def _same(new: tuple[object, ...], old: tuple[object, ...]) -> bool:
    """Whether nothing is another; documents are told apart by identity, which is quick."""
    return len(new) == len(old) and all(a is b or (isinstance(a, str | frozenset) and a == b)
                                        for a, b in zip(new, old, strict=True))  # fmt: skip


def outline_panel() -> Panel:
    """The outline, at the left."""
    opened = Opened()

    def build(shell: Shell, parent: int) -> PanelView:
        return OutlinePanel(shell, parent, opened)

    return Panel(NAME, _("Outline"), "left", build, "list-tree")
