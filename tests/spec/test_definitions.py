"""Linked instances: written once, used in many places, each with overrides of its own."""

from hypothesis import given

from graphs.spec.definitions import definition_problems, expand, own_copy
from graphs.spec.document import Document, GraphSpec, NodeSpec, node_at
from tests.spec.strategies import documents

LIN = NodeSpec(type="linear", config={"width": 1, "bias": True})
PAIR = NodeSpec(type="graph", body=GraphSpec(nodes={"a": LIN, "b": LIN}), label="Pair")
DEEP = NodeSpec(
    type="graph",
    body=GraphSpec(
        nodes={
            "left": NodeSpec(uses="pair"),
            "right": NodeSpec(uses="pair", overrides={"a": {"width": 2}}),
        }
    ),
)


def document(**nodes: NodeSpec) -> Document:
    return Document(
        root=GraphSpec(nodes=nodes), definitions={"pair": PAIR, "deep": DEEP, "lin": LIN}
    )


def test_instances_without_overrides_share_one_body() -> None:
    root = expand(document(one=NodeSpec(uses="pair"), two=NodeSpec(uses="pair")))
    assert root.nodes["one"].body is root.nodes["two"].body is PAIR.body


def test_a_document_without_instances_is_its_own_expansion() -> None:
    plain = document(one=LIN, two=PAIR)
    assert expand(plain) is plain.root


def test_an_instance_keeps_its_id_and_its_label() -> None:
    root = expand(
        document(one=NodeSpec(uses="pair", label="Mine", id="x"), two=NodeSpec(uses="pair"))
    )
    assert (root.nodes["one"].label, root.nodes["one"].id) == ("Mine", "x")
    assert (root.nodes["two"].label, root.nodes["two"].id) == ("Pair", "")


def test_overrides_are_laid_over_the_config_of_one_instance() -> None:
    root = expand(
        document(
            one=NodeSpec(uses="pair", overrides={"a": {"width": 5}}), two=NodeSpec(uses="pair")
        )
    )
    assert node_at(root, "one.a").config == {"width": 5, "bias": True}
    assert node_at(root, "one.b") is LIN
    assert node_at(root, "two.a") is LIN


def test_an_override_of_the_instance_itself() -> None:
    root = expand(document(one=NodeSpec(uses="lin", overrides={"": {"width": 7}})))
    assert root.nodes["one"] == NodeSpec(type="linear", config={"width": 7, "bias": True})


def test_an_outer_override_reaches_into_inner_instances_and_wins() -> None:
    overrides = {"right.a": {"width": 9}, "left.b": {"bias": False}}
    root = expand(
        document(one=NodeSpec(uses="deep", overrides=overrides), two=NodeSpec(uses="deep"))
    )
    assert node_at(root, "one.right.a").config["width"] == 9
    assert node_at(root, "one.left.b").config == {"width": 1, "bias": False}
    assert node_at(root, "two.right.a").config["width"] == 2
    assert node_at(root, "two.left").body is PAIR.body


def test_a_definition_may_be_an_instance_of_another() -> None:
    inner = document(one=NodeSpec(uses="alias", overrides={"b": {"width": 4}}))
    alias = NodeSpec(uses="pair", overrides={"a": {"width": 3}})
    root = expand(inner.model_copy(update={"definitions": {"pair": PAIR, "alias": alias}}))
    assert [node_at(root, f"one.{n}").config["width"] for n in "ab"] == [3, 4]


def test_tied_nodes_stay_tied() -> None:
    tied = NodeSpec(tied_to="one.a")
    root = expand(document(one=NodeSpec(uses="pair"), two=tied))
    assert root.nodes["two"] is tied


def test_an_own_copy_keeps_inner_instances_linked() -> None:
    node = NodeSpec(uses="deep", overrides={"right.b": {"width": 9}, "left.a": {"width": 8}})
    copied = own_copy(document(), node)
    assert copied.uses == ""
    assert copied.body.nodes["left"].uses == "pair"
    assert copied.body.nodes["right"].overrides == {"a": {"width": 2}, "b": {"width": 9}}


def test_what_is_wrong_is_reported_with_path_and_near_names() -> None:
    loop = NodeSpec(type="graph", body=GraphSpec(nodes={"x": NodeSpec(uses="loop")}))
    broken = document(
        one=NodeSpec(uses="pear"),
        two=NodeSpec(uses="deep", overrides={"left.c": {"width": 1}, "left.a": {"width": 1}}),
        three=NodeSpec(uses="loop"),
    )
    broken = broken.model_copy(update={"definitions": {**broken.definitions, "loop": loop}})
    found = definition_problems(broken)
    assert [(p.path, p.code) for p in found] == [
        ("@loop", "circular-definition"),
        ("one", "unknown-definition"),
        ("two", "override"),
    ]
    assert "did you mean pair?" in found[1].message
    root = expand(broken)
    assert root.nodes["one"].uses == "pear"
    assert root.nodes["three"].uses == "loop"


def test_definitions_that_use_each_other_are_circular() -> None:
    one, two = (
        NodeSpec(type="graph", body=GraphSpec(nodes={"x": NodeSpec(uses=name)}))
        for name in ("two", "one")
    )
    broken = Document(
        definitions={"one": one, "two": two}, root=GraphSpec(nodes={"i": NodeSpec(uses="one")})
    )
    assert [p.code for p in definition_problems(broken)] == ["circular-definition"] * 2
    assert expand(broken) is broken.root


@given(documents())
def test_expansion_leaves_no_instance_of_sound_definitions(document: Document) -> None:
    assert definition_problems(document) == []
    assert not any(node.uses for _, node in expand(document).walk())
