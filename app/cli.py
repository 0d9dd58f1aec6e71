"""The command line: thin commands over the engine; every one can be scripted with --json.

Results go to stdout, all else to stderr. Commands import what they need when they run: those that only
read documents start without torch. A new command is a function in `app.commands` and a row in COMMANDS.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.commands import demo, documents, files, running, studio, training
from app.commands.lattice import lattice
from app.commands.variants import variants
from app.errors import guarded

COMMANDS = (
    ("blocks", documents.blocks),
    ("templates", documents.templates),
    ("new", documents.new),
    ("check", documents.check_file),
    ("info", documents.info),
    ("run", running.run),
    ("train", training.train),
    ("adapt", training.adapt),
    ("snapshots", running.snapshots),
    ("export", files.export),
    ("import", files.import_file),
    ("edit", studio.edit),
    ("demo", demo.demo),
)

app = typer.Typer(
    name="worldloom",
    help="Draw trainable worlds: check, run, train, adapt and export graphs of Blocks.",
    epilog="Exit codes: 0 all is well, 1 problems, 2 wrong usage, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for name, command in COMMANDS:
    app.command(name)(command)
app.add_typer(variants)
app.add_typer(lattice)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"worldloom {version('worldloom')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks of errors; may stand anywhere.")
    ] = False,
) -> None:
    """Options before the command; `main` has read --debug already."""


def main() -> None:
    """The `worldloom` command; --debug may stand anywhere on the line."""
    words = [word for word in sys.argv[1:] if word != "--debug"]
    sys.exit(guarded(lambda: app(words), debug=len(words) < len(sys.argv) - 1))
