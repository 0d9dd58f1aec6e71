"""The body is the truth: what a person puts into it is what runs."""

from typing import Any

import pytest
import torch

from graphs.live.build import build
from graphs.live.calling import call_at, still
from graphs.live.context import Run
from graphs.live.execute import execute
from graphs.live.infer import infer
from nodes.lattice.presets import lattice
from tests.lattice.boxes import D_IN, D_OUT, box, embedding, registry, spec_of, world

SMALL = {"hidden": 8, "layers": 1, "neuron": 8, "features": 6}


def with_between(kind: str, config: dict[str, Any] | None = None) -> Any:
    """A lattice with one more node between neuron and carrier."""
    node = lattice(D_IN, D_OUT, (4, 3, 5), **SMALL)
    body = node["body"]
    body["nodes"]["between"] = {"type": kind, "config": config or {}}
    body["wires"].remove("neuron.out -> carrier.x")
    body["wires"] += ["neuron.out -> between.x", "between.out -> carrier.x"]
    return build(spec_of(node), registry())


def test_a_node_between_neuron_and_carrier_is_part_of_every_step() -> None:
    graph = with_between("core/Scale", {"factor": 0.0})
    plain = world((4, 3, 5), **SMALL)
    assert not torch.equal(graph(x=embedding())["out"], plain(x=embedding())["out"])
    with torch.no_grad():
        before = graph(x=embedding())["out"]
        graph.at("lattice.neuron").leave.weight.add_(1.0)
        assert torch.equal(graph(x=embedding())["out"], before)  # its output is multiplied by 0


def test_a_part_may_be_a_graph() -> None:
    node = lattice(D_IN, D_OUT, (4, 3, 5), **SMALL)
    neuron = node["body"]["nodes"]["neuron"]
    node["body"]["nodes"]["neuron"] = {
        "type": "graph",
        "body": {
            "nodes": {"inner": neuron},
            "inputs": {"position": "inner.position", "energy": "inner.energy"},
            "outputs": {"out": "inner.out"},
        },
    }
    graph, plain = build(spec_of(node), registry()), world((4, 3, 5), **SMALL)
    names = dict(graph.named_parameters())
    with torch.no_grad():
        for name, p in plain.named_parameters():
            names[name.replace("neuron.", "neuron.inner.")].copy_(p)
    assert torch.equal(graph(x=embedding())["out"], plain(x=embedding())["out"])


def test_dropout_inside_a_step_draws_from_the_runs_stream_anew_in_every_step() -> None:
    graph = with_between("core/Dropout", {"rate": 0.5}).train()
    one = execute(graph, {"x": embedding()}, run=Run(position=1))["out"]
    assert torch.equal(one, execute(graph, {"x": embedding()}, run=Run(position=1))["out"])
    assert not torch.equal(one, execute(graph, {"x": embedding()}, run=Run(position=2))["out"])


def test_a_watched_run_tells_of_the_parts_in_every_step() -> None:
    told: list[str] = []
    graph = world((4, 3, 4), advance=1.01)
    execute(graph, {"x": embedding()}, watch=lambda event: told.append(event.path))
    assert set(told) == {"lattice", *(f"lattice.{p}" for p in box(graph).spec.nodes)}
    assert told.count("lattice.carrier") == 2 * 3  # started and finished


def test_recomputing_a_part_in_backward_changes_no_gradient() -> None:
    graph = world()
    graph(x=embedding())["out"].square().sum().backward()
    plain = [p.grad.clone() for p in graph.parameters()]
    graph.zero_grad()
    graph.at("lattice.carrier").recompute = True
    graph.forget_programs()
    graph(x=embedding())["out"].square().sum().backward()
    assert all(torch.equal(a, p.grad) for a, p in zip(plain, graph.parameters(), strict=True))


def test_a_part_that_is_kept_still_at_its_place_gets_no_gradient() -> None:
    graph = world()
    call_at(graph, {"lattice.neuron": still})
    graph(x=embedding())["out"].square().sum().backward()
    assert all(p.grad is None for p in graph.at("lattice.neuron").parameters())
    assert all(p.grad is not None for p in graph.at("lattice.face_in").parameters())


def test_shapes_and_cost_are_known_without_data() -> None:
    cost = infer(world(), {"x": embedding()})["lattice"]
    assert not cost.error
    assert cost.outputs["out"] == f"float32 (3, {D_OUT})"
    assert cost.flops > 0


@pytest.mark.filterwarnings("ignore:Using `torch.compile")  # hooks of other tests
def test_torch_compile_makes_one_graph_of_it() -> None:
    graph = world((2, 2, 3), layers=1, lively=0.3)
    compiled = torch.compile(graph, backend="eager", fullgraph=True)
    expected = graph(x=embedding())["out"]
    torch.testing.assert_close(compiled(x=embedding())["out"], expected)


def test_bfloat16_by_autocast_and_by_weights_stays_near() -> None:
    graph = world((4, 3, 8))
    expected = graph(x=embedding())["out"]
    with torch.autocast("cpu", torch.bfloat16):
        found = graph(x=embedding())
        found["out"].float().square().sum().backward()
    torch.testing.assert_close(found["out"].float(), expected, rtol=0.1, atol=0.1)
    assert all(torch.isfinite(p.grad).all() for p in graph.parameters())
    half = world((4, 3, 8)).to(torch.bfloat16)
    found = half(x=embedding().bfloat16())
    torch.testing.assert_close(found["out"].float(), expected, rtol=0.1, atol=0.15)
    assert found["arrived"] == 1


@pytest.mark.parametrize("layers", [1, 3])
def test_weights_have_the_names_of_the_parts(layers: int) -> None:
    names = world(layers=layers).state_dict()
    assert f"lattice.carrier.cells.{layers - 1}.state_map.weight" in names
    assert {name.split(".")[1] for name in names} == {"face_in", "neuron", "carrier", "face_out"}
