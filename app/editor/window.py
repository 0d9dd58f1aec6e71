"""The editor's process: the document read, the window shown, and only then the engine started."""

from __future__ import annotations

import sys
from pathlib import Path

from app.editor import language
from app.editor.catalogue_file import remembered
from app.editor.engine_link import EngineLink
from app.editor.folders import recovery_folder, settings_file
from app.editor.furniture import furnish
from app.editor.gui import dpg
from app.editor.history_panel import history_panel
from app.editor.jobs.work import Work
from app.editor.keeping import Keeping, prefer
from app.editor.problems_panel import problems_panel
from app.editor.recovery import Autosave, drafts
from app.editor.settings import SettingsFile
from app.editor.shell import Shell
from app.editor.studio import Studio
from app.editor.theme import Look
from app.editor.variants.panel import add_variants
from app.editor.wishes import Show
from app.editor.world.visit import Visit
from graphs.spec.document import Document
from graphs.spec.problems import WorldloomError
from graphs.store.document_file import read_document

WIDTH, HEIGHT = 1440, 900
GIVE_WAY = (
    0.001  # seconds until a thread beside, such as check, lets a frame go on; Python's own is 5 ms
)


def opened(path: Path | None) -> int:
    """The editor on a document until its window is closed; the exit code."""
    try:
        document = read_document(path) if path is not None else Document()
    except (WorldloomError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    known, settings = remembered(), SettingsFile(settings_file())
    studio = Studio(document, known.catalogue, path)
    prefer(studio, settings.value)
    create(settings.value.window.width, settings.value.window.height)
    shell = dressed(studio, EngineLink(studio, known.hash), settings)
    dpg.show_viewport()
    shell.frame()
    dpg.render_dearpygui_frame()
    try:
        shell.engine.start()
        begin(shell)
        while not (studio.closing or not dpg.is_dearpygui_running()):
            shell.run()
            shell = another(shell) if shell.rebuild else shell
    finally:
        shell.engine.close()
        end(shell)
        studio.close()
        dpg.destroy_context()
    return 0


def dressed(studio: Studio, engine: EngineLink, settings: SettingsFile) -> Shell:
    """A window with every panel, in the person's language and sizes."""
    kept = settings.value
    language.choose(kept.language or language.of_system())
    shell = Shell(studio, Look(kept.scale, kept.text_size), engine, settings)
    dpg.set_exit_callback(lambda: shell.files.quit())
    shell.add_panel(problems_panel())
    furnish(shell)
    shell.each_frame(Visit(shell).frame)
    add_variants(shell)
    shell.add_panel(history_panel())
    shell.work = Work(shell)
    Keeping(shell)
    return shell


def another(shell: Shell) -> Shell:
    """Another window takes the place of this one, in the language and sizes that were chosen."""
    shell.close()
    made = dressed(shell.studio, shell.engine, shell.settings)
    if made.work is not None and shell.work is not None:
        made.work.choices = shell.work.choices
    made.drafts, made.autosave = shell.drafts, shell.autosave
    made.studio.know(made.studio.catalogue)  # cards say things in words
    made.studio.news["theme"] += 1
    return made


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
    elif not shell.settings.value.tour_seen:
        shell.studio.request(Show("tour"))


def end(shell: Shell) -> None:
    """The draft is gone, as the work was saved or given up, and settings are on the disk."""
    if shell.autosave is not None:
        shell.autosave.close(keep=not shell.studio.closing and shell.studio.open.dirty)
    shell.settings.close()


def create(width: int, height: int) -> None:
    """Dear PyGui is there, and a window that is not seen yet. Once in a process."""
    sys.setswitchinterval(GIVE_WAY)
    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    dpg.create_viewport(
        title="Worldloom", width=width, height=height, min_width=640, min_height=420,
        disable_close=True,
    )  # fmt: skip
    dpg.setup_dearpygui()


def shown(
    studio: Studio,
    width: int = WIDTH,
    height: int = HEIGHT,
    scale: float = 1.0,
    engine: EngineLink | None = None,
    settings: SettingsFile | None = None,
) -> Shell:
    """The window of a studio with nothing but its problems; its engine may start later."""
    create(width, height)
    shell = Shell(studio, Look(scale), engine, settings)
    dpg.set_exit_callback(lambda: shell.files.quit())
    shell.add_panel(problems_panel())
    shell.work = Work(shell)
    dpg.show_viewport()
    return shell
