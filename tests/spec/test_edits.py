"""Edits: pure, sharing what they do not touch, and never changing what the graph computes unasked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, node_at, pin, wire
from graphs.spec.edits import (
    AddNode,
    Configure,
    Connect,
    Define,
    Disconnect,
    Expose,
    Group,
    Hide,
    Many,
    MoveNodes,
    OverrideConfig,
    RemoveNodes,
    RenameNode,
    SetLayout,
    SetLoops,
    SetMode,
    Tie,
    Undefine,
    Ungroup,
    Untie,
    apply,
    edit_from_json,
    edit_to_json,
)
from graphs.spec.identity import identities, moves
from graphs.spec.patterns import winner
from graphs.spec.plan import Loss, Plan, Rule, Validation
from graphs.spec.problems import EditError
from graphs.spec.state import Cycle
from tests.spec.strategies import MOVING, body_of, documents, edits, histories, places, tried

LIN = NodeSpec(type="linear")


def flat(names: str, *wires: str, **exposed: dict[str, object]) -> Document:
    nodes = dict.fromkeys(names, LIN)
    return Document(root=GraphSpec(nodes=nodes, wires=wires, **exposed))


def written(document: Document) -> str:
    return json.dumps(document.model_dump(mode="json", exclude_defaults=True), sort_keys=True)


def computed(document: Document) -> tuple[dict[tuple[str, str], list[object]], dict[str, object]]:
    """What every leaf port is fed with, in order, and what comes out: by identity, not by path."""
    root = expand(document)
    names = identities(root)
    fed: dict[tuple[str, str], list[object]] = {}

    def source(body: GraphSpec, path: str, end: Pin) -> object:
        node, here = body.nodes[end.node], f"{path}.{end.node}".lstrip(".")
        if node.body is None:
            return names[here], end.port
        shown = node.body.outputs.get(end.port)
        return source(node.body, here, shown) if shown else (names[here], end.port)

    def visit(body: GraphSpec, path: str, given: dict[str, list[object]]) -> None:
        arriving: dict[Pin, list[object]] = {}
        for outer, pins in body.inputs.items():
            for end in pins:
                arriving.setdefault(end, []).extend(given.get(outer, []))
        for one in body.wires:
            arriving.setdefault(one.target, []).append(source(body, path, one.source))
        for name, node in body.nodes.items():
            here = f"{path}.{name}".lstrip(".")
            ports = {end.port: sources for end, sources in arriving.items() if end.node == name}
            if node.body is not None:
                visit(node.body, here, ports)
            else:
                fed.update({(names[here], port): s for port, s in ports.items() if s})

    visit(root, "", {outer: [outer] for outer in root.inputs})
    return fed, {outer: source(root, "", end) for outer, end in root.outputs.items()}


def whole(document: Document) -> bool:
    """Whether every wire and every exposed port leads to something."""
    root = expand(document)
    bodies = [root, *[node.body for _, node in root.walk() if node.body is not None]]
    for body in bodies:
        outs = [w.source for w in body.wires] + list(body.outputs.values())
        ins = [w.target for w in body.wires] + [p for pins in body.inputs.values() for p in pins]
        for ends, side in ((outs, "outputs"), (ins, "inputs")):
            for end in ends:
                node = body.nodes.get(end.node)
                if node is None or (node.body and end.port not in getattr(node.body, side)):
                    return False
    return True


# properties of all edits


@given(histories(), st.data())
def test_an_edit_changes_nothing_but_what_it_makes(
    history: list[Document], data: st.DataObject
) -> None:
    before = [written(document) for document in history]
    tried(history[-1], data.draw(edits(history[-1])))
    assert [written(document) for document in history] == before


@given(histories())
def test_what_edits_make_is_valid_and_survives_json(history: list[Document]) -> None:
    for document in history:
        read = Document.model_validate_json(written(document))
        assert read == document
        assert written(read) == written(document)
        assert Document.model_validate(document.model_dump()) == document


@given(histories(), st.data())
def test_edits_survive_json(history: list[Document], data: st.DataObject) -> None:
    edit = data.draw(edits(history[-1]))
    text = edit_to_json(edit)
    read = edit_from_json(text)
    assert read == edit
    assert edit_to_json(read) == text
    assert tried(history[-1], read) == tried(history[-1], edit)
    assert read.label
    assert json.loads(text)["edit"] == type(edit).__name__


@given(documents(), st.data())
def test_bodies_that_an_edit_does_not_name_are_the_same_objects(
    document: Document, data: st.DataObject
) -> None:
    kinds = ("connect", "disconnect", "configure", "relabel", "expose", "hide", "level", "add")
    edit = data.draw(edits(document, kinds))
    made = tried(document, edit)
    if made is None:
        return
    for place in places(document):
        if not f"{edit.at}.".startswith(f"{place}.") and place:
            assert body_of(made, place) is body_of(document, place)
    assert made.plans is document.plans


@given(histories(), st.data())
def test_moving_nodes_changes_nothing_that_is_computed(
    history: list[Document], data: st.DataObject
) -> None:
    old = history[-1]
    if not whole(old):
        return
    edit = data.draw(edits(old, tuple(MOVING)))
    new = tried(old, edit)
    if new is not None and not isinstance(edit, AddNode):
        assert whole(new)
        assert computed(new) == computed(old)


@given(documents(), st.data())
def test_group_then_ungroup_is_the_original(document: Document, data: st.DataObject) -> None:
    edit = data.draw(edits(document, ("group",)))
    if not isinstance(edit, Group) or edit.into in body_of(document, edit.at).nodes:
        return
    document = document.model_copy(update={"plans": {}})
    grouped = tried(document, edit)
    if grouped is not None:
        assert apply(grouped, Ungroup(edit.into, edit.at)) == document


@given(documents(), st.data())
def test_rules_that_name_nodes_reach_them_after_they_moved(
    document: Document, data: st.DataObject
) -> None:
    paths = [path for path, _ in expand(document).walk()]
    where = st.sampled_from([*paths, "**"])
    modes = st.sampled_from(["train", "frozen", "lora"])
    rules = data.draw(st.lists(st.builds(Rule, where=where, mode=modes), max_size=5))
    document = document.model_copy(update={"plans": {"main": Plan(rules=tuple(rules))}})
    new = tried(document, data.draw(edits(document, tuple(MOVING))))
    if new is None:
        return
    before, after = expand(document), expand(new)
    for past, present in moves(before, after).items():
        if node_at(before, past).body is None:
            old_rule = winner(document.plans["main"].rules, past)
            new_rule = winner(new.plans["main"].rules, present)
            assert (old_rule and old_rule.mode) == (new_rule and new_rule.mode)


# single edits


def test_remove_takes_wires_and_exposed_pins_and_leaves_plans() -> None:
    document = flat(
        "abc",
        "a.out -> b.x",
        "b.out -> c.x",
        "a.out -> c.y",
        inputs={"in": ["a.x", "b.y"], "only": ["b.z"]},
        outputs={"y": "b.out"},
    ).model_copy(update={"plans": {"p": Plan(rules=(Rule(where="b"),))}})
    made = apply(document, RemoveNodes(("b",)))
    assert made.root == GraphSpec(
        nodes={"a": LIN, "c": LIN}, wires=["a.out -> c.y"], inputs={"in": ["a.x"]}
    )
    assert made.plans is document.plans


def test_connect_replaces_or_joins_or_reorders() -> None:
    document = flat("abc", "a.out -> c.x")
    two = wire("b.out -> c.x")
    assert apply(document, Connect(two)).root.wires == (two,)
    joined = apply(document, Connect(two, replace=False))
    assert list(map(str, joined.root.wires)) == ["a.out -> c.x", "b.out -> c.x"]
    first = apply(joined, Connect(two, replace=False, place=0))
    assert list(map(str, first.root.wires)) == ["b.out -> c.x", "a.out -> c.x"]
    assert apply(joined, Connect(two, replace=False)) is joined


def test_what_changes_nothing_is_the_same_document() -> None:
    document = flat("ab", "a.out -> b.x", outputs={"y": "b.out"})
    for edit in (
        Connect(wire("a.out -> b.x")),
        Configure("a"),
        RenameNode("a", "a"),
        Expose("output", "y", pin("b.out")),
        RemoveNodes(()),
        SetLayout("k", None),
        Many(()),
    ):
        assert apply(document, edit) is document


def test_group_makes_one_port_for_one_source_and_one_for_one_output() -> None:
    document = flat(
        "abcde",
        "a.out -> b.x",
        "a.out -> c.y",
        "b.out -> c.x",
        "c.out -> d.x",
        "c.out -> e.x",
        inputs={"image": ["b.z", "d.y"]},
        outputs={"answer": "b.out"},
    )
    body = apply(document, Group(("b", "c"), "g")).root
    inner = body.nodes["g"].body
    assert inner.inputs == {"image": (pin("b.z"),), "x": (pin("b.x"), pin("c.y"))}
    assert inner.outputs == {"answer": pin("b.out"), "out": pin("c.out")}
    assert list(map(str, inner.wires)) == ["b.out -> c.x"]
    assert list(map(str, body.wires)) == ["g.out -> d.x", "g.out -> e.x", "a.out -> g.x"]
    assert body.inputs == {"image": (pin("d.y"), pin("g.image"))}
    assert body.outputs == {"answer": pin("g.answer")}


def test_group_keeps_the_order_of_many_wires_into_one_port() -> None:
    names = [f"n{i:02}" for i in range(12)]
    nodes = dict.fromkeys([*names, "cat"], LIN)
    wires = [f"{name}.out -> cat.list" for name in reversed(names)]
    document = Document(root=GraphSpec(nodes=nodes, wires=wires))
    grouped = apply(document, Group(("cat",), "g"))
    assert computed(grouped) == computed(document)
    assert list(grouped.root.nodes["g"].body.inputs) == [f"cat_list_{i:02}" for i in range(1, 13)]


def test_group_refuses_to_change_the_order_of_wires_unless_told() -> None:
    document = flat("abc", "b.out -> c.list", "a.out -> c.list")
    with pytest.raises(EditError, match=r"'a.out -> c.list' comes after a wire from inside"):
        apply(document, Group(("b", "c"), "g"))
    grouped = apply(document, Group(("b", "c"), "g", any_order=True))
    assert {len(sources) for sources in computed(grouped)[0].values()} == {2}


def test_group_refuses_a_path_that_comes_back() -> None:
    document = flat("abc", "a.out -> b.x", "b.out -> c.x")
    with pytest.raises(EditError, match="comes back through b"):
        apply(document, Group(("a", "c"), "g"))


def test_group_of_a_cycle_is_allowed_so_that_a_repeat_can_hold_it() -> None:
    document = flat("ab", "a.out -> b.x", "b.out -> a.x")
    assert apply(document, Group(("a", "b"), "g", type="repeat")).root.nodes["g"].type == "repeat"


def test_ungroup_gives_taken_names_a_number() -> None:
    inner = GraphSpec(nodes={"a": LIN, "a_2": LIN}, outputs={"out": "a.out"})
    nodes = {"a": LIN, "g": NodeSpec(type="graph", body=inner)}
    document = Document(root=GraphSpec(nodes=nodes, wires=["g.out -> a.x"]))
    body = apply(document, Ungroup("g")).root
    assert sorted(body.nodes) == ["a", "a_2", "a_3"]
    assert list(map(str, body.wires)) == ["a_3.out -> a.x"]


def test_ungroup_refuses_to_make_one_wire_of_two_ways() -> None:
    inner = GraphSpec(nodes={"b": LIN}, inputs={"x": ["b.list"], "y": ["b.list"]})
    nodes = {"a": LIN, "g": NodeSpec(type="graph", body=inner)}
    document = Document(root=GraphSpec(nodes=nodes, wires=["a.out -> g.x", "a.out -> g.y"]))
    with pytest.raises(EditError, match=r"would become the one wire 'a.out -> b.list'"):
        apply(document, Ungroup("g"))


def test_stages_keep_their_turns_in_the_cycle_of_a_world() -> None:
    world = GraphSpec(level="world", nodes={"a": LIN, "b": LIN}, cycle=Cycle(stages=("a", "b")))
    document = Document(root=world)
    assert apply(document, RenameNode("a", "c")).root.cycle.stages == ("c", "b")
    assert apply(document, RemoveNodes(("a",))).root.cycle.stages == ("b",)
    with pytest.raises(EditError, match="a, b is in the cycle of this world"):
        apply(document, Group(("a", "b"), "g"))


def test_a_cycle_that_loops_is_grouped_whole_and_goes_on_looping() -> None:
    document = flat("abcd", "a.out -> b.x", "c.out -> b.x", "b.out -> c.x", "c.out -> d.x")
    document = apply(document, SetLoops("", 3))
    with pytest.raises(EditError, match="comes back through c"):
        apply(document, Group(("a", "b"), "g"))
    grouped = apply(document, Group(("b", "c"), "g"))
    assert grouped.root.nodes["g"].body.loops == 3
    assert apply(grouped, Ungroup("g")) == document
    assert apply(document, Group(("a",), "g")).root.nodes["g"].body.loops is None
    with pytest.raises(EditError, match="its cycles run 3 times, those outside no"):
        apply(apply(grouped, SetLoops("", None)), Ungroup("g"))


def test_paths_in_plans_follow_group_and_ungroup() -> None:
    plan = Plan(
        rules=(
            Rule(where="a"),
            Rule(where="b.**", exclude=("a",)),
            Rule(where="*", mode="frozen"),
        ),
        losses=(Loss(port="b.out"), Loss(port="answer")),
        recompute=("a",),
        compile={"a": "default"},
        settings={"a": {"width": 3}, "c": {"width": 4}},
        validation=Validation(ports={"m": "a.out"}),
    )
    document = flat("abc").model_copy(update={"plans": {"p": plan}})
    grouped = apply(document, Group(("a", "b"), "g"))
    moved = grouped.plans["p"]
    assert [r.where for r in moved.rules] == ["g.a", "g.b.**", "*"]
    assert moved.rules[1].exclude == ("g.a",)
    assert [loss.port for loss in moved.losses] == ["g.b.out", "answer"]
    assert moved.recompute == ("g.a",)
    assert moved.compile == {"g.a": "default"}
    assert moved.settings == {"g.a": {"width": 3}, "c": {"width": 4}}
    assert moved.validation.ports == {"m": "g.a.out"}
    assert apply(grouped, Ungroup("g")).plans == document.plans


def test_rules_about_a_group_become_rules_about_its_members() -> None:
    document = apply(flat("abc", "a.out -> c.x"), Group(("a", "b"), "g"))
    rules = (
        Rule(where="g.a", mode="frozen"),
        Rule(where="g", mode="lora"),
        Rule(where="g.*.x", exclude=("g",)),
    )
    plan = Plan(rules=rules, losses=(Loss(port="g.out"),))
    made = apply(document.model_copy(update={"plans": {"p": plan}}), Ungroup("g")).plans["p"]
    assert [(r.where, r.mode) for r in made.rules] == [
        ("a", "lora"),
        ("b", "lora"),
        ("a", "frozen"),
        ("a.x", "train"),
        ("b.x", "train"),
    ]
    assert made.rules[3].exclude == ("a", "b")
    assert made.losses == (Loss(port="a.out"),)


def test_a_move_inside_a_definition_moves_in_every_instance() -> None:
    inner = NodeSpec(type="graph", body=GraphSpec(nodes={"lin": LIN}))
    one = NodeSpec(uses="block", overrides={"lin": {"width": 3}})
    holder = NodeSpec(type="graph", body=GraphSpec(nodes={"in": NodeSpec(uses="block")}))
    document = Document(
        root=GraphSpec(
            nodes={"one": one, "two": NodeSpec(uses="holder"), "t": NodeSpec(tied_to="one.lin")}
        ),
        definitions={"block": inner, "holder": holder},
        plans={"p": Plan(rules=(Rule(where="one.lin"), Rule(where="two.in.lin")))},
    )
    made = apply(document, RenameNode("lin", "map", "@block"))
    assert made.root.nodes["one"].overrides == {"map": {"width": 3}}
    assert made.root.nodes["t"].tied_to == "one.map"
    assert [r.where for r in made.plans["p"].rules] == ["one.map", "two.in.map"]


def test_move_between_bodies_refuses_to_tear_wires() -> None:
    inner = NodeSpec(type="graph", body=GraphSpec())
    nodes = {"a": LIN, "b": LIN, "c": LIN, "g": inner}
    document = Document(root=GraphSpec(nodes=nodes, wires=["a.out -> b.x", "b.out -> c.x"]))
    with pytest.raises(EditError, match=r"wire 'b.out -> c.x' would be torn"):
        apply(document, MoveNodes(("a", "b"), "", "g"))
    moved = apply(document, MoveNodes(("a", "b", "c"), "", "g"))
    assert sorted(moved.root.nodes["g"].body.nodes) == ["a", "b", "c"]
    assert len(moved.root.nodes["g"].body.wires) == 2
    assert apply(moved, MoveNodes(("a", "b", "c"), "g", "")) == document
    with pytest.raises(EditError, match="expected a body outside it"):
        apply(document, MoveNodes(("g",), "", "g"))


def test_set_mode_is_the_last_word_about_its_pattern() -> None:
    rules = (Rule(where="a", mode="frozen"), Rule(where="*", mode="frozen"))
    document = flat("ab").model_copy(update={"plans": {"p": Plan(rules=rules)}})
    made = apply(document, SetMode("a", Rule(mode="lora"), "p")).plans["p"].rules
    assert [(r.where, r.mode) for r in made] == [("*", "frozen"), ("a", "lora")]
    assert winner(made, "a").mode == "lora"
    thaw = Rule(mode="train", from_step=10)
    timed = apply(document, SetMode("a", thaw, "p"))
    assert [r.mode for r in timed.plans["p"].rules] == ["frozen", "frozen", "train"]
    always = apply(timed, SetMode("a", Rule(mode="lora"), "p"))
    assert [(r.where, r.mode) for r in always.plans["p"].rules] == [("*", "frozen"), ("a", "lora")]
    assert [r.where for r in apply(timed, SetMode("a", None, "p")).plans["p"].rules] == ["*"]


def test_hide_one_pin_of_an_exposed_input_or_all() -> None:
    document = flat("ab", inputs={"x": ["a.x", "b.x"]})
    assert apply(document, Hide("input", "x", pin("a.x"))).root.inputs == {"x": (pin("b.x"),)}
    assert apply(document, Hide("input", "x")).root.inputs == {}


def test_override_and_take_it_back() -> None:
    document = Document(
        root=GraphSpec(nodes={"i": NodeSpec(uses="m")}), definitions={"m": NodeSpec(type="linear")}
    )
    made = apply(document, OverrideConfig("i", "", {"width": 3}))
    assert expand(made).nodes["i"].config == {"width": 3}
    assert apply(made, OverrideConfig("i", unset=("width",))) == document


def test_tie_and_untie() -> None:
    document = flat("ab")
    tied = apply(document, Tie("b", "a"))
    assert tied.root.nodes["b"] == NodeSpec(tied_to="a")
    assert apply(tied, RenameNode("a", "c")).root.nodes["b"].tied_to == "c"
    assert apply(tied, Untie("b")) == document


def test_ungroup_refuses_what_another_node_shares() -> None:
    inner = NodeSpec(
        type="graph", body=GraphSpec(nodes={"g": NodeSpec(type="graph", body=GraphSpec())})
    )
    nodes = {"i": NodeSpec(uses="m"), "t": NodeSpec(tied_to="i.g")}
    document = Document(root=GraphSpec(nodes=nodes), definitions={"m": inner})
    with pytest.raises(EditError, match="'t' shares its block"):
        apply(document, Ungroup("g", "@m"))


def test_define_then_undefine_is_the_original() -> None:
    document = apply(flat("abc", "a.out -> b.x", "b.out -> c.x"), Group(("a", "b"), "g"))
    defined = apply(document, Define("g", "m"))
    assert expand(defined) == document.root
    assert apply(defined, Undefine("m")) == document


def test_many_is_all_or_nothing() -> None:
    document = flat("a")
    good, bad = Configure("a", {"k": 1}), Configure("z", {"k": 1})
    with pytest.raises(EditError, match="there is no node 'z'"):
        apply(document, Many((good, bad)))
    assert document == flat("a")
    assert apply(document, Many((good, RenameNode("a", "b")), "both")).root.nodes["b"].config


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Configure("lim", {"k": 1}), r"there is no node 'lim'; did you mean lin\?"),
        (AddNode("lin", LIN), r"expected a free name, got 'lin', a linear\n  → use lin_2"),
        (RenameNode("lin", "map"), "expected a free name, got 'map'"),
        (AddNode("x", LIN, "lin"), "lin: expected a node with a body"),
        (AddNode("x", LIN, "i"), "edit '@m', which changes every instance, or detach"),
        (AddNode("x", LIN, "@n"), "there is no definition 'n'"),
        (Configure("i", {"k": 1}), "override its config, or configure '@m'"),
        (Configure("t", {"k": 1}), "configure 'lin'"),
        (Connect(wire("lin.out -> mop.x")), r"did you mean map\?"),
        (Disconnect(wire("lin.out -> map.y")), r"did you mean lin.out -> map.x\?"),
        (Expose("output", "y", pin("lin.out")), "already shows 'map.out'"),
        (Hide("input", "y"), "there is no exposed input 'y'"),
        (Group((), "g"), "expected nodes to group, got none"),
        (Ungroup("lin"), "expected a node with a body, got a linear"),
        (SetMode("lin", Rule(), "p"), "there is no plan 'p'\n  → set a plan first"),
        (Tie("map", "lim"), r"there is no node 'lim' to share with; did you mean lin\?"),
        (Tie("map", "t"), "tie this one to 'lin' too"),
        (Tie("lin", "map"), "'t' shares a block of it"),
        (Untie("lin"), "shares no block"),
        (Define("i", "n"), "is an instance of 'm'"),
        (Undefine("n"), "there is no definition 'n'"),
        (AddNode("x", NodeSpec(uses="g"), "@g"), "definition 'g' would use itself"),
        (OverrideConfig("i", "x"), "there is no node 'x' inside"),
        (OverrideConfig("lin", "x"), "is not an instance"),
    ],
)
def test_an_impossible_edit_says_where_what_and_what_to_do(edit: object, said: str) -> None:
    nodes = {"lin": LIN, "map": LIN, "i": NodeSpec(uses="m"), "t": NodeSpec(tied_to="lin")}
    root = GraphSpec(nodes=nodes, wires=["lin.out -> map.x"], outputs={"y": "map.out"})
    empty = NodeSpec(type="graph", body=GraphSpec())
    document = Document(root=root, definitions={"m": LIN, "g": empty})
    with pytest.raises(EditError, match=said):
        apply(document, edit)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}, "\ud800", {3}])
def test_config_is_what_json_can_hold(value: object) -> None:
    with pytest.raises(ValidationError):
        Configure("a", {"k": value})
    with pytest.raises(ValidationError):
        AddNode("a", NodeSpec(type="linear", config={"k": value}))


def test_tuples_become_the_lists_that_json_makes_of_them() -> None:
    assert Configure("a", {"kernel": (3, 3)}).values == {"kernel": [3, 3]}
    added = AddNode("a", NodeSpec(type="conv", config={"kernel": (3, 3)}))
    assert added.node.config == {"kernel": [3, 3]}
