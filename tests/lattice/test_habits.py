"""What a lattice does between the steps of a training, and what the trainer writes down of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from graphs.learn.fit import fit
from graphs.learn.journal import LINES, read_journal
from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Keep, Loss, Plan, Rule, Schedule
from nodes.lattice.budget import Seen, adapted, affordable
from nodes.lattice.lattice import METRICS
from nodes.lattice.memory import Rollout
from nodes.lattice.presets import lattice
from tests.lattice.boxes import D_IN, D_OUT, box, embedding, registry

LOG = {"spawn/born": "lattice.spawned", "spawn/refused": "lattice.refused",
       "energy/mean": "lattice.energy", "convergence/arrived": "lattice.arrived"}  # fmt: skip


def trained(
    rule: Rule | None = None, length: int = 6, lively: bool = True, **config: Any
) -> Training:
    """A lattice that spawns as much as it may, made to give zeros."""
    node = lattice(D_IN, D_OUT, (4, 3, 6), hidden=8, layers=1, neuron=8, features=6, advance=1.2, steps=30,
                   spawn_threshold=0.0, energy_threshold=0.0, adaptive=True, **config)  # fmt: skip
    spec = {
        "nodes": {"lattice": node, "loss": {"type": "core/MSELoss"}},
        "wires": ["lattice.out -> loss.x"],
        "inputs": {"x": "lattice.x", "target": "loss.target"},
        "outputs": {name: f"lattice.{name}" for name in METRICS},
    }
    graph = build(GraphSpec.model_validate(spec), registry(), seed=1)
    if lively:
        with torch.no_grad():
            graph.at("lattice.carrier").spawn.bias.fill_(3.0)
    plan = Plan(
        rules=(rule or Rule(),),
        losses=(Loss(port="loss.out"),),
        log=LOG,
        steps=length,
        schedule=Schedule(warmup=2),
        keep=Keep(every=3, best=False),
    )

    def batches(position: int) -> dict[str, Any]:
        return {"x": embedding(4, position), "target": torch.zeros(4, D_OUT)}

    return Training(graph, plan, batches=batches)


def flows(graph: Graph) -> int:
    return box(graph).flows


def test_refused_children_make_the_budget_grow_step_by_step() -> None:
    training = trained()
    budgets = [flows(training.graph)]
    budgets += [flows(training.graph) for _ in training.steps()]
    assert budgets[:4] == [15, 16, 17, 18]  # 12 cells: by one at a time


def test_slots_that_stand_empty_are_given_back_but_never_a_cells_own() -> None:
    training = trained(lively=False, budget=30, length=30)
    for _ in training.steps():
        pass
    assert 12 <= flows(training.graph) == 15  # 12 flows are four fifths of it


def test_memory_bounds_the_budget() -> None:
    each = Rollout(flows=4, steps=5, hidden=8, layers=1, children=2).kept
    training = trained(memory=each * 13 / 2**30)
    for _ in training.steps():
        pass
    assert flows(training.graph) <= 13


def test_the_budget_is_a_weight_that_a_resumed_training_finds_again(tmp_path: Path) -> None:
    whole = trained()
    fit(whole, tmp_path / "whole", tensorboard=False)
    stopped = trained()
    fit(stopped, tmp_path / "parts", tensorboard=False, stop=lambda: stopped.state.step == 3)
    assert flows(stopped.graph) == 18
    again = trained()
    fit(again, tmp_path / "parts", resume=True, tensorboard=False)
    ended, found = base_tensors(whole.graph), base_tensors(again.graph)
    assert "lattice.slots" in ended
    assert all(torch.equal(ended[name], found[name]) for name in ended)


@pytest.mark.parametrize(
    ("rule", "budget"),
    [(Rule(mode="lora", rank=2), 15), (Rule(where="lattice.face_out"), 16)],
)
def test_only_a_lattice_with_weights_that_learn_changes_its_budget(rule: Rule, budget: int) -> None:
    """Adapters leave their base as it is; a part that learns is enough."""
    training = trained(rule)
    next(training.steps())
    assert flows(training.graph) == budget


def test_the_journal_has_the_channels_of_every_step_and_they_change_no_bit(tmp_path: Path) -> None:
    training = trained()
    fit(training, tmp_path / "run", tensorboard=True)
    lines = read_journal(tmp_path / "run" / LINES)
    assert [set(line["log"]) for line in lines] == [set(LOG)] * 6
    assert lines[0]["log"]["convergence/arrived"] == 1
    assert lines[0]["log"]["spawn/refused"] > 0
    quiet = trained()
    quiet.plan = quiet.plan.model_copy(update={"log": {}})
    quiet = Training(quiet.graph, quiet.plan, batches=quiet.batches)
    for _ in quiet.steps():
        pass
    ended, found = base_tensors(training.graph), base_tensors(quiet.graph)
    assert all(torch.equal(ended[name], found[name]) for name in ended)


seen = st.builds(Seen, st.integers(0, 50), st.integers(1, 200), st.floats(0, 1), st.integers(1, 8))


@given(st.integers(64, 200), seen, st.integers(1, 300))
def test_a_budget_holds_the_cells_and_what_can_be_afforded(
    budget: int, found: Seen, most: int
) -> None:
    new = adapted(budget, 64, found, most)
    assert 64 <= new <= max(most, 64)
    assert abs(new - min(budget, max(most, 64))) <= 8


def test_what_can_be_afforded_is_what_the_calculation_says() -> None:
    rollout = Rollout(flows=1, steps=7, hidden=32, layers=2)
    budget = affordable(rollout, 0.25, batch=4)
    kept = [rollout.model_copy(update={"flows": 4 * n}).kept / 2**30 for n in (budget, budget + 1)]
    assert kept[0] <= 0.25 < kept[1]
