"""Settings as Python writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphs.live.block import Block
from graphs.script.sources import NotPortable


def literal(value: Any) -> str:
    """A value as an expression.

    Raises: NotPortable for what has none.

    >>> literal([1, "a", None]), literal((0.5,))
    ('[1, "a", None]', '(0.5,)')
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(literal, value)) + ("," if len(value) == 1 else "") + ")"
    if type(value) is str:
        quoted = repr("'" + value)  # which makes Python choose double quotes
        return '"' + quoted[2:] if quoted[0] == '"' else repr(value)
    if type(value) in (int, bool) or value is None:
        return repr(value)
    if type(value) is float and math.isfinite(value):
        return repr(value)
    raise NotPortable(f"a setting is a {type(value).__name__}, which has no short spelling")


def construction(name: str, cls: type[Block], config: Mapping[str, Any]) -> str:
    """The call that makes a block; settings that are the default are left out."""
    model = cls.config_model()
    given = []
    for key, value in dict(model(**config)).items():
        known = model.model_fields[key]
        if known.is_required() or known.default != value or type(known.default) is not type(value):
            given.append(f"{key}={literal(value)}")
    return f"{name}({', '.join(given)})"
