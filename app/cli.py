"""The command line: thin commands over the engine; every one can be scripted with --json.

Results go to stdout, all else to stderr. Commands import what they need when they run: those that only
read documents start without torch.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from app import show
from app.errors import Exit, UsageError, guarded, plain
from app.show import say
from app.variant_commands import variants

app = typer.Typer(
    name="worldloom",
    help="Draw trainable worlds: check, run, train, adapt and export graphs of Blocks.",
    epilog="Exit codes: 0 all is well, 1 problems, 2 wrong usage, 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

app.add_typer(variants)

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


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"worldloom {version('worldloom')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks of errors; may stand anywhere.")
    ] = False,
) -> None:
    """Options before the command; `main` has read --debug already."""


@app.command()
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


@app.command()
def templates(as_json: Json = False) -> None:
    """List the documents that ship with Worldloom."""
    from app.workspace import templates as shipped
    from graphs.store import read_document

    found = {name: read_document(path).description for name, path in shipped().items()}
    say(found, as_json, lambda out: show.pairs(out, found))


@app.command()
def new(
    template: Annotated[str, typer.Argument(help="A template's name; see `worldloom templates`.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write, NAME.json.")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Start a document from a template."""
    from app.workspace import DOCUMENT
    from app.workspace import templates as shipped
    from graphs.spec.problems import near
    from graphs.store import read_document, write_document

    found = shipped()
    if template not in found:
        hint = near(template, found) or f"\n  → there are {', '.join(found)}"
        raise UsageError(f"there is no template {template!r}{hint}")
    if output.suffix != DOCUMENT:
        raise UsageError(f"a document ends in {DOCUMENT}, got {output.name!r}")
    if output.exists() and not force:
        raise UsageError(f"{output} exists\n  → choose another name, or give --force")
    write_document(output, read_document(found[template]))
    told = {"wrote": str(output), "next": f"worldloom info {output}"}
    say({"file": str(output)}, as_json, lambda out: show.pairs(out, told))


@app.command("check")
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


@app.command()
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


@app.command()
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
    split: Annotated[
        str, typer.Option(help="Which split sources read: train, test, all.")
    ] = "test",
    seed: Annotated[
        int, typer.Option(min=0, help="Of noise and of weights that are not saved.")
    ] = 0,
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


@app.command()
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
    as_json: Json = False,
) -> None:
    """Train under a plan; Ctrl+C saves and says how to go on."""
    from app.training import Request, train_file

    asked = Request(plan, steps, resume, output, tuple(settings or ()), device, tuple(nodes or ()))
    done = train_file(file, asked)
    say(done.as_data(), as_json, done.show)
    if done.summary.interrupted:
        raise typer.Exit(Exit.INTERRUPTED)


@app.command()
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


@app.command()
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


@app.command()
def export(
    file: File,
    output: Annotated[Path, typer.Option("-o", "--output", help="The .world file to write.")],
    light: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN", help="Only the adapters of this plan's last run, as a light world."
        ),
    ] = None,
    run_folder: Annotated[
        Path | None, typer.Option("--run", help="With --light: the run to take adapters from.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Write one .world file: structure, plans and weights."""
    from app.worlds import export_file

    if output.exists() and not force:
        raise UsageError(f"{output} exists\n  → choose another name, or give --force")
    found = export_file(file, output, light, run_folder)
    told = {"wrote": show.wrote(found.file, found.bytes), "kind": found.kind, "hash": found.hash}
    say(found.as_data(), as_json, lambda out: show.pairs(out, told))


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A .world file.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="A folder for NAME.json and NAME.safetensors.")
    ],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Unpack a world file into a document and its weights."""
    from app.worlds import import_into

    document, weights = import_into(file, output, force)
    told = {"document": str(document), "weights": str(weights)}
    say(told, as_json, lambda out: show.pairs(out, told))


@app.command()
def edit(
    file: Annotated[Path | None, typer.Argument(help="A document to open.")] = None,
) -> None:
    """Open the studio's window."""
    from app.editor import main as window

    if file is not None and not file.is_file():
        raise UsageError(f"there is no file {file}\n  → worldloom new TEMPLATE -o {file}")
    if code := window(file):
        raise typer.Exit(code)


@app.command()
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


def main() -> None:
    """The `worldloom` command; --debug may stand anywhere on the line."""
    words = [word for word in sys.argv[1:] if word != "--debug"]
    sys.exit(guarded(lambda: app(words), debug=len(words) < len(sys.argv) - 1))
