"""Promoted settings: they follow their node as long as it stays inside the body that shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.catalogue import BlockType, Catalogue
from graphs.spec.check import check
from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, node_at
from graphs.spec.edits import (
    Define,
    Demote,
    Group,
    Many,
    MoveNodes,
    Promote,
    RemoveNodes,
    RenameNode,
    Ungroup,
)
from graphs.spec.identity import identities
from graphs.spec.problems import EditError
from tests.spec.strategies import MOVING, edits, histories, tried

LIN = NodeSpec(type="linear")
Shown = dict[tuple[str, str], tuple[str, str]]


def nested() -> Document:
    """outer { g { lin }, other }, with lin's width shown on g, on outer and at the top."""
    inner = GraphSpec(nodes={"lin": LIN}, promoted={"width": "lin.width"})
    outer = GraphSpec(
        nodes={"g": NodeSpec(type="graph", body=inner), "other": LIN},
        promoted={"wide": "g.lin.width"},
    )
    root = GraphSpec(
        nodes={"outer": NodeSpec(type="graph", body=outer)}, promoted={"w": "outer.g.lin.width"}
    )
    return Document(root=root)


def promoted(document: Document, path: str = "") -> dict[str, str]:
    root = expand(document)
    node = node_at(root, path)
    body = node.body if node is not None else root
    assert body is not None
    return dict(body.promoted)


def shown(document: Document) -> tuple[Shown, dict[str, str]]:
    """What each body shows, all by identity; and the path of every identity."""
    root = expand(document)
    names = identities(root)
    found: Shown = {}
    bodies = [("", root), *((p, n.body) for p, n in root.walk() if n.body is not None)]
    for path, body in bodies:
        for name, setting in body.promoted.items():
            inner, _, key = setting.rpartition(".")
            node = names.get(f"{path}.{inner}".lstrip("."))
            if node is not None:
                found[names.get(path, ""), name] = node, key
    return found, {identity: path for path, identity in names.items()} | {"": ""}


@given(histories(), st.data())
def test_promotions_follow_their_nodes(history: list[Document], data: st.DataObject) -> None:
    old = history[-1]
    new = tried(old, data.draw(edits(old, tuple(MOVING))))
    if new is None:
        return
    before, _ = shown(old)
    after, paths = shown(new)
    for (body, name), (node, key) in before.items():
        if body not in paths or node not in paths:
            continue
        inside = f"{paths[node]}.".startswith(f"{paths[body]}.".lstrip("."))
        wanted = (node, key) if inside and node != body else None
        assert after.get((body, name)) == wanted


def test_a_rename_inside_is_followed_at_every_level() -> None:
    document = RenameNode("lin", "map", at="outer.g")(nested())
    assert promoted(document, "outer.g") == {"width": "map.width"}
    assert promoted(document, "outer") == {"wide": "g.map.width"}
    assert promoted(document) == {"w": "outer.g.map.width"}


def test_group_and_ungroup_keep_what_is_shown() -> None:
    document = Group(("g",), "h", at="outer")(nested())
    assert promoted(document, "outer") == {"wide": "h.g.lin.width"}
    assert Ungroup("h", at="outer")(document) == nested()
    flat = Ungroup("g", at="outer")(nested())
    assert promoted(flat, "outer") == {"wide": "lin.width"}


def test_what_leaves_a_body_is_not_shown_there() -> None:
    document = MoveNodes(("lin",), at="outer.g", to="outer")(nested())
    assert promoted(document, "outer.g") == {}
    assert promoted(document, "outer") == {"wide": "lin.width"}


def test_a_removed_node_is_not_shown_on_its_body_and_check_tells_of_the_others() -> None:
    document = RemoveNodes(("lin",), at="outer.g")(nested())
    assert promoted(document, "outer.g") == {}
    catalogue = Catalogue(
        types={n: BlockType(name=n, control=c) for n, c in (("graph", "graph"), ("linear", ""))}
    )
    found = [p for p in check(document, catalogue) if p.code == "promoted"]
    assert [p.path for p in found] == ["", "outer"]
    assert {p.severity for p in found} == {"warning"}


def test_a_setting_that_the_type_does_not_have_is_told() -> None:
    fields = {"properties": {"width": {"type": "integer"}}}
    catalogue = Catalogue(
        types={
            "linear": BlockType(name="linear", config=fields),
            "graph": BlockType(name="graph", control="graph"),
        }
    )
    assert not [p for p in check(nested(), catalogue) if p.code == "promoted"]
    document = Promote("bad", "lin.widht", at="outer.g")(nested())
    [found] = [p for p in check(document, catalogue) if p.code == "promoted"]
    assert "did you mean width" in found.message


def test_instances_show_what_their_definition_shows() -> None:
    document = Define("g", "block", at="outer")(nested())
    renamed = RenameNode("lin", "map", at="@block")(document)
    assert promoted(renamed, "outer.g") == {"width": "map.width"}
    assert promoted(renamed, "outer") == {"wide": "g.map.width"}
    assert promoted(renamed) == {"w": "outer.g.map.width"}


def test_names_and_nodes_are_looked_at() -> None:
    with pytest.raises(EditError, match="already shows"):
        Promote("width", "lin.bias", at="outer.g")(nested())
    with pytest.raises(EditError, match="did you mean lin"):
        Promote("other", "lim.bias", at="outer.g")(nested())
    with pytest.raises(EditError, match="did you mean width"):
        Demote("widht", at="outer.g")(nested())
    both = Many((Demote("width", "outer.g"), Promote("width", "lin.width", "outer.g")))
    assert both(nested()) == nested()
