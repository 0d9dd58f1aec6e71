"""The seconds from the start of a process to its first frame, as `worldloom edit FILE` begins.

    DISPLAY=:1 python -m tests.window.first_frame FILE CATALOGUE

The catalogue is the one of the last start, which the engine left; it prints when the frame is there.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main() -> None:
    """One frame."""
    from app.editor.catalogue_file import remembered
    from app.editor.engine_link import EngineLink
    from app.editor.furniture import furnish
    from app.editor.gui import dpg
    from app.editor.studio import Studio
    from app.editor.window import shown
    from graphs.store.document_file import read_document

    known = remembered(Path(sys.argv[2]))
    assert known.catalogue.types, "the catalogue of the last start is to be there"
    studio = Studio(read_document(Path(sys.argv[1])), known.catalogue)
    engine = EngineLink(studio, known.hash)
    shell = shown(studio, 1440, 900, engine=engine)
    furnish(shell, Path(tempfile.gettempdir(), "no-such-blocks"))
    shell.frame()
    dpg.render_dearpygui_frame()
    print("shown", flush=True)
    assert "torch" not in sys.modules
    engine.close()
    studio.close()
    dpg.destroy_context()


if __name__ == "__main__":
    main()
