"""The command that shows the whole of it on a template."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.commands.options import Json
from app.show import say


def demo(
    job: Annotated[
        Literal["digits", "digits-world"],
        typer.Argument(help="digits: reader, creator, light variant; digits-world: a whole world."),
    ] = "digits",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Where everything goes; out/JOB if not given."),
    ] = None,
    steps: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of the steps, for a quick look.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Train a template from nothing to a world file and a light variant, and measure it."""
    folder = output or Path("out") / job
    if job == "digits":
        from app.demo import demonstrate as do
    else:
        from app.digits_world import live as do
    found = do(folder, steps, quiet=as_json)
    say(found, as_json, lambda out: None)
