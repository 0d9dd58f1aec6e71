"""A plan is plain data that refuses what could never mean anything, and survives a file."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graphs.spec.plan import Loss, Optimiser, Plan, Rule, Schedule, Stopping, Validation

MODES: dict[str, dict[str, Any]] = {
    "train": {},
    "frozen": {},
    "lora": {"method": "rslora", "rank": 3, "targets": ("q", "v")},
    "partial": {"parameters": ("**.bias",)},
}
RATES = st.none() | st.floats(0, 1, allow_nan=False)
PLANS = st.builds(
    Plan,
    rules=st.lists(
        st.builds(
            lambda mode, lr, start, length: Rule(
                mode=mode,
                lr=lr,
                from_step=start,
                until_step=start + length if length else None,
                **MODES[mode],
            ),
            st.sampled_from(list(MODES)),
            RATES,
            st.integers(0, 9),
            st.integers(0, 9),
        ),
        max_size=3,
    ).map(tuple),
    losses=st.just((Loss(port="a.out", weight=0.5),)),
    optimiser=st.builds(Optimiser, lr=st.floats(0, 1), options=st.just({"betas": [0.9, 0.95]})),
    schedule=st.builds(
        Schedule, kind=st.sampled_from(["cosine", "step"]), warmup=st.integers(0, 9)
    ),
    ema=st.none() | st.floats(0, 0.99),
    validation=st.none() | st.just(Validation(every=3, ports={"accuracy": "b.out"})),
    stopping=st.builds(Stopping, patience=st.none() | st.integers(1, 5)),
)


@given(PLANS)
def test_survives_json_exactly(plan: Plan) -> None:
    text = json.dumps(plan.model_dump(mode="json"))
    assert Plan.model_validate(json.loads(text)) == plan


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rule(mode="partial"), "mode 'partial' and only it takes parameter patterns"),
        (lambda: Rule(parameters=("x",)), "mode 'partial' and only it takes parameter patterns"),
        (lambda: Rule(from_step=5, until_step=5), "until_step must be above from_step, got 5 to 5"),
        (lambda: Rule(mode="freeze"), "Input should be 'train', 'frozen', 'partial' or 'lora'"),
        (lambda: Rule(rank=0), "greater than 0"),
        (lambda: Rule(alpha=0), "greater than 0"),
        (lambda: Rule(dropout=1), "less than 1"),
        (lambda: Rule(lr=-1), "greater than or equal to 0"),
        (lambda: Rule(lr=float("nan")), "finite"),
        (lambda: Rule(wher="x"), "Extra inputs are not permitted"),
        (lambda: Plan(steps=0), "greater than 0"),
        (lambda: Plan(ema=1.0), "less than 1"),
        (lambda: Plan(clip_norm=0), "greater than 0"),
        (lambda: Plan(precision="float16"), "'float32' or 'bfloat16'"),
        (lambda: Schedule(gamma=0), "greater than 0"),
    ],
)
def test_refuses_what_means_nothing(make: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        make()


def test_is_frozen_and_its_rules_can_be_keys() -> None:
    plan = Plan()
    with pytest.raises(ValidationError, match="frozen"):
        plan.steps = 3  # type: ignore[misc]
    assert len({Rule(), Rule(), Rule(lr=0.5, schedule=Schedule(kind="cosine"))}) == 2


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 50))
def test_a_rule_is_active_from_its_first_step_until_its_last(
    start: int, length: int, step: int
) -> None:
    rule = Rule(from_step=start, until_step=start + length)
    assert rule.active(step) == (start <= step < start + length)
    assert Rule(from_step=start).active(step) == (start <= step)
