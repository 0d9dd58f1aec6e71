"""The files panel: folders looked through, and what can be opened or taken in opens from here."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.editor import fonts
from app.editor.areas import Panel, PanelView
from app.editor.browser.listing import Entry, Kind, sized
from app.editor.browser.looking import Looking
from app.editor.folders import shown
from app.editor.fuzzy import ranked
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.lists.bubble import Bubble
from app.editor.lists.row import Mark, Row
from app.editor.lists.row_list import Answers, RowList
from app.editor.lists.search_field import SearchField
from app.editor.lists.searched import SearchedList
from app.editor.shell import Shell

NAME = "files"
ICON: dict[Kind, str] = {
    "folder": "folder", "document": "file-json", "world": "globe", "light world": "sparkles",
    "snapshot": "camera", "adapter": "sparkles",
}  # fmt: skip


class Door(Protocol):
    """What becomes of a file that is chosen: the same as in the File menu."""

    def open(self, path: Path) -> None:
        """A document or a world is open instead of what is."""

    def take_in(self, path: Path) -> None:
        """The adapters of a light world are a variant of this one."""


@dataclass
class Visit:
    """Where people are; it outlives the panel. `places` says whether those are listed too."""

    looking: Looking
    places: bool = False


@dataclass(frozen=True)
class Spot:
    """A folder to go to at once."""

    path: Path
    icon: str


@dataclass(frozen=True)
class Heading:
    """Over the folders that one can go to at once."""


class FilesPanel(SearchedList):
    """The panel."""

    def __init__(self, shell: Shell, parent: int, visit: Visit, door: Door) -> None:
        self.shell, self.visit, self.door = shell, visit, door
        self.looking = visit.looking
        with dpg.group(horizontal=True, parent=parent):
            self._tool("arrow-up", _("The folder around"), self.looking.up)
            self._tool("house", _("Home"), lambda: self.looking.go(Path.home()))
            self._tool("refresh-cw", _("Look again"), self.looking.again)
            self._mark = self._tool("bookmark", _("Mark this folder, or no more"), self._toggle)
        self._where = dpg.add_text("", parent=parent)
        self.search = SearchField(parent, _("Filter"))
        answers = Answers(self._row, self._clicked, self._double)
        self.list = RowList(shell.look, parent, answers)
        self.bubble = Bubble(shell.look)
        self._shown: tuple[object, ...] = ()
        self._told: tuple[object, ...] = ()

    def _tool(self, icon: str, about: str, do: Callable[[], None]) -> int:
        item = int(dpg.add_button(label=ICONS[icon], callback=lambda *_: do()))
        with dpg.tooltip(item, delay=0.4):
            dpg.add_text(about)
        return item

    def frame(self) -> None:
        """Bring the list up to date."""
        self.search.frame()
        self.list.marking = self.search.focused
        self.looking.frame()
        key = (self.looking.revision, self.search.text, self.visit.places, self.marked)
        if key != self._shown:
            self._shown = key
            self.list.show(self._rows())
        told = (self.looking.folder, self.list.wide, self.shell.look.theme, self.marked)
        if told != self._told:
            self._told = told
            self._say_where()
            self.list.refresh()
        self.list.frame()
        if self.list.seen:
            self.bubble.frame(self.list)
        else:
            self.bubble.hide()

    def close(self) -> None:
        """What it drew over the window is gone."""
        self.bubble.close()

    def _say_where(self) -> None:
        look, folder = self.shell.look, self.looking.folder
        text = shown(folder)
        while fonts.width(text, 15) > self.list.wide - 8 and "/" in text[2:]:
            text = "…/" + text.removeprefix("…/").partition("/")[2]
        dpg.set_value(self._where, text)
        dpg.configure_item(self._where, color=look.theme.quiet)
        here = str(folder) in self.marked
        dpg.bind_item_theme(self._mark, look.words("warning" if here else "quiet"))

    # rows

    def _rows(self) -> list[Hashable]:
        found = self.looking.listing
        entries = list(found.entries)
        if self.search.text:
            return list(ranked(self.search.text, [(e, (e.name, e.kind)) for e in entries]))
        rows: list[Hashable] = [Heading()]
        if self.visit.places:
            rows += self._spots()
        return [*rows, *entries]

    def _spots(self) -> list[Spot]:
        marked = [Spot(Path(name), "bookmark") for name in self.marked]
        recent = [Spot(path, "history") for path in self.looking.recent]
        known = {spot.path for spot in marked}
        return [*marked, *(spot for spot in recent if spot.path not in known)]

    def _row(self, key: Hashable) -> Row:
        t = self.shell.look.theme
        if isinstance(key, Heading):
            return Row(
                title=_("Marked and recent folders"), ink=t.quiet, icon=ICONS["bookmark"],
                tone=t.quiet, fold="open" if self.visit.places else "closed", face="strong",
            )  # fmt: skip
        if isinstance(key, Spot):
            name = key.path.name or str(key.path)
            return Row(name, t.text, ICONS[key.icon], t.quiet, depth=1,
                       quiet=shown(key.path.parent), quiet_ink=t.faint)  # fmt: skip
        assert isinstance(key, Entry)
        tones = {"folder": t.quiet, "document": t.accent, "world": t.category("world"),
                 "light world": t.mode("lora"), "adapter": t.mode("lora")}  # fmt: skip
        words = _kinds()
        return Row(
            title=key.name, ink=t.text, icon=ICONS[ICON.get(key.kind, "file")],
            tone=tones.get(key.kind, t.faint), depth=-1,
            marks=(Mark(words[key.kind], t.faint, "kind", about=self._about(key)),)
            if key.kind != "folder" else (),
        )  # fmt: skip

    def _about(self, entry: Entry) -> str:
        words = _kinds()[entry.kind]
        return f"{words}\n{entry.name}" + (f"\n{sized(entry.size)}" if entry.size else "")

    # what people do

    def take(self) -> None:
        """The chosen row is taken, or the first."""
        now = self.list.now if self.list.place >= 0 else next(iter(self.list.keys), None)
        self._double(now)

    def _clicked(self, key: Hashable, _part: str) -> None:
        if isinstance(key, Heading):
            self.visit.places = not self.visit.places
        elif isinstance(key, Spot):
            self.looking.go(key.path)

    def _double(self, key: Hashable) -> None:
        if not isinstance(key, Entry):
            return
        if key.kind == "folder":
            self.search.write("")
            self.looking.go(key.path)
        elif key.kind in ("document", "world", "snapshot"):
            self.door.open(key.path)
        else:
            self.door.take_in(key.path)

    def _toggle(self, *_args: Any) -> None:
        name, now = str(self.looking.folder), self.marked
        kept = tuple(n for n in now if n != name) if name in now else (*now, name)
        self.shell.settings.change(folders=kept)

    @property
    def marked(self) -> tuple[str, ...]:
        """The folders that the person marked."""
        return self.shell.settings.value.folders


def _kinds() -> dict[Kind, str]:
    return {
        "folder": _("Folder"), "document": _("Document"), "world": _("World"),
        "light world": _("Light world"), "snapshot": _("Snapshot"), "adapter": _("Adapter"),
        "other": "",
    }  # fmt: skip


def files_panel(start: Path, door: Door) -> Panel:
    """The files of a folder and those around it, at the left."""
    visit = Visit(Looking(start))

    def build(shell: Shell, parent: int) -> PanelView:
        return FilesPanel(shell, parent, visit, door)

    return Panel(NAME, _("Files"), "left", build, "folder")
