"""Another document in the same window: nothing of the old one is left, and listeners stay."""

from __future__ import annotations

from pathlib import Path

from app.document import OpenDocument
from app.editor.studio import Selection
from graphs.spec.document import Document, NodeSpec
from graphs.spec.edits import AddNode, Group
from graphs.spec.replay import replay
from tests.editor.toys import chain, studio


def test_a_loaded_document_has_a_history_of_its_own_and_listeners_follow():
    opened = OpenDocument(chain("a", "b"))
    known = Document()

    def follow(events):
        nonlocal known
        known = replay(known, events)

    opened.listen(follow)
    opened.do(AddNode(name="c", node=NodeSpec(type="toy/Linear")))
    opened.load(chain("x"))
    assert known == chain("x")
    assert (len(opened.history), opened.position, opened.dirty) == (1, 0, False)
    assert not opened.undo()


def test_what_was_recovered_is_dirty_until_it_is_saved():
    opened = OpenDocument()
    opened.load(chain("a"), saved=False)
    assert opened.dirty
    opened.mark_saved()
    assert not opened.dirty


def test_the_studio_forgets_the_old_document():
    made = studio(chain("a", "b"))
    made.do(Group(names=("a",), into="inner"))
    made.enter("inner")
    made.select(Selection(frozenset({"a"})))
    old = made.scene.activity
    made.load(chain("x", "y"), Path("other.json"))
    assert made.place.path == ""
    assert not made.selection
    assert sorted(made.scene.names) == ["source", "x", "y"]
    assert made.scene.activity is not old
    assert made.path == Path("other.json")
    assert not made.open.dirty
    assert all(made.board.view.covers(r) for r in made.scene.rects().values())
    made.check_now()
    assert made.scene.inspection.root.nodes.keys() == {"source", "x", "y"}
    made.close()


def test_an_equal_document_is_loaded_as_another_one():
    made = studio(chain("a"))
    made.do(AddNode(name="b", node=NodeSpec(type="toy/Linear")))
    made.undo()
    made.load(chain("a"))
    assert len(made.open.history) == 1
    made.check_now()
    assert made.scene.inspection.outputs
    made.close()
