"""`worldloom variants`: light worlds of one base, listed, switched, mixed, merged and exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from app.errors import UsageError
from app.show import say

variants = typer.Typer(
    name="variants",
    help="Light variants of a base: adapters beside it, the base itself untouched.",
    no_args_is_help=True,
)
File = Annotated[Path, typer.Argument(help="The base document (NAME.json).")]
Name = Annotated[str, typer.Argument(help="A variant's name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Weights = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME[=WEIGHT]]...", help="Variants and their weights."),
]


def _base(file: Path) -> str:
    from app.workspace import open_workspace
    from graphs.live.weights import base_tensors
    from graphs.store import content_hash

    return content_hash(base_tensors(open_workspace(file).build()))


def _weights(texts: list[str] | None) -> dict[str, float]:
    found = {}
    for text in texts or []:
        name, given, weight = text.partition("=")
        try:
            found[name] = float(weight) if given else 1.0
        except ValueError as error:
            raise UsageError(f"a weight is a number, got {text!r}") from error
    return found


@variants.command("list")
def list_variants(file: File, as_json: Json = False) -> None:
    """Show the variants, which are in use, and whether they fit the base."""
    from app.shelf import Shelf

    entries = Shelf(file).entries(_base(file))
    table = Table(box=None, pad_edge=False)
    for heading in ("variant", "in use", "numbers", "size", "method", ""):
        justify: Literal["left", "right"] = "right" if heading in ("numbers", "size") else "left"
        table.add_column(heading, justify=justify)
    for e in entries:
        used = ", ".join([*([f"{e.weight:g}"] if e.weight else []), *(f"at {p}" for p in e.places)])
        fits = "" if e.fits else "[red]made for another base[/]"
        table.add_row(e.name, used, f"{e.parameters:,}", f"{e.bytes:,}", ", ".join(e.methods), fits)
    shown = table if entries else "no variants yet"
    say([asdict(e) for e in entries], as_json, lambda console: console.print(shown))


@variants.command()
def add(
    file: File,
    name: Name,
    light: Annotated[Path, typer.Option("--light", help="A light .world file.")],
    force: Annotated[bool, typer.Option("--force", help="Replace one of the same name.")] = False,
) -> None:
    """Put a light world on the base's shelf under a name."""
    from app.shelf import Shelf
    from graphs.store import import_light

    print(f"wrote {Shelf(file).add(name, import_light(light), _base(file), force)}")


@variants.command("import")
def import_variant(
    file: File,
    light: Annotated[Path, typer.Argument(help="A light .world file, or a folder of PEFT.")],
    name: Annotated[str | None, typer.Option(help="The file's own name if not given.")] = None,
    node: Annotated[str, typer.Option("--node", help="The node that a PEFT folder is for.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace one of the same name.")] = False,
) -> None:
    """The same as add, named after the file; a folder of PEFT has the adapters of one node."""
    from app.shelf import Shelf
    from graphs.store import import_light

    if light.is_dir():
        print(f"wrote {_adopted(file, light, node, name or light.name, force)}")
        return
    chosen = name or light.stem.rpartition(".")[2]
    print(f"wrote {Shelf(file).add(chosen, import_light(light), _base(file), force)}")


def _adopted(file: Path, folder: Path, node: str, name: str, force: bool) -> Path:
    from app.shelf import Shelf
    from app.workspace import open_workspace
    from graphs.learn.exchange import adopt_peft
    from graphs.learn.variants import adapters_of
    from graphs.live.weights import base_tensors
    from graphs.store import LightWorld, content_hash

    work = open_workspace(file)
    graph = work.build()
    try:
        plan = adopt_peft(graph, node, folder, name)
    except KeyError as error:
        raise UsageError(str(error.args[0])) from error
    base = content_hash(base_tensors(graph))
    tensors = {key: p.detach() for key, p in adapters_of(graph, name).items()}
    light = LightWorld(base, work.document.title, plan, tensors, "", {})
    return Shelf(file).add(name, light, base, force)


@variants.command()
def use(
    file: File,
    names: Weights = None,
    at: Annotated[
        str,
        typer.Option(
            "--at",
            metavar="PATH",
            help="Only where this node is called, whatever is in use elsewhere: places that share "
            "a block can use different variants of it.",
        ),
    ] = "",
) -> None:
    """Use one variant, several with weights, or with no name the plain base.

    Without --at that holds everywhere, and what was said of single places is forgotten.
    """
    from app.shelf import Shelf
    from app.workspace import open_workspace

    chosen, shelf = _weights(names), Shelf(file)
    if at:
        shelf.refuse_place(open_workspace(file).build(), at, chosen)
    shelf.use(chosen, at)
    used = shelf.used()
    print(f"in use: {_listed(used.everywhere)}")
    for place, weights in used.places.items():
        print(f"  at {place}: {_listed(weights)}")


def _listed(weights: Mapping[str, float]) -> str:
    return ", ".join(f"{n} × {w:g}" for n, w in weights.items()) or "the plain base"


@variants.command()
def mix(file: File, names: Weights = None) -> None:
    """Use several variants at once, each with its weight: mix FILE night=0.5 rain=0.5."""
    if not names:
        raise UsageError("mix needs variants with weights: night=0.5 rain=0.5")
    use(file, names)


@variants.command()
def merge(
    file: File,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="NAME.json of the new full world.")
    ],
    names: Weights = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Fold variants into the weights of a new full world; the base stays as it is."""
    from app.shelf import Shelf
    from app.workspace import open_workspace
    from graphs.store import project_files, write_project

    if taken := [p for p in project_files(output) if p.exists() and not force]:
        raise UsageError(f"{taken[0]} exists; choose another name or give --force")
    work, shelf = open_workspace(file), Shelf(file)
    used = shelf.used()
    if used.places and not names:
        raise UsageError(
            "variants are in use at single places, and a weight has one value for all places\n"
            "  → name what to fold in everywhere: night=1"
        )
    chosen = _weights(names) or dict(used.everywhere)
    if not chosen:
        raise UsageError("no variant is in use; name those to merge: night=1")
    write_project(output, work.document, shelf.merged(work.build(), chosen))
    print(f"wrote {project_files(output)[0]} and its weights")


@variants.command()
def remove(file: File, name: Name) -> None:
    """Take a variant off the shelf; its file is deleted."""
    from app.shelf import Shelf

    Shelf(file).remove(name)
    print(f"removed {name}")


@variants.command()
def export(
    file: File,
    name: Name,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A light .world file; a folder with --peft.")
    ],
    peft: Annotated[bool, typer.Option("--peft", help="As a folder that PEFT reads.")] = False,
    node: Annotated[str, typer.Option("--node", help="With --peft: only what this node has.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write a variant as a light world file, or for PEFT, to give away."""
    from app.shelf import Shelf
    from app.workspace import open_workspace
    from graphs.learn.exchange import export_peft
    from graphs.store import export_light

    if output.exists() and not force:
        raise UsageError(f"{output} exists; choose another name or give --force")
    if node and not peft:
        raise UsageError("--node goes with --peft; a light world holds the adapters of every node")
    if peft:
        graph = open_workspace(file).build()
        Shelf(file).load(graph, [name])
        try:
            print(f"wrote {export_peft(graph, node, name, output)}")
        except KeyError as error:
            raise UsageError(str(error.args[0])) from error
        return
    light = Shelf(file).read(name)
    export_light(output, light.base_hash, light.base_title, light.plan, light.tensors, light.extra)
    print(f"wrote {output} ({output.stat().st_size:,} bytes)")
