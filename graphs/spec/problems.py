"""What can go wrong: a Problem while editing, an exception at a border.

A Problem is data, so that canvas, command line and tests read the same list. An exception is
raised only where a caller asked for something impossible; it says where, what was expected,
what came, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from graphs.spec.sentence import Sentence


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document, tied to the node and the port where it shows.

    `path` is dotted ("reader.conv"), "" for the root. `code` is stable: tests and docs name it.
    """

    path: str
    code: str
    message: str
    port: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = self.path or "(root)"
        port = f", port {self.port!r}" if self.port else ""
        return f"{where}{port}: {self.message} [{self.code}]"


class WorldloomError(Exception):
    """Base of everything that this project raises on purpose."""


class DocumentError(WorldloomError):
    """A document cannot be built or trained. Carries every problem found, not the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


class EditError(WorldloomError):
    """An edit asks for what the document does not have; the document is unchanged."""


class TemplateError(WorldloomError):
    """A template is asked for values that it does not take; nothing was made."""


class RunError(WorldloomError):
    """A block raised while running. `path` names the node, `__cause__` is what it raised."""

    def __init__(self, path: str, given: str, cause: BaseException) -> None:
        self.path, self.given = path, given
        super().__init__(
            f"node {path!r} failed: {type(cause).__name__}: {cause}\n  it was given {given}"
        )


class Cancelled(WorldloomError):
    """Somebody asked a run to stop; nothing is wrong."""


class FileError(WorldloomError):
    """A file is not ours, damaged, from a newer version, or does not belong to this document."""


def near(name: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for the closest known names, or "" when none is close.

    >>> near("Liner", ["Linear", "Relu"])
    '; did you mean Linear?'
    """
    found = difflib.get_close_matches(name, list(known), n=3)
    return Sentence("; did you mean {names}?", names=", ".join(found)) if found else ""
