"""Double clicks, told from single ones by the clock and not by frames.

Dear PyGui gives two clicks 0.3 seconds by its own frames: where a frame takes long it hears none.
"""

from __future__ import annotations

from app.editor.canvas.inputs import Button

APART = 0.5  # seconds, as desktops have it
NEAR = 6.0  # pixels


class Doubles:
    """Remembers the last press. A third one near the second begins anew."""

    def __init__(self) -> None:
        self.count = 0  # how many double clicks there were
        self._last: tuple[Button, float, float, float] | None = None

    def press(self, button: Button, x: float, y: float, now: float) -> bool:
        """Whether this press is the second of two. Units: `now` in seconds."""
        last, self._last = self._last, (button, x, y, now)
        if last is None or last[0] != button or now - last[3] > APART:
            return False
        if max(abs(x - last[1]), abs(y - last[2])) > NEAR:
            return False
        self._last = None
        self.count += 1
        return True
