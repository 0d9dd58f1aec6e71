"""Arguments and options that several commands share, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="A document (NAME.json) or a .world file.")]
Document = Annotated[Path, typer.Argument(help="A document (NAME.json).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NODE.KEY=VALUE",
        help="Change a setting of a node, at any depth; VALUE is JSON or text. Repeatable.",
    ),
]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda, cuda:1 or mps; the best there is if not given.")
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what is there.")]
Split = Annotated[str, typer.Option(help="Which split sources read: train, test, all.")]
Seed = Annotated[int, typer.Option(min=0, help="Of noise and of weights that are not saved.")]
