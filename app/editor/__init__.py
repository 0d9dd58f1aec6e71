"""The studio's window. The only part of the program that imports Dear PyGui; it imports no torch."""

from __future__ import annotations

import sys
from pathlib import Path


def main(path: Path | None = None) -> int:
    """Open the editor on a document, or on an empty one, until its window is closed.

    The result is the exit code: 2 where no window can be opened.
    """
    from app.editor.display import display_fault

    if fault := display_fault():
        print(fault, file=sys.stderr)
        return 2
    from app.editor.window import opened

    return opened(path)
