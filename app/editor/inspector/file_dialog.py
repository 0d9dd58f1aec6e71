"""Choosing a file or a folder. One dialog is open at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.editor.gui import dpg
from app.editor.language import _

TAG = "inspector file dialog"


def ask(now: str, folder: bool, take: Callable[[str], None]) -> None:
    """Show a dialog that starts where `now` is; `take` is told the path that was chosen."""
    if dpg.does_item_exist(TAG):
        dpg.delete_item(TAG)
    here = Path(now).expanduser() if now else Path.cwd()
    start = here if here.is_dir() else here.parent if here.parent.is_dir() else Path.cwd()

    def chosen(_: Any, found: dict[str, Any]) -> None:
        path = found["file_path_name"]
        several = list(found.get("selections", {}).values())
        take(str(path if folder or not several else several[0]))
        dpg.delete_item(TAG)

    with dpg.file_dialog(
        tag=TAG, label=_("Choose a folder") if folder else _("Choose a file"),
        directory_selector=folder, default_path=str(start), width=680, height=420,
        callback=chosen, cancel_callback=lambda: dpg.delete_item(TAG), file_count=1,
    ):  # fmt: skip
        if not folder:
            dpg.add_file_extension(".*")
