"""Weights follow an identity: it is unique, and no edit that only moves nodes loses it."""

from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, node_at
from graphs.spec.edits import (
    AddNode,
    Define,
    Detach,
    Group,
    MoveNodes,
    RemoveNodes,
    RenameNode,
    Undefine,
    Ungroup,
    apply,
)
from graphs.spec.identity import identities, moves, plain_identities, read, write
from tests.spec.strategies import MOVING, documents, edits, histories, tried

LIN = NodeSpec(type="linear")
names = st.sampled_from(["a", "b"])


def of(document: Document) -> dict[str, str]:
    return identities(expand(document))


def flat(*names: str) -> Document:
    return Document(root=GraphSpec(nodes=dict.fromkeys(names, LIN)))


@given(histories())
def test_no_two_nodes_share_an_identity_after_any_edits(history: list[Document]) -> None:
    for document in history:
        found = plain_identities(expand(document))
        assert len(set(found.values())) == len(found)


@given(histories(), st.data())
def test_moving_edits_keep_every_identity(history: list[Document], data: st.DataObject) -> None:
    old = history[-1]
    edit = data.draw(edits(old, tuple(MOVING)))
    new = tried(old, edit)
    if new is None or isinstance(edit, AddNode):
        return
    lost = set(of(old).values()) - set(of(new).values())
    came = set(of(new).values()) - set(of(old).values())
    if isinstance(edit, Ungroup):
        assert not came
        assert all(
            node_at(expand(old), p).body is not None for p, i in of(old).items() if i in lost
        )
    elif isinstance(edit, Group):
        assert not lost
        assert all(
            node_at(expand(new), p).body is not None for p, i in of(new).items() if i in came
        )
    else:
        assert not lost
        assert not came
    before, after = expand(old), expand(new)
    for past, present in moves(before, after).items():
        one, two = node_at(before, past), node_at(after, present)
        assert (one.type, one.config) == (two.type, two.config)


@given(st.lists(st.tuples(names, st.sampled_from(["", "a", "b", "a.a", ".a", "..b", "b.a~2"]))))
def test_identities_of_any_document_are_unique(written: list[tuple[str, str]]) -> None:
    body = GraphSpec()
    for name, identity in written:
        inner = NodeSpec(type="graph", body=body, id=identity)
        body = GraphSpec(nodes={name: inner, "c": LIN.model_copy(update={"id": identity})})
    found = identities(body)
    assert len(set(found.values())) == len(found)
    assert found.keys() == {path for path, _ in body.walk()}


@given(st.lists(names, min_size=1), st.booleans(), st.sampled_from(["x", "a", "a.b", "b.x"]))
def test_what_is_written_is_read(above: list[str], inside: bool, identity: str) -> None:
    base = "@" if inside else ""
    holders = [base]
    for name in above:
        holders.append(read("", holders, name))
    wanted = f"@.{identity}" if inside else identity
    assert read(write(wanted, holders, "a"), holders, "a") == wanted
    assert write(read("", holders, "a"), holders, "a") == ""


def test_rename_and_back_leaves_no_trace() -> None:
    document = flat("a", "b")
    renamed = apply(document, RenameNode("a", "c"))
    assert renamed.root.nodes["c"].id == "a"
    assert apply(renamed, RenameNode("c", "a")) == document


def test_a_new_node_under_an_old_name_is_another() -> None:
    document = apply(apply(flat("a"), RenameNode("a", "b")), AddNode("a", LIN))
    assert of(document) == {"b": "a", "a": "a~2"}


def test_a_copy_is_another_and_cut_and_paste_is_the_same() -> None:
    document = apply(flat("a"), RenameNode("a", "b"))
    cut = document.root.nodes["b"]
    assert of(apply(document, AddNode("c", cut))) == {"b": "a", "c": "c"}
    pasted = apply(apply(document, RemoveNodes(("b",))), AddNode("c", cut))
    assert of(pasted) == {"c": "a"}


def test_a_new_node_in_place_of_one_that_left_its_group_is_another() -> None:
    document = apply(flat("x"), Group(("x",), "g"))
    document = apply(document, Group(("g",), "h"))
    document = apply(document, MoveNodes(("x",), "h.g", ""))
    document = apply(document, AddNode("x", LIN, "h.g"))
    assert of(document) == {"x": "x", "h": "h", "h.g": "g", "h.g.x": "g.x"}
    document = apply(document, RenameNode("x", "y", "h.g"))
    assert of(apply(document, AddNode("x", LIN, "h.g")))["h.g.x"] == "g.x~2"


def test_the_same_id_written_twice_is_told_apart_by_path() -> None:
    same = LIN.model_copy(update={"id": "a"})
    body = GraphSpec(nodes={"c": same, "b": same})
    assert identities(body) == {"b": "a", "c": "a~2"}


def test_rename_inside_a_definition_is_one_id_for_all_instances() -> None:
    document = apply(flat("lin"), Group(("lin",), "g"))
    document = apply(document, Ungroup("g"))
    inner = NodeSpec(type="graph", body=GraphSpec(nodes={"lin": LIN}))
    document = document.model_copy(update={"definitions": {"block": inner}})
    for name in ("one", "two"):
        document = apply(document, AddNode(name, NodeSpec(uses="block")))
    renamed = apply(document, RenameNode("lin", "map", "@block"))
    assert renamed.definitions["block"].body.nodes["map"].id == ".lin"
    assert renamed.root is document.root
    assert of(renamed)["one.map"] == "one.lin"
    assert of(renamed)["two.map"] == "two.lin"


def test_define_keeps_weights_that_came_from_outside_the_node() -> None:
    document = apply(flat("lin"), Group(("lin",), "g"))
    defined = apply(document, Define("g", "block"))
    assert of(defined) == of(document) == {"g": "g", "g.lin": "lin"}
    two = apply(defined, AddNode("g2", NodeSpec(uses="block")))
    assert of(two)["g2.lin"] == "g2.lin"
    renamed = apply(two, RenameNode("lin", "map", "@block"))
    assert of(renamed) == {"g": "g", "g.map": "lin", "g2": "g2", "g2.map": "g2.lin"}
    for edit in (Detach("g"), Undefine("block")):
        assert of(apply(renamed, edit)) == of(renamed)
    copied = apply(two, AddNode("g3", two.root.nodes["g"]))
    assert of(copied)["g3.lin"] == "g3.lin"


@given(documents())
def test_moves_of_a_document_to_itself_stay(document: Document) -> None:
    root = expand(document)
    assert moves(root, root) == {path: path for path, _ in root.walk()}
