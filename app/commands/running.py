"""Commands that let a graph compute: one run, or the turns of a world."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from app import show
from app.commands.options import Device, File, Json, Seed, Settings, Split
from app.errors import UsageError
from app.show import say


def run(
    file: File,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=VALUE",
            help="Give an exposed input: a file (npy, npz, png, jpg, txt, json) or JSON, "
            "where 1.0 is float32 and 1 int64. Repeatable.",
        ),
    ] = None,
    settings: Settings = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="NAME",
            help='Compute only this: an output of the document, or "node.port". Repeatable.',
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for the results.")
    ] = None,
    light: Annotated[
        Path | None, typer.Option(help="Run with the adapters of a light world.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Rows that sources give.")] = 32,
    position: Annotated[int, typer.Option(min=0, help="Which batch of rows.")] = 0,
    split: Split = "test",
    seed: Seed = 0,
    device: Device = None,
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="The numbers to compute with.")
    ] = "float32",
    turns: Annotated[
        int | None, typer.Option(min=1, help="Let a world turn so often; snapshots are kept.")
    ] = None,
    action: Annotated[
        str | None, typer.Option(help="With --turns: what to do, for the world's development.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="With --turns: start from this state (JSON or a snapshot).")
    ] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="With --turns: go on from a snapshot (last, turn, file)."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a graph once and show or save what comes out; or let a world turn."""
    if turns is not None:
        from app.turning import TurnRequest, turn_file

        wish = TurnRequest(turns, action, state, start, tuple(settings or ()), output, seed, device)
        done = turn_file(file, wish)
        say(done.as_data(), as_json, done.show)
        return
    if extra := [n for n, v in (("action", action), ("state", state), ("from", start)) if v]:
        raise UsageError(f"--{extra[0]} is for worlds that turn\n  → give --turns too")
    from app.running import Request, run_file

    asked = Request(
        tuple(inputs or ()),
        tuple(settings or ()),
        tuple(targets or ()),
        output,
        light,
        batch,
        position,
        split,
        seed,
        device,
        precision,
    )
    found = run_file(file, asked)
    say(found.as_data(), as_json, lambda out: show.pairs(out, found.in_words()))


def snapshots(
    file: File,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="The folder, if it is not the world's own."),
    ] = None,
    as_json: Json = False,
) -> None:
    """List the turns that a world has kept."""
    from app.turning import list_snapshots

    found = list_snapshots(file, output)
    lines = {
        f"turn {shot['turn']}": f"{shot['file']}  {', '.join(shot['filled'])}" for shot in found
    }
    say(found, as_json, lambda out: show.pairs(out, lines or {"snapshots": "none yet"}))
