"""Values as they are written in a line of text, and read back. `read(f, written(f, v)) == v`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.editor.inspector.fields import Field
from app.editor.language import _

_DECODER = json.JSONDecoder()
_NEEDS_QUOTES = set(",\"'\n\r\t[]{}\\")


class Unreadable(ValueError):
    """A line says no value of the kind that is wanted; the message says what was expected."""


def written(of: Field, value: Any) -> str:
    """The value in a line, as `read` takes it."""
    if value is None and of.kind != "json":
        return ""
    if not of.fits(value) or of.kind in ("json", "map", "group", "items"):
        return _dumped(value)
    if of.kind in ("list", "flags"):
        return ", ".join(_item(v) for v in value)
    if of.kind == "tuple":
        return ", ".join(map(figure, value))
    return value if isinstance(value, str) else figure(value)


def spread(of: Field, value: Any) -> str:
    """The value as `written`, but what has names has a line for each.

    >>> print(spread(Field("of", "json", "", {}), {"a": 1, "b": [2, 3]}))
    {
      "a": 1,
      "b": [2, 3]
    }
    """
    text = written(of, value)
    if not isinstance(value, Mapping) or not value:
        return text
    rows = [f"  {_dumped(str(key))}: {_dumped(inner)}" for key, inner in value.items()]
    return "{\n" + ",\n".join(rows) + "\n}"


def read(of: Field, text: str) -> Any:
    """The value that a line says. Raises: Unreadable."""
    match of.kind:
        case "text" | "file" | "folder" | "colour":
            return text
        case "whole":
            return _whole(text)
        case "number":
            return _number(text)
        case "list":
            return [_as(of.inner[0], item) for item in _items(text)]
        case "tuple":
            return [_as(of.inner[0], item) for item in _items(text)]
        case "flags":
            return [_option(of, item) for item in _items(text)]
        case "choice":
            return _option(of, text.strip())
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(_("expected JSON: {error}").format(error=error)) from error


def figure(value: Any) -> str:
    """A number or another scalar as short as it can be said exactly.

    >>> figure(0.001), figure(3), figure(1.0), figure(True)
    ('0.001', '3', '1.0', 'true')
    """
    return json.dumps(value) if isinstance(value, bool | None) else str(value)


def _item(value: Any) -> str:
    if not isinstance(value, str):
        return figure(value)
    plain = value and value == value.strip() and not _NEEDS_QUOTES & set(value)
    return value if plain else _dumped(value)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _items(text: str) -> list[str]:
    """The items between commas; one in quotes may hold anything."""
    found: list[str] = []
    rest = text.strip().removeprefix("[").removesuffix("]") if _bracketed(text) else text
    rest = rest.strip()
    while rest:
        if rest.startswith('"'):
            try:
                item, end = _DECODER.raw_decode(rest)
            except ValueError as error:
                raise Unreadable(_("a quote does not end: {text}").format(text=rest)) from error
            rest = rest[end:].strip()
            if rest and not rest.startswith(","):
                raise Unreadable(_("expected a comma before {text}").format(text=rest))
            rest = rest[1:].strip()
            found.append(str(item))
            continue
        item, comma, rest = rest.partition(",")
        rest = rest.strip()
        if not item.strip():
            raise Unreadable(_("there is nothing between two commas"))
        found.append(item.strip())
        if comma and not rest:
            break
    return found


def _bracketed(text: str) -> bool:
    plain = text.strip()
    return plain.startswith("[") and plain.endswith("]")


def _as(of: Field, text: str) -> Any:
    return text if of.kind == "text" else read(of, text)


def _option(of: Field, text: str) -> Any:
    for option in of.options:
        if figure(option) == text:
            return option
    raise Unreadable(
        _("expected one of {options}, got {text!r}").format(
            options=", ".join(map(figure, of.options)), text=text
        )
    )


def _whole(text: str) -> int:
    try:
        return int(text.strip().replace("_", ""))
    except ValueError:
        raise Unreadable(
            _("expected a whole number, got {text!r}").format(text=text.strip())
        ) from None


def _number(text: str) -> int | float:
    plain = text.strip()
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        raise Unreadable(_("expected a number, got {text!r}").format(text=plain)) from None
