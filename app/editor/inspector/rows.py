"""Rows: what a sheet consists of, as data. Rows that are equal need not be drawn again; see `view`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.editor.inspector.acts import Act
from app.editor.inspector.forms import Entry

Tone = Literal["text", "quiet", "faint", "good", "warning", "bad", "accent"]


@dataclass(frozen=True)
class Title:
    """The head of a sheet. `category` gives the colour of the sign."""

    text: str
    icon: str
    category: str
    under: str = ""


@dataclass(frozen=True)
class Words:
    """Text over the whole width."""

    text: str
    tone: Tone = "quiet"
    icon: str = ""


@dataclass(frozen=True)
class Fact:
    """Something that cannot be changed here, with a label; a click on it may lead somewhere."""

    label: str
    text: str
    does: Act | None = None
    tone: Tone = "text"
    help: str = ""


@dataclass(frozen=True)
class Button:
    """Something to press."""

    label: str
    icon: str
    does: Act
    help: str = ""
    on: bool = False


@dataclass(frozen=True)
class Buttons:
    """Some in a row."""

    each: tuple[Button, ...]


@dataclass(frozen=True)
class Way:
    """Where a wire of a port leads."""

    text: str
    does: Act


@dataclass(frozen=True)
class PortRow:
    """A port: what flows there, from or to where, and whether it is seen outside."""

    name: str
    kind: str
    shape: str
    side: Literal["in", "out"]
    ways: tuple[Way, ...] = ()
    outside: str = ""
    toggle: Act | None = None
    problem: str = ""
    help: str = ""


@dataclass(frozen=True)
class Tensors:
    """The tensors of a node: name, shape, count, and in what way each is no plain parameter."""

    each: tuple[tuple[str, str, str, str], ...]
    trained: frozenset[str] = frozenset()


Row = Entry | Title | Words | Fact | Buttons | PortRow | Tensors


@dataclass(frozen=True)
class Section:
    """Rows under a heading that opens and closes; "" has no heading."""

    key: str
    title: str
    rows: tuple[Row, ...]
    open: bool = True


Sheet = tuple[Section, ...]
