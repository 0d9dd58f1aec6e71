"""Plays of habits: the language and shortcuts changed by hand, a real editor killed, and one copied from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from app.editor import language, window
from app.editor.canvas.camera import Point
from app.editor.canvas.clipboard import WHAT
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.recovery import drafts
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.system_clipboard import holds_text
from app.editor.wishes import Draw
from graphs.store.document_file import read_document, write_document
from tests.editor.toys import CATALOGUE, Hands, chain
from tests.window.other import other
from tests.window.playbill import play
from tests.window.plays_panels import wait
from tests.window.stage import Stage, under


class Dressed(Stage):
    """The window as people have it, with every panel and settings that are kept."""

    def __init__(self, folder: Path, settings: SettingsFile) -> None:
        self.folder = folder
        self.studio = Studio(chain("a", "b"), CATALOGUE)
        window.create(1280, 800)
        self.shell = window.dressed(self.studio, EngineLink(self.studio), settings)
        dpg.show_viewport()
        dpg.set_viewport_pos([0, 0])
        self.frames(4)
        self.studio.check_now()
        self.frames(8)
        self.seen = Hands(self.studio)

    def frames(self, count: int = 2) -> None:
        for _ in range(count):
            if self.shell.rebuild:
                self.shell = window.another(self.shell)
            self.shell.frame()
            dpg.render_dearpygui_frame()


@play
def habits(folder: Path) -> None:
    """A shortcut is given anew, the language is chosen, and both are there at the next start."""
    path = folder / "settings.json"
    path.unlink(missing_ok=True)
    settings = SettingsFile(path)
    settings.change(language="en")
    s = Dressed(folder, settings)
    s.keys("Ctrl+K")
    s.write("select all")
    dialog = s.shell.requests.popup
    assert dialog is not None
    [row] = dpg.get_item_children(dpg.get_item_children(dialog._list, 1)[0], 1)
    s.press(dpg.get_item_children(row, 1)[2])
    s.keys("F9")
    s.picture("shortcut-given")
    s.keys("Escape")
    s.keys("F9")
    assert s.chosen == ["a", "b", "source"]
    s.keys("Ctrl+D")
    steps = len(s.studio.open.history)
    s.keys("Ctrl+Comma")
    combo = next(
        item for item in under(s.shell.requests.popup.body) if dpg.get_value(item) == "English"
    )
    s.press(combo)
    x, y = dpg.get_item_rect_min(combo)
    high = dpg.get_item_rect_size(combo)[1]
    s.point(x + 40, y + high + 8 + 2.5 * (s.shell.look.text + 6))
    s.tool("click", "1")
    s.frames(6)
    s.picture("language-chosen")
    s.keys("Enter")
    s.frames(6)
    assert language._("Undo") == "Отменить"
    assert dpg.get_item_label(s.shell.menus._menus["File"]) == "Файл"
    s.picture("russian")
    assert len(s.studio.open.history) == steps
    s.keys("Ctrl+Z")
    assert len(s.nodes) == 3
    drawn = folder / "canvas.png"
    drawn.unlink(missing_ok=True)
    s.studio.request(Draw(drawn))
    for _ in range(900):
        s.frames(1)
        if s.shell.requests.picture is not None and s.shell.requests.picture.done:
            break
    assert drawn.stat().st_size > 5000
    s.shell.settings.close()
    s.close()
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["language"] == "ru"
    assert kept["shortcuts"] == {"select all": "F9", "turn": ""}  # which had it before


@play
def killed(folder: Path) -> None:
    """A real editor is killed after an edit; the next one offers the work with its path."""
    home = _emptied(folder / "killed")
    file = home / "mine.json"
    write_document(file, chain("a"))
    before = file.read_bytes()
    with other(home, file) as editor:
        recovery = editor.recovery
        editor.wait(lambda: list(recovery.glob("*.draft")), lambda: editor.keys("n"))
        assert drafts(recovery) == []
    [draft] = drafts(recovery)
    assert draft.path == file
    assert any(key.startswith("note/") for key in draft.document().layout)
    assert file.read_bytes() == before
    s = Dressed(folder, SettingsFile())
    window.begin(s.shell, recovery)
    s.frames(6)
    s.picture("recover")
    button = next(
        item for item in under(s.shell.requests.popup.body)
        if dpg.get_item_label(item) == "Recover"
    )  # fmt: skip
    s.press(button)
    s.frames(6)
    assert s.studio.path == file
    assert s.studio.open.dirty
    assert any(key.startswith("note/") for key in s.studio.document.layout)
    s.keys("Ctrl+S")
    assert any(key.startswith("note/") for key in read_document(file).layout)
    assert not s.studio.open.dirty
    s.close()


@play
def clipboard(folder: Path) -> None:
    """What is copied in one editor is pasted in another, both ways, with its wires, as JSON text."""
    home = _emptied(folder / "clipboard")
    file = home / "theirs.json"
    write_document(file, chain("theirs", "wired"))
    s = Stage(chain("mine"), folder)
    s.keys("Ctrl+V")  # of an empty clipboard
    wait(s, lambda: "no nodes" in s.studio.notice.text)
    with other(home, file) as editor:
        editor.wait(holds_text, lambda: editor.keys("ctrl+a", "ctrl+c"))
        assert json.loads(dpg.get_clipboard_text())["what"] == WHAT
        s.move(Point(500, 300))
        s.keys("Ctrl+V")
        wait(s, lambda: len(s.nodes) > 2)
        assert s.nodes == ["mine", "source", "source_2", "theirs", "wired"]
        assert {"source_2.out -> theirs.x", "theirs.out -> wired.x"} <= set(s.wires)
        s.picture("pasted")
        s.click(s.seen.card("mine"))
        s.keys("Ctrl+C")
        editor.keys("ctrl+v")
        wait(s, lambda: list(editor.recovery.glob("*.draft")))  # who copied has to answer
        editor.keys("ctrl+s")
        wait(s, lambda: "mine" in read_document(file).root.nodes)
        assert sorted(read_document(file).root.nodes) == ["mine", "source", "theirs", "wired"]
    s.close()


def _emptied(home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    return home
