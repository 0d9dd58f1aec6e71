"""Commands over documents: what there is to build with, a new one, its problems, its outline."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app import show
from app.commands.options import File, Force, Json, Settings
from app.errors import Exit, UsageError, plain
from app.show import say


def blocks(
    name: Annotated[
        str | None, typer.Argument(help="Show one block in full, or the blocks of one category.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the installed block types."""
    from app.catalogue_cache import load_catalogue
    from app.outline import OWN
    from graphs.spec.problems import near

    catalogue = load_catalogue()
    for pack, why in catalogue.broken.items():
        text = plain(f"pack {pack} could not be loaded: {why}")
        Console(stderr=True).print(f"[bold yellow]warning:[/] {text}", soft_wrap=True)
    kinds = catalogue.types
    if name is None or any(kind.category == name for kind in kinds.values()):
        chosen = {n: k for n, k in kinds.items() if name in (None, k.category)}
        found = catalogue.model_copy(update={"types": chosen})
        say(found.model_dump(mode="json"), as_json, lambda out: show.blocks(out, found))
        return
    kind = catalogue.find(name) or catalogue.find(f"{OWN}{name}")
    if kind is None:
        known = [each.removeprefix(OWN) for each in kinds]
        holding = [each for each in known if name.lower() in each.lower()]
        hint = near(name, known) or (f"; there are {', '.join(holding)}" if holding else "")
        raise UsageError(f"there is no block type or category {name!r}{hint}")
    say(kind.model_dump(mode="json"), as_json, lambda out: show.block(out, kind))


def templates(
    name: Annotated[
        str | None, typer.Argument(help="Show one template's parameters; a name or a file.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the templates that ship with Worldloom, or what one of them lets you choose."""
    from app.workspace import template
    from app.workspace import templates as shipped

    if name is None:
        found = {each: template(each).description for each in shipped()}
        say(found, as_json, lambda out: show.pairs(out, found))
        return
    one = template(name)
    data = {
        "name": one.name,
        "description": one.description,
        "parameters": {n: p.model_dump(mode="json") for n, p in one.parameters.items()},
    }
    say(data, as_json, lambda out: show.parameters(out, one))


def new(
    template: Annotated[
        str, typer.Argument(help="A template's name (see `worldloom templates`), or a file.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write, NAME.json.")],
    params: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="NAME=VALUE",
            help="Choose a parameter of the template (see `worldloom templates NAME`). Repeatable.",
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Start a document from a template."""
    from app.workspace import DOCUMENT, parameter_values
    from app.workspace import template as named
    from graphs.spec.problems import TemplateError
    from graphs.store import write_document

    found = named(template)
    if output.suffix != DOCUMENT:
        raise UsageError(f"a document ends in {DOCUMENT}, got {output.name!r}")
    if output.exists() and not force:
        raise UsageError(f"{output} exists\n  → choose another name, or give --force")
    try:
        document = found.document(parameter_values(found, params or ()))
    except TemplateError as error:
        raise UsageError(f"{error}\n  → see worldloom templates {template}") from error
    write_document(output, document)
    told = {"wrote": str(output), "next": f"worldloom info {output}"}
    say({"file": str(output)}, as_json, lambda out: show.pairs(out, told))


def check_file(
    file: File,
    build: Annotated[
        bool,
        typer.Option(
            "--build", help="Make every block too: finds settings that cannot go together."
        ),
    ] = False,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Show every problem in a document, without building it."""
    from app.workspace import open_workspace
    from graphs.spec.problems import DocumentError

    work = open_workspace(file, settings or [])
    problems = work.problems()
    if build and not any(p.severity == "error" for p in problems):
        try:
            work.build()
        except DocumentError as error:
            problems += error.problems
    errors = sum(p.severity == "error" for p in problems)

    def printed(out: Console) -> None:
        show.problems(out, problems)
        counts = (
            f"{show.counted(errors, 'error')}, {show.counted(len(problems) - errors, 'warning')}"
        )
        out.print(f"{plain(str(file))}: {counts}", soft_wrap=True)

    say([asdict(p) for p in problems], as_json, printed)
    if errors:
        raise typer.Exit(Exit.PROBLEMS)


def info(
    file: File,
    plan: Annotated[
        str | None, typer.Option(help="Show the modes of this plan and what it trains.")
    ] = None,
    node: Annotated[
        str, typer.Option(metavar="PATH", help="Only this node: its settings, ports and wires.")
    ] = "",
    depth: Annotated[
        int | None, typer.Option(min=1, help="How many levels to show; all if not given.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Rows for shapes and cost.")] = 32,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Show a document as an outline: nodes, parameters, cost, shapes, modes."""
    from app.inform import describe
    from app.inform import show as print_found

    found = describe(file, plan, batch, settings or [], node)
    say(found.as_data(node), as_json, lambda out: print_found(found, out, node, depth))
    if found.errors:
        raise typer.Exit(Exit.PROBLEMS)
