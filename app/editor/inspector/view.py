"""A sheet on the screen: what is equal to what was shown stays, so that the keys stay where they are.

Lines of the same shape are brought up to date in place. A section whose lines are others is built anew,
but not while people write into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from app.editor.inspector import drawing
from app.editor.inspector.acts import Act
from app.editor.inspector.forms import Entry, Path, at, exchanged, placed
from app.editor.inspector.lines import Line, Shape, is_wide, shape
from app.editor.inspector.menus import choices
from app.editor.inspector.rows import Fact, Row, Section, Sheet, Title, Words
from app.editor.inspector.targets import Target
from app.editor.language import _
from app.editor.menus import Offer
from app.editor.studio import Studio
from app.editor.theme import Look
from app.editor.wishes import Kind, Pick


@dataclass
class Shown:
    """A section that is on the screen."""

    group: int
    header: int
    body: int
    section: Section
    shapes: tuple[Shape | Row, ...] = ()
    lines: list[Line] = field(default_factory=list)  # of entries, in order
    texts: list[int] = field(default_factory=list)  # of Words, in order


class SheetView:
    """Sections one below the other. Lines tell it what people do, and it makes the edits."""

    def __init__(
        self,
        studio: Studio,
        look: Look,
        parent: int,
        offer: Callable[[Iterable[Offer], Point], None],
    ) -> None:
        """`offer` shows a menu at a point of the window."""
        self.studio, self.look = studio, look
        self._offer = offer
        self._parent = parent
        self._shown: dict[str, Shown] = {}
        self._sheet: Sheet = ()
        self._before: list[Section] = []
        self._theme = ""
        self._fresh = True
        self._watched: dict[int, Callable[[], None] | None] = {}
        self._opened: dict[str, bool] = {}
        self._menus: dict[int, Callable[[], None]] = {}
        with dpg.item_handler_registry() as self._left:
            dpg.add_item_deactivated_after_edit_handler(callback=self._typed)
        with dpg.item_handler_registry() as self._right:
            dpg.add_item_clicked_handler(button=1, callback=self._clicked)

    def show(self, sheet: Sheet) -> None:
        """This is what there is to see now."""
        if self.look.theme.name != self._theme:
            self._theme = self.look.theme.name
            self._forget()
        self._sheet = sheet
        wanted = [section for section in sheet if section.rows]
        if [s.key for s in wanted] != list(self._shown):
            if self._writing():
                return
            self._lay_out(wanted)
        for section in wanted:
            self._bring_up(self._shown[section.key], section)

    def frame(self) -> None:
        """Once a frame: what waited for people to stop writing is shown."""
        writing = self._writing()
        if not writing:
            self._fresh = True
        for shown in self._shown.values():
            for line in shown.lines:
                line.settle()
        if not writing and self._behind():
            self.show(self._sheet)

    # what lines tell

    def commit(self, entry: Entry, value: Any, merge: bool) -> str:
        """Set a value; why it was not taken."""
        if reason := entry.field.refusal(value):
            return reason
        merge, self._fresh = merge and not self._fresh, False
        number = entry.path[-1]
        if entry.field.distinct and isinstance(number, int):
            members = exchanged(self._holder(entry), number, value)
            return self._place(entry, entry.path[:-1], members, merge)
        return self._place(entry, entry.path, value, merge)

    def reset(self, entry: Entry) -> None:
        """Set it back."""
        if len(entry.path) == 1:
            self._say(entry.target.reset(self.studio, entry.name))
        else:
            self._say(self._place(entry, entry.path, entry.field.default, False))

    def take_out(self, entry: Entry) -> None:
        """Leave a member out."""
        holder, part = self._holder(entry), entry.path[-1]
        if isinstance(part, int):
            left: Any = [value for n, value in enumerate(holder) if n != part]
        else:
            left = {key: value for key, value in holder.items() if key != part}
        self._say(self._place(entry, entry.path[:-1], left, False))

    def move(self, entry: Entry, by: int) -> None:
        """Put a member before or behind its neighbour."""
        items, number = list(self._holder(entry)), int(entry.path[-1])
        if not 0 <= number + by < len(items):
            return
        items.insert(number + by, items.pop(number))
        self._say(self._place(entry, entry.path[:-1], items, False))

    def rename(self, entry: Entry, name: str) -> None:
        """Let a member be known by another name, in the same place."""
        holder, part = self._holder(entry), str(entry.path[-1])
        if name == part or name in holder or not name:
            return
        named = {name if key == part else key: value for key, value in holder.items()}
        self._say(self._place(entry, entry.path[:-1], named, False))

    def menu(self, entry: Entry) -> None:
        """Show what else can be done with a setting."""
        x, y = dpg.get_mouse_pos(local=False)
        self._offer(choices(self.studio, self, entry), Point(x, y))

    def offer(self, item: int, menu: Callable[[], None]) -> None:
        """Show a menu when it is clicked with the right button."""
        self._menus[item] = menu
        dpg.bind_item_handler_registry(item, self._right)

    def pick(self, now: str, folders: bool, accept: Callable[[FilePath], None]) -> None:
        """Ask for a file or a folder, first where the present one is, else beside the document."""
        here, document = FilePath(now).expanduser(), self.studio.path
        start = here if now and here.is_dir() else here.parent if now else None
        if start is None or not start.is_dir():
            start = document.parent if document is not None else None
        title = _("Choose a folder") if folders else _("Choose a file")
        button = _("Choose this folder") if folders else _("Choose")
        kind = Kind(_("Folders") if folders else _("All files"))
        name = "" if folders else here.name
        wish = Pick(title, button, (kind,), accept, name=name, folder=start, folders=folders)
        self.studio.request(wish)

    def watch(self, item: int, typed: Callable[[], None] | None) -> None:
        """Know whether this is written into."""
        self._watched[item] = typed
        if typed is not None:
            dpg.bind_item_handler_registry(item, self._left)

    def act(self, act: Act) -> None:
        """Do what a button or a link says."""
        act(self.studio)

    def _typed(self, _: int, item: int) -> None:
        typed = self._watched.get(item)
        if typed is not None and dpg.does_item_exist(item):
            typed()

    def _clicked(self, _: int, what: tuple[int, int]) -> None:
        menu = self._menus.get(what[1])
        if menu is not None and dpg.does_item_exist(what[1]):
            menu()

    def _place(self, entry: Entry, path: Path, value: Any, merge: bool) -> str:
        """Set something inside a setting, which is made anew around it."""
        made = placed(entry.whole, path[1:], value)
        return entry.target.write(self.studio, entry.name, made, merge)

    @staticmethod
    def _holder(entry: Entry) -> Any:
        return at({entry.name: entry.whole}, entry.path[:-1])

    def _say(self, reason: str) -> None:
        if reason:
            self.studio.say(reason, "error")

    # what is on the screen

    def _writing(self, body: int = 0) -> bool:
        """Whether people write into something, inside a group where one is named."""
        for gone in [item for item in self._watched if not dpg.does_item_exist(item)]:
            del self._watched[gone]
        for gone in [item for item in self._menus if not dpg.does_item_exist(item)]:
            del self._menus[gone]
        active = [item for item in self._watched if dpg.is_item_active(item)]
        return any(_inside(item, body) for item in active) if body else bool(active)

    def _behind(self) -> bool:
        wanted = [section for section in self._sheet if section.rows]
        if [s.key for s in wanted] != list(self._shown):
            return True
        return any(self._shown[s.key].section != s for s in wanted)

    def _forget(self) -> None:
        dpg.delete_item(self._parent, children_only=True)
        self._shown, self._watched = {}, {}

    def _lay_out(self, wanted: list[Section]) -> None:
        for shown in self._shown.values():
            if shown.header:
                self._opened[shown.section.key] = bool(dpg.get_value(shown.header))
        self._forget()
        if _subject(wanted) != _subject(self._before):
            dpg.set_y_scroll(self._parent, 0)
        self._before = wanted
        for section in wanted:
            with dpg.group(parent=self._parent) as group:
                header = 0
                if section.title:
                    is_open = self._opened.get(section.key, section.open)
                    header = int(
                        dpg.add_collapsing_header(label=section.title, default_open=is_open)
                    )
                    dpg.bind_item_font(header, self.look.font("strong"))
                    dpg.bind_item_theme(header, self.look.heading())
                body = int(dpg.add_group(parent=header or group))
                dpg.bind_item_font(body, self.look.font("text"))
            empty = Section(section.key, section.title, ())
            self._shown[section.key] = Shown(int(group), header, body, empty)

    def _bring_up(self, shown: Shown, section: Section) -> None:
        if shown.section == section:
            return
        shapes = tuple(map(_shape, section.rows))
        if shapes != shown.shapes:
            if self._writing(shown.body):
                return  # when it is left; see `frame`
            self._build(shown, section)
            shown.shapes = shapes
        elif _targets(section) != _targets(shown.section) and self._writing(shown.body):
            return  # what is written there belongs to what was chosen before
        else:
            lines, texts = iter(shown.lines), iter(shown.texts)
            for row in section.rows:
                if isinstance(row, Entry):
                    next(lines).update(row)
                elif isinstance(row, Words):
                    drawing.say(self.look, next(texts), row)
        if shown.header and shown.section.title != section.title:
            dpg.configure_item(shown.header, label=section.title)
        shown.section = section

    def _build(self, shown: Shown, section: Section) -> None:
        dpg.delete_item(shown.body, children_only=True)
        shown.lines, shown.texts = [], []
        rows = list(section.rows)
        with dpg.group(parent=shown.body):
            while rows:
                if few := _taken(rows):
                    self._table(shown, few)
                    continue
                row = rows.pop(0)
                if isinstance(row, Entry):
                    shown.lines.append(Line(self, row))
                else:
                    item = drawing.draw(self.look, row, self.act)
                    if isinstance(row, Words):
                        shown.texts.append(item)
            dpg.add_spacer(height=self.look.px(4))

    def _table(self, shown: Shown, rows: list[Entry | Fact]) -> None:
        with drawing.columns(self.look, *drawing.SHARES):
            for row in rows:
                if isinstance(row, Entry):
                    shown.lines.append(Line(self, row))
                else:
                    drawing.fact(self.look, row, self.act)


def _taken(rows: list[Row]) -> list[Entry | Fact]:
    """The rows at the beginning that stand in one table."""
    found: list[Entry | Fact] = []
    for row in rows:
        if not isinstance(row, Entry | Fact) or (isinstance(row, Entry) and is_wide(row)):
            break
        found.append(row)
    del rows[: len(found)]
    return found


def _subject(sections: list[Section]) -> str:
    """What a sheet is about."""
    rows = [row for section in sections for row in section.rows]
    return next((row.text for row in rows if isinstance(row, Title)), "")


def _targets(section: Section) -> list[Target]:
    return [row.target for row in section.rows if isinstance(row, Entry)]


def _shape(row: Row) -> Shape | Row:
    if isinstance(row, Entry):
        return shape(row)
    return Words("") if isinstance(row, Words) else row


def _inside(item: int, body: int) -> bool:
    while item and item != body:
        item = dpg.get_item_parent(item) or 0
    return item == body
