"""The window in which a file is picked: the folders of this machine, by keys or by mouse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.editor.dialogs.dialog import Dialog
from app.editor.folders import shown
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.theme import Look
from app.editor.wishes import Answer, Kind, Pick

MOST = 2000  # rows that are shown
HIGH = 330.0
SIDE = 168.0
SIGNS = {".json": "file-json", ".world": "globe", ".png": "file-image", ".py": "file-code"}


@dataclass(frozen=True)
class Entry:
    """Something in a folder. Units: bytes; seconds since 1970."""

    path: Path
    folder: bool
    size: int = 0
    changed: float = 0.0


def entries(folder: Path, kind: Kind) -> list[Entry]:
    """What may be picked there: folders first, then files of the kind. Raises: OSError."""
    found = list(_seen(folder, kind))
    return sorted(found, key=lambda e: (not e.folder, e.path.name.lower()))[:MOST]


def _seen(folder: Path, kind: Kind) -> Iterator[Entry]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        try:
            facts = path.stat()
        except OSError:
            continue  # gone meanwhile, or a link to nowhere
        inside = path.is_dir()
        if inside or kind.takes(path.name):
            yield Entry(path, inside, 0 if inside else facts.st_size, facts.st_mtime)


class Picker(Dialog):
    """Pick a file that is there, a name for one, or a folder."""

    def __init__(self, look: Look, pick: Pick) -> None:
        super().__init__(look, pick.title, 760)
        self.pick, self.kind = pick, pick.kinds[0]
        self.folder = (pick.folder or Path.cwd()).absolute()
        self._entries: list[Entry] = []
        self._rows: list[int] = []
        self._place = -1
        self._replacing: Path | None = None
        self._path = self._head()
        with dpg.group(horizontal=True, parent=self.body):
            side = dpg.add_child_window(width=self.px(SIDE), height=self.px(HIGH), border=False)
            self._list = dpg.add_child_window(height=self.px(HIGH), width=-1, border=False)
        self._places(side)
        self._name, self._kinds = self._foot()
        self._said = dpg.add_text("", parent=self.body, color=look.theme.warning, show=False)
        self.buttons(Answer(pick.button), Answer(_("Cancel")))
        self._keys = {"Escape": lambda: None}
        self.go(self.folder)

    def go(self, folder: Path) -> None:
        """Show what is in a folder; where it cannot be read, say so and stay."""
        try:
            found = entries(folder, self.kind)
        except OSError as error:
            self._tell(f"{shown(folder)}: {error.strerror or error}")
            return
        self._entries = [each for each in found if each.folder or not self.pick.folders]
        self.folder, self._place = folder, -1
        dpg.set_value(self._path, str(folder))
        self._tell("")
        self._fill()

    def frame(self) -> None:
        """Once a frame: a name that is written is meant, not what was chosen before."""
        super().frame()
        if self.open and self._place >= 0 and dpg.is_item_edited(self._name):
            dpg.set_value(self._rows[self._place], False)
            self._place = -1

    def key(self, name: str) -> bool:
        """Up and Down choose, Enter takes, Alt+Up goes to the folder around."""
        match name:
            case "Down" | "Up" if self._entries:
                dpg.focus_item(self._list)  # a field that is written into takes no other value
                step = 1 if name == "Down" else -1
                self._choose((self._place + step) % len(self._entries))
            case "Enter" if dpg.is_item_focused(self._path):
                self.go(Path(dpg.get_value(self._path)).expanduser())
            case "Enter":
                self._take()
            case "Alt+Up":
                self.go(self.folder.parent)
            case _:
                return super().key(name)
        return True

    # what it is made of

    def _head(self) -> int:
        with dpg.group(horizontal=True, parent=self.body):
            up = dpg.add_button(
                label=ICONS["arrow-up"], callback=lambda: self.go(self.folder.parent)
            )
            with dpg.tooltip(up):
                dpg.add_text(_("The folder around (Alt+Up)"))
            path = dpg.add_input_text(width=-1 if not self.pick.save else self.wide - self.px(90))
            if self.pick.save:
                new = dpg.add_button(label=ICONS["folder-plus"], callback=self._new_folder)
                with dpg.tooltip(new):
                    dpg.add_text(_("New folder, called as the name below"))
        return int(path)

    def _foot(self) -> tuple[int, int]:
        titles = [kind.title for kind in self.pick.kinds]
        with dpg.group(horizontal=True, parent=self.body):
            name = dpg.add_input_text(
                default_value=self.pick.name,
                width=self.wide - self.px(228),
                hint=_("Name"),
                auto_select_all=True,
            )
            kinds = dpg.add_combo(
                titles, default_value=titles[0], width=self.px(220), callback=self._of_kind,
                no_arrow_button=len(titles) == 1, enabled=len(titles) > 1,
            )  # fmt: skip
        dpg.focus_item(name)
        return int(name), int(kinds)

    def _places(self, side: Any) -> None:
        """The folders that people go to: their own, where they are, those above."""
        own = {"home": Path.home(), "folder-open": Path.cwd()}
        titles = {"home": _("Home"), "folder-open": Path.cwd().name or "/"}
        for sign, path in own.items():
            self._place_row(side, f"{ICONS[sign]}  {titles[sign]}", path)
        for name in ("Documents", "Desktop", "Downloads"):
            if (path := Path.home() / name).is_dir():
                self._place_row(side, f"{ICONS['folder']}  {name}", path)
        root = Path(Path.home().anchor)
        self._place_row(side, f"{ICONS['hard-drive']}  {root}", root)

    def _place_row(self, side: Any, label: str, path: Path) -> None:
        dpg.add_selectable(
            label=label, parent=side, user_data=path,
            callback=self._to_place,
        )  # fmt: skip

    def _to_place(self, item: Any, _: Any, path: Path) -> None:
        dpg.set_value(item, False)
        self.go(path)

    def _fill(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        self._rows = []
        theme = self.look.theme
        if not self._entries:
            text = _("Nothing here that fits")
            dpg.add_text(text, parent=self._list, color=theme.faint)
            return
        with dpg.table(parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit):
            dpg.add_table_column(width_stretch=True)
            dpg.add_table_column()
            dpg.add_table_column()
            for number, entry in enumerate(self._entries):
                sign = "folder" if entry.folder else SIGNS.get(entry.path.suffix, "file")
                with dpg.table_row():
                    row = dpg.add_selectable(
                        label=f"{ICONS[sign]}  {entry.path.name}##{number}", span_columns=True,
                        callback=self._clicked, user_data=number,
                    )  # fmt: skip
                    size = "" if entry.folder else _size(entry.size)
                    when = f"{datetime.fromtimestamp(entry.changed):%Y-%m-%d %H:%M}"
                    dpg.add_selectable(label=f"{size:>9}##s{number}", enabled=False)
                    dpg.add_selectable(label=f"   {when}##w{number}", enabled=False)
                self._rows.append(int(row))

    # what people do

    def _clicked(self, _: Any, __: Any, number: int) -> None:
        again = number == self._place
        self._choose(number)
        if self._entries[number].folder or again:
            self._take()

    def _choose(self, number: int) -> None:
        self._place = number
        for other, row in enumerate(self._rows):
            dpg.set_value(row, other == number)
        entry = self._entries[number]
        if not entry.folder:
            dpg.set_value(self._name, entry.path.name)

    def _of_kind(self, _: Any, title: str) -> None:
        self.kind = next(kind for kind in self.pick.kinds if kind.title == title)
        self.go(self.folder)

    def _new_folder(self) -> None:
        path = self.folder / (dpg.get_value(self._name).strip() or _("New folder"))
        path = path.with_suffix("")
        try:
            path.mkdir()
        except OSError as error:
            self._tell(f"{shown(path)}: {error.strerror or error}")
        else:
            self.go(path)

    def _pressed(self, item: Any, value: Any, answer: Answer) -> None:
        if answer.label == self.pick.button:
            self._take()
        else:
            self.close()

    def _take(self) -> None:
        """Go into the folder that is chosen, or take the file that is named."""
        if 0 <= self._place < len(self._entries) and self._entries[self._place].folder:
            self.go(self._entries[self._place].path)
            return
        name = str(dpg.get_value(self._name)).strip()
        if not name and self.pick.folders:
            self._done(self.folder)
            return
        if not name:
            self._tell(_("Choose a file") if not self.pick.save else _("Write a name"))
            return
        path = self.folder / Path(name).expanduser()
        if path.is_dir():
            self.go(path)
        elif self.pick.save:
            self._save(path)
        elif self.pick.folders or not path.is_file():
            self._tell(_("There is no {name} here").format(name=path.name))
        else:
            self._done(path)

    def _save(self, path: Path) -> None:
        """A file that is there is replaced only when people say so twice."""
        ending = self.kind.endings[0] if self.kind.endings else ""
        path = path if path.name.endswith(ending) else path.with_name(f"{path.name}{ending}")
        if path.exists() and path != self._replacing:
            self._replacing = path
            words = _("{name} is there already: press {button} again to replace it")
            self._tell(words.format(name=path.name, button=self.pick.button))
        else:
            self._done(path)

    def _done(self, path: Path) -> None:
        self.close()
        self.pick.accept(path)

    def _tell(self, text: str) -> None:
        dpg.set_value(self._said, text)
        dpg.configure_item(self._said, show=bool(text))


def _size(count: int) -> str:
    """How large a file is, as people read it.

    >>> _size(812), _size(81_200), _size(8_120_000)
    ('812 B', '79.3 KB', '7.7 MB')
    """
    size = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return ""
