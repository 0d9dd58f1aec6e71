"""How warm a node is beside its neighbours: by the norm of its gradients, or by the time that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10, sqrt

DECADES = 3.0  # from the hottest of a body down to what looks cold


class Warmth:
    """A figure by node; heat is measured among the nodes of one body, on a logarithmic scale."""

    def __init__(self) -> None:
        self._of: dict[str, float] = {}
        self._hottest: dict[str, float] = {}  # by the path of the body

    @classmethod
    def of_norms(cls, norms: Mapping[str, float]) -> Warmth:
        """A node that holds others has the norm of all gradients inside it."""
        squares: dict[str, float] = {}
        for path, norm in norms.items():
            parts = path.split(".")
            for depth in range(1, len(parts) + 1):
                outer = ".".join(parts[:depth])
                squares[outer] = squares.get(outer, 0.0) + norm * norm
        made = cls()
        for path, square in squares.items():
            made.put(path, sqrt(square))
        return made

    @property
    def paths(self) -> set[str]:
        """The nodes of which something is known."""
        return set(self._of)

    def changed_from(self, before: Warmth) -> set[str]:
        """The nodes that look otherwise than they did."""
        return {path for path in self.paths | before.paths if self.of(path) != before.of(path)}

    def put(self, path: str, value: float) -> None:
        """The figure of a node."""
        self._of[path] = value
        body = path.rpartition(".")[0]
        self._hottest[body] = max(self._hottest.get(body, 0.0), value)

    def of(self, path: str) -> float | None:
        """Its heat from 0 to 1, None where nothing is known.

        >>> warmth = Warmth.of_norms({"a": 1.0, "b": 0.1, "c.x": 1e-9})
        >>> [warmth.of(path) for path in ("a", "b", "c")]
        [1.0, 0.67, 0.0]
        """
        value = self._of.get(path)
        if value is None:
            return None
        hottest = self._hottest.get(path.rpartition(".")[0], 0.0)
        if value <= 0 or hottest <= 0:
            return 0.0
        return round(
            max(0.0, 1 + log10(value / hottest) / DECADES), 2
        )  # so that noise draws nothing
