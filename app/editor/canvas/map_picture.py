"""The minimap's picture: a rectangle of its category's colour for each card. Numpy, as cards may be many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.editor.canvas.camera import Minimap, Rect
from app.editor.colours import Theme
from app.editor.studio import Studio


def picture(
    studio: Studio, small: Minimap, theme: Theme, wide: int, high: int
) -> NDArray[np.float32]:
    """The pixels, row by row, four numbers from 0 to 1 each.

    Shapes: out (high * wide * 4,).
    """
    pixels = np.zeros((high, wide, 4), np.float32)
    double = wide / small.box.width
    corner, chosen = small.to_screen(Rect(0, 0, 0, 0)), studio.selection.nodes
    cards = list(studio.scene.known())
    boxes = np.array([(*c.at, c.box.width, c.box.height) for c in cards])
    boxes *= small.scale * double
    boxes[:, :2] += np.array([corner.x - small.box.x, corner.y - small.box.y]) * double
    tones = {
        name: np.array(theme.category(name), np.float32) for name in {c.category for c in cards}
    }
    special = np.array([theme.bad, theme.accent], np.float32)
    inks = np.array(
        [
            special[1] if c.name in chosen else special[0] if c.failed else tones[c.category]
            for c in cards
        ]
    )
    _fill(pixels, boxes, inks / 255 * (1, 1, 1, 0.8))
    return pixels.ravel()


def _fill(
    pixels: NDArray[np.float32], boxes: NDArray[np.float64], inks: NDArray[np.float64]
) -> None:
    """Rectangles, all at once: every card's pixel at each offset from its corner."""
    starts = boxes[:, :2].round().astype(int)
    sizes = np.maximum(boxes[:, 2:].round().astype(int), 2)
    widest, highest = sizes.max(0)
    if widest * highest > len(boxes) * 4:  # few and large
        for (x, y), (wide, high), ink in zip(starts, sizes, inks, strict=True):
            pixels[max(y, 0) : max(y + high, 0), max(x, 0) : max(x + wide, 0)] = ink
        return
    for dx in range(widest):
        for dy in range(highest):
            x, y = starts[:, 0] + dx, starts[:, 1] + dy
            inside = (dx < sizes[:, 0]) & (dy < sizes[:, 1])
            inside &= (x >= 0) & (x < pixels.shape[1]) & (y >= 0) & (y < pixels.shape[0])
            pixels[y[inside], x[inside]] = inks[inside]
