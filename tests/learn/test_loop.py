"""A plan's training is the hand-written PyTorch loop, bit for bit."""

import copy
import math
import shutil
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.learn.training import Training
from graphs.live import Run
from graphs.live.build import build
from graphs.live.cache import OutputCache
from graphs.live.graph import Graph
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Data, Loss, Optimiser, Rule, Schedule, Validation
from graphs.spec.problems import DocumentError, RunError, WorldloomError
from tests.learn.world import (
    W,
    changed,
    contents,
    graph,
    leaf,
    linear,
    model,
    nested,
    plan,
    registry,
    same,
)

STEPS = 55


def twin(live: Graph) -> nn.Sequential:
    """The same layers with the same weights, as one writes them by hand."""
    copied = copy.deepcopy(live)
    return nn.Sequential(
        copied.at("a").get_submodule("map"),
        nn.Tanh(),
        copied.at("b").get_submodule("map"),
    )


def rows(live: Graph, seed: int, position: int, size: int) -> tuple[Tensor, Tensor]:
    """What the two sources give at a position."""
    run = Run(seed, position, "train", size, True)
    return live.at("data")(run=run.at("data")), live.at("wanted")(run=run.at("wanted"))


def parts() -> dict[str, NodeSpec]:
    return {"a": linear(), "act": leaf("Tanh"), "b": linear()}


def by_hand(
    net: nn.Sequential,
    make: Callable[[Any], torch.optim.Optimizer],
    data: Callable[[int], tuple[Tensor, Tensor]],
    rate: Callable[[int], float],
    accumulate: int = 1,
    clip: float | None = None,
    ema: float | None = None,
    autocast: bool = False,
) -> tuple[list[float], list[Tensor]]:
    optimiser = make(net.parameters())
    losses = []
    average = [p.detach().clone() for p in net.parameters()]
    for step in range(STEPS):
        for group in optimiser.param_groups:
            group["lr"] = rate(step)
        total = 0.0
        for micro in range(accumulate):
            x, y = data(step * accumulate + micro)
            with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
                loss = nn.functional.mse_loss(net(x), y)
            (loss / accumulate if accumulate > 1 else loss).backward()
            total = loss.detach() / accumulate + total if micro else loss.detach() / accumulate
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimiser.step()
        optimiser.zero_grad()
        losses.append(float(total))
        if ema:
            d = min(ema, (1 + step) / (10 + step))
            average = [
                torch.lerp(a, p.detach(), 1 - d)
                for a, p in zip(average, net.parameters(), strict=True)
            ]
    return losses, average


def weights(training: Training) -> list[Tensor]:
    return [p.detach() for p in training.trained.values()]


def equal(found: list[Tensor], wanted: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize("autocast", [False, True], ids=["float32", "bfloat16"])
def test_sgd_with_momentum_equals_the_hand_written_loop(autocast: bool) -> None:
    live = model(parts())
    net = twin(live)
    chosen = plan(
        steps=STEPS,
        optimiser=Optimiser(name="SGD", lr=0.05, weight_decay=0.01, options={"momentum": 0.9}),
        precision="bfloat16" if autocast else "float32",
    )
    losses, _ = by_hand(
        net,
        lambda ps: torch.optim.SGD(ps, lr=0.05, weight_decay=0.01, momentum=0.9),
        lambda position: rows(live, 0, position, 8),
        lambda _: 0.05,
        autocast=autocast,
    )
    training = Training(live, chosen)
    assert [done.loss for done in training.steps()] == losses
    assert equal(weights(training), list(net.parameters()))


def test_adamw_with_schedule_warmup_clipping_accumulation_and_average_equals_the_hand_loop() -> (
    None
):
    live = model(parts())
    net = twin(live)
    chosen = plan(
        steps=STEPS,
        optimiser=Optimiser(lr=0.02, weight_decay=0.1, options={"betas": [0.8, 0.95]}),
        schedule=Schedule(kind="cosine", warmup=10, final=0.1),
        accumulate=3,
        clip_norm=0.2,
        ema=0.9,
        seed=5,
    )

    def rate(step: int) -> float:
        if step < 10:
            return 0.02 * ((step + 1) / 10)
        done = (step - 10) / 45
        return 0.02 * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * done)))

    losses, average = by_hand(
        net,
        lambda ps: torch.optim.AdamW(ps, lr=0.02, weight_decay=0.1, betas=(0.8, 0.95)),
        lambda position: rows(live, 5, position, 8),
        rate,
        accumulate=3,
        clip=0.2,
        ema=0.9,
    )
    training = Training(live, chosen)
    seen = list(training.steps())
    assert equal(weights(training), list(net.parameters()))
    assert [done.loss for done in seen] == losses
    assert training.average is not None
    assert equal(list(training.average.tensors.values()), average)
    assert all(done.grad_norm is not None and done.rows == 24 for done in seen)
    with training.average:
        assert equal(weights(training), average)
    assert equal(weights(training), list(net.parameters()))


def two_losses() -> Graph:
    spec = graph(
        {
            "data": leaf("RandomTensor", shape=[W]),
            "wanted": leaf("RandomTensor", shape=[W]),
            "lin": linear(),
            "near": leaf("MSELoss"),
            "far": leaf("L1Loss"),
        },
        [
            "data.out -> lin.x",
            *(f"lin.out -> {name}.x" for name in ("near", "far")),
            *(f"wanted.out -> {name}.target" for name in ("near", "far")),
        ],
        outputs={"score": "near.out"},
    )
    return build(spec, registry())


def test_several_weighted_losses_add_up() -> None:
    live = two_losses()
    net = copy.deepcopy(live.at("lin").get_submodule("map"))
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    losses = (
        Loss(port="score", weight=0.5),
        Loss(port="far.out", weight=2.0),
        Loss(port="far.out"),
    )
    training = Training(
        live, plan(losses=losses, optimiser=Optimiser(name="SGD", lr=0.1), steps=STEPS)
    )
    for step, done in enumerate(training.steps()):
        x, y = rows(live, 0, step, 8)
        near, far = nn.functional.mse_loss(net(x), y), nn.functional.l1_loss(net(x), y)
        (near * 0.5 + (far * 2.0 + far)).backward()
        optimiser.step()
        optimiser.zero_grad()
        wanted = {"score": (near * 0.5).item(), "far.out": (far * 2.0 + far).item()}
        assert {n: p.item() for n, p in done.parts.items()} == pytest.approx(wanted, rel=1e-5)
        assert done.loss == pytest.approx(sum(wanted.values()))
    torch.testing.assert_close(weights(training), list(net.parameters()))


def outside() -> Graph:
    """A graph whose rows come from its caller."""
    nodes = {"lin": linear(), "loss": leaf("MSELoss")}
    inputs = {"x": "lin.x", "y": "loss.target"}
    return build(graph(nodes, ["lin.out -> loss.x"], inputs, {"loss": "loss.out"}), registry())


def batch(position: int) -> Mapping[str, Tensor]:
    draw = torch.Generator().manual_seed(position)
    return {"x": torch.randn(6, W, generator=draw), "y": torch.randn(6, W, generator=draw)}


def test_rows_may_come_from_a_function_of_the_position() -> None:
    live = outside()
    net = copy.deepcopy(live.at("lin").get_submodule("map"))
    optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
    training = Training(
        live,
        plan(
            losses=(Loss(port="loss"),),
            steps=STEPS,
            optimiser=Optimiser(name="Adam", lr=0.01),
            validation=Validation(every=STEPS, batches=2),
        ),
        batches=batch,
        held_out=lambda position: batch(1000 + position),
    )
    for step, done in enumerate(training.steps()):
        loss = nn.functional.mse_loss(net(batch(step)["x"]), batch(step)["y"])
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        assert done.loss == loss.item()
        assert done.rows == 6
    held = [nn.functional.mse_loss(net(batch(n)["x"]), batch(n)["y"]).item() for n in (1000, 1001)]
    assert done.validation == {"loss": pytest.approx(sum(held) / 2)}


@pytest.mark.parametrize("pattern", ["a", "**.net", "a.net"])
def test_recomputed_activations_give_the_same_bits(pattern: str) -> None:
    def trained(**fields: Any) -> tuple[list[float], dict[str, Tensor]]:
        live = model(
            {
                "a": nested(
                    {"lin": linear(), "drop": leaf("Dropout", rate=0.5), "net": leaf("toy/Network")}
                ),
                "b": linear(),
            }
        )
        training = Training(live, plan(**fields))
        return [done.loss for done in training.steps()], contents(live)

    losses, before = trained()
    again, after = trained(recompute=(pattern,))
    assert losses == again
    assert not changed(before, after)


@pytest.mark.filterwarnings("ignore")  # torch.compile has its own to say
@pytest.mark.parametrize("pattern", ["a.drop", "a"])
def test_compiled_blocks_learn_the_same(pattern: str) -> None:
    if not shutil.which("c++") and not shutil.which("g++"):
        pytest.skip("torch.compile needs a C++ compiler")

    def trained(rate: float, **fields: Any) -> tuple[Graph, Tensor]:
        body = {"lin": linear(), "drop": leaf("Dropout", rate=rate), "net": linear()}
        live = model({"a": nested(body), "b": linear()})
        training = Training(live, plan(steps=3, **fields))
        return live, torch.tensor([done.loss for done in training.steps()])

    _, expected = trained(0.0)
    live, found = trained(0.0, compile={pattern: "default"})
    torch.testing.assert_close(found, expected)
    drawn = [trained(0.5, compile={pattern: "default"})[1] for _ in range(2)]
    assert torch.equal(*drawn)  # other numbers than uncompiled, but the same again
    compiled = {path for path, block in live.blocks() if block._compiled_call_impl is not None}
    assert compiled == ({"a.drop"} if pattern == "a.drop" else {"a.lin", "a.drop", "a.net"})
    Training(live, plan())
    assert all(block._compiled_call_impl is None for _, block in live.blocks())


@pytest.mark.parametrize("shuffle", [False, True])
def test_cached_outputs_of_frozen_nodes_change_no_bit(shuffle: bool) -> None:
    rules = (Rule(where="b"), Rule(where="c", from_step=12))

    def trained(room: int, cache: bool) -> tuple[list[float], dict[str, Tensor], OutputCache]:
        live = model({"a": leaf("toy/Network"), "c": leaf("toy/Network"), "b": linear()})
        training = Training(
            live, plan(*rules, steps=25, cache_frozen=cache, data=Data(batch=8, shuffle=shuffle))
        )
        training._cache.max_bytes = room
        return [done.loss for done in training.steps()], contents(live), training._cache

    losses, kept, cache = trained(1 << 20, True)
    again, recomputed, empty = trained(0, True)
    assert losses == again
    assert same(kept, recomputed)
    assert cache.hits > 20
    assert empty.hits == 0
    if not shuffle:  # shuffled batches keep their rows together when they are to be reused
        plain, weights, _ = trained(0, False)
        assert plain == losses
        assert same(weights, kept)


def test_a_loss_that_is_not_finite_leaves_weights_and_optimiser_untouched() -> None:
    live = model({"a": linear(), "blow": leaf("toy/Blowing", calls=5)})
    training = Training(live, plan(accumulate=2))
    steps = training.steps()
    for _ in range(2):
        next(steps)
    before = contents(live)
    moments = {name: value.clone() for name, value in training.optimiser.state().items()}
    with pytest.raises(
        WorldloomError, match=r"step 2: the loss is nan \(loss.out nan\); lower the"
    ):
        next(steps)
    assert same(before, contents(live))
    assert same(moments, training.optimiser.state())
    assert training.state.step == 2
    assert all(p.grad is None for p in live.parameters())


def test_gradients_that_are_not_finite_are_found_when_clipping() -> None:
    spec = graph({"data": leaf("RandomTensor", shape=[W]), "a": linear(), "root": leaf("toy/Root")},
        ["data.out -> a.x", "a.out -> root.x"])  # fmt: skip
    live = build(spec, registry())
    before = contents(live)
    training = Training(live, plan(losses=(Loss(port="root.out"),), clip_norm=1.0))
    with pytest.raises(
        WorldloomError, match="the gradients' norm is nan, though the loss is finite"
    ):
        next(training.steps())
    assert same(before, contents(live))


def test_a_gradient_of_somebody_else_or_of_a_failed_step_is_not_added() -> None:
    wanted = model({"a": linear()})
    clean = next(Training(wanted, plan()).steps())
    live = model({"a": linear()})
    training = Training(live, plan())
    for parameter in live.parameters():
        parameter.grad = torch.ones_like(parameter)
    assert next(training.steps()).loss == clean.loss
    assert same(contents(wanted), contents(live))


def test_what_a_loss_must_be() -> None:
    with pytest.raises(DocumentError, match=r"loss.outt.*did you mean loss.out") as caught:
        next(Training(model({"a": linear()}), plan(losses=(Loss(port="loss.outt"),))).steps())
    assert caught.value.problems[0].code == "loss-port"
    with pytest.raises(WorldloomError, match=r"loss 'a.out': expected one number, got \(8, 4\)"):
        next(Training(model({"a": linear()}), plan(losses=(Loss(port="a.out"),))).steps())
    with pytest.raises(DocumentError, match="cannot be computed without 'x', 'y'"):
        next(Training(outside(), plan(losses=(Loss(port="loss"),))).steps())
    detached = model({"a": linear(), "cut": leaf("Detach")})
    with pytest.raises(
        WorldloomError, match=r"no loss depends on anything that trains; .* 2 param"
    ):
        next(Training(detached, plan()).steps())


def test_a_node_that_fails_is_named() -> None:
    live = model({"a": linear(3, 4)})
    with pytest.raises(RunError, match="node 'a' failed"):
        next(Training(live, plan()).steps())


def test_validation_is_a_mean_over_rows_in_eval_and_changes_nothing() -> None:
    live = model({"a": leaf("toy/Network")}, count=50)  # 10 rows are held out
    training = Training(live, plan(validation=Validation(batch=4, ports={"again": "loss.out"})))
    before, modes = contents(live), [m.training for m in live.modules()]
    found = training.validate()
    assert same(before, contents(live))
    assert modes == [m.training for m in live.modules()]
    whole = copy.deepcopy(live).eval()
    run = Run(0, 0, "test", 10)
    x, y = whole.at("data")(run=run.at("data")), whole.at("wanted")(run=run.at("wanted"))
    assert len(x) == 10
    wanted = nn.functional.mse_loss(whole.at("a")(x), y).item()
    assert found == {
        name: pytest.approx(wanted, rel=1e-5) for name in ("loss", "loss.out", "again")
    }


def test_validation_judges_the_average_and_puts_the_weights_back() -> None:
    live = model({"a": linear()})
    training = Training(live, plan(ema=0.9, validation=Validation(every=1000)))
    for _ in training.steps():
        pass
    assert training.average is not None
    own = weights(training)
    judged = training.validate()
    assert equal(own, weights(training))
    training.average._swap()
    averages, training.average = training.average, None
    assert training.validate() == judged
    averages._swap()
    assert training.validate() != judged


def test_validation_ports_must_be_numbers() -> None:
    live = model({"a": linear()})
    training = Training(live, plan(validation=Validation(ports={"image": "a.out"})))
    with pytest.raises(
        WorldloomError, match=r"validation port 'a.out': expected one number, got \(8, 4\)"
    ):
        training.validate()


def test_a_figure_that_is_not_finite_is_never_the_best() -> None:
    live = model({"a": linear(), "blow": leaf("toy/Blowing", calls=1)})
    training = Training(live, plan(steps=1, validation=Validation(every=1)))
    done = next(training.steps())
    assert done.validation is not None
    assert math.isnan(done.validation["loss"])
    assert not done.best
    assert training.state.best is None
    assert training.state.history == [{"step": 1.0}]


def test_stopping_is_not_asking_for_the_next_step() -> None:
    live = model({"a": linear()})
    one, two = Training(live, plan(steps=6)), model({"a": linear()})
    losses = []
    while one.state.step < 6:
        losses.append(next(one.steps()).loss)
    assert losses == [done.loss for done in Training(two, plan(steps=6)).steps()]
    assert same(contents(live), contents(two))
    assert list(one.steps()) == []
