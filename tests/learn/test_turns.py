"""Learning from whole turns of a world."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.spec.problems import WorldloomError
from tests.live.worlds import small_world

LINE = {"type": "core/Linear", "config": {"d_in": 1, "d_out": 1}}


def learning_world() -> Graph:
    """Architect and creator are lines; the creator's loss is its distance from the intent's number."""
    data = small_world().model_dump(mode="json")
    data["root"]["cycle"]["content"] = {"n": None}
    for name in ("architect", "creator"):
        stage = data["root"]["nodes"][name]["body"]
        graph = stage["nodes"]["pipeline"]["body"]["nodes"]["graph"]["body"]
        graph["nodes"]["block"] = LINE
    graph["nodes"]["loss"] = {"type": "core/MSELoss"}
    graph["wires"] = ["block.out -> loss.x"]
    graph["inputs"] = {"x": ["block.x", "loss.target"]}
    for body, inner in (
        (graph, "loss.out"),
        (stage["nodes"]["pipeline"]["body"], "graph.loss"),
        (stage, "pipeline.loss"),
    ):
        body["outputs"]["loss"] = inner
    start = {"type": "core/Constant", "config": {"value": 0.5, "shape": [1]}}
    development = data["root"]["nodes"]["development"]["body"]
    inner = development["nodes"]["pipeline"]["body"]["nodes"]["graph"]["body"]
    inner["nodes"], inner["inputs"], inner["outputs"] = {"block": start}, {}, {"y": "block.out"}
    development["nodes"]["pipeline"]["body"]["inputs"] = {}
    development["inputs"], development["transition"]["reads"] = {}, {}
    return build(Document.model_validate(data), Registry.installed())


def plan(**more: Any) -> Plan:
    fields: dict[str, Any] = {
        "losses": [{"port": "creator.loss"}],
        "turns": {"number": 2, "detach": "never"},
        "optimiser": {"name": "SGD", "lr": 0.1},
        "steps": 2,
    }
    return Plan.model_validate(fields | more)


def weights(world: Graph) -> dict[str, torch.Tensor]:
    return {n: p.detach().clone() for n, p in world.named_parameters()}


@pytest.mark.parametrize(("detach", "both"), [("stage", False), ("never", True)])
def test_gradients_end_where_the_plan_says(detach, both):
    world = learning_world()
    before = weights(world)
    steps = list(Training(world, plan(turns={"number": 2, "detach": detach})).steps())
    assert all(step.loss > 0 for step in steps)
    moved = {
        name.split(".")[0]
        for name, value in weights(world).items()
        if not torch.equal(value, before[name])
    }
    assert moved == ({"architect", "creator"} if both else {"creator"})


def test_the_loss_is_summed_over_the_turns():
    one = next(Training(learning_world(), plan(turns={"number": 1})).steps()).loss
    two = next(Training(learning_world(), plan(turns={"number": 2})).steps()).loss
    assert two == pytest.approx(2 * one)


def test_a_loss_whose_stage_never_runs_is_an_error():
    losses = [{"port": "creator.loss"}, {"port": "author.y"}]
    steps = Training(learning_world(), plan(turns={"number": 1}, losses=losses)).steps()
    with pytest.raises(WorldloomError, match=r"author\.y: no stage gave them in 1 turns"):
        next(steps)


def test_only_a_world_turns():
    root = {
        "nodes": {"a": LINE, "loss": {"type": "core/MSELoss"}},
        "wires": ["a.out -> loss.x"],
        "inputs": {"x": "a.x", "t": "loss.target"},
        "outputs": {"loss": "loss.out"},
    }
    graph = build(Document.model_validate({"root": root}), Registry.installed())
    with pytest.raises(WorldloomError, match="only a world turns"):
        next(Training(graph, plan(losses=[{"port": "loss"}])).steps())
