"""Learning-rate schedules as pure functions of the step: there is no state to save or to lose."""

from __future__ import annotations

import math

from graphs.spec.plan import Schedule


def factor(schedule: Schedule, step: int, steps: int) -> float:
    """The rate at `step` (0-based) of `steps` as a factor of its peak.

    Units: dimensionless, 0 to 1 for all kinds but "step" with gamma above 1.

    >>> factor(Schedule(kind="linear", warmup=2, final=0.0), 0, 12)
    0.5
    >>> round(factor(Schedule(kind="cosine"), 50, 100), 6)
    0.5
    """
    if step < schedule.warmup:
        return (step + 1) / schedule.warmup
    done = (step - schedule.warmup) / max(1, steps - schedule.warmup)
    final = schedule.final
    match schedule.kind:
        case "linear":
            return 1 + (final - 1) * min(1.0, done)
        case "cosine":
            return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        case "exponential":
            return float(max(final, 1e-8) ** min(1.0, done))
        case "step":
            return float(schedule.gamma ** ((step - schedule.warmup) // schedule.every))
    return 1.0
