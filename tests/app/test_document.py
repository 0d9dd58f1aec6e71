"""The open document: history by value, and listeners that always know the truth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document import OpenDocument
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.edits import (
    AddNode,
    Configure,
    Many,
    RemoveNodes,
    RenameNode,
    SetLayout,
    SetTitle,
)
from graphs.spec.events import Event
from graphs.spec.problems import EditError
from graphs.spec.replay import replay
from tests.spec.strategies import documents, edits

LIN = NodeSpec(type="linear")


class View:
    """A view that keeps nothing but what events told it."""

    def __init__(self) -> None:
        self.shown = Document()
        self.news: list[tuple[Event, ...]] = []

    def __call__(self, events: tuple[Event, ...]) -> None:
        self.news.append(events)
        self.shown = replay(self.shown, events)


def opened(*names: str) -> OpenDocument:
    return OpenDocument(Document(root=GraphSpec(nodes=dict.fromkeys(names, LIN))))


@given(documents(), st.data())
def test_undo_all_is_the_original_and_redo_all_the_last(
    document: Document, data: st.DataObject
) -> None:
    held, view = OpenDocument(document), View()
    held.listen(view)
    for _ in range(data.draw(st.integers(1, 6))):
        before = held.value
        try:
            held.do(data.draw(edits(held.value)), merge=data.draw(st.booleans()))
        except EditError:
            assert held.value is before
        assert view.shown == held.value
    last = held.value
    while held.undo():
        assert view.shown == held.value
    assert held.value is document
    assert not held.dirty
    while held.redo():
        assert view.shown == held.value
    assert held.value is last
    held.jump(data.draw(st.integers(0, len(held.history) - 1)))
    assert view.shown == held.value


def test_a_failed_edit_leaves_history_and_future_alone() -> None:
    held = opened("a")
    held.do(SetTitle("t"))
    held.undo()
    with pytest.raises(EditError):
        held.do(Many((SetTitle("u"), RemoveNodes(("z",)))))
    assert held.value.title == ""
    assert held.redo()
    assert held.value.title == "t"


def test_a_new_edit_forgets_what_was_undone() -> None:
    held = opened()
    held.do(SetTitle("t"))
    held.undo()
    held.do(SetTitle("u"))
    assert not held.redo()
    assert [step.label for step in held.history] == ["Open", "Title 'u'"]


def test_an_edit_of_nothing_makes_no_step_and_keeps_the_future() -> None:
    held = opened("a")
    held.do(SetTitle("t"))
    held.undo()
    held.do(SetTitle(""))
    assert held.redo()


def test_history_is_readable_and_can_be_jumped_about() -> None:
    held = opened()
    for edit in (AddNode("a", LIN), Configure("a", {"width": 3}), RenameNode("a", "b")):
        held.do(edit)
    labels = ["Open", "Add a", "Set width of a", "Rename a to b"]
    assert [step.label for step in held.history] == labels
    assert held.jump(1)
    assert held.value.root.nodes["a"] == LIN
    assert not held.jump(1)
    assert held.jump(3)
    with pytest.raises(IndexError, match="expected a step from 0 to 3, got 4"):
        held.jump(4)


def test_merging_joins_settings_of_one_thing_into_one_step() -> None:
    held = opened("a", "b")
    for width in (1, 2, 3):
        held.do(Configure("a", {"width": width}), merge=True)
    assert len(held.history) == 2
    assert len(held.history[1].edits) == 3
    held.do(Configure("b", {"width": 1}), merge=True)
    held.do(Configure("b", {"width": 2}))
    held.do(SetLayout("zoom", 1), merge=True)
    held.do(SetLayout("zoom", 2), merge=True)
    held.do(AddNode("c", LIN), merge=True)
    held.do(AddNode("d", LIN), merge=True)
    assert len(held.history) == 7
    held.jump(1)
    held.undo()
    assert held.value.root.nodes["a"] == LIN


def test_merging_leaves_what_was_saved_in_the_history() -> None:
    held = opened("a")
    held.do(Configure("a", {"width": 1}), merge=True)
    held.mark_saved()
    held.do(Configure("a", {"width": 2}), merge=True)
    assert held.dirty
    held.undo()
    assert not held.dirty


def test_dirty_until_saved_or_undone_back_to_what_was_saved() -> None:
    held = opened("a")
    assert not held.dirty
    written = held.do(SetTitle("t"))
    held.do(SetTitle("u"))
    held.mark_saved(written)
    assert held.dirty
    held.undo()
    assert not held.dirty
    held.mark_saved()
    held.undo()
    assert held.dirty


def test_a_new_listener_is_told_of_all_there_is_and_can_stop() -> None:
    held, view = opened("a"), View()
    stop = held.listen(view)
    assert view.shown == held.value
    held.do(SetTitle("t"))
    assert len(view.news) == 2
    stop()
    stop()
    held.do(SetTitle("u"))
    assert view.shown.title == "t"


def test_a_listener_that_raises_harms_neither_the_document_nor_the_others() -> None:
    held, before, after = opened("a"), View(), View()
    angry = True

    def broken(_: tuple[Event, ...]) -> None:
        if angry and held.value.title == "t":
            raise RuntimeError("broken view")

    held.listen(before)
    held.listen(broken)
    held.listen(after)
    with pytest.raises(RuntimeError, match="broken view"):
        held.do(SetTitle("t"))
    assert before.shown == after.shown == held.value
    angry = False
    held.do(SetTitle("u"))
    held.undo()
    assert before.shown == after.shown == held.value
    assert [step.label for step in held.history] == ["Open", "Title 't'", "Title 'u'"]


def test_a_listener_that_fails_at_once_is_not_kept() -> None:
    held = opened("a")
    calls: list[int] = []

    def broken(events: tuple[Event, ...]) -> None:
        calls.append(len(events))
        raise RuntimeError("broken view")

    with pytest.raises(RuntimeError):
        held.listen(broken)
    held.do(SetTitle("t"))
    assert len(calls) == 1


def test_a_listener_that_edits_is_heard_by_all_in_order() -> None:
    held, before, after = opened(), View(), View()

    def rule(_: tuple[Event, ...]) -> None:
        if held.value.title == "t":
            held.do(SetTitle("T"))

    held.listen(before)
    held.listen(rule)
    held.listen(after)
    held.do(SetTitle("t"))
    assert held.value.title == before.shown.title == after.shown.title == "T"


def test_a_listener_may_stop_another_while_being_told() -> None:
    held, view = opened(), View()
    stops = []
    held.listen(lambda _: stops[0]())
    stops.append(held.listen(view))
    held.do(SetTitle("t"))
    assert view.news == []
