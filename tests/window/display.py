"""A display of our own, where the tools for one are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

NEEDED = ("Xvfb", "xdotool")


def lacking(*tools: str) -> list[str]:
    """The tools that are not there."""
    return [tool for tool in tools or NEEDED if shutil.which(tool) is None]


@contextmanager
def display(size: str = "1440x900") -> Iterator[str]:
    """A display of our own, large enough for every play; the X server says which number is free."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],
        pass_fds=[write], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    assert number, "Xvfb did not start"
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
