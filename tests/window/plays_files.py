"""Plays of files: saved, left, opened again, closed by the window's own button."""

from __future__ import annotations

from pathlib import Path

from graphs.store.document_file import read_document
from tests.editor.toys import chain
from tests.window.cross import click_the_cross
from tests.window.playbill import play
from tests.window.stage import Stage


@play
def files(folder: Path) -> None:
    """Save under a name, begin anew, open a recent one, keep and leave unsaved work."""
    s = Stage(chain("a", "b"), folder)
    path = folder / "play.json"
    path.unlink(missing_ok=True)
    s.click(s.seen.card("a"))
    s.keys("Ctrl+D", "Ctrl+S")
    assert s.shell.requests.open
    s.picture("save-as")
    s.write(str(path))
    s.keys("Enter")
    assert sorted(read_document(path).root.nodes) == ["a", "a_2", "b", "source"]
    assert not s.studio.open.dirty
    s.keys("Ctrl+A", "Delete", "Ctrl+N")
    s.frames(10)
    s.picture("new-document")
    s.keys("Enter")
    s.picture("unsaved")
    s.keys("Enter")
    assert (s.studio.path, s.nodes) == (None, [])
    assert sorted(read_document(path).root.nodes) == []
    s.keys("Ctrl+R")
    s.picture("recent")
    s.keys("Enter")
    assert s.studio.path == path
    click_the_cross("Worldloom")
    s.frames(6)
    assert s.studio.closing
    s.studio.closing = False
    s.keys("N")
    s.write("unsaved")
    s.keys("Ctrl+Enter")
    assert s.studio.open.dirty
    click_the_cross("Worldloom")
    s.frames(6)
    assert s.shell.requests.open
    assert not s.studio.closing
    s.keys("Escape")
    assert not s.shell.requests.open
    assert s.studio.open.dirty
    click_the_cross("Worldloom")
    s.frames(6)
    s.keys("Enter")
    assert s.studio.closing
    assert not s.studio.open.dirty
    assert read_document(path).layout
    s.close()
