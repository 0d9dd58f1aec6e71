"""The plays by name: each is a story with real mouse and keys, and says at the end what must have come of it.

They are in the modules of this folder whose names begin with `plays`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

Play = Callable[[Path], None]
HERE = Path(__file__).parent


def play(story: Play) -> Play:
    """A story that is played."""
    story.played = True  # type: ignore[attr-defined]
    return story


def names() -> list[str]:
    """Every play, without importing any: that would need the window's library."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(HERE.glob("plays*.py"))]
    return [name for text in texts for name in re.findall(r"@play\ndef (\w+)\(", text)]


def found(name: str) -> Play:
    """The play of this name. Raises: KeyError when there is none."""
    for path in sorted(HERE.glob("plays*.py")):
        story = vars(import_module(f"tests.window.{path.stem}")).get(name)
        if getattr(story, "played", False):
            return story  # type: ignore[no-any-return]
    raise KeyError(name)
