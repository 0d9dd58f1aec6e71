"""From exceptions to messages and exit codes: the one border of the command line."""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TextIO

import click  # only what demo.py raises; typer has a click of its own
from rich.console import Console

from graphs.spec.problems import DocumentError, WorldloomError


class Exit(IntEnum):
    """What a command's exit code means."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    INTERRUPTED = 130


class UsageError(WorldloomError):
    """A command was asked for what there is not; the message says what there is instead."""


def guarded(command: Callable[[], object], debug: bool) -> int:
    """Run a command; what it raises becomes a message on stderr and a code, never a traceback.

    With `debug` the traceback is shown as well.
    """
    console = Console(stderr=True, highlight=False)
    try:
        with _told(console):
            command()
        return Exit.OK
    except SystemExit as end:  # how typer ends: help shown, an option it does not know, a code
        return end.code if isinstance(end.code, int) else Exit.OK
    except (KeyboardInterrupt, click.Abort):
        return Exit.INTERRUPTED
    except (Exception, click.UsageError) as error:  # border: whatever is left is ours to explain
        _explain(error, console)
        if debug:
            traceback.print_exc(file=sys.stderr)
        asked = isinstance(error, UsageError | click.UsageError)
        return Exit.USAGE if asked else Exit.PROBLEMS


def _explain(error: Exception, console: Console) -> None:
    match error:
        case DocumentError():
            say_problems(error, console)
            return
        case WorldloomError() | click.UsageError():
            message = str(error)
        case MemoryError():
            message = "not enough memory\n  → use a smaller --batch or a smaller world"
        case OSError() if error.strerror:
            where = f"{error.filename}: " if error.filename else ""
            advice = "check the path, and whether it may be read and written"
            message = f"{where}{error.strerror.lower()}\n  → {advice}"
        case _ if type(error).__name__ == "OutOfMemoryError":  # torch's, which is not imported here
            message = "not enough memory on the device\n  → use a smaller --batch, or --device cpu"
        case _:
            message = (
                f"{type(error).__name__}: {error}\n"
                "  → this is a fault of the program; --debug shows where"
            )
    console.print(f"[bold red]error:[/] {plain(message)}", soft_wrap=True)


def say_problems(error: DocumentError, console: Console) -> None:
    """Print every problem on a line of its own."""
    count = len(error.problems)
    console.print(f"[bold red]error:[/] {count} problem{'s' if count > 1 else ''} in the document")
    for problem in error.problems:
        console.print(f"  {plain(str(problem))}", soft_wrap=True)


def plain(text: str) -> str:
    r"""Text that rich prints as it is.

    >>> plain("b[0]")
    'b\\[0]'
    """
    return text.replace("[", r"\[")


@contextmanager
def _told(console: Console) -> Iterator[None]:
    """Inside, warnings are one line for people, without the place in our code."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        console.print(f"[bold yellow]warning:[/] {plain(str(message))}", soft_wrap=True)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
