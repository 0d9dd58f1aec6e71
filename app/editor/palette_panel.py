"""The palette: everything that can be put onto the canvas, to be found, dragged, starred."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from time import perf_counter

from app.editor import terms
from app.editor.areas import Panel, PanelView
from app.editor.canvas.art import CATEGORY_ICONS
from app.editor.canvas.bringing import landed
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.inputs import Mouse
from app.editor.gui import dpg
from app.editor.help_card import HelpCard
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.library.stock import Stock
from app.editor.library.thing import Thing, categories, found
from app.editor.lists.row import Mark, Row
from app.editor.lists.row_list import Answers, RowList
from app.editor.lists.search_field import SearchField
from app.editor.lists.searched import SearchedList
from app.editor.shell import Shell
from app.editor.studio import Studio
from graphs.spec.problems import WorldloomError

NAME = "palette"
PATIENCE = 0.35  # seconds before help comes
ROOM = 64.0  # between a node and the one that is put beside it
SECTIONS = {
    "favourites": "star", "recent": "history", "definition": "link-2", "saved": "package",
    "template": "layout-grid",
}  # fmt: skip


@dataclass
class Folds:
    """Which sections are open; it outlives the panel."""

    open: set[str] = field(default_factory=lambda: {"favourites", "recent", "definition"})


@dataclass(frozen=True)
class Section:
    """A heading and how many things are under it."""

    name: str
    count: int


@dataclass(frozen=True)
class Item:
    """A thing under a heading; under several it is several rows."""

    section: str
    thing: Thing


class PalettePanel(SearchedList):
    """The panel."""

    def __init__(self, shell: Shell, parent: int, stock: Stock, folds: Folds) -> None:
        self.shell, self.stock, self.folds = shell, stock, folds
        self.search = SearchField(parent, _("Search blocks and templates"))
        answers = Answers(self._row, self._clicked, self._double, self._menu, self._drag)
        self.list = RowList(shell.look, parent, answers)
        self.help = HelpCard(shell.look, shell.painter.pictures)
        self._shown: tuple[object, ...] = ()
        self._resting: tuple[Hashable | None, float] = (None, 0.0)

    def frame(self) -> None:
        """Bring the list and the help up to date."""
        self.search.frame()
        self.list.marking = self.search.focused
        self.stock.look()
        key = (self.stock.revision, self.search.text, frozenset(self.folds.open))
        if key != self._shown:
            again = not self._shown or key[1] != self._shown[1]
            self._shown = key
            self.list.show(self._rows())
            if again:
                self.list.place = 0 if self.search.text else -1
        self.list.frame()
        self._help()

    def close(self) -> None:
        """What it drew over the window is gone."""
        self.help.close()

    # rows

    def _rows(self) -> list[Hashable]:
        things = list(self.stock.things.values())
        if self.search.text:
            return [Item("", thing) for thing in found(self.search.text, things)]
        rows: list[Hashable] = []
        for name, held in self._sections(things):
            rows.append(Section(name, len(held)))
            if name in self.folds.open:
                rows += [Item(name, thing) for thing in held]
        return rows

    def _sections(self, things: list[Thing]) -> list[tuple[str, list[Thing]]]:
        blocks = categories(self.stock.of("block"))
        first = [("favourites", self.stock.favourite()), ("recent", self.stock.recent())]
        first += [(kind, self.stock.of(kind)) for kind in ("definition", "saved")]
        every = [*first, *blocks.items(), ("template", self.stock.of("template"))]
        return [(name, held) for name, held in every if held]

    def _row(self, key: Hashable) -> Row:
        theme = self.shell.look.theme
        if isinstance(key, Section):
            icon = SECTIONS.get(key.name) or CATEGORY_ICONS.get(key.name, "box")
            tone = theme.quiet if key.name in SECTIONS else theme.category(key.name)
            return Row(
                title=_titles().get(key.name) or terms.kind(key.name).capitalize(), ink=theme.text,
                icon=ICONS[icon], tone=tone, face="strong",
                fold="open" if key.name in self.folds.open else "closed",
                marks=(Mark(str(key.count), theme.faint),),
            )  # fmt: skip
        assert isinstance(key, Item)
        return self._thing_row(key)

    def _thing_row(self, key: Item) -> Row:
        theme, thing = self.shell.look.theme, key.thing
        starred = self.stock.starred(thing.key)
        marks: tuple[Mark, ...] = ()
        if starred or self.list.hovered == key:
            about = _("Take the star away") if starred else _("Keep under Favourites")
            tone = theme.warning if starred else theme.faint
            marks = (Mark(ICONS["star"], tone, "star", 15, about=about),)
        elif self.search.text:
            marks = (Mark(terms.kind(thing.category), theme.faint),)
        icon = {"template": "layout-grid", "saved": "package", "definition": "link-2"}
        name = icon.get(thing.kind) or CATEGORY_ICONS.get(thing.category, "box")
        row = Row(
            title=thing.title, ink=theme.text, icon=ICONS[name],
            tone=theme.category(thing.category), depth=0 if self.search.text else 1, marks=marks,
        )  # fmt: skip
        return replace(row, depth=-1) if self.search.text else row

    # what people do

    @property
    def now(self) -> Thing | None:
        """The thing that keys chose."""
        key = self.list.now
        return key.thing if isinstance(key, Item) else None

    def take(self) -> None:
        """The chosen row is taken, or the first."""
        key = self.list.now
        if isinstance(key, Section):
            self._fold(key.name)
        elif isinstance(key, Item):
            self._add(key.thing)
        self.search.focus()

    def _clicked(self, key: Hashable, part: str) -> None:
        if isinstance(key, Section):
            self._fold(key.name)
        elif isinstance(key, Item) and part == "star":
            self.stock.star(key.thing.key)

    def _double(self, key: Hashable) -> None:
        if isinstance(key, Item):
            self._add(key.thing)

    def _menu(self, key: Hashable, at: Point) -> None:
        if isinstance(key, Item):
            self.stock.chosen = key.thing
            names = ("add thing", "star thing")
            more = ("", "forget block") if key.thing.kind == "saved" else ()
            self.shell.menus.pop((*names, *more), at)

    def _fold(self, name: str) -> None:
        self.folds.open ^= {name}

    def _add(self, thing: Thing) -> None:
        add(self.shell, self.stock, thing)

    def _drag(self, key: Hashable, press: Mouse) -> None:
        if not isinstance(key, Item):
            return
        thing, canvas = key.thing, self.shell.docks.rects["canvas"]
        try:
            bundle = self.stock.bundle(thing)
        except WorldloomError as error:
            self.shell.studio.say(str(error), "error")
            return
        start = replace(press, x=press.x - canvas.x, y=press.y - canvas.y)
        self.help.hide()
        self.shell.gestures.bring(bundle, start, lambda: self.stock.use(thing.key))

    def _help(self) -> None:
        """Help comes where the cursor rests, and goes with it."""
        key, since = self.list.hovered, self._resting[1]
        if key != self._resting[0]:
            self._resting = (key, perf_counter())
            if not isinstance(key, Item):
                self.help.hide()
        busy = self.shell.gestures.hand is not None or self.shell.requests.open
        if not isinstance(key, Item) or busy or not self.list.seen:
            self.help.hide()
        elif perf_counter() - since > PATIENCE and key == self._resting[0]:
            left, top, right = self.list.rect_of(self.list.under)
            window = Point(dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
            beside = Rect(left, top, right - left + 8, self.list.high)
            self.help.show(key.thing, self.shell.studio.catalogue, beside, window)


def add(shell: Shell, stock: Stock, thing: Thing) -> None:
    """Put a thing beside the node that is chosen, or into the middle of the view, where there is room."""
    studio = shell.studio
    try:
        bundle = stock.bundle(thing)
    except WorldloomError as error:
        studio.say(str(error), "error")
        return
    if name := landed(studio, bundle, _free_spot(studio)):
        stock.use(thing.key)
        studio.reveal(studio.scene.card(name).rect)


def _free_spot(studio: Studio) -> Point:
    scene, chosen = studio.scene, sorted(studio.selection.nodes)
    if len(chosen) == 1:
        beside = scene.card(chosen[0]).rect
        spot = Point(beside.right + ROOM, beside.y)
    else:
        centre = studio.board.view.centre
        spot = Point(round((centre.x - 92) / 8) * 8, round((centre.y - 48) / 8) * 8)
    while scene.grid.within(Rect(spot.x, spot.y, 184, 96).grown(ROOM / 4)):
        spot = Point(spot.x, spot.y + ROOM / 2)
    return spot


def _titles() -> dict[str, str]:
    return {
        "favourites": _("Favourites"), "recent": _("Recently used"),
        "definition": _("In this document"), "saved": _("My blocks"), "template": _("Templates"),
    }  # fmt: skip


def palette_panel(stock: Stock) -> Panel:
    """The palette of a stock, at the left."""
    folds = Folds()

    def build(shell: Shell, parent: int) -> PanelView:
        return PalettePanel(shell, parent, stock, folds)

    return Panel(NAME, _("Palette"), "left", build, "boxes")
