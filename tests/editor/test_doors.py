"""What the editor may import, and what it says where no window can be opened."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import app.editor
from app.editor.catalogue_file import Remembered, remember, remembered
from app.editor.display import display_fault
from app.editor.engine_link import EngineLink
from app.engine.commands import AskCatalogue, SetDocument
from app.engine.events import CatalogueSent, Ready
from app.engine.protocol import Letter
from tests.editor.toys import CATALOGUE, chain, studio

HOME = Path(app.editor.__file__).parent


def test_the_editor_starts_without_what_is_slow_to_import():
    code = (
        "import sys, app.editor.window, app.editor.engine_link\n"
        "slow = {'torch', 'numpy', 'PIL', 'networkx', 'matplotlib', 'scipy', 'app.engine.protocol'}\n"
        "print(*sorted(slow & set(sys.modules)), sep=', ')"
    )
    words = [sys.executable, "-c", code]
    assert subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip() == ""


def test_one_module_imports_dear_pygui():
    importers = {
        path.relative_to(HOME).as_posix()
        for path in HOME.parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "dearpygui" in ast.unparse(node)
        and path.is_relative_to(HOME)
    }
    assert importers == {"gui.py"}


def test_the_studio_and_its_gestures_need_no_dear_pygui():
    code = (
        "import sys; import app.editor.acts.table, app.editor.canvas.gestures, "
        "app.editor.engine_link; sys.exit('dearpygui' in ' '.join(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_whole_window_can_be_built_with_every_panel_and_no_shortcut_twice():
    code = """
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.window import dressed
from tests.editor.toys import CATALOGUE, chain
dpg.create_context()
studio = Studio(chain("a"), CATALOGUE)
shell = dressed(studio, EngineLink(studio), SettingsFile())
keys = [shell.actions.keys(row.name) for row in shell.actions]
print(sorted(keys))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "'Ctrl+Z'" in ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_it_says_what_to_do_and_ends_with_2():
    clean = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    code = "import sys; from app.editor import main; sys.exit(main())"
    for name in ({}, {"DISPLAY": ":4711"}, {"DISPLAY": "nonsense"}):
        ended = subprocess.run(
            [sys.executable, "-c", code],
            env=clean | name,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 2
        assert "xvfb-run worldloom edit" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_display_that_is_not_named_is_a_fault():
    assert "DISPLAY is not set" in display_fault({})


def test_the_catalogue_is_remembered_and_what_cannot_be_read_is_not(tmp_path):
    path = tmp_path / "deep" / "catalogue.json"
    assert remembered(path) == Remembered()
    remember(Remembered(hash="h", catalogue=CATALOGUE), path)
    assert remembered(path).catalogue == CATALOGUE
    path.write_text("{}x")
    assert remembered(path) == Remembered()


class _Client:
    """An engine's client that says what a test tells it to."""

    def __init__(self, *says: object) -> None:
        self.says, self.asked = list(says), []

    def start(self) -> None: ...

    def close(self) -> None: ...

    def poll(self) -> list[Letter]:
        said, self.says = self.says, []
        return [Letter(event) for event in said]

    def send(self, command: object) -> int:
        self.asked.append(command)
        return 1


def test_a_newer_catalogue_is_asked_for_shown_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ready = Ready(catalogue="new", versions={}, device="cpu", threads=1, process=1)
    made = studio(chain("a"))
    client = _Client(ready)
    link = EngineLink(made, "old", client)
    heard = []
    link.listen(lambda event, blob: heard.append(event))
    link.start()
    link.frame()
    whole = SetDocument(document=made.document, revision=1, keep=False)
    assert client.asked == [AskCatalogue(), whole]
    newer = CATALOGUE.model_copy(update={"types": dict(list(CATALOGUE.types.items())[:2])})
    client.says = [CatalogueSent(hash="new", catalogue=newer)]
    link.frame()
    assert made.catalogue == newer
    assert remembered().hash == "new"
    assert len(heard) == 2
    made.close()
