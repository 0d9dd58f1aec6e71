"""Places in the document: they follow what is renamed, moved and removed, and never come in the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.editor.canvas.arrangement import decor, followed, place, place_of, route
from app.editor.canvas.camera import Point
from graphs.spec.document import Document, join
from graphs.spec.edits import Group, Many, RenameNode, SetLayout, Ungroup
from graphs.spec.identity import identities
from graphs.spec.problems import EditError
from tests.editor.toys import chain
from tests.spec.strategies import documents, edits


@given(documents(), st.data())
def test_a_place_goes_where_its_node_goes(document, data):
    for number, (path, _) in enumerate(document.root.walk()):
        document = place(document, path, Point(number, 7))(document)
    edit = data.draw(edits(document))
    try:
        after = followed(document, edit)(document)
    except EditError:
        return
    before_ids, after_ids = identities(document.root), identities(after.root)
    now = {identity: path for path, identity in after_ids.items()}
    for path, identity in before_ids.items():
        # an edit of the layout, or one that puts another node there, says itself what is where
        if identity in now and not _says(edit):
            assert place_of(after, now[identity]) == place_of(document, path)


def _says(edit: object) -> bool:
    if isinstance(edit, Many):
        return True
    return isinstance(edit, SetLayout)


def test_a_name_that_is_given_again_starts_without_a_place():
    document = followed(chain("a", "b"), RenameNode(name="a", new="z"))(chain("a", "b"))
    assert place_of(document, "a") is None
    assert place_of(document, "z") == Point(320, 0)


def test_what_is_inside_a_group_keeps_its_places_and_its_frames():
    document = chain("a", "b")
    document = followed(document, Group(names=("a", "b"), into="g"))(document)
    document = SetLayout(key="frame/g/1", value={"box": [0, 0, 9, 9], "text": "F"})(document)
    document = followed(document, RenameNode(name="g", new="h"))(document)
    assert place_of(document, "h.a") == Point(320, 0)
    assert [d.text for d in decor(document, "h")] == ["F"]
    document = followed(document, Ungroup(name="h"))(document)
    assert place_of(document, "a") == Point(320, 0)
    assert not [key for key in document.layout if "h" in key.split("/")]


def test_what_others_wrote_under_layout_is_passed_over():
    strange = {
        "a": 5, "source": {"x": "left"}, "frame//1": {"box": [1, 2]}, "note//x": None,
        "wire//a.out -> b.x": "bent", "frame/": {}, "frame//2": {"box": ["a", 1, 2, 3]},
    }  # fmt: skip
    document = Document(root=chain("a").root, layout=strange)
    assert place_of(document, "a") is None
    assert place_of(document, "source") is None
    assert decor(document, "") == []
    for wire in document.root.wires:
        assert route(document, "", wire) == ()
    assert join("", "a") == "a"
