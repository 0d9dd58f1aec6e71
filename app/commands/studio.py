"""The command that opens the studio's window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.errors import UsageError


def edit(
    file: Annotated[Path | None, typer.Argument(help="A document to open.")] = None,
) -> None:
    """Open the studio's window."""
    from app.editor import main as window

    if file is not None and not file.is_file():
        raise UsageError(f"there is no file {file}\n  → worldloom new TEMPLATE -o {file}")
    if code := window(file):
        raise typer.Exit(code)
