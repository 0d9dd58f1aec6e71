"""JSON from strangers, read safely; JSON of ours, written so that equal values give equal bytes.

What is refused when read is refused when written, so everything that we write we can read.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NoReturn

from graphs.spec.problems import FileError
from graphs.store.atomic import write_bytes
from graphs.store.faults import Where, disk, fault, regular, shown

LIMIT = 64 * 2**20  # bytes
DEPTH = 400  # nested objects and lists: 130 bodies inside each other; Python's own limit is near

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NOT_QUOTES = bytes(set(range(256)) - set(b'[]{}"'))
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class _Unfit(Exception):
    def __init__(self, expected: str, got: str, advice: str) -> None:
        super().__init__(expected, got, advice)


def read_json(path: Path, limit: int = LIMIT) -> Any:
    """The value in a UTF-8 file; keys of objects come sorted, whatever their order in the file.

    Raises: FileError when it is no JSON, too big, too deep, or ambiguous (a key twice, NaN).
    """
    regular(path, "a JSON file")
    with disk(path, "a JSON file that can be read"), path.open("rb") as file:
        data = file.read(limit + 1)
    return parse_json(data, path, limit)


def parse_json(data: bytes, where: Where, limit: int = LIMIT) -> Any:
    """The same from bytes; `where` names them in messages."""
    _size(data, where, limit)
    _depth(data, where)
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_float, parse_constant=_constant
        )
        if _SURROGATE.search(data):  # half a character: Python reads it and can never write it
            json.dumps(value, ensure_ascii=False).encode()
    except _Unfit as error:
        expected, got, advice = error.args
        raise fault(where, expected, got, advice) from None
    except UnicodeError as error:
        raise fault(where, "UTF-8 text", str(error), "save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        came = (
            shown(text[error.pos : error.pos + 20])
            if error.pos < len(text)
            else "the end of the file"
        )
        raise fault(where, f"JSON; {at}: {error.msg.lower()}", came, "repair that place") from error
    except RecursionError as error:  # the caller's own stack was deep already
        raise _too_deep(where) from error
    except ValueError as error:  # a number of more digits than Python turns into an integer
        raise fault(
            where, "JSON with numbers of sane length", str(error), "shorten the number"
        ) from error
    return value


def write_json(path: Path, value: Any) -> None:
    """The file holds this value, byte for byte the same for equal values; written atomically."""
    write_bytes(path, format_json(value, path))


def format_json(value: Any, where: Where, compact: bool = False, limit: int = LIMIT) -> bytes:
    """UTF-8 JSON with sorted keys; indented for people and for diffs, or compact on one line.

    Raises: FileError when the value is not plain data, holds NaN, or could not be read back.
    """
    try:
        text = json.dumps(
            value,
            sort_keys=True,
            ensure_ascii=False,
            allow_nan=False,
            indent=None if compact else 2,
            separators=(",", ":") if compact else (",", ": "),
        )
        data = (text if compact else text + "\n").encode()
    except (TypeError, ValueError) as error:
        advice = "use text, finite numbers, true/false, lists and objects only"
        raise fault(where, "plain data to write as JSON", str(error), advice) from error
    except RecursionError as error:
        raise _too_deep(where) from error
    _size(data, where, limit)
    _depth(data, where)
    return data


def _size(data: bytes, where: Where, limit: int) -> None:
    if len(data) > limit:
        advice = "split it, or keep big data in tensors"
        raise fault(where, f"at most {limit} bytes of JSON", "more", advice)


def _depth(data: bytes, where: Where) -> None:
    """Count brackets outside strings, before a recursive parser meets them."""
    if b"\\" in data:
        plain = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    else:  # every second quote ends a string; few strings hold brackets, the others vanish at once
        found = data.translate(None, _NOT_QUOTES).replace(b'""', b"")
        plain = b"".join(found.split(b'"')[::2])
    depth = 0
    for bracket in plain:
        if bracket in b"[{":
            depth += 1
            if depth > DEPTH:
                raise _too_deep(where)
        else:
            depth -= 1


def _too_deep(where: Where) -> FileError:
    expected = f"at most {DEPTH} nested objects and lists"
    return fault(where, expected, "deeper nesting", "flatten the innermost part")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        among = ", ".join(shown(name, 20) for name in sorted(found)[:4])
        raise _Unfit(
            "every key once",
            f"{shown(twice)} twice in the object with {among}",
            "remove one of them",
        )
    ordered = sorted(found)
    return found if ordered == list(found) else {name: found[name] for name in ordered}


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Unfit("finite numbers", shown(text), "write a smaller number")
    return number


def _constant(text: str) -> NoReturn:
    raise _Unfit("finite numbers", text, "write a number or null")
