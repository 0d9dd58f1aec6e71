"""Commands that learn: a training under a plan, a light variant of a base."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import Device, Document, Force, Json, Settings
from app.errors import Exit
from app.show import say


def train(
    file: Document,
    plan: Annotated[str | None, typer.Option(help="Which plan; the only one if not given.")] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Instead of the plan's number of steps.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Folder of the run; runs/NAME-PLAN if not given."),
    ] = None,
    settings: Settings = None,
    device: Device = None,
    nodes: Annotated[
        list[str] | None,
        typer.Option(
            "--node", metavar="PATH", help="Only this node learns, at any level. Repeatable."
        ),
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(
            help="Only nodes of this level learn, with what is inside them: block, graph, "
            "pipeline, stage or world; with --node those at or inside it."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train under a plan; Ctrl+C saves and says how to go on."""
    from app.training import Request, train_file

    asked = Request(
        plan, steps, resume, output, tuple(settings or ()), device, tuple(nodes or ()), level
    )
    done = train_file(file, asked)
    say(done.as_data(), as_json, done.show)
    if done.summary.interrupted:
        raise typer.Exit(Exit.INTERRUPTED)


def adapt(
    file: Document,
    name: Annotated[str, typer.Argument(help="What the variant will be called.")],
    plan: Annotated[str | None, typer.Option(help="A plan that trains adapters only.")] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Instead of the plan's number of steps.")
    ] = None,
    settings: Settings = None,
    device: Device = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Train a light variant of a base world and put it among its variants."""
    from app.adapting import adapt_file
    from app.training import Request

    asked = Request(plan, steps, False, None, tuple(settings or ()), device)
    done = adapt_file(file, name, asked, force)
    say(done.as_data(), as_json, done.show)
    if done.summary.interrupted:
        raise typer.Exit(Exit.INTERRUPTED)
