"""Plays of habits: the language and shortcuts changed by hand, and a real editor that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.editor import language, window
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.recovery import drafts
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.wishes import Draw
from graphs.store.document_file import read_document, write_document
from tests.editor.toys import CATALOGUE, Hands, chain
from tests.window.playbill import play
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
    home = folder / "killed"
    home.mkdir(parents=True, exist_ok=True)
    file = home / "mine.json"
    write_document(file, chain("a"))
    before = file.read_bytes()
    state = home / "state"
    variables = {
        f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE")
    }
    SettingsFile(home / "config" / "worldloom" / "settings.json").change(
        tour_seen=True, language="en"
    )
    for old in drafts(state / "worldloom" / "recovery"):
        old.discard()
    code = (
        "import sys; from pathlib import Path; from app.editor import main; main(Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(file)], env=os.environ | variables)
    try:
        _wait(lambda: _windows() != [], process)
        for _ in range(40):  # until its window takes keys
            subprocess.run(["xdotool", "mousemove", "640", "400", "key", "n"], check=False)
            time.sleep(0.5)
            if list((state / "worldloom" / "recovery").glob("*.draft")):
                break
        assert drafts(state / "worldloom" / "recovery") == []
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    [draft] = drafts(state / "worldloom" / "recovery")
    assert draft.path == file
    assert any(key.startswith("note/") for key in draft.document().layout)
    assert file.read_bytes() == before
    s = Dressed(folder, SettingsFile())
    window.begin(s.shell, state / "worldloom" / "recovery")
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


def _windows() -> list[str]:
    found = subprocess.run(
        ["xdotool", "search", "--name", "Worldloom"], capture_output=True, text=True, check=False
    )
    return found.stdout.split()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        if ready():
            return
        assert process.poll() is None, "the editor ended"
        time.sleep(0.5)
    raise AssertionError("the editor has no window")
