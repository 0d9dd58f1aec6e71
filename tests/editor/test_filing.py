"""New, open, save and the question before work is left, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.editor.filing import Filing
from app.editor.settings import SettingsFile
from app.editor.wishes import Choose, Pick, Question
from app.engine.commands import OpenProject, SaveWeights
from app.engine.events import ProjectOpened
from graphs.spec.document import Document, NodeSpec
from graphs.spec.edits import AddNode
from graphs.store.document_file import read_document, write_document
from tests.editor.toys import chain, studio

EDIT = AddNode(name="late", node=NodeSpec(type="toy/Linear"))


class _Engine:
    """An engine that is asked, and answers when a test says so."""

    ready = True

    def __init__(self) -> None:
        self.asked = []

    def ask(self, command, answered=None):
        self.asked.append((command, answered))


@pytest.fixture
def files(tmp_path):
    made = studio(chain("a"))
    yield Filing(made, SettingsFile())
    made.close()


def asked(files: Filing):
    """What was asked of the window, taken as the window takes it."""
    [request] = files.studio.requests
    files.studio.requests.clear()
    return request


def press(question: Question, label: str) -> None:
    next(answer for answer in question.answers if answer.label == label).do()


def test_saving_what_has_no_file_asks_for_one_and_then_writes_there(files, tmp_path):
    files.studio.do(EDIT)
    files.save()
    pick = asked(files)
    assert pick.save
    pick.accept(tmp_path / "mine")
    assert "late" in read_document(tmp_path / "mine.json").root.nodes
    assert files.studio.path == tmp_path / "mine.json"
    assert not files.studio.open.dirty
    files.studio.do(AddNode(name="later", node=NodeSpec(type="toy/Linear")))
    files.save()
    assert files.studio.requests == []
    assert "later" in read_document(tmp_path / "mine.json").root.nodes


@pytest.mark.parametrize("answer", ["Save", "Don't save", "Cancel"])
def test_unsaved_work_is_left_only_when_people_say_so(files, tmp_path, answer):
    files.save()
    asked(files).accept(tmp_path / "mine.json")
    files.studio.do(EDIT)
    other = tmp_path / "other.json"
    write_document(other, chain("x"))
    files.leaving(lambda: files.open_path(other))
    assert files.studio.path == tmp_path / "mine.json"
    press(asked(files), answer)
    kept = "late" in read_document(tmp_path / "mine.json").root.nodes
    assert kept == (answer == "Save")
    assert (files.studio.path == other) == (answer != "Cancel")
    assert ("late" in files.studio.document.root.nodes) == (answer == "Cancel")


def test_saving_before_quitting_asks_for_a_name_and_quits_after(files, tmp_path):
    files.studio.do(EDIT)
    files.quit()
    press(asked(files), "Save")
    assert not files.studio.closing
    asked(files).accept(tmp_path / "mine.json")
    assert files.studio.closing


def test_a_file_that_cannot_be_opened_leaves_the_open_one_alone(files, tmp_path):
    (tmp_path / "bad.json").write_text("{")
    files.studio.do(EDIT)
    files.open_path(tmp_path / "bad.json")
    assert "bad.json" in asked(files).text
    assert "late" in files.studio.document.root.nodes


def test_a_disk_that_refuses_keeps_the_work_unsaved(files, tmp_path):
    files.studio.do(EDIT)
    files.save()
    asked(files).accept(tmp_path / "nowhere" / "mine.json")
    assert isinstance(asked(files), Question)
    assert files.studio.open.dirty
    assert files.studio.path is None


def test_what_another_program_wrote_is_not_replaced_without_asking(files, tmp_path):
    path = tmp_path / "mine.json"
    files.save()
    asked(files).accept(path)
    write_document(path, chain("theirs"))
    files.studio.do(EDIT)
    files.save()
    question = asked(files)
    assert "theirs" in read_document(path).root.nodes
    press(question, "Replace it")
    assert "late" in read_document(path).root.nodes


def test_recent_files_can_be_opened_again(files, tmp_path):
    for name in ("one", "two"):
        write_document(tmp_path / f"{name}.json", chain(name))
        files.open_path(tmp_path / f"{name}.json")
    files.open_recent()
    choose = asked(files)
    assert isinstance(choose, Choose)
    assert [row.title for row in choose.rows] == ["two.json", "one.json"]
    choose.take(choose.rows[1].name)
    assert "one" in files.studio.document.root.nodes


def test_a_new_document_is_empty_clean_and_has_no_file(files, tmp_path):
    files.save()
    asked(files).accept(tmp_path / "mine.json")
    files.new()
    assert files.studio.document == Document()
    assert files.studio.path is None
    assert not files.studio.open.dirty


def test_what_was_recovered_is_saved_to_its_own_file(files, tmp_path):
    path = tmp_path / "mine.json"
    write_document(path, chain("old"))
    files.recover(chain("new"), path)
    assert files.studio.open.dirty
    files.save()
    assert files.studio.requests == []
    assert "new" in read_document(path).root.nodes
    assert not files.studio.open.dirty


def test_the_engine_writes_the_weights_beside_what_was_saved(files, tmp_path):
    files.engine = _Engine()
    files.save()
    asked(files).accept(tmp_path / "mine.json")
    assert [command for command, _ in files.engine.asked] == [
        SaveWeights(path=str(tmp_path / "mine.json"))
    ]


def test_a_world_is_read_by_the_engine_and_saved_under_another_name(files):
    files.engine = _Engine()
    path = Path("/worlds/a.world")
    files.open_path(path)
    [(command, answered)] = files.engine.asked
    assert command == OpenProject(path=str(path))
    answered(ProjectOpened(path="", document=chain("w"), revision=0, weights=True))
    assert "w" in files.studio.document.root.nodes
    assert files.studio.path == path
    files.save()
    pick = asked(files)
    assert isinstance(pick, Pick)
    assert pick.name == "a.json"
