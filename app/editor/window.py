"""Opening the window: the document is read, the window shown, and only then the engine started."""

from __future__ import annotations

import sys
from pathlib import Path

from app.editor.catalogue_file import remembered
from app.editor.engine_link import EngineLink
from app.editor.gui import dpg
from app.editor.problems_panel import PROBLEMS
from app.editor.shell import Shell
from app.editor.studio import Studio
from app.editor.theme import Look
from graphs.spec.document import Document
from graphs.spec.problems import WorldloomError
from graphs.store.document_file import read_document

WIDTH, HEIGHT = 1440, 900


def opened(path: Path | None) -> int:
    """The editor on a document until its window is closed; the exit code."""
    try:
        document = read_document(path) if path is not None else Document(title="Untitled")
    except (WorldloomError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    known = remembered()
    studio = Studio(document, known.catalogue, path)
    shell = shown(studio, engine=EngineLink(studio, known.hash))
    shell.frame()
    dpg.render_dearpygui_frame()
    try:
        shell.engine.start()
        shell.run()
    finally:
        shell.engine.close()
        studio.close()
        dpg.destroy_context()
    return 0


def shown(
    studio: Studio,
    width: int = WIDTH,
    height: int = HEIGHT,
    scale: float = 1.0,
    engine: EngineLink | None = None,
) -> Shell:
    """The window of a studio; its engine may start later. Once in a process."""
    dpg.create_context()
    dpg.configure_app(manual_callback_management=True)
    dpg.create_viewport(
        title="Worldloom", width=width, height=height, min_width=640, min_height=420
    )
    dpg.setup_dearpygui()
    shell = Shell(studio, Look(scale), engine)
    shell.add_panel(PROBLEMS)
    dpg.show_viewport()
    return shell
