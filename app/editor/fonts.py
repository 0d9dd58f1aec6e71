"""The fonts that ship, and how wide text in them is, so that cards can be measured without a window.

Units: a size is what Dear PyGui calls one: the pixels from the top of the font to its bottom.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import ImageFont

Face = Literal["text", "strong", "mono"]
FILES: dict[Face, str] = {
    "text": "Inter-Regular.ttf",
    "strong": "Inter-SemiBold.ttf",
    "mono": "JetBrainsMono-Regular.ttf",
}
LACKING = str.maketrans({"ᵀ": "^T"})
_EM = 1000
_MORE = "…"


def font_file(face: Face) -> Path:
    """Where the font of a face is on the disk."""
    with as_file(files("assets") / "fonts" / FILES[face]) as path:
        return path


def legible(text: str) -> str:
    """The text, written with signs that the fonts have.

    >>> legible("y = x Wᵀ")
    'y = x W^T'
    """
    return text.translate(LACKING)


def width(text: str, size: float, face: Face = "text") -> float:
    """How wide a line of text is."""
    return sum(_advance(letter, face) for letter in text) * size


def fit(text: str, room: float, size: float, face: Face = "text") -> str:
    """The text, or its beginning and three dots where the room ends.

    >>> fit("Cross entropy", 45, 14)
    'Cross…'
    """
    if width(text, size, face) <= room:
        return text
    left = room - width(_MORE, size, face)
    for n, letter in enumerate(text):
        left -= _advance(letter, face) * size
        if left < 0:
            return text[:n].rstrip() + _MORE if n else _MORE
    return text


def wrapped(text: str, room: float, size: float, face: Face = "text") -> list[str]:
    """The text as lines no wider than the room, broken between words where that can be."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and width(longer, size, face) > room:
                lines.append(fit(line, room, size, face))
                line = word
            else:
                line = longer
        lines.append(fit(line, room, size, face))
    return lines


@lru_cache(maxsize=4096)
def _advance(letter: str, face: Face) -> float:
    """The width of a letter as a part of the font's size."""
    font = _measuring(face)
    ascent, descent = font.getmetrics()
    return font.getlength(letter) / (ascent + descent)


@lru_cache(maxsize=3)
def _measuring(face: Face) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(font_file(face), _EM, layout_engine=ImageFont.Layout.BASIC)
