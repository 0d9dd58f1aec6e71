"""Every problem that check knows, by the smallest document that has it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given

from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.check import check, inspect
from graphs.spec.configs import config_problems, defaults, describe
from graphs.spec.document import Document, GraphSpec, NodeSpec, pin
from graphs.spec.plan import Loss, Plan, Rule, Stopping, Validation
from graphs.spec.problems import Problem
from tests.spec.strategies import documents


def port(name: str, dims: str = "", **fields: Any) -> PortType:
    return PortType(name=name, dims=dims, **{"kind": "tensor", **fields})


def block(
    name: str, inputs: Sequence[PortType], outputs: Sequence[PortType], **fields: Any
) -> BlockType:
    return BlockType(
        name=name,
        inputs={p.name: p for p in inputs},
        outputs={p.name: p for p in outputs},
        **fields,
    )


LINEAR = {
    "properties": {
        "d_in": {"type": "integer", "exclusiveMinimum": 0},
        "d_out": {"type": "integer", "exclusiveMinimum": 0},
        "bias": {"type": "boolean", "default": True},
        "kind": {"enum": ["plain", "odd"], "type": "string", "default": "plain"},
        "sizes": {"type": "array", "items": {"type": "integer", "minimum": 1}, "default": []},
        "rate": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}], "default": None},
    },
    "required": ["d_in", "d_out"],
    "type": "object",
}
TIMES = {"properties": {"times": {"type": "integer", "default": 1}}}
TYPES = [
    block("graph", [], [], control="graph"),
    block("repeat", [], [], control="repeat", config=TIMES),
    block("residual", [], [], control="residual"),
    block(
        "t/Linear",
        [port("x", "... d_in")],
        [port("out", "... d_out")],
        config=LINEAR,
        replaces=("t/Old",),
    ),
    block("t/Data", [], [port("out", "b 4"), port("name", kind="text")], source=True),
    block(
        "t/Join",
        [port("x", "b d", many="concat"), port("y", "b d", required=False)],
        [port("out", "b d")],
    ),
    block("t/Sum", [port("x", "b d", many="sum")], [port("out", "b d")]),
    block(
        "t/Loss", [port("x", "b ..."), port("target", "b ...", required=False)], [port("out", "()")]
    ),
    block("t/Text", [port("x", kind="text")], []),
    block("t/Twice", [port("x", "b d")], [port("out", "b d*2")]),
]
CATALOGUE = Catalogue(types={t.name: t for t in TYPES})


def leaf(name: str, **config: Any) -> NodeSpec:
    return NodeSpec(type=f"t/{name}", config=config)


def lin(d_in: int = 4, d_out: int = 4, **config: Any) -> NodeSpec:
    return leaf("Linear", d_in=d_in, d_out=d_out, **config)


def graph(nodes: Mapping[str, NodeSpec], *wires: str, **fields: Any) -> GraphSpec:
    return GraphSpec(nodes=nodes, wires=wires, **fields)


def found(root: GraphSpec | Document, **fields: Any) -> list[Problem]:
    document = root if isinstance(root, Document) else Document(root=root)
    return check(document, CATALOGUE, **fields)


def only(root: GraphSpec | Document) -> tuple[str, str, str, str]:
    problems = found(root)
    assert len(problems) == 1, problems
    return problems[0].path, problems[0].code, problems[0].port, problems[0].message


DATA = leaf("Data")
GOOD = graph(
    {"data": DATA, "lin": lin(), "loss": leaf("Loss")}, "data.out -> lin.x", "lin.out -> loss.x"
)


def test_a_sound_document_has_none() -> None:
    assert found(GOOD) == []
    assert found(GraphSpec()) == []


# nodes


def test_unknown_type() -> None:
    at = only(graph({"a": leaf("Liner", d_in=3)}))
    assert at == (
        "a",
        "unknown-type",
        "",
        "there is no block type 't/Liner'; did you mean t/Linear, t/Join?",
    )
    assert (
        found(
            graph(
                {"data": DATA, "a": NodeSpec(type="t/Old", config={"d_in": 4, "d_out": 1})},
                "data.out -> a.x",
            )
        )
        == []
    )


def test_an_unknown_type_hides_nothing_else_and_its_wires_are_not_guessed_at() -> None:
    root = graph(
        {"data": DATA, "a": leaf("Nothing"), "lin": lin(0)}, "data.out -> a.ever", "a.what -> lin.x"
    )
    assert [p.code for p in found(root)] == ["unknown-type", "unfed", "config"]


def test_body() -> None:
    assert only(graph({"a": NodeSpec(type="graph")}))[:2] == ("a", "body")
    at = only(graph({"a": NodeSpec(type="t/Data", body=GraphSpec())}))
    assert (at[1], at[3]) == ("body", "t/Data takes no body")


def test_config_of_every_kind_at_once() -> None:
    node = leaf("Linear", d_out=0, bais=True, bias=1, kind="even", sizes=[1, 0], rate=-1)
    problems = found(graph({"data": DATA, "a": node}, "data.out -> a.x"))
    assert {p.code for p in problems} == {"config"}
    assert sorted(p.message for p in problems) == [
        "bias: expected boolean, got 1",
        "d_out: expected integer > 0, got 0",
        "kind: expected one of plain, odd, got 'even'",
        "rate: expected number ≥ 0 or null, got -1",
        "sizes: item [1] expected integer ≥ 1, got [1, 0]",
        "t/Linear has no setting 'bais'; did you mean bias?",
        "t/Linear needs a value for 'd_in' (integer > 0)",
    ]


@pytest.mark.parametrize("value", [True, "4", 4.5, None, [4]])
def test_config_of_another_kind_is_refused(value: Any) -> None:
    messages = [
        message
        for _, message in config_problems(CATALOGUE.types["t/Linear"], {"d_in": value, "d_out": 1})
    ]
    assert messages == [f"d_in: expected integer > 0, got {value!r}"]


def test_defaults_and_descriptions() -> None:
    assert defaults(CATALOGUE.types["t/Linear"]) == {
        "bias": True,
        "kind": "plain",
        "sizes": [],
        "rate": None,
    }
    assert describe({}) == "any value"
    assert describe({"type": "number", "minimum": 0, "exclusiveMaximum": 1}) == "number ≥ 0 < 1"


def test_reserved_names() -> None:
    at = only(graph({"forward": DATA}))
    assert (at[0], at[1]) == ("forward", "name-reserved")
    at = only(graph({"lin": lin()}, inputs={"run": "lin.x"}))
    assert (at[0], at[1]) == ("", "name-reserved")
    inside = NodeSpec(type="repeat", body=graph({"times": DATA}))
    at = only(graph({"a": inside}))
    assert (at[0], at[1]) == ("a.times", "name-reserved")
    assert found(graph({"times": DATA})) == []


def test_levels() -> None:
    stage = NodeSpec(type="graph", body=graph({"d": DATA}, level="stage", outputs={"out": "d.out"}))
    at = only(graph({"a": stage}))
    assert at == ("a", "level", "", "a graph holds block, graph, not a stage")
    at = only(graph({"d": DATA}, level="pipeline"))
    assert (at[0], at[1], at[3]) == ("", "level", "a pipeline must expose an output")


def test_tied() -> None:
    def message(**nodes: NodeSpec) -> str:
        return only(graph({"data": DATA, **nodes}))[3]

    assert "is tied to 'dta', which does not exist; did you mean data?" in message(
        a=NodeSpec(tied_to="dta")
    )
    assert (
        message(a=NodeSpec(tied_to="data"), b=NodeSpec(tied_to="a"))
        == "is tied to 'a', itself tied; tie it to 'data'"
    )
    loop = NodeSpec(type="graph", body=graph({"b": NodeSpec(tied_to="a")}))
    assert message(a=loop) == "is tied to 'a', which holds it"
    assert (
        found(
            graph(
                {"data": DATA, "a": lin(), "b": NodeSpec(tied_to="a")},
                "data.out -> a.x",
                "a.out -> b.x",
            )
        )
        == []
    )


def test_a_node_tied_to_what_holds_it_ends_even_when_its_ports_are_exposed() -> None:
    body = graph({"b": NodeSpec(tied_to="a")}, inputs={"x": "b.x"}, outputs={"out": "b.out"})
    assert "tied" in {p.code for p in found(graph({"a": NodeSpec(type="graph", body=body)}))}


# wires and ports


@pytest.mark.parametrize(
    ("wire", "path", "port_name", "message"),
    [
        (
            "dta.out -> lin.x",
            "",
            "",
            "wire dta.out -> lin.x: there is no node 'dta'; did you mean data?",
        ),
        (
            "data.out -> lni.x",
            "",
            "",
            "wire data.out -> lni.x: there is no node 'lni'; did you mean lin?",
        ),
        (
            "data.uot -> lin.x",
            "data",
            "uot",
            "wire data.uot -> lin.x: no output 'uot'; did you mean out?",
        ),
        ("data.out -> lin.z", "lin", "z", "wire data.out -> lin.z: no input 'z'; it has x"),
        ("lin.out -> data.x", "data", "x", "wire lin.out -> data.x: no input 'x'; it has none"),
    ],
)
def test_dangling_wires(wire: str, path: str, port_name: str, message: str) -> None:
    problems = found(graph({"data": DATA, "lin": lin()}, wire))
    assert [(p.path, p.port, p.message) for p in problems if p.code == "dangling"] == [
        (path, port_name, message)
    ]


def test_dangling_exposed_ports() -> None:
    at = only(graph({"data": DATA}, outputs={"out": "data.uot"}))
    assert at == (
        "data",
        "dangling",
        "uot",
        "exposed output 'out': no output 'uot'; did you mean out?",
    )
    at = only(graph({"data": DATA}, inputs={"x": ["lin.x"]}))
    assert at[1] == "dangling"


def test_unfed() -> None:
    assert only(graph({"lin": lin()})) == ("lin", "unfed", "x", "needs a wire or an exposed input")
    assert found(graph({"lin": lin()}, inputs={"x": "lin.x"})) == []


def test_several_wires() -> None:
    at = only(graph({"a": DATA, "b": DATA, "lin": lin()}, "a.out -> lin.x", "b.out -> lin.x"))
    assert at == ("lin", "several-wires", "x", "takes one wire, got 2")
    assert (
        found(graph({"a": DATA, "b": DATA, "s": leaf("Sum")}, "a.out -> s.x", "b.out -> s.x")) == []
    )


def test_port_kind() -> None:
    at = only(graph({"data": DATA, "t": leaf("Text")}, "data.out -> t.x"))
    assert at == ("t", "port-kind", "x", "expected text, got tensor \"b 4\" from 'data.out'")


def test_port_shape() -> None:
    at = only(graph({"data": DATA, "lin": lin(5)}, "data.out -> lin.x"))
    assert at == ("lin", "port-shape", "x", 'expected tensor "b 5", got "b 4"')
    joined = graph(
        {"a": DATA, "b": DATA, "j": leaf("Join"), "lin": lin(8)},
        "a.out -> j.x",
        "b.out -> j.x",
        "j.out -> lin.x",
    )
    assert found(joined) == []
    summed = graph(
        {"a": DATA, "w": lin(4, 3), "s": leaf("Sum")},
        "a.out -> w.x",
        "a.out -> s.x",
        "w.out -> s.x",
    )
    assert only(summed)[:3] == ("s", "port-shape", "x")


def test_shapes_go_through_nests_and_shared_blocks() -> None:
    inner = NodeSpec(
        type="graph",
        body=graph({"one": lin(4, 7)}, inputs={"x": "one.x"}, outputs={"out": "one.out"}),
    )
    root = graph(
        {"data": DATA, "net": inner, "lin": lin(6)}, "data.out -> net.x", "net.out -> lin.x"
    )
    assert only(root)[3] == 'expected tensor "b 6", got "b 7"'
    inspected = inspect(Document(root=root), CATALOGUE)
    assert inspected.shapes["net.one.out"] == inspected.shapes["net.out"] == ("b", 7)
    assert list(inspected.inputs["net"]) == ["x"]
    tied = graph(
        {"data": DATA, "a": lin(4, 7), "b": NodeSpec(tied_to="a")},
        "data.out -> a.x",
        "a.out -> b.x",
    )
    assert only(tied)[:2] == ("b", "port-shape")


def test_what_a_repeat_feeds_back_in_another_shape_is_not_known() -> None:
    grows = graph({"w": leaf("Twice")}, inputs={"x": "w.x"}, outputs={"x": "w.out"})
    for kind in ("repeat", "residual"):
        node = NodeSpec(type=kind, body=grows)
        root = graph(
            {"data": DATA, "loop": node, "lin": lin(16)}, "data.out -> loop.x", "loop.x -> lin.x"
        )
        assert found(root) == [], kind
    still = graph({"w": lin()}, inputs={"x": "w.x"}, outputs={"x": "w.out"})
    root = graph({"data": DATA, "loop": NodeSpec(type="repeat", body=still)}, "data.out -> loop.x")
    assert inspect(Document(root=root), CATALOGUE).shapes["loop.x"] == ("b", 4)
    straight = graph(
        {"data": DATA, "net": NodeSpec(type="graph", body=grows), "lin": lin(16)},
        "data.out -> net.x",
        "net.x -> lin.x",
    )
    assert only(straight)[:2] == ("lin", "port-shape")


def test_cycle() -> None:
    problems = found(graph({"a": lin(), "b": lin()}, "a.out -> b.x", "b.out -> a.x"))
    assert [p.code for p in problems] == ["cycle"]
    assert "a -> b -> a is a cycle" in problems[0].message


def test_a_wire_from_nowhere_that_feeds_back_is_told_like_any_other() -> None:
    root = graph(
        {"a": lin(), "b": lin()}, "a.out -> b.x", "b.no -> a.x", inputs={"x": "a.x"}, loops=2
    )
    path, code, port_name, message = only(root)
    assert (path, code, port_name) == ("b", "dangling", "no")
    assert message.startswith("wire b.no -> a.x: no output 'no'")


def test_definitions() -> None:
    at = only(graph({"a": NodeSpec(uses="nothing")}))
    assert at[:2] == ("a", "unknown-definition")
    document = Document(
        root=graph({"a": NodeSpec(uses="d")}), definitions={"d": NodeSpec(uses="d")}
    )
    assert "circular-definition" in {p.code for p in found(document)}
    document = Document(
        root=graph(
            {"data": DATA, "a": NodeSpec(uses="d", overrides={"": {"d_in": 5}})}, "data.out -> a.x"
        ),
        definitions={"d": lin()},
    )
    assert only(document)[:2] == ("a", "port-shape")


# plans


def planned(*rules: Rule, root: GraphSpec = GOOD, **fields: Any) -> list[tuple[str, str]]:
    chosen: dict[str, Any] = {"losses": (Loss(port="loss.out"),), **fields}
    if rules:
        chosen["rules"] = rules
    problems = found(Document(root=root, plans={"p": Plan(**chosen)}))
    assert {p.path for p in problems} <= {"plans.p"}
    return [(p.code, p.message) for p in problems]


def test_a_sound_plan_has_no_problems() -> None:
    exposed = GOOD.model_copy(update={"outputs": {"small": pin("loss.out")}})
    assert planned() == []
    assert planned(root=exposed, losses=(Loss(port="small"),)) == []
    watch = {"validation": Validation(ports={"fit": "loss.out"})}
    for name in ("loss", "loss.out", "fit"):
        assert planned(**watch, stopping=Stopping(watch=name, patience=2)) == []
    assert planned(settings={"lin": {"bias": False}}, recompute=("lin",)) == []


def test_rules() -> None:
    assert planned(Rule(where="ln")) == [
        ("rule", "rule 1 (train 'ln') reaches no node; did you mean lin?")
    ]
    missing = "there is no block type 't/Liner'; did you mean t/Linear, t/Join?"
    assert planned(Rule(types=("t/Linear", "t/Liner"))) == [("rule", missing)]
    assert planned(Rule(exclude=("lni",)))[0][1].startswith(
        "rule 1 (train '**') excludes 'lni', which is no node"
    )
    assert planned(compile={"lin": "default"}) == []
    assert planned(compile={"lni": "default"}) == [
        ("rule", "compile: no node 'lni'; did you mean lin?")
    ]
    assert planned(recompute=("lni",)) == [("rule", "recompute: no node 'lni'; did you mean lin?")]


def test_nothing_trains() -> None:
    assert planned(Rule(mode="frozen")) == [
        ("nothing-trains", "every rule freezes; add one that trains or adapts")
    ]
    assert planned(rules=())[0][0] == "nothing-trains"


def test_losses_and_figures() -> None:
    assert planned(losses=()) == [
        ("no-loss", "has no loss; name at least one scalar port to make small")
    ]
    code, message = planned(losses=(Loss(port="loss.ot"),))[0]
    assert (code, message) == (
        "loss-port",
        "loss: there is no output 'loss.ot'; did you mean loss.out?",
    )
    assert planned(losses=(Loss(port="lin.out"),)) == [
        ("loss-port", "loss: 'lin.out' gives tensor \"... d_out\", expected a scalar")
    ]
    exposed = GOOD.model_copy(update={"outputs": {"big": pin("lin.out")}})
    assert planned(root=exposed, losses=(Loss(port="big"),))[0][0] == "loss-port"
    assert (
        planned(losses=(Loss(port="data.name"),))[0][1]
        == "loss: 'data.name' gives text, expected a scalar"
    )
    assert planned(validation=Validation(ports={"fit": "lin.out"}))[0][1].startswith(
        "validation port 'fit'"
    )


def test_stopping() -> None:
    watched = planned(
        validation=Validation(ports={"fit": "loss.out"}), stopping=Stopping(watch="fti")
    )
    assert watched == [
        ("stopping", "watches 'fti', which validation does not measure; did you mean fit?")
    ]
    assert planned(stopping=Stopping(patience=3)) == [
        ("stopping", "patience counts validations; the plan has no validation")
    ]


def test_settings() -> None:
    assert planned(settings={"lni": {}}) == [
        ("settings", "settings: there is no node 'lni'; did you mean lin?")
    ]
    assert planned(settings={"lin": {"bais": True, "d_in": 0}}) == [
        ("settings", "settings of 'lin': t/Linear has no setting 'bais'; did you mean bias?"),
        ("settings", "settings of 'lin': d_in: expected integer > 0, got 0"),
    ]


# all of them


EVERYTHING = Document(
    root=graph(
        {
            "data": DATA,
            "eval": DATA,
            "lin": leaf("Linear", d_in=5, d_out=0),
            "deep": NodeSpec(type="graph", body=graph({"b": leaf("Liner"), "c": lin()}, "b.out -> d.x")),
            "tied": NodeSpec(tied_to="nothing"),
            "s": leaf("Text"),
        },
        "data.out -> lin.x", "eval.out -> lin.x", "data.out -> s.x",
    ),
    plans={"b": Plan(rules=(Rule(where="x"),)), "a": Plan(rules=(Rule(mode="frozen"),))},
)  # fmt: skip


def test_all_problems_are_told_at_once_in_a_stable_order() -> None:
    problems = found(EVERYTHING)
    assert {p.code for p in problems} == {
        "config",
        "dangling",
        "name-reserved",
        "no-loss",
        "nothing-trains",
        "port-kind",
        "port-shape",
        "rule",
        "several-wires",
        "tied",
        "unfed",
        "unknown-type",
    }
    assert [p.path for p in problems if p.path.startswith("plans")] == ["plans.a"] * 2 + [
        "plans.b"
    ] * 2
    assert found(EVERYTHING) == problems
    shuffled = EVERYTHING.model_copy(
        update={"root": EVERYTHING.root.model_copy(update={"wires": EVERYTHING.root.wires[::-1]})}
    )
    assert sorted(map(str, found(shuffled))) == sorted(map(str, problems))
    assert [p for p in problems if not p.path.startswith("plans")] == found(EVERYTHING, plans=False)


@given(documents())
def test_check_never_fails_and_never_changes_its_mind(document: Document) -> None:
    problems = found(document)
    assert found(document) == problems
    assert all(p.code and p.message for p in problems)
    assert all((p.severity == "error") != (p.code == "promoted") for p in problems)


def test_ten_thousand_nodes() -> None:
    row = {f"n{n}": lin() for n in range(9_999)}
    wires = [f"n{n}.out -> n{n + 1}.x" for n in range(9_998)]
    root = graph({"data": DATA, **row}, "data.out -> n0.x", *wires)
    assert found(root) == []
    broken = {**row, "n9998": lin(5)}
    assert only(graph({"data": DATA, **broken}, "data.out -> n0.x", *wires))[:2] == (
        "n9998",
        "port-shape",
    )


def test_a_hundred_nested_bodies() -> None:
    node = lin()
    for _ in range(100):
        node = NodeSpec(
            type="graph", body=graph({"a": node}, inputs={"x": "a.x"}, outputs={"out": "a.out"})
        )
    assert found(graph({"data": DATA, "a": node}, "data.out -> a.x")) == []
