"""Every optimiser of torch makes a step, and its state survives as named tensors, exactly."""

import pytest
import torch

from graphs.learn.training import Training
from graphs.live.graph import Graph
from graphs.spec.plan import Optimiser
from graphs.spec.problems import FileError, WorldloomError
from tests.learn.world import changed, contents, leaf, linear, model, plan, same

OPTIONS: dict[str, dict[str, object]] = {
    "SGD": {"momentum": 0.9, "nesterov": True},
    "RMSprop": {"momentum": 0.5, "centered": True},
    "Adam": {"amsgrad": True},
}
EVERY = sorted(
    name
    for name, cls in vars(torch.optim).items()
    if isinstance(cls, type) and issubclass(cls, torch.optim.Optimizer)
    if name not in ("Optimizer", "LBFGS")
)


def world(name: str) -> Graph:
    if name == "SparseAdam":
        return model({"a": leaf("toy/SparseTable")})
    if name == "Muon":  # matrices only
        return model({"a": leaf("Linear", d_in=4, d_out=4, bias=False)})
    return model({"a": linear(), "b": linear()})


@pytest.mark.parametrize("name", EVERY)
def test_steps_and_takes_its_state_back_exactly(name: str) -> None:
    chosen = plan(steps=8, optimiser=Optimiser(name=name, lr=0.01, options=OPTIONS.get(name, {})))
    live = world(name)
    training = Training(live, chosen)
    before = contents(live)
    steps = training.steps()
    for _ in range(4):
        next(steps)
    assert changed(before, contents(live))
    state = {key: value.clone() for key, value in training.optimiser.state().items()}
    other = Training(world(name), chosen)
    other.graph.load_state_dict(live.state_dict())
    other.state.step = 4
    other.optimiser.load(state)
    assert same(state, other.optimiser.state())
    assert {k: v.dtype for k, v in state.items()} == {
        k: v.dtype for k, v in other.optimiser.state().items()
    }
    assert [done.loss for done in other.steps()] == [done.loss for done in steps]
    assert same(contents(live), contents(other.graph))
    assert same(training.optimiser.state(), other.optimiser.state())


def test_state_is_named_after_parameters() -> None:
    training = Training(model({"a": linear()}), plan(steps=1))
    list(training.steps())
    assert set(training.optimiser.state()) == {
        f"a.map.{parameter}|{entry}"
        for parameter in ("weight", "bias")
        for entry in ("step", "exp_avg", "exp_avg_sq")
    }


def test_a_foreign_state_is_refused_and_nothing_is_taken() -> None:
    training = Training(model({"a": linear()}), plan(steps=1))
    list(training.steps())
    before = {key: value.clone() for key, value in training.optimiser.state().items()}
    broken = {"a.map.weigth|exp_avg": torch.zeros(4, 4)}
    with pytest.raises(FileError, match=r"'a.map.weigth', which does not train here; did you mean"):
        training.optimiser.load(broken)
    assert same(before, training.optimiser.state())


def test_options_that_an_optimiser_does_not_take_are_refused() -> None:
    def refusal(**fields: object) -> str:
        with pytest.raises(WorldloomError) as caught:
            Training(model({"a": linear()}), plan(optimiser=Optimiser(**fields)))  # type: ignore[arg-type]
        return str(caught.value)

    assert "check plan.optimiser.options" in refusal(name="SGD", options={"momentun": 0.9})
    assert "check plan.optimiser.options" in refusal(name="Adam", options={"betas": [2.0, 0.9]})
    assert "Rprop takes no weight decay" in refusal(name="Rprop", weight_decay=0.1)
