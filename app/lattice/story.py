"""What flows did, as arrays that pictures and the studio's viewer read. No torch, nothing drawn.

A moment is before or after a step; a slot is one place of the pool, in which one flow may follow
another that has died.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nodes.lattice.trajectory import Trajectory

LEVELS = 24  # of energy, where its spread is shown
BRIGHT = 0.98  # the share of flows below the energy that is drawn brightest


@dataclass(frozen=True)
class Story:
    """Slots of one sample or of several, side by side.

    Shapes: place (moments, slots, 3), inside the box; energy, age, flowing, arrived (moments, slots);
    sample (slots,), the number of the sample that a slot belongs to.
    """

    size: tuple[int, int, int]
    place: NDArray[Any]
    energy: NDArray[Any]
    age: NDArray[Any]
    flowing: NDArray[Any]
    arrived: NDArray[Any]
    sample: NDArray[Any]

    @classmethod
    def of(cls, path: Trajectory, samples: Sequence[int] = (0,)) -> Story:
        """These samples of a trajectory; places beyond the output face are on it."""
        chosen = list(samples)
        columns = (part[:, chosen].numpy() for part in path[1:])
        place, energy, age, flowing, arrived = (
            c.reshape(len(c), -1, *c.shape[3:]) for c in columns
        )
        place = place.copy()
        place[..., 2] = place[..., 2].clip(0, path.size[2] - 1)
        slots = np.repeat(np.array(chosen), path.energy.shape[2])
        return cls(path.size, place, energy, age, flowing, arrived, slots)

    def only(self, slots: NDArray[Any]) -> Story:
        """The same of some slots."""
        parts = ("place", "energy", "age", "flowing", "arrived")
        fewer = {name: getattr(self, name)[:, slots] for name in parts}
        return replace(self, **fewer, sample=self.sample[slots])

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.place) - 1

    @cached_property
    def there(self) -> NDArray[Any]:
        """Which slots hold a flow, under way or arrived."""
        found: NDArray[Any] = self.flowing | self.arrived
        return found

    @cached_property
    def born(self) -> NDArray[Any]:
        """Which slots hold a child since this moment; what started at the face was not born."""
        found: NDArray[Any] = self.flowing & (self.age == 0)
        found[0] = False
        return found

    @cached_property
    def moved(self) -> NDArray[Any]:
        """Which went from this moment to the next. Shapes: (moments - 1, slots)."""
        found: NDArray[Any] = self.flowing[:-1] & ~self.born[1:]
        return found

    @cached_property
    def died(self) -> NDArray[Any]:
        """Which flows ended on the way to this moment."""
        gone = self.flowing[:-1] & (~self.there[1:] | self.born[1:])
        return np.concatenate([np.zeros_like(self.flowing[:1]), gone])

    @cached_property
    def came(self) -> NDArray[Any]:
        """Which arrived at this moment."""
        new = self.arrived[1:] & ~self.arrived[:-1]
        return np.concatenate([np.zeros_like(self.flowing[:1]), new])

    @cached_property
    def brightest(self) -> float:
        """The energy that is drawn brightest."""
        seen = self.energy[self.there]
        return float(np.quantile(seen, BRIGHT)) or 1.0 if seen.size else 1.0

    @cached_property
    def counts(self) -> NDArray[Any]:
        """Flows under way, born, arrived and died at each moment. Shapes: (moments, 4)."""
        parts = (self.flowing, self.born, self.came, self.died)
        return np.stack([part.sum(axis=1) for part in parts], axis=1)

    @cached_property
    def spread(self) -> NDArray[Any]:
        """How many flows have which energy at each moment, up to `top`. Shapes: (moments, LEVELS)."""
        rows = [
            np.histogram(energy[here].clip(0, self.top), LEVELS, (0, self.top))[0]
            for energy, here in zip(self.energy, self.there, strict=True)
        ]
        return np.stack(rows)

    @property
    def top(self) -> float:
        """The highest energy that `spread` tells apart."""
        return self.brightest * 1.15

    def crossed(self, until: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Lines that flows have drawn up to a moment, and the energy on each.

        Shapes: (lines, 2, 3), (lines,).
        """
        parts = [
            np.stack([self.place[t][m], self.place[t + 1][m]], axis=1)
            for t, m in enumerate(self.moved[:until])
        ]
        light = [self.energy[t + 1][m] for t, m in enumerate(self.moved[:until])]
        if not parts:
            return np.zeros((0, 2, 3)), np.zeros(0)
        return np.concatenate(parts), np.concatenate(light)

    def visits(self, axes: tuple[int, int]) -> NDArray[Any]:
        """How often flows stood in each cell, seen along the third axis.

        Shapes: out (cells of the first axis, cells of the second).
        """
        return self.counted(self.place[self.flowing | (self.came & self.arrived)], axes)

    def landed(self) -> NDArray[Any]:
        """How many flows arrived in each cell of the output face. Shapes: (height, width)."""
        return self.counted(self.place[-1][self.arrived[-1]], (1, 0))

    def entered(self) -> NDArray[Any]:
        """The energy of each cell of the input face, the mean over samples. Shapes: (height, width)."""
        width, height, _ = self.size
        total = np.zeros((height, width))
        cells = self.place[0][self.flowing[0] | self.arrived[0]]
        held = self.energy[0][self.flowing[0] | self.arrived[0]]
        where = tuple(np.rint(cells[:, axis]).astype(int) for axis in (1, 0))
        np.add.at(total, where, held)
        return total / max(len(np.unique(self.sample)), 1)

    def counted(self, place: NDArray[Any], axes: tuple[int, int]) -> NDArray[Any]:
        """How many of these places are in each cell. Shapes: place (n, 3)."""
        shape = (self.size[axes[0]], self.size[axes[1]])
        cells = [
            np.rint(place[:, axis]).astype(int).clip(0, count - 1)
            for axis, count in zip(axes, shape, strict=True)
        ]
        count = np.zeros(shape)
        np.add.at(count, tuple(cells), 1)
        return count
