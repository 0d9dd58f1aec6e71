"""Order and cycles, against networkx."""

import itertools

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.document import GraphSpec, NodeSpec, Pin, Wire
from graphs.spec.problems import DocumentError
from graphs.spec.topology import ancestors, components, cycle, descendants, order

names = st.sampled_from("abcdefgh")
pairs = st.lists(st.tuples(names, names), max_size=14)


def body_of(edges: list[tuple[str, str]], nodes: str = "hgfedcba") -> GraphSpec:
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in edges]
    return GraphSpec(nodes={name: NodeSpec(type="r") for name in nodes}, wires=wires)


def graph_of(body: GraphSpec) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(body.nodes)
    graph.add_edges_from((w.source.node, w.target.node) for w in body.wires)
    return graph


@given(pairs)
def test_order_is_the_lexicographic_topological_one(edges: list[tuple[str, str]]) -> None:
    body = body_of([(min(p), max(p)) for p in edges if len(set(p)) == 2])
    assert order(body) == list(nx.lexicographical_topological_sort(graph_of(body)))
    assert cycle(body) == []


@given(pairs)
def test_order_does_not_depend_on_how_the_body_is_written(edges: list[tuple[str, str]]) -> None:
    edges = [(max(p), min(p)) for p in edges if len(set(p)) == 2]
    assert order(body_of(edges)) == order(body_of(edges[::-1], "abcdefgh"))


@given(pairs)
def test_cycle_is_one_and_is_found_when_there_is_one(edges: list[tuple[str, str]]) -> None:
    body = body_of(edges)
    loop, graph = cycle(body), graph_of(body)
    assert bool(loop) == (not nx.is_directed_acyclic_graph(graph))
    if loop:
        assert all(graph.has_edge(a, b) for a, b in zip(loop, [*loop[1:], loop[0]], strict=True))
        assert loop[0] == min(loop)
        with pytest.raises(DocumentError, match="is a cycle"):
            order(body)


@given(pairs)
def test_components_are_those_of_networkx_in_running_order(edges: list[tuple[str, str]]) -> None:
    body = body_of(edges)
    found = components(body)
    expected = nx.strongly_connected_components(graph_of(body))
    assert sorted(found) == sorted(map(sorted, expected))
    place = {name: n for n, members in enumerate(found) for name in members}
    assert all(place[a] <= place[b] for a, b in edges)


@given(pairs, st.sets(names))
def test_ancestors_and_descendants_are_those_of_networkx(
    edges: list[tuple[str, str]], some: set[str]
) -> None:
    body = body_of(edges)
    graph = graph_of(body)
    up = set().union(*(nx.ancestors(graph, name) for name in some)) - some
    down = set().union(*(nx.descendants(graph, name) for name in some)) - some
    assert ancestors(body, some) == up
    assert descendants(body, some) == down


def test_wires_to_missing_nodes_are_passed_over() -> None:
    body = body_of([("a", "b"), ("z", "a"), ("b", "z")], "ab")
    assert order(body) == ["a", "b"]
    assert components(body) == [["a"], ["b"]]


def test_a_long_chain_needs_no_recursion() -> None:
    names = [f"n{i:05}" for i in range(3000)]
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in itertools.pairwise(names)]
    chain = GraphSpec(nodes={name: NodeSpec(type="r") for name in names}, wires=wires)
    assert order(chain) == names
    back = chain.model_copy(
        update={"wires": (*wires, Wire(Pin(names[-1], "out"), Pin(names[0], "x")))}
    )
    assert cycle(back) == names
    assert components(back) == [names]
