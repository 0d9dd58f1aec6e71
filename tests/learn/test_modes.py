"""What trains is exactly what the sheet says; what is frozen does not move by a bit."""

import copy
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from graphs.learn.modes import Modes
from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.spec.document import NodeSpec
from graphs.spec.plan import Optimiser, Plan, Rule, Schedule
from graphs.spec.problems import DocumentError, WorldloomError
from tests.learn.world import (
    chain,
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

MODES: dict[str, dict[str, Any]] = {
    "train": {"mode": "train"},
    "partial": {"mode": "partial", "parameters": ("leave.*",)},
    "lora": {"mode": "lora", "rank": 2},
}


def three() -> Graph:
    return model({"a": leaf("toy/Network"), "b": leaf("toy/Network"), "c": leaf("toy/Running")})


def run(training: Training) -> None:
    for _ in training.steps():
        pass


def below(tensors: dict[str, torch.Tensor], node: str) -> dict[str, torch.Tensor]:
    return {n: t for n, t in tensors.items() if n.startswith(f"{node}.")}


@pytest.mark.parametrize("around", MODES)
def test_frozen_parameters_and_buffers_keep_every_bit_whatever_trains_around(around: str) -> None:
    live = three()
    before = contents(live)
    run(Training(live, plan(Rule(where="a", **MODES[around]), Rule(where="b", mode="frozen"))))
    after = contents(live)
    assert same(below(before, "b"), below(after, "b"))
    assert same(below(before, "c"), below(after, "c")), "what no rule reaches is frozen"
    assert same(below(before, "a"), below(after, "a")) == (around == "lora")


def test_frozen_means_no_gradient_none_left_over_and_eval() -> None:
    live = three()
    for parameter in live.parameters():
        parameter.grad = torch.ones_like(parameter)
    Training(live, plan(Rule(where="a")))
    b, c = live.at("b"), live.at("c")
    assert not any(p.requires_grad or p.grad is not None for p in b.parameters())
    assert not any(module.training for block in (b, c) for module in block.modules())
    assert all(module.training for module in live.at("a").modules())


def test_a_block_that_says_itself_what_training_mode_is_is_always_asked() -> None:
    live = three()
    block = live.at("a")
    norm = block.get_submodule("norm")

    def train(mode: bool = True) -> nn.Module:
        nn.Module.train(block, mode)
        norm.eval()
        return block

    block.train = train  # type: ignore[method-assign,assignment]
    Training(live, plan(Rule(where="a")))
    assert block.training
    assert not norm.training


def test_a_block_without_parameters_follows_the_rule_around_it() -> None:
    body = nested({"lin": linear(), "drop": leaf("Dropout"), "still": leaf("toy/Running")})
    live = model({"a": body})
    Training(live, plan(Rule(where="a")))
    assert live.at("a.drop").training
    Training(live, plan(Rule(where="a.lin")))
    assert not live.at("a.drop").training
    before = contents(live)
    run(Training(live, plan(Rule(mode="lora", rank=2))))
    assert same(before, contents(live)), "running statistics are base: a light world has none"


def test_partial_trains_only_what_its_patterns_name_and_leaves_the_rest_still() -> None:
    live = model({"a": leaf("toy/Network")})
    before = contents(live)
    training = Training(
        live, plan(Rule(where="a", mode="partial", parameters=("enter.bias", "leave.*")))
    )
    run(training)
    assert changed(before, contents(live)) == {"a.enter.bias", "a.leave.weight", "a.leave.bias"}
    assert not live.at("a").get_submodule("norm").training


def test_lora_trains_adapters_only() -> None:
    live = model({"a": nested({"lin": linear(), "net": leaf("toy/Network")}), "b": linear()})
    before = contents(live)
    training = Training(live, plan(Rule(mode="lora", rank=2)))
    fresh = {n: p.detach().clone() for n, p in training.modes.adapters.items()}
    run(training)
    assert same(before, contents(live))
    assert changed(fresh, {n: p.detach() for n, p in training.modes.adapters.items()}) == set(fresh)
    assert set(training.trained) == set(fresh)
    assert {name.rpartition(".")[0] for name in fresh} == {
        "a.lin.map", "a.net.enter", "a.net.leave", "b.map",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["SGD", "AdamW"])
def test_what_freezes_mid_run_is_not_moved_by_gradients_or_momentum_of_before(name: str) -> None:
    live = model({"a": linear(), "b": linear()})
    optimiser = Optimiser(
        name=name, lr=0.1, weight_decay=0.1, options={"momentum": 0.9} if name == "SGD" else {}
    )
    training = Training(
        live, plan(Rule(where="a", until_step=5), Rule(where="b"), optimiser=optimiser)
    )
    for done in training.steps():
        if done.index == 5:
            at_five = contents(live)
    moved = changed(at_five, contents(live))
    assert {n.split(".")[0] for n in moved} == {"b"}
    rows = {row.node: (row.from_step, row.until_step) for row in training.explain()}
    assert rows == {"a": (0, 5), "b": (0, None)}


def test_what_thaws_moves_from_its_step_on() -> None:
    live = model({"a": linear(), "b": linear()})
    rules = (Rule(where="a", mode="frozen", until_step=4), Rule())
    training = Training(live, plan(*rules))
    begin = contents(live)
    moving = ["a.map.weight" in changed(begin, contents(live)) for _ in training.steps()]
    assert moving == [False] * 4 + [True] * 6
    assert {row.node: row.from_step for row in training.explain()} == {"a": 4, "b": 0}


def test_a_rate_that_changes_at_a_step_changes_there() -> None:
    live = model({"a": linear()})
    rules = (
        Rule(lr=0.5, until_step=3),
        Rule(lr=0.0, from_step=3, until_step=6),
        Rule(from_step=6, weight_decay=0.25),
    )
    training = Training(live, plan(*rules, optimiser=Optimiser(name="SGD", lr=0.125)))
    seen = []
    before = contents(live)
    for done in training.steps():
        after = contents(live)
        seen.append(
            (
                done.lr,
                bool(changed(before, after)),
                training.optimiser.torch.param_groups[0]["weight_decay"],
            )
        )
        before = after
    assert seen == [(0.5, True, 0.0)] * 3 + [(0.0, False, 0.0)] * 3 + [(0.125, True, 0.25)] * 4


def tied() -> Graph:
    """b is tied to c: the same block in two places of one chain, the alias first in the document."""
    return model({"b": NodeSpec(tied_to="c"), "c": linear(), "d": linear()})


def test_a_shared_block_is_counted_once_and_its_gradients_add_up() -> None:
    live = tied()
    training = Training(live, plan(optimiser=Optimiser(name="SGD", lr=0.1), steps=1))
    counted = [p for group in training.optimiser.torch.param_groups for p in group["params"]]
    assert len(counted) == len({id(p) for p in counted}) == 4
    assert [(r.node, r.shared_with) for r in training.explain()][:2] == [("c", ("b",))] * 2
    assert [row.parameter for row in training.explain()] == ["map.weight", "map.bias"] * 2

    apart = copy.deepcopy(live)
    shared = apart.at("c")
    twice = model({"b": linear(), "c": linear(), "d": linear()})
    for name, source in (("b", shared), ("c", shared), ("d", apart.at("d"))):
        twice.at(name).load_state_dict(source.state_dict())
    other = Training(twice, plan(optimiser=Optimiser(name="SGD", lr=0.0), steps=1))
    start = {n: t.clone() for n, t in shared.state_dict().items()}
    grads: dict[str, torch.Tensor] = {}
    values = other.graph.program(["loss.out"])({}, _first(other))
    values["loss.out"].backward()
    for name in ("map.weight", "map.bias"):
        grads[name] = (
            twice.at("b").get_parameter(name).grad + twice.at("c").get_parameter(name).grad
        )
    run(training)
    for name, grad in grads.items():
        torch.testing.assert_close(
            live.at("c").get_parameter(name).detach(), start[name] - 0.1 * grad
        )


def _first(training: Training) -> Any:
    from graphs.live import Run

    data = training.plan.data
    return Run(training.plan.seed, 0, data.split, data.batch, data.shuffle)


@pytest.mark.parametrize("where", ["b", "c"])
def test_a_shared_block_frozen_at_one_place_learns_from_the_others_only(where: str) -> None:
    live = tied()
    training = Training(live, plan(Rule(), Rule(where=where, mode="frozen")))
    assert {row.node for row in training.explain()} == {"c", "d"}
    other = Training(tied(), plan(Rule()))
    next(training.steps())
    next(other.steps())
    for name in ("map.weight", "map.bias"):
        alone = live.at("c").get_parameter(name)
        assert not torch.equal(alone, other.graph.at("c").get_parameter(name))
    everywhere = Training(
        tied(), plan(Rule(), Rule(where="b", mode="frozen"), Rule(where="c", mode="frozen"))
    )
    assert {row.node for row in everywhere.explain()} == {"d"}
    assert {row.node for row in Training(tied(), plan(Rule(where=where))).explain()} == {"c"}
    excluded = Training(tied(), plan(Rule(exclude=(where,))))
    assert {row.node for row in excluded.explain()} == {"d"}


def test_types_reach_shared_blocks_and_ones_inside_shared_graphs() -> None:
    inner = nested({"lin": linear(), "norm": leaf("LayerNorm", width=4)})
    live = model({"a": inner, "b": NodeSpec(tied_to="a")})
    rows = Training(live, plan(Rule(types=("core/Linear",)))).explain()
    assert [(r.node, r.shared_with) for r in rows] == [("a.lin", ("b.lin",))] * 2


def test_explain_says_rate_mode_and_count() -> None:
    live = model({"a": linear(), "b": linear()})
    rules = (Rule(lr=0.5), Rule(where="b", mode="lora", rank=3, weight_decay=0.2))
    rows = Training(live, plan(*rules, optimiser=Optimiser(lr=0.01, weight_decay=0.1))).explain()
    said = [(r.node, r.parameter, r.count, r.mode, r.lr, r.weight_decay) for r in rows]
    assert said == [
        ("a", "map.weight", 16, "train", 0.5, 0.1),
        ("a", "map.bias", 4, "train", 0.5, 0.1),
        ("b", "map.lora_A", 12, "lora", 0.01, 0.2),
        ("b", "map.lora_B", 12, "lora", 0.01, 0.2),
    ]


PARTS = {
    "a": nested(
        {"one": linear(), "two": nested({"deep": linear(), "norm": leaf("LayerNorm", width=4)})}
    ),
    "b": NodeSpec(tied_to="a.one"),
    "c": leaf("MLP", d_in=4, hidden=[4], d_out=4, activation="tanh"),
}
WHERE = ["**", "a", "a.one", "a.two", "a.*", "**.deep", "b", "c", "a.two.norm"]
RULES = st.builds(
    lambda where, mode, step, lr: Rule(
        where=where,
        lr=lr,
        **{"until_step" if step < 0 else "from_step": abs(step)} if step else {},
        **{
            "train": {"mode": "train"},
            "frozen": {"mode": "frozen"},
            "partial": {"mode": "partial", "parameters": ("**.weight",)},
            "lora": {"mode": "lora", "rank": 2},
        }[mode],
    ),
    st.sampled_from(WHERE),
    st.sampled_from(["train", "frozen", "partial", "lora"]),
    st.sampled_from([0, 0, 0, 2, -2]),
    st.sampled_from([None, 0.03]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=5))
def test_the_sheet_lists_exactly_what_really_changes_and_when(rules: list[Rule]) -> None:
    live = model(PARTS)
    chosen = plan(*rules, steps=5, optimiser=Optimiser(name="SGD", lr=0.02))
    try:
        training = Training(live, chosen)
    except WorldloomError as error:
        if "no layer" not in str(error) and "nothing would train" not in str(error):
            raise
        return
    rows = dict(zip(training.modes.parameters(), training.explain(), strict=True))
    values = {name: p.detach().clone() for name, p in training.trained.items()}
    base, first = contents(live), dict.fromkeys(rows, 99)
    alive = {s for row in rows.values() for s in range(row.from_step, row.until_step or 5)}
    assume(alive == set(range(5)))
    for done in training.steps():
        for name, p in training.trained.items():
            if not torch.equal(values[name], p):
                first[name] = min(first[name], done.index - 1)
    loras_begin_with_b = [n for n in rows if n.endswith("lora_A")]  # A waits until B is not zero
    for name, row in rows.items():
        late = 1 if name in loras_begin_with_b else 0
        if row.until_step is None or row.until_step - row.from_step > late:
            assert first[name] - row.from_step in (0, late), (name, row, first)
    moved = changed(base, contents(live))
    buffers = {n for n in moved if "running" in n or "tracked" in n}
    assert moved - buffers <= set(rows)


def refusal(*rules: Rule, parts: dict[str, NodeSpec] | None = None, **fields: Any) -> str:
    live = model(parts or {"reader": leaf("toy/Network"), "act": leaf("Relu")})
    before = [name for name, _ in live.named_modules()]
    with pytest.raises(WorldloomError) as caught:
        Training(live, plan(*rules, **fields))
    assert [name for name, _ in live.named_modules()] == before, "nothing is changed on failure"
    return str(caught.value)


def test_rules_that_do_nothing_are_refused_with_near_names() -> None:
    assert "'raeder') reaches no node; did you mean reader?" in refusal(Rule(where="raeder"))
    assert "of type core/Liner" in refusal(Rule(types=("core/Liner",)))
    assert "outside **" in refusal(Rule(exclude=("**",)))
    assert "excludes 'reder', which is no node; did you mean reader?" in refusal(
        Rule(exclude=("reder",))
    )
    assert "no parameters there" in refusal(Rule(), Rule(where="act"))
    message = refusal(Rule(where="reader", mode="partial", parameters=("enter.*", "leave.wieght")))
    assert "no parameter 'leave.wieght'; did you mean leave.weight" in message
    assert "no layer takes lora; it fits Linear" in refusal(
        Rule(mode="lora"), parts={"norm": leaf("LayerNorm", width=4)}
    )
    message = refusal(Rule(mode="lora", targets=("enter", "laeve")))
    assert "no layer named 'laeve'; did you mean leave?" in message
    assert "nothing would train under the rules: frozen '**'" in refusal(Rule(mode="frozen"))
    assert "nothing would train" in refusal(Rule(from_step=10))


def test_all_idle_rules_are_told_at_once() -> None:
    with pytest.raises(DocumentError) as caught:
        Training(model({"a": linear()}), plan(Rule(where="x"), Rule(where="y", mode="frozen")))
    assert [p.code for p in caught.value.problems] == ["rule", "rule"]


def test_plans_that_cannot_work_are_refused() -> None:
    assert "torch.optim has no 'Adam2'; did you mean Adam" in refusal(
        Rule(), optimiser=Optimiser(name="Adam2")
    )
    assert "LBFGS" in refusal(Rule(), optimiser=Optimiser(name="LBFGS"))
    assert "lr and weight_decay stand beside" in refusal(
        Rule(), optimiser=Optimiser(options={"lr": 1})
    )
    assert "no node 'raeder'; did you mean reader?" in refusal(Rule(), recompute=("raeder",))
    assert "compile: no node 'raeder'" in refusal(Rule(), compile={"raeder": "default"})
    assert "patience counts validations" in refusal(Rule(), stopping={"patience": 2})
    assert "watches 'acuracy'" in refusal(
        Rule(), validation={"ports": {"accuracy": "loss.out"}}, stopping={"watch": "acuracy"}
    )
    assert "has no loss" in refusal(Rule(), losses=())


def test_one_adapter_keeps_one_form_over_the_steps() -> None:
    early, late = Rule(mode="lora", rank=2, until_step=3), Rule(mode="lora", rank=4, from_step=3)
    assert "an adapter keeps its form" in refusal(early, late)
    live = model({"a": linear()})
    rows = Training(live, plan(early, late.model_copy(update={"rank": 2, "lr": 0.5}))).explain()
    assert len(rows) == 2


def test_schedules_and_weight_decay_are_the_rules_own() -> None:
    live = model({"a": linear(), "b": linear()})
    rules = (Rule(), Rule(where="b", lr=0.4, weight_decay=0.3, schedule=Schedule(kind="linear")))
    training = Training(live, plan(*rules, steps=4, optimiser=Optimiser(lr=0.1)))
    groups = training.optimiser.torch.param_groups
    rates = [(groups[0]["lr"], groups[1]["lr"]) for _ in training.steps()]
    assert rates == [(0.1, pytest.approx(0.4 * f)) for f in (1, 0.75, 0.5, 0.25)]
    assert [g["weight_decay"] for g in groups] == [0.0, 0.3]


def test_a_plan_that_no_longer_recomputes_unmarks_the_blocks() -> None:
    live = model({"a": linear()})
    Training(live, plan(recompute=("a",)))
    assert live.at("a").recompute
    Training(live, plan())
    assert not live.at("a").recompute


def test_a_composite_with_parameters_of_its_own_is_a_place() -> None:
    body = chain({"lin": linear()})
    live = build(
        graph(
            {"a": NodeSpec(type="graph", body=body)}, inputs={"x": "a.x"}, outputs={"out": "a.out"}
        ),
        registry(),
    )
    live.at("a").register_parameter("gain", torch.nn.Parameter(torch.ones(1)))
    modes = Modes(live, Plan(rules=(Rule(where="a"),)))
    assert [(p.path, p.type) for p in modes.places] == [("a", "graph"), ("a.lin", "core/Linear")]
    assert list(modes.parameters()) == ["a.gain", "a.lin.map.weight", "a.lin.map.bias"]
    light = Modes(live, Plan(rules=(Rule(where="a", mode="lora"),)))
    assert [t.node for t in light.adaptation.targets] == ["a.lin"]


def test_only_some_nodes_learn_whatever_the_rules_say() -> None:
    live = model({"a": linear(), "b": linear()})
    rows = Training(live, plan(Rule()).model_copy(update={"only": ("a",)})).explain()
    assert {row.node for row in rows} == {"a"}
