"""One way to refuse a file: where, what was expected, what came, what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from graphs.spec.problems import FileError

Where = str | Path

ADVICE = {
    errno.ENOENT: "check the path: the folder must exist",
    errno.EISDIR: "name a file, not a folder",
    errno.ENOTDIR: "check the path: a part of it is a file, not a folder",
    errno.ENOSPC: "free some space and try again; the old file is untouched",
    errno.EDQUOT: "free some space and try again; the old file is untouched",
    errno.EACCES: "choose a place that you may read and write",
    errno.EPERM: "choose a place that you may read and write",
    errno.EROFS: "choose a place that you may read and write",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def fault(where: Where, expected: str, got: str, advice: str) -> FileError:
    """The error that says all four things.

    >>> print(fault("a.json", "a number", "'x'", "write a number"))
    a.json: expected a number, got 'x'
      → write a number
    """
    return FileError(f"{where}: expected {expected}, got {got}\n  → {advice}")


def shown(value: object, length: int = 80) -> str:
    """A value as a message can carry it: its repr, cut when long."""
    text = repr(value)
    return text if len(text) <= length else f"{text[:length]}…"


def listed(lines: Iterable[str], most: int = 20) -> str:
    """One line each, and how many more there are than fit a message."""
    found = list(lines)
    rest = [f"  and {len(found) - most} more"] if len(found) > most else []
    return "\n".join([f"  {line}" for line in found[:most]] + rest)


@contextmanager
def disk(where: Where, expected: str) -> Iterator[None]:
    """What the operating system refuses inside becomes a FileError with its cause."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        advice = ADVICE.get(error.errno or 0, "see the cause; the old file is untouched")
        raise fault(where, expected, reason, advice) from error


def regular(path: Path, expected: str) -> None:
    """Raises: FileError unless an ordinary file is there; pipes and devices are none."""
    if path.is_dir():
        raise fault(path, expected, "a folder", "name the file inside it")
    if not path.exists():
        raise fault(path, expected, "nothing: there is no such file", "check the path")
    if not path.is_file():
        raise fault(path, expected, "a device or a pipe", "name an ordinary file")
