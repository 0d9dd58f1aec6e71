"""Names that come from files or people become file names only through here."""

from __future__ import annotations

import re

from graphs.store.faults import Where, fault, shown

_SAFE = re.compile(r"[a-z][a-z0-9_]{0,63}")
# Windows opens devices under these names, with any ending.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
)


def safe_name(name: object, where: Where) -> str:
    """The name itself, when it cannot lead out of a folder or mean something else on any system.

    >>> safe_name("adapters", "here")
    'adapters'

    Raises: FileError for anything but a-z, 0-9 and _ after a letter, at most 64.
    """
    if isinstance(name, str) and _SAFE.fullmatch(name) and name not in _DEVICES:
        return name
    expected = "a name of a-z, 0-9 and _ that starts with a letter, at most 64"
    raise fault(where, expected, shown(name), "choose such a name")
