"""The command that shows the whole of it on a template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands.options import Json
from app.show import say


def demo(
    job: Annotated[
        Literal["digits-world", "digits"],
        typer.Argument(help="digits-world: a whole world; digits: reader, creator, light variant."),
    ] = "digits-world",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where everything goes; out/JOB if not given."),
    ] = None,
    steps: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of the steps, for a quick look.")
    ] = 1.0,
    again: Annotated[
        bool, typer.Option("--again", help="Train anew what was trained there before.")
    ] = False,
    edit: Annotated[
        bool, typer.Option("--edit/--no-edit", help="Open the editor on the finished world.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Train a template from nothing to a world file and a light variant, and measure it.

    What is finished already is shown again; what was interrupted goes on.
    """
    from app.jobs import do

    ended = do(job, output or Path("out") / job, steps, again=again, quiet=as_json)
    say(dict(ended.figures), as_json, lambda out: None)
    if edit and not as_json and (code := ended.show_in_editor()):
        raise typer.Exit(code)
