"""Something can be learned everywhere: each part, each head, each decision."""

import pytest
import torch
from torch import Tensor

from graphs.learn.training import Training
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors
from graphs.spec.document import GraphSpec
from graphs.spec.plan import Data, Loss, Optimiser, Plan, Rule
from nodes.lattice.flows import Next, Rules, started, stepped
from nodes.lattice.presets import lattice
from tests.lattice.boxes import D_IN, D_OUT, embedding, registry, world

RULES = Rules(4, 4, 6, 0.5, 0.0, 0.25)


def learning(**config: int) -> Graph:
    """Random embeddings through a lattice to a mean squared error."""
    source = {"type": "core/RandomTensor", "config": {"shape": [D_IN], "count": 32}}
    wanted = {"type": "core/RandomTensor", "config": {"shape": [D_OUT], "count": 32}}
    small = {"hidden": 8, "layers": 2, "neuron": 8, "features": 6, **config}
    body = {
        "nodes": {
            "data": source,
            "wanted": wanted,
            "lattice": lattice(D_IN, D_OUT, (3, 3, 4), **small),
            "loss": {"type": "core/MSELoss"},
        },
        "wires": ["data.out -> lattice.x", "lattice.out -> loss.x", "wanted.out -> loss.target"],
        "outputs": {"out": "lattice.out"},
    }
    graph = build(GraphSpec.model_validate(body), registry())
    with torch.no_grad():
        graph.at("lattice.carrier").spawn.bias.fill_(
            1.0
        )  # shares are only learned where flows split
    return graph


def plan(*rules: Rule, steps: int = 5) -> Plan:
    return Plan(
        rules=rules,
        losses=(Loss(port="loss.out"),),
        optimiser=Optimiser(name="Adam", lr=0.01),
        data=Data(batch=8),
        steps=steps,
        clip_norm=1.0,
    )


@pytest.mark.parametrize("part", ["neuron", "carrier", "face_in", "face_out"])
def test_every_parameter_of_a_part_gets_a_gradient(part: str) -> None:
    graph = world((4, 3, 6), lively=0.3, spawn_threshold=0.0)
    graph(x=embedding())["out"].square().sum().backward()
    for name, p in graph.at(f"lattice.{part}").named_parameters():
        assert p.grad is not None, name
        assert torch.isfinite(p.grad).all(), name
        assert p.grad.abs().max() > 0, name


def test_the_input_gets_a_gradient() -> None:
    x = embedding().requires_grad_()
    world()(x=x)["out"].square().sum().backward()
    assert x.grad is not None
    assert (x.grad.abs().sum(dim=1) > 0).all()


def one_step(energy: Tensor, spawn: Tensor, onwards: float = 1.5) -> tuple[Tensor, ...]:
    """Two flows of one sample one step on: parent energy, all energies, gate, position."""
    position = torch.tensor([[[1.0, 1.0, 0.0], [2.0, 1.0, 0.0]]])
    flows, tally = started(torch.ones(1, 2, 1), position, 4, RULES.depth)
    there = torch.cat([position, torch.zeros(1, 2, 3)], 1) + torch.tensor([0.2, 0.0, onwards])
    new = Next(energy, there, torch.zeros(1, 4, 1, 1), spawn, 0.3 * energy.unsqueeze(-2))
    flows, _ = stepped(flows, tally, new, RULES)
    return flows.energy, flows.gate, flows.position


def test_the_spawn_head_learns_from_a_child_that_was_born_and_from_one_that_was_not() -> None:
    energy = torch.ones(1, 4, 1)
    spawn = torch.tensor([[[0.9], [0.1], [0.0], [0.0]]], requires_grad=True)
    found, _, _ = one_step(energy, spawn)
    born, weights = found[0, 2, 0], torch.tensor([1.0, 2.0, 3.0, 0.0])
    assert born.item() == pytest.approx(0.3)
    (found[0, :, 0] * weights).sum().backward()
    assert spawn.grad is not None
    assert spawn.grad[0, 0, 0].item() == pytest.approx(
        0.3 * (3 - 1)
    )  # the child's, less the parent's
    assert spawn.grad[0, 1, 0].item() == pytest.approx(-0.3 * 2)


def test_the_alive_gate_learns_from_the_living_and_from_the_dead() -> None:
    energy = torch.tensor([[[0.8], [0.3], [0.0], [0.0]]], requires_grad=True)
    _, gate, _ = one_step(energy, torch.zeros(1, 4, 1))
    assert gate[0].tolist() == [1.0, 0.0, 0.0, 0.0]
    gate.sum().backward()
    assert energy.grad is not None
    slope = torch.sigmoid((energy - 0.5) / 0.25).detach()
    expected = (slope * (1 - slope) / 0.25)[0, :2, 0]
    torch.testing.assert_close(energy.grad[0, :2, 0], expected)


def test_the_place_of_arrival_learns() -> None:
    graph = world((4, 4, 3))
    bias = graph.at("lattice.carrier").displacement.bias
    graph(x=embedding())["out"].square().sum().backward()
    assert (
        bias.grad.abs() > 0
    ).all()  # x and y by the splat, z by the distance and the next neuron


def test_lora_alone_changes_only_adapters() -> None:
    graph = learning()
    before = {name: tensor.clone() for name, tensor in base_tensors(graph).items()}
    training = Training(graph, plan(Rule(where="lattice", mode="lora", rank=2, alpha=4)))
    start = {name: p.detach().clone() for name, p in training.trained.items()}
    assert {row.node for row in training.explain()} == {
        f"lattice.{part}" for part in ("face_in", "neuron", "carrier", "face_out")
    }
    losses = [step.loss for step in training.steps()]
    assert all(torch.equal(before[n], t) for n, t in base_tensors(graph).items())
    moved = [n for n, p in training.trained.items() if not torch.equal(p.detach(), start[n])]
    assert len(moved) == len(start)
    assert losses[-1] != losses[0]


@pytest.mark.parametrize("part", ["face_in", "neuron", "carrier", "face_out"])
def test_each_part_trains_alone_while_the_others_are_frozen(part: str) -> None:
    graph = learning()
    before = {name: tensor.clone() for name, tensor in base_tensors(graph).items()}
    for _ in Training(graph, plan(Rule(where=f"lattice.{part}"), steps=2)).steps():
        pass
    moved = {n for n, t in base_tensors(graph).items() if not torch.equal(before[n], t)}
    assert moved
    assert all(name.startswith(f"lattice.{part}.") for name in moved)


def test_training_makes_the_loss_smaller_and_stays_finite() -> None:
    losses = [step.loss for step in Training(learning(), plan(Rule(), steps=60)).steps()]
    assert all(loss == loss for loss in losses)
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])
