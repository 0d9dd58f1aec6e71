"""How many slots a sample has, when training may change it: the seed's adaptive flow budget.

It grows while children find no slot though flows do arrive, and shrinks while flows do not arrive or
slots stand empty; a bound in bytes holds whatever else is wished.
"""

from typing import NamedTuple

from nodes.lattice.memory import Rollout

ARRIVING, LOST = 0.9, 0.5  # shares of collected flows that came on their own
EMPTY = 0.8  # the share of slots below whose use some are given back
PART = 8  # a budget changes by one part in so many of the cells


class Seen(NamedTuple):
    """One step of training: of all samples the worst. `used` counts slots that ever held a flow."""

    refused: int
    used: int
    arrived: float
    batch: int


def adapted(budget: int, cells: int, seen: Seen, most: int) -> int:
    """The budget after a step; never below the cells, never above `most` unless that is below them.

    >>> adapted(80, 64, Seen(refused=3, used=80, arrived=1.0, batch=8), 1000)
    88
    >>> adapted(80, 64, Seen(refused=0, used=64, arrived=1.0, batch=8), 1000)
    80
    >>> adapted(120, 64, Seen(refused=0, used=64, arrived=1.0, batch=8), 1000)
    112
    """
    part = max(cells // PART, 1)
    if seen.arrived < LOST:
        budget = max(budget - part, min(seen.used, budget - 1))
    elif seen.refused and seen.arrived >= ARRIVING:
        budget += part
    elif seen.used < EMPTY * budget:
        budget = max(budget - part, seen.used)
    return max(min(budget, most), cells)


def affordable(rollout: Rollout, memory: float, batch: int) -> int:
    """The largest budget of a sample at which a batch keeps no more than this. Units: GiB.

    >>> small = Rollout(flows=1, steps=5, hidden=48, layers=1)
    >>> affordable(small, 1.0, 64), affordable(small, 0.05, 64)
    (1212, 60)
    """
    each = rollout.model_copy(update={"flows": batch}).kept
    return int(memory * 2**30 // each)
