"""From exceptions to messages and exit codes: the one border of the command line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from enum import IntEnum

import click
from rich.console import Console

from graphs.spec.problems import DocumentError, WorldloomError


class Exit(IntEnum):
    """What a command's exit code means."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    INTERRUPTED = 130


def guarded(command: Callable[[], int | None], debug: Callable[[], bool]) -> int:
    """Run a command; what it raises becomes a message on stderr and a code, never a traceback.

    With `debug()` true the traceback is shown as well.
    """
    console = Console(stderr=True, highlight=False)
    try:
        return int(command() or Exit.OK)
    except click.exceptions.Exit as error:
        return int(error.exit_code)
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, click.Abort):
        console.print("interrupted")
        return Exit.INTERRUPTED
    except DocumentError as error:
        console.print(f"[bold red]{len(error.problems)} problem(s)[/]")
        for problem in error.problems:
            console.print(f"  {problem}", markup=False)
    except WorldloomError as error:
        console.print(f"error: {error}", markup=False, style="red")
    except MemoryError:
        console.print("error: not enough memory; use a smaller batch or world", style="red")
    except Exception as error:  # border: whatever is left is ours to explain
        if not debug():
            console.print(
                f"error: {type(error).__name__}: {error}\n  this is a fault of the program; "
                "run it again with --debug to see where",
                markup=False,
                style="red",
            )
    if debug():
        traceback.print_exc(file=sys.stderr)
    return Exit.PROBLEMS
