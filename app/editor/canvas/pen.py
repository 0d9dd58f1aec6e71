"""A pen: shapes in world units put into a drawlist at one zoom, in the colours of one theme.

Dear PyGui transforms points only, never radii, thicknesses or the size of text, so these are given
here as they shall be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.curves import Piece
from app.editor.colours import CLEAR, Colour, Theme
from app.editor.fonts import Face
from app.editor.gui import dpg
from app.editor.theme import Look

SMALLEST = 6.0


class Pen:
    """Draws under one parent; positions are rounded to pixels so that edges and letters are sharp."""

    def __init__(self, look: Look, parent: int, zoom: float = 1.0) -> None:
        self.look, self.parent, self.zoom = look, parent, zoom

    @property
    def theme(self) -> Theme:
        """The colours."""
        return self.look.theme

    def rect(
        self,
        box: Rect,
        fill: Colour = CLEAR,
        edge: Colour = CLEAR,
        *,
        round_: float = 0.0,
        thick: float = 1.0,
    ) -> int:
        """A rectangle, filled or outlined."""
        z = self.zoom
        a = [round(box.x * z), round(box.y * z)]
        b = [round(box.right * z), round(box.bottom * z)]
        return int(
            dpg.draw_rectangle(
                a, b, color=edge, fill=fill, rounding=round_ * z, thickness=thick,
                parent=self.parent,
            )
        )  # fmt: skip

    def text(
        self, at: Point, text: str, size: float, colour: Colour, face: Face = "text"
    ) -> int | None:
        """A line of text from its upper left corner; none where it could not be read."""
        z = self.zoom
        if not text or size * z < SMALLEST:
            return None
        made = int(
            dpg.draw_text(
                [round(at.x * z), round(at.y * z)], text, color=colour, size=size * z,
                parent=self.parent,
            )
        )  # fmt: skip
        if face != "text":
            dpg.bind_item_font(made, self.look.font(face))
        return made

    def text_left_of(
        self, right: float, y: float, text: str, size: float, colour: Colour, face: Face = "text"
    ) -> float:
        """A line of text that ends at `right`; where it begins."""
        left = right - fonts.width(text, size, face)
        self.text(Point(left, y), text, size, colour, face)
        return left

    def circle(
        self, at: Point, radius: float, fill: Colour, edge: Colour = CLEAR, thick: float = 1.0
    ) -> int:
        """A circle."""
        z = self.zoom
        return int(
            dpg.draw_circle(
                [at.x * z, at.y * z], radius * z, color=edge, fill=fill, thickness=thick,
                parent=self.parent,
            )
        )  # fmt: skip

    def line(self, a: Point, b: Point, colour: Colour, thick: float = 1.0) -> int:
        """A straight line."""
        z = self.zoom
        return int(
            dpg.draw_line(
                [a.x * z, a.y * z], [b.x * z, b.y * z], color=colour, thickness=thick,
                parent=self.parent,
            )
        )  # fmt: skip

    def lines(self, points: Sequence[Point], colour: Colour, thick: float = 1.0) -> int:
        """A line through points."""
        z = self.zoom
        return int(
            dpg.draw_polyline(
                [[p.x * z, p.y * z] for p in points], color=colour, thickness=thick,
                parent=self.parent,
            )
        )  # fmt: skip

    def curve(self, piece: Piece, colour: Colour, thick: float, segments: int = 0) -> int:
        """A cubic curve."""
        z = self.zoom
        points = [[p.x * z, p.y * z] for p in piece]
        return int(
            dpg.draw_bezier_cubic(
                *points, color=colour, thickness=thick, segments=segments, parent=self.parent
            )
        )

    def image(self, texture: int, box: Rect) -> int:
        """A picture in a box."""
        z = self.zoom
        a = [round(box.x * z), round(box.y * z)]
        b = [round(box.right * z), round(box.bottom * z)]
        return int(dpg.draw_image(texture, a, b, parent=self.parent))
