"""The studio's own windows by name; each is imported when it is shown first."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from app.editor.dialogs.dialog import Dialog

if TYPE_CHECKING:
    from app.editor.shell import Shell

WINDOWS = {
    "templates": ("templates", "Templates"),
    "settings": ("preferences", "Preferences"),
    "shortcuts": ("shortcuts", "Shortcuts"),
    "tour": ("tour", "Tour"),
    "about": ("about", "About"),
    "recover": ("recover", "Recover"),
    "training": ("training", "TrainingSheet"),
}


def built(name: str, shell: Shell) -> Dialog:
    """The window of this name, open. Raises: KeyError when there is none."""
    module, title = WINDOWS[name]
    made: Dialog = getattr(import_module(f"app.editor.dialogs.{module}"), title)(shell)
    return made
