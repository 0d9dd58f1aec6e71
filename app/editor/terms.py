"""Words that schemas, levels and the catalogue bring, in the person's language.

They are made where no language is known, so they are said here, where they are shown. What a foreign
pack brings, and nobody translated, is said as it is.
"""

from __future__ import annotations

from app.editor.language import p_
from graphs.spec.levels import LEVELS


def setting(label: str) -> str:
    """The title of a setting."""
    return p_("setting", label)


def kind(name: str) -> str:
    """A category of blocks, or a level."""
    return p_("kind", name)


def meaning(level: str) -> str:
    """What a level is, in a sentence."""
    said = p_("level", LEVELS[level].meaning)
    return f"{said[:1].upper()}{said[1:]}."
