"""The editor's process: the document read, the window shown, and only then the engine started."""

from __future__ import annotations

import sys
from pathlib import Path

from app.editor import language
from app.editor.catalogue_file import remembered
from app.editor.engine_link import EngineLink
from app.editor.folders import recovery_folder, settings_file
from app.editor.gui import dpg
from app.editor.problems_panel import PROBLEMS
from app.editor.recovery import Autosave, drafts
from app.editor.settings import Settings, SettingsFile
from app.editor.shell import Shell
from app.editor.studio import Studio
from app.editor.theme import Look
from app.editor.wishes import Show
from graphs.spec.document import Document
from graphs.spec.problems import WorldloomError
from graphs.store.document_file import read_document

WIDTH, HEIGHT = 1440, 900


def opened(path: Path | None) -> int:
    """The editor on a document until its window is closed; the exit code."""
    try:
        document = read_document(path) if path is not None else Document()
    except (WorldloomError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    known, settings = remembered(), SettingsFile(settings_file())
    language.choose(settings.value.language or language.of_system())
    studio = Studio(document, known.catalogue, path)
    kept = settings.value
    prefer(studio, kept)
    engine = EngineLink(studio, known.hash)
    shell = shown(studio, kept.window.width, kept.window.height, kept.scale, engine, settings)
    shell.frame()
    dpg.render_dearpygui_frame()
    try:
        shell.engine.start()
        begin(shell)
        shell.run()
    finally:
        shell.engine.close()
        end(shell)
        studio.close()
        dpg.destroy_context()
    return 0


def prefer(studio: Studio, settings: Settings) -> None:
    """The studio is as the person likes it."""
    studio.theme = settings.theme
    studio.board.snap, studio.board.minimap = settings.snap, settings.minimap


def begin(shell: Shell, folder: Path | None = None) -> None:
    """Drafts are kept from now on, and what was left by a program that is gone is offered."""
    folder = folder or recovery_folder()
    shell.drafts = drafts(folder)
    shell.autosave = Autosave(folder, lambda text: shell.studio.say(text, "warning"))
    if shell.studio.path is not None:
        shell.settings.opened(shell.studio.path)
    for fault in shell.settings.faults:
        shell.studio.say(fault, "warning")
    if shell.drafts:
        shell.studio.request(Show("recover"))


def end(shell: Shell) -> None:
    """The draft is gone, as the work was saved or given up, and settings are on the disk."""
    if shell.autosave is not None:
        shell.autosave.close(keep=not shell.studio.closing and shell.studio.open.dirty)
    shell.settings.close()


def shown(
    studio: Studio,
    width: int = WIDTH,
    height: int = HEIGHT,
    scale: float = 1.0,
    engine: EngineLink | None = None,
    settings: SettingsFile | None = None,
) -> Shell:
    """The window of a studio; its engine may start later. Once in a process."""
    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    dpg.create_viewport(
        title="Worldloom", width=width, height=height, min_width=640, min_height=420,
        disable_close=True,
    )  # fmt: skip
    dpg.setup_dearpygui()
    size = (settings or SettingsFile()).value.text_size
    shell = Shell(studio, Look(scale, size), engine, settings)
    dpg.set_exit_callback(lambda: shell.files.quit())
    shell.add_panel(PROBLEMS)
    dpg.show_viewport()
    return shell
