"""A panel that is a list under a search field: the same keys and the same mouse in each of them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from app.editor.canvas.inputs import Mouse
from app.editor.lists.row_list import RowList
from app.editor.lists.search_field import SearchField
from app.editor.shell import Shell


class SearchedList(ABC):
    """While the field is written in, arrows go through the list, Enter takes, Escape leaves."""

    shell: Shell
    search: SearchField
    list: RowList

    @abstractmethod
    def take(self) -> None:
        """Enter was pressed in the search field."""

    def mouse(self, event: Mouse) -> bool:
        """What the mouse does in the list."""
        return self.list.seen and self.list.mouse(event)

    def key(self, keys: str) -> bool:
        """A key while the search field is written in; whether it was taken."""
        if not self.search.focused:
            return False
        match keys:
            case "Down" | "Up":
                self.list.go(self.list.place + (1 if keys == "Down" else -1))
            case "Enter":
                self.take()
            case "Escape":
                self.search.leave(self.shell.docks.items["canvas"])
            case _:
                return False
        return True

    def focus(self) -> None:
        """The search field is written in."""
        self.search.focus()
