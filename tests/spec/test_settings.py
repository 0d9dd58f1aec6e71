"""Settings by path: which edit sets them, and what a node is set to, through instances and ties."""

from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, node_at
from graphs.spec.edits import Configure, OverrideConfig
from graphs.spec.problems import EditError
from graphs.spec.settings import setting_edit, standing
from tests.spec.strategies import documents, tried


def linked() -> Document:
    """Two instances of a block that holds one map; the second says a width of its own."""
    block = NodeSpec(
        type="graph",
        body=GraphSpec(nodes={"lin": NodeSpec(type="linear", config={"width": 4, "bias": True})}),
    )
    return Document(
        root=GraphSpec(
            nodes={
                "one": NodeSpec(uses="block"),
                "two": NodeSpec(uses="block", overrides={"lin": {"width": 8, "@id": "x"}}),
                "same": NodeSpec(tied_to="two.lin"),
            }
        ),
        definitions={"block": block},
    )


@given(documents(), st.data())
def test_what_stands_is_what_expansion_says(document: Document, data: st.DataObject) -> None:
    root = expand(document)
    for path, node in root.walk():
        if node.tied_to or node.uses:
            continue
        found = standing(document, path)
        assert found is not None
        assert (found.node.type, dict(found.config)) == (node.type, dict(node.config))
    paths = [p for p, n in root.walk() if not n.tied_to]
    if paths:
        path = data.draw(st.sampled_from(paths))
        edit = setting_edit(document, path, {"width": 77})
        changed = tried(document, edit)
        assert changed is not None
        after = standing(changed, path)
        assert after is not None
        assert after.config["width"] == 77
        back = setting_edit(changed, path, {}, ("width",))(changed)
        now = node_at(expand(back), path)
        assert now is not None
        if isinstance(edit, Configure):
            assert "width" not in now.config
        else:
            below = standing(back, path)
            assert below is not None
            assert dict(now.config) == dict(below.below) | dict(below.override or {})


def test_an_override_is_told_apart_from_what_is_below() -> None:
    two = standing(linked(), "two.lin")
    assert two is not None
    assert (two.config, two.override, two.below) == (
        {"width": 8, "bias": True}, {"width": 8}, {"width": 4, "bias": True},
    )  # fmt: skip
    one = standing(linked(), "one.lin")
    assert one is not None
    assert (one.config["width"], one.override) == (4, {})
    inner = standing(linked(), "@block.lin")
    assert inner is not None
    assert (inner.config["width"], inner.override) == (4, None)


def test_the_edit_is_the_one_that_the_path_needs() -> None:
    assert isinstance(setting_edit(linked(), "two.lin", {"width": 1}), OverrideConfig)
    assert isinstance(setting_edit(linked(), "@block.lin", {"width": 1}), Configure)
    same = setting_edit(linked(), "same", {"width": 1})
    assert isinstance(same, OverrideConfig)
    assert (same.name, same.path) == ("two", "lin")


def test_nothing_stands_where_no_node_is() -> None:
    assert standing(linked(), "one.none") is None
    assert standing(linked(), "@none.lin") is None
    assert standing(linked(), "") is None
    for path in ("", "@none.lin", "one2", "@block"):
        try:
            setting_edit(linked(), path, {})
        except EditError:
            continue
        raise AssertionError(path)


def test_a_ring_of_ties_stands_for_nothing() -> None:
    ring = GraphSpec(nodes={"a": NodeSpec(tied_to="b"), "b": NodeSpec(tied_to="a")})
    assert standing(Document(root=ring), "a") is None
