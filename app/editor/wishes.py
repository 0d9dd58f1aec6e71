"""What the studio asks of its window that is answered in a window of its own: a question, a file, a list.

Plain data with what to do then, so that everything which asks can be tested without a window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def nothing() -> None:
    """What giving up does."""


@dataclass(frozen=True)
class Answer:
    """A button of a question; `bad` ones destroy something."""

    label: str
    do: Callable[[], None] = nothing
    bad: bool = False


@dataclass(frozen=True)
class Question:
    """Please let one of these be chosen: Enter is the first, Escape the last."""

    title: str
    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Kind:
    """Files that may be picked: what they are called and how their names end."""

    title: str
    endings: tuple[str, ...] = ()  # () is every file

    def takes(self, name: str) -> bool:
        """Whether a file of this name is one."""
        return not self.endings or name.lower().endswith(self.endings)


@dataclass(frozen=True)
class Pick:
    """Please let a file be picked; with `save` one that need not be there yet, with `folders` a folder."""

    title: str
    button: str
    kinds: tuple[Kind, ...]
    accept: Callable[[Path], None]
    save: bool = False
    name: str = ""
    folder: Path | None = None
    folders: bool = False


@dataclass(frozen=True)
class Row:
    """One of a list: what it is called, what stands at its right, what is said of it."""

    name: str
    title: str
    right: str = ""
    about: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Choose:
    """Please let one of a list be chosen."""

    hint: str
    rows: tuple[Row, ...]
    take: Callable[[str], None]


@dataclass(frozen=True)
class Show:
    """Please show one of the studio's own windows, by its name in `app.editor.windows`."""

    window: str


@dataclass(frozen=True)
class Draw:
    """Please draw the whole canvas into a PNG file."""

    path: Path


Wish = Question | Pick | Choose | Show | Draw
