"""What is left of a program that was killed, and what is never touched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.editor.recovery import Autosave, drafts
from graphs.store.document_file import normalised
from tests.editor.toys import chain

EDITING = """
import sys
from pathlib import Path
from app.editor.recovery import Autosave
from app.editor.studio import Studio
from graphs.spec.edits import AddNode
from graphs.spec.document import NodeSpec
from tests.editor.toys import CATALOGUE, chain

studio = Studio(chain("a"), CATALOGUE, Path(sys.argv[2]))
autosave = Autosave(Path(sys.argv[1]), print)
studio.do(AddNode(name="late", node=NodeSpec(type="toy/Linear")))
while not autosave.file.exists():
    autosave.frame(studio.document, studio.path, studio.open.dirty)
print("edited", flush=True)
sys.stdin.read()
"""


def edited(folder: Path, file: Path) -> subprocess.Popen[str]:
    """An editor's process that has just made an edit and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", EDITING, str(folder), str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "edited\n"
    return process


def test_an_edit_survives_kill_9_with_the_path_of_its_file(tmp_path):
    file = tmp_path / "mine.json"
    file.write_text("the person's own")
    process = edited(tmp_path / "state", file)
    assert drafts(tmp_path / "state") == []  # it lives: nothing is to be recovered
    process.kill()
    process.communicate()
    [draft] = drafts(tmp_path / "state")
    assert draft.path == file
    assert "late" in draft.document().root.nodes
    assert file.read_text() == "the person's own"
    draft.discard()
    assert list((tmp_path / "state").iterdir()) == []


def test_what_is_saved_or_undone_leaves_no_draft(tmp_path):
    autosave, document = Autosave(tmp_path, print), chain("a")
    autosave.now(document, None)
    assert autosave.file.exists()
    autosave.frame(document, None, dirty=False)
    assert not autosave.file.exists()
    autosave.close()
    assert list(tmp_path.iterdir()) == []


def test_a_draft_of_an_untitled_document_has_no_path(tmp_path):
    autosave = Autosave(tmp_path, print)
    autosave.now(chain("a", "b"), None)
    autosave.close(keep=True)
    [draft] = drafts(tmp_path)
    assert draft.path is None
    assert draft.document() == normalised(chain("a", "b"))


def test_a_disk_that_refuses_is_said_once_and_tried_again(tmp_path):
    place, said = tmp_path / "state", []
    place.write_text("a file where the folder should be")
    autosave = Autosave(place, said.append)
    autosave.now(chain("a"), None)
    autosave.now(chain("b"), None)
    assert len(said) == 1
    place.unlink()
    autosave.now(chain("b"), None)
    assert autosave.file.exists()
    autosave.close()


def test_what_is_not_a_draft_is_not_offered(tmp_path):
    (tmp_path / "x.draft").write_text("no draft")
    (tmp_path / "y.draft").write_text('{"what": "worldloom draft", "version": 99}\n{}')
    assert drafts(tmp_path) == []
    assert drafts(tmp_path / "nowhere") == []
