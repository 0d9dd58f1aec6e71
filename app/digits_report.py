"""What came of the digits world: every figure beside its bar, and where everything is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from app.show import counted, duration

FILES = (
    ("digits-world.json", "the document: structure, plans, state"),
    ("digits-world.safetensors", "its weights"),
    ("digits-world.world", "both in one file"),
    ("digits-world.variants", "the light variant “night”: adapters only"),
    ("contact_sheet.png", "twenty turns: wished, seen, told"),
    ("night.png", "the same turns under the light variant"),
    ("loss.png", "how training went"),
    ("metrics.json", "these figures and all others"),
)


class Figure(NamedTuple):
    """One line of the table."""

    what: str
    measured: str
    bar: str
    met: bool
    note: str = ""


def figures(f: Mapping[str, Any]) -> Iterator[Figure]:
    """The figures of metrics.json that have a bar."""
    held = {name: f[name]["validation"] for name in ("describe", "create", "narrate")}
    shift = f["action_shift"]
    plain, sevens = shift["nothing"], shift["more sevens"]["sevens"]
    fewer, thin = shift["fewer sevens"]["sevens"], shift["thin digits please"]["thin"]
    yield share("description names the digit", held["describe"]["digit"], 0.97, "held out")
    yield share("wish → image → description agree", held["create"]["agreement"], 0.90, "held out")
    yield share("narration names the digit", held["narrate"]["named"], 0.95, "held out")
    without = f"{percent(plain['sevens'])} without it"
    yield share("“more sevens”: sevens wished", sevens, 0.50, without)
    yield most("“fewer sevens”: sevens wished", fewer, 0.05, without)
    yield share(
        "“thin digits please”: thin wished", thin, 0.70, f"{percent(plain['thin'])} without it"
    )
    yield share("night: images inverted", f["night_inverted"], 0.95, f"of {len(f['turns'])} turns")
    yield most("night: size beside its base", f["night_share_of_base"], 0.05)
    same = f["base_unchanged_by_night"]
    yield Figure("night: its base afterwards", "same bits" if same else "CHANGED", "same", same)
    time, who = f["seconds"], f"{counted(f['threads'], 'thread')}, {f['device']}"
    yield Figure("time for everything", duration(time), "≤ 5 min", time <= 300, who)


def most(what: str, measured: float, limit: float, note: str = "") -> Figure:
    """A figure that should be at most so high."""
    return Figure(what, percent(measured), f"≤ {limit:.0%}", measured <= limit, note)


def share(what: str, measured: float, least: float, note: str = "") -> Figure:
    """A figure that should be at least so high."""
    return Figure(what, percent(measured), f"≥ {least:.0%}", measured >= least, note)


def report(console: Console, folder: Path, found: Mapping[str, Any]) -> None:
    """Print the table and the places."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("", "measured", "bar", "met", ""):
        table.add_column(heading, justify="right" if heading == "measured" else "left")
    for figure in figures(found):
        met = "[green]yes[/]" if figure.met else "[bold red]NO[/]"
        table.add_row(figure.what, figure.measured, figure.bar, met, f"[dim]{figure.note}[/]")
    console.print(table)
    console.print()
    for name, what in FILES:
        console.print(f"  {folder / name}  [dim]{what}[/]", soft_wrap=True)
    world = folder / "digits-world.json"
    console.print("\nGo on with it:")
    for line in (
        f'worldloom run {world} --turns 5 --action "more sevens"',
        f"worldloom variants use {world} night",
        f"worldloom edit {world}",
    ):
        console.print(f"  {line}", markup=False, soft_wrap=True)


def percent(value: float) -> str:
    """A share for people.

    >>> percent(0.9876)
    '98.8%'
    """
    return f"{value:.1%}"
