"""Soft line breaks: text in a box that cannot wrap it, and the text again without them.

A break that is only for looks is an invisible sign and a line feed, so that people's own line feeds are
told from it. Dear PyGui's fields do not wrap by themselves.
"""

from __future__ import annotations

from app.editor import fonts
from app.editor.fonts import Face

SIGN = "\u200b"  # a space without width, which the interface's font draws as nothing
SOFT = f"{SIGN}\n"


def broken(text: str, room: float, size: float, face: Face = "text") -> str:
    """The text with soft breaks between words, and within what is longer than the room.

    Units: `room` and `size` in pixels.

    >>> broken("one two three", 50, 17).split(SOFT)
    ['one ', 'two ', 'three']
    >>> joined(broken("one two three", 50, 17))
    'one two three'
    """
    return "\n".join(SOFT.join(_lines(line, room, size, face)) for line in text.split("\n"))


def joined(text: str) -> str:
    """The text without its soft breaks, and without what is left of one that was edited."""
    return text.replace(SOFT, "").replace(SIGN, "")


def _lines(text: str, room: float, size: float, face: Face) -> list[str]:
    lines, start, gap, wide = [], 0, 0, 0.0
    for end, letter in enumerate(text):
        wide += fonts.width(letter, size, face)
        if letter == " ":
            gap = end + 1  # a space at the end of a line may stand over it
        elif wide > room and end > start:
            cut = gap if gap > start else end
            lines.append(text[start:cut])
            start, wide = cut, fonts.width(text[cut : end + 1], size, face)
    return [*lines, text[start:]]
