"""Where everything stands in the panel: the view, and beside or below it the small pictures."""

from __future__ import annotations

from dataclasses import dataclass

from app.editor.canvas.camera import Rect

TILES = ("entered", "landed", "above", "side", "energies", "events")
CAPTION, GAP = 18.0, 10.0
SMALLEST, BIGGEST = 56.0, 132.0


@dataclass(frozen=True)
class Room:
    """The view of the box, and a place for each small picture below its caption."""

    view: Rect
    tiles: dict[str, Rect]


def room(width: float, height: float, scale: float = 1.0) -> Room:
    """Beside the view in a wide panel, two by three; below it in a high one, three by two."""
    caption, gap = CAPTION * scale, GAP * scale
    if width >= 1.25 * height:
        rows, columns = 2, 3
        side = _side((height - gap) / rows - caption - gap, (width * 0.48) / columns - gap, scale)
        left = width - columns * (side + gap)
        top = max(0.0, (height - rows * (side + caption) - gap * (rows - 1)) / 2)
        view = Rect(0, 0, max(left - gap, 1), height)
    else:
        rows, columns = 3, 2
        side = _side(height * 0.55 / rows - caption - gap, (width - gap) / columns - gap, scale)
        left = max(0.0, (width - columns * side - gap) / 2)
        top = height - rows * (side + caption + gap)
        view = Rect(0, 0, width, max(top - gap, 1))
    places = {}
    for number, name in enumerate(TILES):
        # Two that belong together stand above one another, or side by side.
        pair, second = divmod(number, 2)
        row, column = (second, pair) if rows == 2 else (pair, second)
        x = left + column * (side + gap)
        y = top + row * (side + caption + gap) + caption
        places[name] = Rect(x, y, side, side)
    return Room(view, places)


def _side(tall: float, wide: float, scale: float) -> float:
    return max(SMALLEST * scale, min(tall, wide, BIGGEST * scale))
