"""The command line: thin commands over the engine; every one can be scripted with --json."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import click
import typer
from rich.console import Console

from app.errors import Exit, guarded

app = typer.Typer(
    help="Draw trainable worlds: check, run, train, adapt and export graphs of Blocks.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
out = Console(highlight=False)
_debug = False

File = Annotated[Path, typer.Argument(help="A document (NAME.json) or a .world file.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change a node's setting: node.key=value. Repeatable."),
]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda or mps; the best there is if not given.")
]


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Options before the command."""
    global _debug
    _debug = debug


@app.command()
def blocks(
    name: Annotated[str | None, typer.Argument(help="Show one block in full.")] = None,
    as_json: Json = False,
) -> None:
    """List the installed block types."""
    from app.show import block_table
    from graphs.live.registry import Registry
    from graphs.spec.problems import near

    catalogue = Registry.installed().catalogue()
    if name:
        kind = catalogue.find(name) or catalogue.find(f"core/{name}")
        if kind is None:
            raise click.UsageError(f"there is no block type {name!r}{near(name, catalogue.types)}")
        _say(kind.model_dump(mode="json"), as_json, lambda: _block(kind))
        return
    _say(catalogue.model_dump(mode="json"), as_json, lambda: out.print(block_table(catalogue)))
    for pack, why in catalogue.broken.items():
        Console(stderr=True).print(f"pack {pack} could not be loaded: {why}", style="yellow")


@app.command()
def templates(as_json: Json = False) -> None:
    """List the documents that ship with Worldloom."""
    from app.workspace import templates as shipped
    from graphs.store import read_document

    found = {name: read_document(path).description for name, path in shipped().items()}
    _say(found, as_json, lambda: _pairs(found))


@app.command()
def new(
    template: Annotated[str, typer.Argument(help="A template's name; see `worldloom templates`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write.")],
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:
    """Start a document from a template."""
    from app.workspace import templates as shipped
    from graphs.spec.problems import near
    from graphs.store import read_document, write_document

    found = shipped()
    if template not in found:
        raise click.UsageError(f"there is no template {template!r}{near(template, found)}")
    if output.exists() and not force:
        raise click.UsageError(f"{output} exists; choose another name or give --force")
    write_document(output, read_document(found[template]))
    out.print(f"wrote {output}; look at it with: worldloom info {output}")


@app.command("check")
def check_file(file: File, as_json: Json = False) -> int:
    """Show every problem in a document; exit code 1 if there is an error."""
    from dataclasses import asdict

    from app.show import problem_table
    from app.workspace import open_workspace

    problems = open_workspace(file).problems()
    errors = [p for p in problems if p.severity == "error"]

    def table() -> None:
        if problems:
            out.print(problem_table(problems))
        out.print(f"{file}: {len(errors)} error(s), {len(problems) - len(errors)} warning(s)")

    _say([asdict(p) for p in problems], as_json, table)
    return Exit.PROBLEMS if errors else Exit.OK


@app.command()
def info(
    file: File,
    plan: Annotated[
        str | None, typer.Option(help="Show the modes of this plan and what it trains.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Rows for shapes and cost.")] = 32,
    settings: Settings = None,
    as_json: Json = False,
) -> None:
    """Show a document as a tree: ports, shapes, parameters, cost, modes."""
    from app.inform import describe, show

    found = describe(file, plan, batch, settings or [])
    _say(found.as_data(), as_json, lambda: show(found, out))


@app.command()
def run(
    file: File,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            help="Give an exposed input: name=file (npy, npz, png, jpg, txt, json) or name=JSON.",
        ),
    ] = None,
    settings: Settings = None,
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", help='Compute only these: outputs or "node.port".'),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for the results.")
    ] = None,
    light: Annotated[
        Path | None, typer.Option(help="Run with the adapters of a light world.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Rows that sources give.")] = 32,
    position: Annotated[int, typer.Option(min=0, help="Which batch of rows.")] = 0,
    split: Annotated[str, typer.Option(help="Which split sources read.")] = "test",
    seed: int = 0,
    device: Device = None,
    precision: Annotated[str, typer.Option(help="float32 or bfloat16.")] = "float32",
    as_json: Json = False,
) -> None:
    """Run a graph once and show or save what comes out."""
    from app.running import run_file

    found = run_file(
        file,
        inputs or [],
        settings or [],
        targets or [],
        output,
        light,
        batch=batch,
        position=position,
        split=split,
        seed=seed,
        device=device,
        precision=precision,
        quiet=as_json,
    )
    _say(found, as_json, lambda: _pairs(found))


@app.command()
def train(
    file: File,
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
    as_json: Json = False,
) -> int:
    """Train under a plan; Ctrl+C saves and says how to go on."""
    from app.training import train_file

    done = train_file(file, plan, steps, resume, output, settings or [], device, quiet=as_json)
    _say(done.as_data(), as_json, lambda: done.show(out))
    return Exit.INTERRUPTED if done.summary.interrupted else Exit.OK


@app.command()
def export(
    file: File,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .world file to write.")],
    light: Annotated[
        str | None,
        typer.Option(help="Only the adapters of this plan's last run, as a light world."),
    ] = None,
    run_folder: Annotated[
        Path | None, typer.Option("--run", help="The run to take adapters from.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
    as_json: Json = False,
) -> None:
    """Write one .world file: structure, plans and weights."""
    from app.worlds import export_file

    if output.suffix != ".world":
        raise click.UsageError(f"a world file ends in .world, got {output.name}")
    if output.exists() and not force:
        raise click.UsageError(f"{output} exists; choose another name or give --force")
    found = export_file(file, output, light, run_folder)
    _say(found, as_json, lambda: out.print(f"wrote {output} ({found['bytes']:,} bytes)"))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A .world file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A folder for NAME.json and NAME.safetensors.")
    ],
    force: Annotated[bool, typer.Option(help="Overwrite existing files.")] = False,
) -> None:
    """Unpack a world file into a document and its weights."""
    from app.worlds import import_into

    out.print(f"wrote {import_into(file, output, force)}")


@app.command()
def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Where everything goes.")] = Path(
        "out/digits"
    ),
    steps: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of the steps, for a quick look.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Train a reader and a creator of handwritten digits, draw some, and adapt a light variant."""
    from app.demo import demonstrate

    found = demonstrate(output, steps, quiet=as_json)
    _say(found, as_json, lambda: None)


def _block(kind: Any) -> None:
    from graphs.spec.configs import describe

    out.print(f"[bold]{kind.name}[/]  [dim]{kind.category} {kind.role}[/]")
    out.print(kind.doc, markup=False)
    for title, ports in (("in", kind.inputs), ("out", kind.outputs)):
        for port in ports.values():
            out.print(
                f"  {title:3} {port.name}: {port}{'' if port.required else ' (optional)'}",
                markup=False,
            )
    for name, field in kind.config.get("properties", {}).items():
        default = f" = {field['default']!r}" if "default" in field else ""
        out.print(f"  set {name}: {describe(field)}{default}", markup=False)


def _pairs(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        out.print(f"[bold]{name}[/]  {value}", soft_wrap=True)


def _say(data: Any, as_json: bool, show: Any) -> None:
    if as_json:
        print(json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, default=str))
    else:
        show()


def main() -> None:
    """The `worldloom` command."""
    command = typer.main.get_command(app)
    sys.exit(guarded(lambda: command.main(standalone_mode=False), lambda: _debug))
