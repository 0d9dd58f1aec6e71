"""Commands between documents and world files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app import show
from app.commands.options import File, Force, Json
from app.errors import UsageError
from app.show import say


def export(
    file: File,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The .world file to write.")
    ] = None,
    light: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN", help="Only the adapters of this plan's last run, as a light world."
        ),
    ] = None,
    node: Annotated[
        str,
        typer.Option(metavar="PATH", help="Only this node, at any level, as what stands alone."),
    ] = "",
    run_folder: Annotated[
        Path | None, typer.Option("--run", help="With --light: the run to take adapters from.")
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.py",
            help="Write Python that needs only torch and safetensors, with the weights beside it.",
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="NAME",
            help='With --script: only this output, or "node.port". Repeatable.',
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write one .world file with structure, plans and weights; or a plain Python script."""
    if (output is None) == (script is None):
        raise UsageError("what to write?\n  → give -o FILE.world, or --script FILE.py")
    if script is not None:
        if light is not None or run_folder is not None:
            raise UsageError("a script holds the variants in use\n  → leave --light and --run out")
        from app.scripts import export_script

        made = export_script(file, script, node, tuple(targets or ()), force)
        say(made.as_data(), as_json, lambda out: show.pairs(out, made.in_words()))
        return
    assert output is not None
    if targets:
        raise UsageError("--target is for scripts\n  → give --script FILE.py")
    from app.worlds import export_file

    if output.exists() and not force:
        raise UsageError(f"{output} exists\n  → choose another name, or give --force")
    if node and light is not None:
        raise UsageError("--node exports a part with its weights, --light adapters\n  → give one")
    if node:
        from app.parts import export_part

        found = export_part(file, output, node)
    else:
        found = export_file(file, output, light, run_folder)
    told = {"wrote": show.wrote(found.file, found.bytes), "kind": found.kind, "hash": found.hash}
    say(found.as_data(), as_json, lambda out: show.pairs(out, told))


def import_file(
    file: Annotated[Path, typer.Argument(help="A .world file.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A folder for NAME.json and NAME.safetensors."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            metavar="NAME.json",
            help="Instead of unpacking: put the weights of a part (export --node) into this document.",
        ),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="With --into: which node; where the part came from."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Unpack a world file into a document and its weights, or put a part back into its place."""
    if (output is None) == (into is None):
        raise UsageError("where to?\n  → give -o FOLDER to unpack, or --into NAME.json for a part")
    if node is not None and into is None:
        raise UsageError("--node says where in a document\n  → give --into NAME.json too")
    if into is not None:
        from app.parts import import_part

        placed = import_part(file, into, node)
        told = {
            "node": placed.node,
            "numbers": f"{placed.numbers:,}",
            "weights": str(placed.weights),
        }
        say(placed.as_data(), as_json, lambda out: show.pairs(out, told))
    elif output is not None:
        from app.worlds import import_into

        document, weights = import_into(file, output, force)
        told = {"document": str(document), "weights": str(weights)}
        say(told, as_json, lambda out: show.pairs(out, told))
