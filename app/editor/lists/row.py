"""A row of a list: all that is drawn of it, as a value, so that what did not change is not drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.editor.colours import CLEAR, Colour
from app.editor.fonts import Face

HEIGHT, INDENT, EDGE = 26.0, 14.0, 7.0
ICON, TEXT, SMALL, SIGN = 16.0, 16.0, 13.0, 14.0


@dataclass(frozen=True)
class Mark:
    """Something small at the right of a row. With a `part` it can be clicked by itself."""

    text: str
    tone: Colour
    part: str = ""
    size: float = SMALL
    face: Face = "text"
    room: float = 0.0  # it takes at least so much, so that marks of several rows are in line
    about: str = ""


@dataclass(frozen=True)
class Row:
    """What a row shows. `fold` is None where nothing is inside; marks stand from the right.

    Behind the title stand an icon, however narrow the row is, and quiet words where there is room.
    """

    title: str
    ink: Colour
    icon: str = ""
    tone: Colour = CLEAR
    depth: int = 0
    fold: Literal["open", "closed"] | None = None
    face: Face = "text"
    sign: str = ""
    quiet: str = ""
    quiet_ink: Colour = CLEAR
    marks: tuple[Mark, ...] = ()
    chosen: bool = False
    heading: bool = False
