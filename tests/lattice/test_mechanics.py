"""What must hold for every lattice, whatever its networks have learned."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.live.cache import OutputCache
from graphs.live.execute import execute
from nodes.lattice.flows import Flows, Next, Rules, assigned, born, started, stepped
from nodes.lattice.presets import PRESETS
from tests.lattice.boxes import box, embedding, world

LIVELY = {"lively": 0.4, "spawn_threshold": 0.0, "children": 3, "advance": 1.3}


@settings(max_examples=50, deadline=None)
@given(
    batch=st.integers(1, 3),
    cells=st.integers(1, 6),
    spare=st.integers(0, 8),
    children=st.integers(1, 4),
    dim=st.integers(1, 3),
    seed=st.integers(0, 999),
)
def test_a_split_keeps_every_component_of_the_energy(batch, cells, spare, children, dim, seed):
    torch.manual_seed(seed)
    slots, rules = cells + spare, Rules(4, 4, 9, 0.2, 0.5, 0.25)
    position = torch.rand(batch, cells, 3)
    flows, tally = started(torch.randn(batch, cells, dim), position, slots, rules.depth)
    energy = torch.randn(batch, slots, dim, dtype=torch.float64)
    share = torch.softmax(torch.randn(batch, slots, children + 1, dim), 2)[:, :, :-1].double()
    new = Next(
        energy,
        torch.rand(batch, slots, 3),
        torch.zeros(batch, slots, 1, 1),
        torch.rand(batch, slots, children),
        share * energy.unsqueeze(2),
    )
    flows = flows._replace(position=flows.position.double())
    after, counts = stepped(flows, tally, new, rules)
    before = torch.where(flows.flowing.unsqueeze(-1), energy, 0).sum(1)
    torch.testing.assert_close(after.energy.sum(1), before)
    wanted = (new.spawn > 0.5) & (flows.flowing & (energy.norm(dim=-1) >= 0.5)).unsqueeze(-1)
    assert torch.equal(counts.spawned + counts.refused, wanted.sum((1, 2)))
    assert torch.equal(counts.spawned, wanted.sum((1, 2)).clamp(max=spare))
    assert ((after.flowing | after.arrived).sum(1) <= slots).all()


@settings(max_examples=50, deadline=None)
@given(slots=st.integers(1, 8), children=st.integers(1, 3), seed=st.integers(0, 999))
def test_the_first_wanted_children_get_the_first_free_slots(slots, children, seed):
    torch.manual_seed(seed)
    free = torch.rand(1, slots) < 0.5
    wanted = (torch.rand(1, slots, children) < 0.5) & ~free.unsqueeze(-1)
    granted, child, source = assigned(wanted, free)
    places = free[0].nonzero().flatten().tolist()
    asking = wanted.flatten().nonzero().flatten().tolist()
    pairs = list(zip(places, asking, strict=False))
    assert granted.flatten().nonzero().flatten().tolist() == [asked for _, asked in pairs]
    assert child[0].nonzero().flatten().tolist() == [place for place, _ in pairs]
    assert [int(source[0, place]) for place, _ in pairs] == [asked for _, asked in pairs]


def test_a_child_has_its_parents_memory_and_the_place_that_the_parent_left() -> None:
    was = torch.tensor([[[1.0, 2.0, 3.0], [0.0, 1.0, 2.0], [9.0, 9.0, 9.0]]])
    flows = Flows(
        torch.ones(1, 3, 1),
        was + 1,
        torch.arange(6.0).view(1, 3, 1, 2),
        torch.full((1, 3), 4.0),
        torch.tensor([[1.0, 1.0, 0.0]]),
        torch.tensor([[True, True, False]]),
        torch.zeros(1, 3, dtype=torch.bool),
    )
    given_energy = torch.arange(6.0).view(1, 3, 2, 1)
    child, source = torch.tensor([[False, False, True]]), torch.tensor([[0, 0, 3]])
    made = born(flows, was, given_energy, child, source)
    assert made.energy[0, 2].tolist() == [3.0]
    assert made.position[0, 2].tolist() == [0.0, 1.0, 2.0]
    assert made.hidden is not None
    assert made.hidden[0, :, 0].tolist() == [[0, 1], [2, 3], [2, 3]]
    assert (made.age[0, 2], made.gate[0, 2], bool(made.flowing[0, 2])) == (0.0, 1.0, True)
    assert torch.equal(made.position[0, :2], flows.position[0, :2])


def test_samples_do_not_mix() -> None:
    graph = world(**LIVELY).double()
    x = embedding(4).double().requires_grad_()
    together = graph(x=x)
    assert together["spawned"] > 0
    for number in range(4):
        alone = graph(x=x[number : number + 1].detach())["out"]
        torch.testing.assert_close(together["out"][number : number + 1], alone)
        (slope,) = torch.autograd.grad(together["out"][number].sum(), x, retain_graph=True)
        assert (slope.abs().sum(1) > 0).tolist() == [n == number for n in range(4)]


def test_flows_only_go_forward_and_never_leave_the_box_sideways() -> None:
    path = world((5, 4, 8), **LIVELY, trace=True, reach=3.0)(x=embedding())["trajectory"]
    same = path.flowing[:-1] & (path.age[1:] > path.age[:-1])
    step = (path.position[1:, ..., 2] - path.position[:-1, ..., 2])[same]
    assert len(step) > 20
    assert step.min() >= 1
    assert path.position[..., :2].min() >= 0
    assert (path.position[..., 0].max(), path.position[..., 1].max()) <= (4, 3)


def test_a_carrier_that_wants_to_go_back_is_moved_on_by_one_cell() -> None:
    from tests.lattice.boxes import build, lattice, registry, spec_of

    node = lattice(6, 5, (4, 3, 6), features=6, trace=True)
    node["body"]["nodes"]["carrier"] = {"type": "toy/Stubborn"}
    found = build(spec_of(node), registry())(x=embedding())
    assert found["trajectory"].position[:, 0, 0, 2].tolist() == [0, 1, 2, 3, 4, 5]
    assert found["trajectory"].position[-1, 0, 0, :2].tolist() == [3, 0]
    assert found["arrived"] == 1


def test_no_more_flows_than_the_budget_at_any_moment() -> None:
    graph = world((4, 3, 8), **LIVELY, budget=15, trace=True)
    found = graph(x=embedding())
    path = found["trajectory"]
    assert (path.flowing | path.arrived).sum(-1).max() == 15 == box(graph).budget
    assert found["refused"] > 0


def test_the_slot_of_a_dead_flow_is_used_again() -> None:
    found = world((4, 3, 8), **LIVELY, budget=12, energy_threshold=0.5)(x=embedding())
    assert found["died"] > 0
    assert found["spawned"] > 0  # there was no other room


def test_a_flow_that_overshoots_arrives_in_the_nearest_cell_of_the_face() -> None:
    graph = world((4, 3, 3), advance=30.0, trace=True)
    found = graph(x=embedding())
    path = found["trajectory"]
    assert (found["steps"], found["arrived"]) == (1, 1)
    assert path.position[-1, :, :12, 2].min() > 2  # how far beyond is the distance
    face = graph.at("lattice.face_out")
    energy, place = torch.ones(1, 1, 1), torch.tensor([[[7.0, -5.0, 9.0]]])
    with torch.no_grad():
        laid = face(energy=energy, position=place).face[0, :, :, 0]
    assert laid.nonzero().tolist() == [[0, 3]]


def test_what_is_under_way_at_the_limit_is_set_on_the_face() -> None:
    graph = world((4, 3, 9), advance=1.1, steps=2)
    found = graph(x=embedding())
    assert (found["arrived"], found["steps"]) == (0, 2)
    assert (found["face"] != 0).any()


@pytest.mark.parametrize("config", [{"segment": 1}, {"segment": 2}, {"stop_early": False}])
def test_how_it_is_run_changes_no_bit(config) -> None:
    plain, other = world((4, 3, 8), **LIVELY), world((4, 3, 8), **LIVELY, **config)
    for graph in (plain, other):
        graph(x=embedding())["out"].square().sum().backward()
    assert torch.equal(plain(x=embedding())["out"], other(x=embedding())["out"])
    for a, b in zip(plain.parameters(), other.parameters(), strict=True):
        assert torch.equal(a.grad, b.grad)


def test_two_runs_are_equal_under_deterministic_algorithms() -> None:
    graph = world((4, 3, 8), **LIVELY)
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        found = []
        for _ in range(2):
            graph.zero_grad()
            out = graph(x=embedding())["out"]
            out.square().sum().backward()
            found.append([out, *(p.grad.clone() for p in graph.parameters())])
    finally:
        torch.use_deterministic_algorithms(before)
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_metrics_and_trajectory_carry_no_gradient_and_tell_the_same_story() -> None:
    graph = world((4, 3, 8), **LIVELY, trace=True)
    found = graph(x=embedding())
    path = found["trajectory"]
    held = path.flowing[-1] | path.arrived[-1]
    assert found["arrived"] == path.arrived[-1].sum() / held.sum()
    assert found["active"] == path.flowing[:-1].sum(-1).amax(0).float().mean()
    assert found["steps"] == path.flowing[:-1].any(-1).sum(0).float().mean()
    assert found["energy"] == pytest.approx((path.energy[-1] * held).sum().item() / int(held.sum()))
    assert not any(found[name].requires_grad for name in ("active", "energy", "arrived", "steps"))


def test_a_trajectory_is_made_only_when_something_reads_it() -> None:
    graph, kept = world(), OutputCache()
    seen: list[Any] = []
    box(graph).register_forward_hook(lambda _, __, found: seen.append(found["trajectory"]))
    for targets in (["out"], ["out", "lattice.trajectory"]):
        made = execute(graph, {"x": embedding()}, targets=targets, cache=kept)
    assert [path is None for path in seen] == [True, False]  # what was kept had none
    assert made["lattice.trajectory"].position.shape[1:] == (3, box(graph).budget, 3)


@pytest.mark.parametrize("name", ["debug", "experiment"])
@pytest.mark.parametrize("seed", range(3))
def test_an_untrained_lattice_arrives(name: str, seed: int) -> None:
    preset = PRESETS[name]
    graph = world(preset.size, seed, advance=preset.advance, hidden=16)
    with torch.no_grad():
        found = graph(x=embedding(2, seed))
    assert found["arrived"] > 0.999
    assert found["died"] < 0.05 * preset.size[0] * preset.size[1]
    assert torch.isfinite(found["out"]).all()
