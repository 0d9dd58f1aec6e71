"""Bad input is a clear problem or a right answer."""

from typing import Any

import pytest
import torch

from graphs.live.build import build
from graphs.spec.problems import DocumentError, RunError
from nodes.lattice.presets import PRESETS, document, lattice
from tests.lattice import reference
from tests.lattice.boxes import D_IN, D_OUT, box, embedding, registry, spec_of, world

SMALL = {"hidden": 8, "layers": 1, "neuron": 8, "features": 6}


def refused(node: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        build(spec_of(node), registry())


def test_a_budget_below_the_number_of_cells_is_refused_with_the_number_needed() -> None:
    node = lattice(D_IN, D_OUT, (400, 250, 4), **SMALL, budget=1000)
    refused(node, r"at least 100000 flows a sample.*got 1000; set budget to 100000 or more")
    assert box(world((4, 3, 5))).budget == 15


@pytest.mark.parametrize(
    ("part", "key", "message"),
    [
        ("face_in", "width", "node 'face_in': expected width 4 as the lattice has, got 9"),
        ("neuron", "depth", "node 'neuron': expected depth 5 as the lattice has, got 9"),
        ("face_out", "height", "node 'face_out': expected height 3 as the lattice has, got 9"),
        ("carrier", "cell_dim", "expected one cell_dim in all parts, got .*carrier 9"),
        ("carrier", "d_in", "expected tensor"),
        ("neuron", "cell_dim", "expected tensor"),
    ],
)
def test_parts_of_other_sizes_are_problems_before_running(part, key, message) -> None:
    node = lattice(D_IN, D_OUT, (4, 3, 5), **SMALL)
    node["body"]["nodes"][part]["config"][key] = 9
    if message == "expected tensor" or key == "cell_dim":
        with pytest.raises(DocumentError):
            build(spec_of(node), registry())
    else:
        refused(node, message)


def test_slicing_an_embedding_that_does_not_divide_is_refused() -> None:
    node = lattice(768, D_OUT, (20, 20, 5), **SMALL)
    node["body"]["nodes"]["face_in"]["config"]["layout"] = "slice"
    refused(node, "expected d_in = 20·20·1 = 400, got 768; use layout projection")
    node = lattice(800, D_OUT, (20, 20, 5), **SMALL)
    node["body"]["nodes"]["face_in"]["config"]["layout"] = "slice"
    refused(node, "set cell_dim to 2")


def test_slicing_gives_each_cell_its_own_part() -> None:
    node = lattice(12, D_OUT, (3, 2, 4), cell_dim=2, **SMALL)
    node["body"]["nodes"]["face_in"]["config"]["layout"] = "slice"
    graph = build(spec_of(node), registry())
    laid = graph.at("lattice.face_in")(x=torch.arange(12.0)[None])
    assert (laid.energy - 1).flatten().tolist() == list(range(12))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b["nodes"].pop("carrier"), "dangling|expected a node 'carrier'"),
        (lambda b: b["wires"].remove("carrier.energy -> face_out.energy"), "energy"),
        (lambda b: b["outputs"].update(h="carrier.hidden"), "only face_out gives outputs"),
        (lambda b: b["inputs"].update(hidden="carrier.hidden"), "cannot be called hidden"),
        (
            lambda b: b["nodes"].update(carrier={"type": "toy/NeedsState"}),
            "make 'hidden' optional|needs a wire",
        ),
        (lambda b: b["nodes"].update(carrier={"type": "core/Tanh"}), "hidden|dangling|no output"),
    ],
)
def test_a_body_that_cannot_work_is_refused(change, message) -> None:
    node = lattice(D_IN, D_OUT, (4, 3, 5), **SMALL)
    change(node["body"])
    refused(node, message)


def test_a_wire_past_the_step_is_refused() -> None:
    node = lattice(D_IN, D_OUT, (4, 3, 5), **SMALL)
    wires = node["body"]["wires"]
    wires.remove("carrier.position -> face_out.position")
    wires.append("face_in.position -> face_out.position")
    refused(node, "flows pass a step first")


def test_a_wrong_width_is_said_with_both_numbers() -> None:
    with pytest.raises(RunError, match=r"face_in"):
        world()(x=torch.zeros(2, D_IN + 1))


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_sample_that_is_not_finite_is_named(bad: float) -> None:
    x = embedding(3)
    x[1, 0] = bad
    with pytest.raises(RunError, match=r"port 'x': sample 1 holds NaN or infinity \(1 of 3"):
        world()(x=x)


@pytest.mark.parametrize("scale", [0.0, 1e-20, 1e6])
def test_embeddings_of_any_length_give_finite_answers_and_gradients(scale: float) -> None:
    graph = world((4, 3, 6))
    out = graph(x=embedding() * scale)["out"]
    out.square().sum().backward()
    assert torch.isfinite(out).all()
    assert all(torch.isfinite(p.grad).all() for p in graph.parameters())


@pytest.mark.parametrize("size", [(1, 1, 5), (1, 4, 3), (3, 1, 2), (2, 2, 1), (1, 1, 1)])
def test_the_smallest_boxes_give_the_right_answer(size: tuple[int, int, int]) -> None:
    graph, x = world(size).double(), embedding(1).double()
    expected = torch.stack(reference.run(box(graph), x).out)
    torch.testing.assert_close(graph(x=x)["out"], expected)


def test_in_a_box_of_depth_one_flows_stand_at_the_output_from_the_start() -> None:
    found = world((3, 2, 1))(x=embedding())
    assert (found["arrived"], found["steps"]) == (1, 0)


def test_everybody_may_die_and_the_face_is_what_was_learned_for_empty_cells() -> None:
    graph = world((3, 2, 5), energy_threshold=100.0, softness=1.0)
    found = graph(x=embedding())
    assert (found["died"], found["arrived"]) == (6, 0)
    empty = graph.at("lattice.face_out").empty.view(2, 3, 1)
    torch.testing.assert_close(found["face"], empty.expand(3, 2, 3, 1))
    found["out"].square().sum().backward()


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_have_no_problem_and_the_seeds_numbers(name: str) -> None:
    from graphs.spec.check import check
    from graphs.spec.document import Document

    made = Document.model_validate(document(name))
    assert check(made, registry().catalogue()) == []
    carrier = made.root.nodes["lattice"].body.nodes["carrier"].config
    assert (carrier["hidden"], carrier["layers"], carrier["d_in"]) == (1024, 3, 128)


def test_the_counts_that_are_shown_are_those_of_the_seeds_networks() -> None:
    from graphs.live.infer import count

    gru = 3 * 1024 * (129 + 1024 + 2) + 2 * 3 * 1024 * (1024 + 1024 + 2)
    heads = 1025 * (1 + 3 + 2 + 3)
    with torch.device("meta"):
        made = build(spec_of(lattice(768, 768, (20, 20, 10))), registry())
    assert count(made.at("lattice.carrier"))[0] == gru + heads == 16_152_585
    assert count(made.at("lattice.neuron"))[0] == 4 * 64 + 64 + 64 * 128 + 128
