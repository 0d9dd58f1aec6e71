"""Whether there is a display: Dear PyGui ends the process where there is none, so it is asked first."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

ADVICE = (
    "  → run it on a desktop, or over ssh with X forwarding (ssh -X),\n"
    "    or under a virtual display: xvfb-run worldloom edit"
)


def display_fault(environment: dict[str, str] | None = None) -> str:
    """Why no window can be opened here, "" when one can."""
    if sys.platform != "linux":
        return ""
    name = (os.environ if environment is None else environment).get("DISPLAY", "")
    if not name:
        return f"the editor needs a display, and DISPLAY is not set\n{ADVICE}"
    host, _, rest = name.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return f"the editor needs a display, and DISPLAY={name!r} names none\n{ADVICE}"
    if _answers(host, int(number)):
        return ""
    return f"the editor needs a display, and {name!r} does not answer\n{ADVICE}"


def _answers(host: str, number: int) -> bool:
    path = f"/tmp/.X11-unix/X{number}"
    tries: list[tuple[int, str | tuple[str, int]]] = []
    if host in ("", "unix"):
        tries += [(socket.AF_UNIX, f"\0{path}")]
        tries += [(socket.AF_UNIX, path)] if Path(path).exists() else []
    else:
        tries += [(socket.AF_INET, (host, 6000 + number))]
    for family, address in tries:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(2.0)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
