"""`worldloom lattice`: look at what flows did, and hold the examples that show that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import File, Json, Seed, Split
from app.show import pairs, say

lattice = typer.Typer(
    name="lattice",
    help="The energy lattice: pictures of its flows, and examples of what it learns.",
    no_args_is_help=True,
)


@lattice.command("show")
def show_file(
    file: File,
    node: Annotated[
        str, typer.Option(metavar="PATH", help="Which lattice; the only one if not given.")
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A folder; beside the document if not given."),
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Which row of the split.")] = 0,
    split: Split = "test",
    seed: Seed = 0,
    film: Annotated[
        bool, typer.Option("--film/--no-film", help="The GIF as well, which takes longer.")
    ] = True,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NODE.KEY=VALUE", help="Change a setting of a node. Repeatable."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a lattice once and draw what its flows did: NODE.png and NODE.gif."""
    from app.lattice.show import show
    from app.workspace import open_workspace

    work = open_workspace(file, settings or [])
    files = show(
        work, output or file.parent, node=node, sample=sample, split=split, seed=seed, animate=film
    )
    told = {what: str(path) for what, path in files.items()}
    say(told, as_json, lambda out: pairs(out, told))


@lattice.command("example")
def example(
    name: Annotated[str, typer.Argument(help="digits, text or channels.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="Where everything goes; out/lattice-NAME if not given."
        ),
    ] = None,
    steps: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of the steps, for a quick look.")
    ] = 1.0,
    seeds: Annotated[int, typer.Option(min=1, help="How often, each from other weights.")] = 3,
    tune: Annotated[
        bool,
        typer.Option(
            "--tune", help="First let every contender choose its learning rate by trials."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a lattice beside its rivals and report held-out figures."""
    from app.lattice.examples import hold

    folder = output or Path("out") / f"lattice-{name}"
    found = hold(name, folder, share=steps, seeds=seeds, tune=tune, quiet=as_json)
    say(found, as_json, lambda out: None)
