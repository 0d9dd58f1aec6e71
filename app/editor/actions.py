"""Everything that can be done, as one table: menus, the command palette and keys read the same.

An action has a name that never changes, words for people, a default shortcut that they may rebind, and
says itself whether it can be done now. Panels add theirs to the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.editor.canvas.gestures import Gestures
from app.editor.filing import Filing
from app.editor.shortcuts import conflicts, shortcut
from app.editor.studio import Studio
from graphs.spec.problems import EditError, FileError

NUDGE = 8.0


@dataclass(frozen=True)
class Desk:
    """What actions work on: the studio, the canvas's gestures, files, the clipboard as two functions.

    What is on it is told in one of the next frames, as the system has to be asked.
    """

    studio: Studio
    gestures: Gestures
    paste: Callable[[Callable[[str], None]], None]
    copy: Callable[[str], None]
    files: Filing


Do = Callable[[Desk], None]
Can = Callable[[Desk], bool]


def always(_: Desk) -> bool:
    """It can be done at any time."""
    return True


@dataclass(frozen=True)
class Action:
    """One thing to do. `menu` is where it stands, "Edit/Align"; "" only in the palette.

    With `line` its menu has a line above it; `why` says what it lacks while it cannot be done.
    """

    name: str
    label: str
    do: Do
    menu: str = ""
    keys: str = ""
    can: Can = always
    icon: str = ""
    ticked: Can | None = None
    line: bool = False
    pointed: bool = False  # it is about what is pointed at: only in the menu there
    why: Callable[[Desk], str] | None = None


class Actions:
    """The table. Later rows may be added; a shortcut may be bound anew."""

    def __init__(self, desk: Desk, rows: Iterable[Action]) -> None:
        self.desk = desk
        self._rows: dict[str, Action] = {}
        self._keys: dict[str, str] = {}
        self.done = 0  # how many were done
        self.binding = 0  # grows when a shortcut is bound anew
        self.add(rows)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._rows.values())

    def __getitem__(self, name: str) -> Action:
        return self._rows[name]

    def add(self, rows: Iterable[Action]) -> None:
        """More things to do. Raises: ValueError for a name or shortcut that is taken."""
        for row in rows:
            if row.name in self._rows:
                raise ValueError(f"there is an action {row.name!r} already")
            self._rows[row.name] = row
            self._keys[row.name] = shortcut(row.keys) if row.keys else ""
        if twice := conflicts(self._keys):
            raise ValueError(f"shortcuts are given twice: {twice}")

    def keys(self, name: str) -> str:
        """The shortcut of an action, "" when it has none."""
        return self._keys[name]

    def bind(self, name: str, keys: str) -> str:
        """Give an action a shortcut; the name of the action that lost it, or ""."""
        wanted = shortcut(keys) if keys else ""
        loser = next((n for n, k in self._keys.items() if wanted and k == wanted and n != name), "")
        if loser:
            self._keys[loser] = ""
        self._keys[name] = wanted
        self.binding += 1
        return loser

    def default(self, name: str) -> str:
        """The shortcut that an action was made with."""
        keys = self._rows[name].keys
        return shortcut(keys) if keys else ""

    def rebind(self, keys: Mapping[str, str]) -> None:
        """Actions have these shortcuts; what names no action, no key, or one twice is passed over."""
        taken: set[str] = set()
        for name in self._rows:
            try:
                wanted = shortcut(keys[name]) if keys.get(name) else ""
            except ValueError:
                continue
            self._keys[name] = "" if wanted in taken else wanted
            taken.add(wanted)
        self.binding += 1

    def can(self, name: str) -> bool:
        """Whether it can be done now."""
        return self._rows[name].can(self.desk)

    def run(self, name: str) -> bool:
        """Do it, if it can be done, else say why not; whether it was done."""
        row = self._rows[name]
        if not row.can(self.desk):
            if row.why is not None:
                self.desk.studio.say(row.why(self.desk), "warning")
            return False
        self.done += 1
        try:
            row.do(self.desk)
        except (EditError, FileError) as error:
            self.desk.studio.say(str(error), "error")
        return True

    def press(self, keys: str, hidden: tuple[str, ...] = ()) -> bool:
        """Do what a shortcut stands for; whether there is such an action.

        Those of `hidden` menus are not done, undo and redo apart.
        """
        name = next((n for n, k in self._keys.items() if k == keys), None)
        if name is None or (
            self._rows[name].menu.partition("/")[0] in hidden and name not in ("undo", "redo")
        ):
            return False
        return self.run(name)

    def bound(self) -> Mapping[str, str]:
        """Every shortcut by action, to be kept with a person's settings."""
        return dict(self._keys)
