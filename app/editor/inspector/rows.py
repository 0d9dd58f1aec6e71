"""Rows: what a sheet consists of, as data. What a click does is data too.

Rows that are equal need not be drawn again; see `view`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from app.editor.inspector.forms import Entry
from app.editor.inspector.targets import RuleOf
from app.editor.places import Place
from app.editor.studio import Selection, Studio
from graphs.spec.edits import Edit

Act = Callable[[Studio], None]
Tone = Literal["text", "quiet", "faint", "good", "warning", "bad", "accent"]


@dataclass(frozen=True)
class Do:
    """Make an edit."""

    edit: Edit

    def __call__(self, studio: Studio) -> None:
        """Make it."""
        studio.do(self.edit)


@dataclass(frozen=True)
class Jump:
    """Show and choose the node at a path of the expanded root."""

    path: str

    def __call__(self, studio: Studio) -> None:
        """Go there."""
        studio.jump(self.path)


@dataclass(frozen=True)
class Go:
    """Look at another body."""

    place: Place

    def __call__(self, studio: Studio) -> None:
        """Go there."""
        studio.go(self.place)


@dataclass(frozen=True)
class Choose:
    """Choose these nodes of the body that is shown."""

    names: frozenset[str]

    def __call__(self, studio: Studio) -> None:
        """Choose them."""
        studio.select(Selection(self.names))


@dataclass(frozen=True)
class ClearRule:
    """Take the rules that nodes have of their own away."""

    target: RuleOf

    def __call__(self, studio: Studio) -> None:
        """Clear them."""
        self.target.clear(studio)


@dataclass(frozen=True)
class MakePlan:
    """A plan is there and chosen."""

    name: str
    edit: Edit

    def __call__(self, studio: Studio) -> None:
        """Make and choose it."""
        if studio.do(self.edit):
            studio.choose_plan(self.name)


@dataclass
class Scope:
    """Whose settings are changed inside an instance: only this one's, or all instances'."""

    here: bool = False


@dataclass(frozen=True)
class Narrow:
    """Change the settings of this instance only, or of all."""

    scope: Scope = field(compare=False)
    here: bool = False

    def __call__(self, studio: Studio) -> None:
        """From now on."""
        self.scope.here = self.here
        studio.news["plan"] += 1  # the sheet is another one now


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


Row = Entry | Title | Words | Fact | Buttons | PortRow | Tensors


@dataclass(frozen=True)
class Section:
    """Rows under a heading that opens and closes; "" has no heading."""

    key: str
    title: str
    rows: tuple[Row, ...]
    open: bool = True


Sheet = tuple[Section, ...]
