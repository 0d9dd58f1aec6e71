"""A graph computes what hand-written PyTorch does, to the bit, and is an ordinary torch module."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import networkx as nx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from graphs.live.build import build
from graphs.live.control import CONTROL
from graphs.live.graph import Body, Graph
from graphs.live.registry import Registry
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.reserved import RESERVED

Make = Callable[[Mapping[str, Any]], Graph]
LINEAR = {"type": "core/Linear", "config": {"d_in": 3, "d_out": 3}}
CHAIN = {
    "nodes": {"begin": LINEAR, "act": {"type": "core/Relu"}, "end": LINEAR},
    "wires": ["begin.out -> act.x", "act.out -> end.x"],
    "inputs": {"x": "begin.x"},
    "outputs": {"y": "end.out"},
}
INSIDE = {
    "nodes": {"inner": {"body": CHAIN}},
    "inputs": {"x": "inner.x"},
    "outputs": {"y": "inner.y"},
}


def x() -> Tensor:
    return torch.randn(4, 3, generator=torch.Generator().manual_seed(1)).requires_grad_()


def layer(graph: Graph, path: str) -> nn.Linear:
    found = graph.at(path).get_submodule("map")
    assert isinstance(found, nn.Linear)
    return found


def same(graph: Graph, by_hand: Callable[[Tensor], Tensor], output: str = "y") -> None:
    """Equal outputs, and equal gradients of the input and of every parameter."""
    first, second = x(), x()
    ours, theirs = graph(x=first)[output], by_hand(second)
    assert torch.equal(ours, theirs)
    parameters = [p for p in graph.parameters() if p.requires_grad]
    mine = torch.autograd.grad(ours.sin().sum(), [first, *parameters], allow_unused=True)
    yours = torch.autograd.grad(theirs.sin().sum(), [second, *parameters], allow_unused=True)
    for a, b in zip(mine, yours, strict=True):
        assert (a is None) == (b is None)
        assert a is None or torch.equal(a, b)


def test_a_chain(make: Make) -> None:
    graph = make(CHAIN)
    same(graph, lambda v: layer(graph, "end")(functional.relu(layer(graph, "begin")(v))))


def test_a_diamond_sums_in_the_order_of_its_wires(make: Make) -> None:
    graph = make(
        {
            "nodes": {"l": LINEAR, "r": LINEAR, "sum": {"type": "core/Add"}},
            "wires": ["r.out -> sum.x", "l.out -> sum.x"],
            "inputs": {"x": ["l.x", "r.x"]},
            "outputs": {"y": "sum.out"},
        }
    )
    same(graph, lambda v: layer(graph, "r")(v) + layer(graph, "l")(v))


def test_four_levels_run_as_one(make: Make) -> None:
    body: dict[str, Any] = CHAIN | {"level": "graph"}
    for level in ("pipeline", "stage", "world"):
        inner = {"body": body}
        body = {
            "level": level,
            "nodes": {"one": inner, "two": inner},
            "wires": ["one.y -> two.x"],
            "inputs": {"x": "one.x"},
            "outputs": {"y": "two.y"},
        }
    graph = make(body)
    names = [f"{a}.{b}.{c}" for a in ("one", "two") for b in ("one", "two") for c in ("one", "two")]

    def by_hand(v: Any) -> Any:
        for name in names:
            v = layer(graph, f"{name}.end")(functional.relu(layer(graph, f"{name}.begin")(v)))
        return v

    same(graph, by_hand)
    assert len(graph.program(given=["x"]).steps) == 24


def test_several_outputs_and_fan_out(make: Make) -> None:
    graph = make(
        {
            "nodes": {
                "wide": {"type": "core/Linear", "config": {"d_in": 3, "d_out": 4}},
                "cut": {"type": "test/Halves"},
                "a": {"type": "test/Maybe"},
            },
            "wires": ["wide.out -> cut.x", "cut.low -> a.x", "cut.high -> a.y", "cut.low -> a.z"],
            "inputs": {"x": "wide.x"},
            "outputs": {"y": "a.out", "low": "cut.low"},
        }
    )

    def by_hand(v: Tensor) -> Any:
        low, high = layer(graph, "wide")(v).chunk(2, -1)
        return (low - high) * low

    same(graph, by_hand)


@pytest.mark.parametrize("given", [("x",), ("x", "y"), ("x", "z"), ("z", "y", "x")])
def test_optional_inputs_may_be_left_out_at_any_depth(make: Make, given: tuple[str, ...]) -> None:
    ports = {name: f"inner.{name}" for name in "xyz"}
    body = {"nodes": {"inner": {"type": "test/Maybe"}}, "inputs": ports}
    graph = make(
        {
            "nodes": {"inner": {"body": body | {"outputs": {"y": "inner.out"}}}},
            "inputs": ports,
            "outputs": {"out": "inner.y"},
        }
    )
    assert [n for n, p in graph.ports()[0].items() if p.required] == ["x"]
    values = {name: torch.randn(2) for name in given}
    expected = values["x"] - values.get("y", 0)
    assert torch.equal(graph(**values)["out"], expected * values.get("z", 1))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Sum", lambda v, a, b: v + b + a),
        ("Joined", lambda v, a, b: torch.cat([v, b, a], -1)),
        ("First", lambda v, a, b: v),
        ("Listed", lambda v, a, b: torch.zeros(()) + 1 * v + 2 * b + 3 * a),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_several_wires_become_what_the_port_says(
    make: Make, kind: str, expected: Callable[[Tensor, Tensor, Tensor], Tensor], nested: bool
) -> None:
    """An exposed input comes first, then the wires as drawn; inside a graph as outside."""
    many: dict[str, Any] = {"type": f"test/{kind}"}
    if nested:
        inner = {"nodes": {"many": many}, "inputs": {"x": "many.x"}, "outputs": {"out": "many.out"}}
        many = {"body": inner}
    graph = make(
        {
            "nodes": {"a": LINEAR, "b": LINEAR, "many": many},
            "wires": ["b.out -> many.x", "a.out -> many.x"],
            "inputs": {"x": ["many.x", "a.x", "b.x"]},
            "outputs": {"y": "many.out"},
        }
    )
    same(graph, lambda v: expected(v, layer(graph, "a")(v), layer(graph, "b")(v)))


def test_a_dict_port_names_its_wires_by_node_and_by_port_where_one_node_feeds_it_twice(
    make: Make,
) -> None:
    named = {"nodes": {"n": {"type": "test/Named"}}, "inputs": {"x": "n.x"}}
    graph = make(
        {
            "nodes": {
                "cut": {"type": "test/Halves"},
                "relu": {"type": "core/Relu"},
                "named": {"body": named | {"outputs": {"out": "n.out"}}},
            },
            "wires": ["cut.low -> named.x", "cut.high -> named.x", "relu.out -> named.x"],
            "inputs": {"x": ["cut.x", "relu.x", "named.x"]},
            "outputs": {"y": "named.out"},
        }
    )
    assert graph(x=torch.tensor([1.0, 2.0]))["y"] == "x=3 cut.low=1 cut.high=2 relu=3"


def test_a_list_port_takes_a_list_from_outside(make: Make) -> None:
    graph = make(
        {
            "nodes": {"many": {"type": "core/Concat"}},
            "inputs": {"x": "many.x"},
            "outputs": {"y": "many.out"},
        }
    )
    assert graph(x=[torch.zeros(1), torch.ones(1)])["y"].tolist() == [0, 1]
    assert graph(x=torch.ones(1))["y"].tolist() == [1]


def test_the_run_may_stand_before_the_ports_and_ports_may_be_by_keyword(make: Make) -> None:
    from graphs.live import Run

    graph = make(
        {
            "nodes": {"facts": {"type": "test/Facts"}},
            "inputs": {"x": "facts.x", "y": "facts.y"},
            "outputs": {"y": "facts.out"},
        }
    )
    three, one = torch.tensor(3.0), torch.tensor(1.0)
    assert graph(x=three, y=one, run=Run(position=7))["y"] == "facts 7 2"


@st.composite
def dags(draw: st.DrawFn) -> dict[str, Any]:
    """Random DAGs of Linear, Relu and Add, wired in any order of names."""
    count = draw(st.integers(1, 12))
    names = draw(st.permutations([f"n{i}" for i in range(count)]))
    kinds = draw(
        st.lists(st.sampled_from(["Linear", "Relu", "Add"]), min_size=count, max_size=count)
    )
    nodes: dict[str, Any] = {}
    wires: list[str] = []
    outside: list[str] = []
    for place, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        nodes[name] = LINEAR if kind == "Linear" else {"type": f"core/{kind}"}
        if place == 0:
            outside.append(f"{name}.x")
            continue
        most = 3 if kind == "Add" else 1
        sources = draw(st.lists(st.integers(0, place - 1), min_size=1, max_size=most, unique=True))
        wires += [f"{names[source]}.out -> {name}.x" for source in sources]
    sinks = {n for n in names if not any(w.startswith(f"{n}.") for w in wires)}
    nodes["sum"] = {"type": "core/Add"}
    wires += [f"{name}.out -> sum.x" for name in sorted(sinks)]
    nodes = {name: nodes[name] for name in draw(st.permutations(sorted(nodes)))}
    return {"nodes": nodes, "wires": wires, "inputs": {"x": outside}, "outputs": {"y": "sum.out"}}


@settings(max_examples=40, deadline=None)
@given(body=dags(), folded=st.integers(0, 3))
def test_random_graphs_equal_their_nodes_called_in_networkx_order(
    make: Make, body: dict[str, Any], folded: int
) -> None:
    inner = body
    for _ in range(folded):
        body = {
            "nodes": {"inner": {"body": body}},
            "inputs": {"x": "inner.x"},
            "outputs": {"y": "inner.y"},
        }
    graph = make(body)
    spec, prefix = GraphSpec.model_validate(inner), "inner." * folded

    def by_hand(v: Tensor) -> Tensor:
        drawing = nx.DiGraph()
        drawing.add_nodes_from(spec.nodes)
        drawing.add_edges_from((w.source.node, w.target.node) for w in spec.wires)
        values: dict[str, Tensor] = {}
        for name in nx.lexicographical_topological_sort(drawing):
            arriving = [values[w.source.node] for w in spec.wires if w.target.node == name] or [v]
            total = arriving[0]
            for more in arriving[1:]:
                total = total + more
            kind = spec.nodes[name].type
            if kind == "core/Linear":
                total = layer(graph, prefix + name)(total)
            values[name] = functional.relu(total) if kind == "core/Relu" else total
        return values["sum"]

    same(graph, by_hand)


def test_weights_are_named_by_path_in_the_order_of_names(make: Make) -> None:
    graph = make(
        {
            "nodes": {"z": {"body": CHAIN}, "a": LINEAR},
            "wires": ["z.y -> a.x"],
            "inputs": {"x": "z.x"},
            "outputs": {"y": "a.out"},
        }
    )
    nodes = ["a", "z.begin", "z.end"]
    expected = [f"{n}.map.{p}" for n in nodes for p in ("weight", "bias")]
    assert [name for name, _ in graph.named_parameters()] == expected
    assert list(graph.state_dict()) == expected
    assert graph.get_submodule("z.begin") is graph.at("z.begin")
    assert [path for path, _ in graph.blocks()] == ["a", "z", "z.act", "z.begin", "z.end"]


def test_tied_nodes_are_one_block_whose_gradients_add_up(make: Make) -> None:
    graph = make(CHAIN | {"nodes": CHAIN["nodes"] | {"end": {"tied_to": "begin"}}})  # type: ignore[operator]
    assert graph.at("begin") is graph.at("end")
    assert len(list(graph.parameters())) == 2
    same(graph, lambda v: layer(graph, "begin")(functional.relu(layer(graph, "begin")(v))))


def test_a_tied_composite_is_one_graph_at_two_places(make: Make) -> None:
    graph = make(
        {
            "nodes": {"one": {"tied_to": "two"}, "two": {"body": CHAIN}},
            "wires": ["one.y -> two.x"],
            "inputs": {"x": "one.x"},
            "outputs": {"y": "two.y"},
        }
    )
    assert len(list(graph.parameters())) == 4

    def body(v: Any) -> Any:
        return layer(graph, "two.end")(functional.relu(layer(graph, "two.begin")(v)))

    same(graph, lambda v: body(body(v)))


def test_instances_of_a_definition_have_weights_of_their_own(registry: Registry) -> None:
    document = Document(
        root=GraphSpec.model_validate(
            {
                "nodes": {"one": {"uses": "chain"}, "two": {"uses": "chain"}},
                "wires": ["one.y -> two.x"],
                "inputs": {"x": "one.x"},
                "outputs": {"y": "two.y"},
            }
        ),
        definitions={"chain": NodeSpec.model_validate({"body": CHAIN})},
    )
    graph = build(document, registry)
    assert len(list(graph.parameters())) == 8
    assert not torch.equal(layer(graph, "one.begin").weight, layer(graph, "two.begin").weight)


def test_wrong_inputs_are_named(make: Make) -> None:
    graph = make(CHAIN)
    with pytest.raises(TypeError, match=r"no input 'xx'; did you mean x\?; there are x"):
        graph(xx=x())
    with pytest.raises(TypeError, match="missing input x; given nothing"):
        graph()
    with pytest.raises(KeyError, match="no node 'bgin'; did you mean begin"):
        graph.at("bgin")


@pytest.mark.parametrize("name", ["run", "self", "which"])
def test_an_exposed_input_cannot_take_a_name_that_means_something(make: Make, name: str) -> None:
    relu = make(CHAIN).at("act")
    spec = GraphSpec.model_validate({"nodes": {"act": {}}, "inputs": {name: "act.x"}})
    with pytest.raises(ValueError, match=f"cannot be called {name}"):
        CONTROL["choose"](Body(spec, {"act": relu}))


def test_every_attribute_of_a_live_graph_is_reserved(make: Make) -> None:
    graph = make(CHAIN)
    names = {name for cls in CONTROL.values() for name in dir(cls)} | set(dir(graph))
    names -= set(graph.spec.nodes)
    assert {n for n in names if n[0].islower()} - RESERVED == set()


def test_a_copy_is_independent(make: Make) -> None:
    graph = make(INSIDE)
    before = graph(x=x())["y"]
    twin = copy.deepcopy(graph)
    with torch.no_grad():
        layer(twin, "inner.begin").weight.zero_()
    assert torch.equal(graph(x=x())["y"], before)
    assert not torch.equal(twin(x=x())["y"], before)


def test_moving_and_modes_reach_every_depth(make: Make) -> None:
    graph = make(INSIDE)
    graph(x=x())
    graph.double().eval()
    assert graph(x=x().double())["y"].dtype == torch.float64
    assert not graph.at("inner.act").training


def test_hooks_on_an_inner_graph_are_called_whenever_they_are_put_there(make: Make) -> None:
    graph = make(INSIDE)
    before, seen = graph(x=x())["y"], []
    handle = graph.at("inner").register_forward_hook(
        lambda _module, _args, out: seen.append(out["y"])
    )
    assert torch.equal(graph(x=x())["y"], before)
    handle.remove()
    graph(x=x())
    assert len(seen) == 1
    assert torch.equal(seen[0], before)


@pytest.mark.parametrize("path", ["inner", "inner.begin"])
def test_recomputed_nodes_give_the_same_gradients_and_run_twice(make: Make, path: str) -> None:
    counted = CHAIN | {"nodes": CHAIN["nodes"] | {"begin": {"type": "test/Count"}}}  # type: ignore[operator]
    graph = make(INSIDE | {"nodes": {"inner": {"body": counted}}})
    graph(x=x())
    graph.at(path).recompute = True
    graph.forget_programs()
    same(graph, lambda v: layer(graph, "inner.end")(functional.relu(v.sin())))
    assert vars(graph.at("inner.begin"))["calls"] == 3


@pytest.mark.filterwarnings("ignore")
def test_a_nested_graph_compiles_whole(make: Make) -> None:
    import shutil

    if not shutil.which("c++") and not shutil.which("g++"):
        pytest.skip("torch.compile needs a C++ compiler")
    graph = make(INSIDE)
    value = x().detach()
    compiled = torch.compile(graph, fullgraph=True)
    assert torch.allclose(compiled(x=value)["y"], graph(x=value)["y"], rtol=0, atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_a_nested_graph_is_exported(make: Make) -> None:
    graph = make(INSIDE)
    value = x().detach()
    exported = torch.export.export(graph, (), {"x": value})
    assert torch.equal(exported.module()(x=value)["y"], graph(x=value)["y"])
