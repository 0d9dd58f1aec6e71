"""Which moment is shown: it plays on and on, holds at the end, and can be stepped and drawn along."""

from __future__ import annotations

from dataclasses import dataclass

SPEEDS = (0.5, 1.0, 2.0, 4.0)  # steps a second
HOLD = 1.2  # seconds at the end before it begins again


@dataclass
class Reel:
    """A moment between 0 and `steps`. Units: `speed` in steps a second."""

    steps: int = 0
    moment: float = 0.0
    playing: bool = True
    speed: float = 2.0
    held: float = 0.0

    def load(self, steps: int) -> None:
        """Another story: what was at its end begins anew, else the moment stays where it is."""
        over = self.moment >= self.steps
        self.steps = steps
        if over and self.playing:
            self.moment, self.held = 0.0, 0.0
        self.moment = min(self.moment, float(steps))

    def pass_(self, seconds: float) -> None:
        """Time goes by."""
        if not self.playing or not self.steps:
            return
        self.moment += seconds * self.speed
        if self.moment < self.steps:
            return
        self.moment = float(self.steps)
        self.held += seconds
        if self.held > HOLD:
            self.moment, self.held = 0.0, 0.0

    def toggle(self) -> None:
        """Play or pause; what is at its end plays from the start."""
        self.playing = not self.playing
        if self.playing and self.moment >= self.steps:
            self.moment, self.held = 0.0, 0.0

    def step(self, by: int) -> None:
        """To the next whole moment, or the one before; it stands there."""
        self.playing = False
        whole = int(self.moment)
        target = whole + 1 if by > 0 else whole if self.moment > whole else whole - 1
        self.seek(target)

    def seek(self, moment: float) -> None:
        """To a moment."""
        self.moment, self.held = max(0.0, min(float(self.steps), moment)), 0.0
