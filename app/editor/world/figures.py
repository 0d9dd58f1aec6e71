"""Reading what a slot holds in words: whether it is a row of numbers, and how it is said in a line."""

from __future__ import annotations

import json
import re
from math import isfinite

_TENSOR = re.compile(r"^(b?float|u?int|complex|bool)\d* \([\d, ]*\)$")  # "float32 (1, 1, 8, 8)"


def numbers(text: str) -> list[float] | None:
    """The numbers that a text is a list of, when there are at least two."""
    if not text.startswith("["):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    plain = all(isinstance(n, int | float) and isfinite(n) for n in found)
    return [float(n) for n in found] if plain and len(found) > 1 else None


def is_shape(text: str) -> bool:
    """Whether a text only says what a tensor is like.

    >>> is_shape("float32 (1, 1, 8, 8)"), is_shape("a thin seven")
    (True, False)
    """
    return bool(_TENSOR.match(text))


def said(text: str) -> str:
    """A value for people: one number without its brackets, a text as it is.

    >>> said("[7]"), said("a thin seven")
    ('7', 'a thin seven')
    """
    if text.startswith("[") and text.endswith("]") and "," not in text:
        return text[1:-1]
    return text
