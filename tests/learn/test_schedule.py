"""Schedules are pure functions of the step, and those that torch has too agree with it."""

from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphs.learn.schedule import factor
from graphs.spec.plan import Schedule

LR = torch.optim.lr_scheduler
KINDS = st.sampled_from(["constant", "linear", "cosine", "exponential", "step"])


def rates(make: Any, steps: int) -> list[float]:
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimiser)
    found = []
    for _ in range(steps):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (Schedule(), lambda o: LR.ConstantLR(o, factor=1.0)),
        (Schedule(kind="linear", final=0.25), lambda o: LR.LinearLR(o, 1.0, 0.25, 40)),
        (Schedule(kind="linear"), lambda o: LR.LinearLR(o, 1.0, 0.0, 40)),
        (Schedule(kind="cosine", final=0.1), lambda o: LR.CosineAnnealingLR(o, 40, 0.1)),
        (Schedule(kind="exponential", final=0.5), lambda o: LR.ExponentialLR(o, 0.5 ** (1 / 40))),
        (Schedule(kind="step", every=7, gamma=0.5), lambda o: LR.StepLR(o, 7, 0.5)),
    ],
)
def test_equals_torch(schedule: Schedule, make: Any) -> None:
    assert [factor(schedule, n, 40) for n in range(40)] == pytest.approx(rates(make, 40), abs=1e-12)


@pytest.mark.parametrize("kind", ["constant", "linear", "cosine", "exponential", "step"])
def test_after_warmup_it_is_the_schedule_of_the_rest(kind: Any) -> None:
    late = Schedule(kind=kind, warmup=8, final=0.2, every=5, gamma=0.3)
    rest = late.model_copy(update={"warmup": 0})
    found = [factor(late, n, 40) for n in range(40)]
    assert found[:8] == [(n + 1) / 8 for n in range(8)]
    assert found[8:] == [factor(rest, n, 32) for n in range(32)]


@given(KINDS, st.integers(0, 20), st.integers(1, 50), st.floats(0, 1), st.integers(0, 200))
def test_never_leaves_0_to_1_whatever_the_step(
    kind: Any, warmup: int, steps: int, final: float, step: int
) -> None:
    found = factor(Schedule(kind=kind, warmup=warmup, final=final), step, steps)
    assert 0 <= found <= 1
