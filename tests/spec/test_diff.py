"""The invariant every view leans on: the old document and the difference make the new one."""

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.diff import diff
from graphs.spec.document import Document, GraphSpec, NodeSpec, wire
from graphs.spec.edits import Configure, Connect, Group, RemoveNodes, apply
from graphs.spec.events import (
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    PortsChanged,
    WireAdded,
    WireRemoved,
    event_from_json,
    event_to_json,
)
from graphs.spec.replay import replay
from tests.spec.strategies import documents, histories


def written(document: Document) -> str:
    return json.dumps(document.model_dump(mode="json"), sort_keys=True)


@given(documents(), documents())
def test_old_and_difference_make_new(a: Document, b: Document) -> None:
    for old, new in ((a, b), (b, a), (a, Document()), (Document(), a)):
        made = replay(old, diff(old, new))
        assert made == new
        assert written(made) == written(new)


@given(histories())
def test_difference_of_edits_goes_both_ways(history: list[Document]) -> None:
    for old, new in itertools.pairwise(history):
        assert replay(old, diff(old, new)) == new
        assert replay(new, diff(new, old)) == old
    assert replay(history[0], diff(history[0], history[-1])) == history[-1]


@given(documents())
def test_a_document_does_not_differ_from_itself_or_its_copy(document: Document) -> None:
    assert list(diff(document, document)) == []
    copy = Document.model_validate_json(document.model_dump_json())
    assert list(diff(document, copy)) == []


@given(documents(), documents())
def test_events_survive_json(a: Document, b: Document) -> None:
    events = list(diff(a, b))
    texts = [event_to_json(event) for event in events]
    read = [event_from_json(text) for text in texts]
    assert read == events
    assert [event_to_json(event) for event in read] == texts


@given(st.permutations(["a", "b", "c", "d"]), st.permutations(["b", "c", "d", "e"]))
def test_order_of_wires_into_one_port_survives(past: list[str], present: list[str]) -> None:
    nodes = {name: NodeSpec(type="r") for name in "abcdex"}
    old, new = (
        Document(root=GraphSpec(nodes=nodes, wires=[f"{n}.out -> x.list" for n in order]))
        for order in (past, present)
    )
    assert replay(old, diff(old, new)).root.wires == new.root.wires


def test_one_more_wire_is_one_event_with_its_place() -> None:
    nodes = {name: NodeSpec(type="r") for name in "abx"}
    old = Document(root=GraphSpec(nodes=nodes, wires=["a.out -> x.list"]))
    new = apply(old, Connect(wire("b.out -> x.list"), replace=False, place=0))
    assert list(diff(old, new)) == [WireAdded("", wire("b.out -> x.list"), 0)]


def test_one_is_not_true() -> None:
    old = Document(root=GraphSpec(nodes={"a": NodeSpec(type="r", config={"k": 1})}))
    new = apply(old, Configure("a", {"k": True}))
    assert [type(event) for event in diff(old, new)] == [NodeChanged]
    assert replay(old, diff(old, new)).root.nodes["a"].config["k"] is True
    zero, false = Document(layout={"k": 0}), Document(layout={"k": False})
    assert replay(zero, diff(zero, false)).layout["k"] is False


def test_what_is_inside_goes_before_its_holder_and_comes_after_it() -> None:
    nodes = {"a": NodeSpec(type="r"), "b": NodeSpec(type="r")}
    flat = Document(root=GraphSpec(nodes=nodes, wires=["a.out -> b.x"]))
    grouped = apply(flat, Group(("a", "b"), "g"))
    empty = apply(grouped, RemoveNodes(("g",)))
    assert [type(e) for e in diff(grouped, empty)] == [WireRemoved] + [NodeRemoved] * 3
    assert [e.path for e in diff(grouped, empty) if isinstance(e, NodeRemoved)] == [
        "g.a",
        "g.b",
        "g",
    ]
    assert [e.path for e in diff(empty, grouped) if isinstance(e, NodeAdded)] == ["g", "g.a", "g.b"]


def test_the_inside_of_a_definition_changes_at_its_own_path() -> None:
    inner = GraphSpec(nodes={"lin": NodeSpec(type="linear")})
    old = Document(
        root=GraphSpec(nodes={"i": NodeSpec(uses="mlp")}),
        definitions={"mlp": NodeSpec(type="graph", body=inner)},
    )
    new = apply(old, Configure("lin", {"width": 3}, at="@mlp"))
    assert [(type(e), e.path) for e in diff(old, new)] == [(NodeChanged, "@mlp.lin")]


def test_exposed_ports_are_told() -> None:
    inner = GraphSpec(nodes={"a": NodeSpec(type="r")})
    old = Document(root=GraphSpec(nodes={"g": NodeSpec(type="graph", body=inner)}))
    shown = inner.model_copy(update={"outputs": {"y": wire("a.out -> a.x").source}})
    new = Document(root=GraphSpec(nodes={"g": NodeSpec(type="graph", body=shown)}))
    assert list(diff(old, new)) == [PortsChanged("g", {}, shown.outputs)]
