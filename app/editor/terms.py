"""Words that schemas, levels and the catalogue bring, in the person's language.

They are made where no language is known, so they are said here, where they are shown. What a foreign
pack brings, and nobody translated, is said as it is.
"""

from __future__ import annotations

from app.editor.language import _, p_
from graphs.spec.levels import LEVELS
from graphs.spec.sentence import Sentence


def setting(label: str) -> str:
    """The title of a setting."""
    return p_("setting", label)


def help(text: str) -> str:
    """What a schema says of a setting."""
    return p_("help", text)


def role(name: str) -> str:
    """What a block is in a task, or what that means."""
    return p_("role", name.replace("_", " "))


def kind(name: str) -> str:
    """A category of blocks, or a level."""
    return p_("kind", name)


def meaning(level: str) -> str:
    """What a level is, in a sentence."""
    said = p_("level", LEVELS[level].meaning)
    return f"{said[:1].upper()}{said[1:]}."


def sentence(text: str) -> str:
    """What check says is wrong; a text that is no sentence of ours stays as it is."""
    if not isinstance(text, Sentence):
        return text
    parts = {n: sentence(p) if isinstance(p, str) else p for n, p in text.parts.items()}
    return _(text.form).format(**parts)
