"""A node as a document of its own: ties, definitions and ports come with it."""

from __future__ import annotations

import pytest

from graphs.spec.document import Document
from graphs.spec.parts import home_of, part
from graphs.spec.problems import EditError

LINEAR = {"type": "core/Linear", "config": {"d_in": 2, "d_out": 2}}


@pytest.fixture
def document() -> Document:
    """Two graphs; the first shares its map with a node of its own and with one of the second."""
    first = {
        "nodes": {"map": LINEAR, "again": {"tied_to": "first.map"}, "unit": {"uses": "unit"}},
        "wires": ["map.out -> again.x", "again.out -> unit.x"],
        "inputs": {"x": "map.x"},
        "outputs": {"out": "unit.out"},
    }
    second = {
        "nodes": {"b": {"tied_to": "first.map"}, "a": {"tied_to": "first.map"}},
        "wires": ["a.out -> b.x"],
        "inputs": {"x": "a.x"},
        "outputs": {"out": "b.out"},
    }
    root = {
        "nodes": {
            "first": {"body": first},
            "second": {"body": second},
            "third": {"tied_to": "first"},
        },
        "wires": ["first.out -> second.x"],
    }
    unit = {
        "body": {"nodes": {"map": LINEAR}, "inputs": {"x": "map.x"}, "outputs": {"out": "map.out"}}
    }
    unused = {"type": "core/Relu"}
    return Document.model_validate(
        {"title": "Whole", "root": root, "definitions": {"unit": unit, "unused": unused}}
    )


def test_a_graph_becomes_the_root_with_ties_and_definitions_that_it_uses(
    document: Document,
) -> None:
    found = part(document, "first", (("x",), ("out",)))
    assert found.title == "first of Whole"
    assert found.root.nodes["again"].tied_to == "map"
    assert found.root.nodes["unit"].uses == "unit"
    assert list(found.definitions) == ["unit"]


def test_what_was_shared_with_outside_becomes_its_own_once(document: Document) -> None:
    nodes = part(document, "second", (("x",), ("out",))).root.nodes
    assert (nodes["a"].type, nodes["a"].tied_to) == ("core/Linear", "")
    assert (nodes["b"].type, nodes["b"].tied_to) == ("", "a")


def test_a_leaf_is_the_one_node_of_a_root_with_all_its_ports(document: Document) -> None:
    root = part(document, "first.map", (("x",), ("out",))).root
    assert list(root.nodes) == ["map"]
    assert (str(root.inputs["x"][0]), str(root.outputs["out"])) == ("map.x", "map.out")


def test_an_instance_and_what_is_inside_it_become_copies(document: Document) -> None:
    assert list(part(document, "first.unit", (("x",), ("out",))).root.nodes) == ["map"]
    assert (
        part(document, "first.unit.map", (("x",), ("out",))).root.nodes["map"].type == "core/Linear"
    )


def test_a_shared_node_stands_for_the_node_it_shares(document: Document) -> None:
    assert home_of(document, "third.map") == "first.map"
    assert home_of(document, "second.b") == "first.map"
    with pytest.raises(EditError, match="no node 'frist'; did you mean first"):
        home_of(document, "frist")
