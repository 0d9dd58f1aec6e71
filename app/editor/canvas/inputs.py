"""What hands do: mouse and keys as values, in pixels from the canvas's upper left corner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.editor.canvas.camera import Point

Button = Literal["left", "middle", "right"]


@dataclass(frozen=True)
class Held:
    """The modifiers that are down."""

    shift: bool = False
    ctrl: bool = False
    alt: bool = False
    space: bool = False


FREE = Held()


@dataclass(frozen=True)
class Mouse:
    """One thing that the mouse does. `turn` is the wheel's, up is positive."""

    what: Literal["move", "press", "release", "double", "wheel"]
    x: float
    y: float
    button: Button = "left"
    held: Held = FREE
    turn: float = 0.0

    @property
    def at(self) -> Point:
        """Where."""
        return Point(self.x, self.y)
