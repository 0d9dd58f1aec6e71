"""The areas of the window around the canvas, and the panels that register themselves in them.

A panel says where it would like to be; people may move it. An area without panels takes no room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from app.editor.canvas.camera import Rect
from app.editor.canvas.inputs import Mouse

if TYPE_CHECKING:
    from app.editor.shell import Shell

Area = Literal["left", "right", "bottom", "middle"]
EDGES: tuple[Area, ...] = ("left", "right", "bottom")
AREAS: tuple[Area, ...] = (*EDGES, "middle")  # a panel in the middle covers the canvas
BAR, STATUS, SPLIT = 42.0, 30.0, 6.0
SMALLEST = 120.0


class PanelView(Protocol):
    """A panel that is built: it looks at the studio's news once a frame while it is seen."""

    def frame(self) -> None:
        """Bring what is shown up to date."""


@runtime_checkable
class HandledPanel(PanelView, Protocol):
    """A panel that takes mouse and keys itself, as one that is drawn does."""

    def mouse(self, event: Mouse) -> bool:
        """Take in what the mouse does, in the window's pixels; whether it was for the panel."""

    def key(self, keys: str) -> bool:
        """Take in a key; whether it was for the panel."""

    def focus(self) -> None:
        """Keys go into its field from now on."""

    def close(self) -> None:
        """It is taken away."""


@dataclass(frozen=True)
class Panel:
    """A panel before it is built. `build` puts its items under a parent and gives its view."""

    name: str
    title: str
    area: Area
    build: Callable[[Shell, int], PanelView]
    icon: str = ""
    open: bool = True


@dataclass(frozen=True)
class Sizes:
    """How wide the areas at the sides and how high the one below are, in pixels at scale 1."""

    left: float = 264.0
    right: float = 320.0
    bottom: float = 220.0


@dataclass
class Areas:
    """Which panels are where, and the rectangles that follow from a window's size."""

    sizes: Sizes = Sizes()
    panels: dict[str, Panel] = field(default_factory=dict)
    places: dict[str, Area] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    unit: float = 1.0  # how many pixels one is at the scale of the interface

    def add(self, panel: Panel) -> None:
        """A panel registers itself. Raises: ValueError when its name is taken."""
        if panel.name in self.panels:
            raise ValueError(f"there is a panel {panel.name!r} already")
        self.panels[panel.name] = panel
        self.places.setdefault(panel.name, panel.area)
        if panel.open:
            self.shown.add(panel.name)

    def held(self, area: Area) -> list[Panel]:
        """The panels that are seen in an area."""
        return [
            panel
            for name, panel in self.panels.items()
            if self.places[name] == area and name in self.shown
        ]

    def resize(self, area: Area, by: float) -> None:
        """Draw an area's border by so much, outwards."""
        size = max(getattr(self.sizes, area) + by / self.unit, SMALLEST)
        self.sizes = replace(self.sizes, **{area: size})

    def rects(self, width: float, height: float, top: float) -> dict[str, Rect]:
        """Where everything is in a window of this size: the areas, "canvas", "bar", "status"."""
        left = self._room("left", width * 0.4)
        right = self._room("right", width * 0.4)
        bottom = self._room("bottom", height * 0.6)
        bar, status = BAR * self.unit, STATUS * self.unit
        upper = top + bar
        lower = height - status
        found = {
            "bar": Rect(0, top, width, bar),
            "status": Rect(0, lower, width, status),
            "canvas": Rect(left, upper, width - left - right, lower - upper - bottom),
        }
        if left:
            found["left"] = Rect(0, upper, left - SPLIT, lower - upper)
        if right:
            found["right"] = Rect(width - right + SPLIT, upper, right - SPLIT, lower - upper)
        if self.held("middle"):
            found["middle"] = found["canvas"]
        if bottom:
            middle = width - left - right
            found["bottom"] = Rect(left, lower - bottom + SPLIT, middle, bottom - SPLIT)
        return found

    def border(self, area: Area, rects: dict[str, Rect]) -> Rect | None:
        """Where the border between an area and the canvas can be drawn; None while it is not there."""
        canvas = rects["canvas"]
        if area not in rects:
            return None
        if area == "left":
            return Rect(canvas.x - SPLIT, canvas.y, SPLIT, canvas.height)
        if area == "right":
            return Rect(canvas.right, canvas.y, SPLIT, canvas.height)
        return Rect(canvas.x, canvas.bottom, canvas.width, SPLIT)

    def _room(self, area: Area, most: float) -> float:
        return min(float(getattr(self.sizes, area)) * self.unit, most) if self.held(area) else 0.0
