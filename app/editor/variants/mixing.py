"""The mixture of variants: what the sliders say at once, and what the engine is told, not too often."""

from __future__ import annotations

from collections.abc import Mapping

PAUSE = 0.12  # seconds between two words to the engine while a slider is drawn
STEP = 0.01


class Mixing:
    """Weights by variant. The engine's word holds unless something is still on its way to it."""

    def __init__(self) -> None:
        self.weights: dict[str, float] = {}
        self._waits = False
        self._out = 0  # words that the engine has not answered
        self._said_at = float("-inf")

    def weight(self, name: str) -> float:
        """How strongly a variant is in the mixture; 0 is not at all."""
        return self.weights.get(name, 0.0)

    @property
    def used(self) -> dict[str, float]:
        """Those that are in the mixture."""
        return {name: weight for name, weight in self.weights.items() if weight}

    @property
    def alone(self) -> str | None:
        """The one variant that is on at full strength, "" for the base alone, None for a mixture."""
        if not self.used:
            return ""
        (name, weight), *others = self.used.items()
        return name if weight == 1.0 and not others else None

    def slide(self, name: str, weight: float) -> None:
        """One variant has another weight; the others keep theirs."""
        rounded = round(weight / STEP) * STEP
        if rounded != self.weight(name):
            self.weights = {**self.weights, name: round(rounded, 4)}
            self._waits = True

    def switch(self, name: str) -> None:
        """This variant alone, or with "" the base alone."""
        self.weights = {name: 1.0} if name else {}
        self._waits = True

    def due(self, now: float) -> Mapping[str, float] | None:
        """What the engine is to be told now, None when there is nothing new or it was told just now."""
        if not self._waits or now - self._said_at < PAUSE:
            return None
        self._waits, self._said_at = False, now
        self._out += 1
        return self.used

    def answered(self) -> None:
        """The engine took what it was told, or refused it."""
        self._out = max(self._out - 1, 0)

    def hear(self, listed: Mapping[str, float]) -> None:
        """The engine says what is active: it holds, unless something newer is on its way."""
        if not self._waits and not self._out:
            self.weights = dict(listed)
