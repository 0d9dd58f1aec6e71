"""What the command line prints: lists, tables and figures, as rich draws them.

Nothing here decides anything, and nothing imports torch. Consoles are as wide as the terminal, or 80
columns in a pipe; what people copy (paths, commands) is never broken.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from app.errors import plain
from graphs.spec.configs import describe
from graphs.spec.problems import Problem

if TYPE_CHECKING:
    from graphs.learn.adapters import Adaptation
    from graphs.learn.fit import Summary
    from graphs.learn.modes import Trained
    from graphs.spec.catalogue import BlockType, Catalogue, PortType
    from graphs.store import Template

MODE_STYLES = {"train": "green", "partial": "yellow", "lora": "magenta", "frozen": "blue"}
SHOWN = 48  # characters of a list of parameter names


def say(data: Any, as_json: bool, show: Callable[[Console], None]) -> None:
    """The one result of a command on stdout: valid JSON alone, or what `show` prints."""
    if as_json:
        text = json.dumps(finite(data), indent=1, sort_keys=True, ensure_ascii=False, default=str)
        Console(highlight=False).out(text)
    else:
        show(Console(highlight=False))


def finite(value: Any) -> Any:
    """The value with null for the numbers that JSON has no word for.

    >>> finite({"loss": float("nan"), "steps": [1]})
    {'loss': None, 'steps': [1]}
    """
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def number(value: float) -> str:
    """A count as people say it.

    >>> number(1812362), number(950), number(999_999)
    ('1.81M', '950', '1M')
    """
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(0.25), duration(8), duration(95), duration(3700)
    ('0.2 s', '8 s', '1 min 35 s', '1 h 1 min')
    """
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def counted(count: int, word: str) -> str:
    """A number of things.

    >>> counted(1, "error"), counted(0, "warning")
    ('1 error', '0 warnings')
    """
    return f"{count} {word}{'' if count == 1 else 's'}"


def pairs(console: Console, values: Mapping[str, str]) -> None:
    """Names and what they stand for, aligned."""
    width = max(map(len, values), default=0)
    for name, text in values.items():
        console.print(f"[bold]{plain(name):{width}}[/]  {plain(text)}", soft_wrap=True)


def parameters(console: Console, template: Template) -> None:
    """What a template is, and each of its parameters: what fits, its default, what it is for."""
    console.print(f"[bold]{plain(template.name)}[/]  {plain(template.description)}", soft_wrap=True)
    if not template.parameters:
        console.print("It has no parameters.")
        return
    for name, each in template.parameters.items():
        default = json.dumps(each.default, ensure_ascii=False)
        console.print(f"\n[bold]{name}[/] = {plain(default)}", soft_wrap=True)
        fits = f"{each.expected[:1].upper()}{each.expected[1:]}."
        console.print(f"  {plain(each.description)} [dim]{plain(fits)}[/]")


def problems(console: Console, found: Iterable[Problem]) -> None:
    """Each problem: how bad, where, its code, and below what is wrong."""
    for p in found:
        style = "red" if p.severity == "error" else "yellow"
        where = p.path or "(the whole document)"
        port = f", port [bold]{plain(p.port)}[/]" if p.port else ""
        console.print(
            f"[bold {style}]{p.severity}[/]  [bold]{plain(where)}[/]{port}  [dim]{p.code}[/]",
            soft_wrap=True,
        )
        console.print(Padding(Text(p.message), (0, 0, 0, 2)))


def blocks(console: Console, catalogue: Catalogue) -> None:
    """The block types by category, each with what it does."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column()
    said = ""
    for kind in sorted(catalogue.types.values(), key=lambda kind: (kind.category, kind.name)):
        if kind.category != said:
            table.add_row(f"[bold]{kind.category}[/]")
            said = kind.category
        table.add_row(f"  [cyan]{kind.name}[/]", Text(kind.summary))
    console.print(table)
    console.print("\none in full: worldloom blocks NAME", style="dim")


def block(console: Console, kind: BlockType) -> None:
    """One block type in full."""
    facts = [kind.category, *([kind.role] if kind.role else []), *kind.effects]
    console.print(f"[bold cyan]{kind.name}[/]  [dim]{', '.join(facts)}[/]")
    console.print(Text(kind.doc))
    rows: list[tuple[str, str, str]] = []
    for title, ports in (("in", kind.inputs), ("out", kind.outputs)):
        rows += [(title, port.name, _port(port)) for port in ports.values()]
    needed = kind.config.get("required", ())
    for name, field in kind.config.get("properties", {}).items():
        known = f", {json.dumps(field['default'])} if not given" if "default" in field else ""
        rows.append(
            ("config", name, f"{describe(field)}{known or (', needed' * (name in needed))}")
        )
    table = Table(box=None, pad_edge=False, show_header=False)
    said = ""
    for title, name, text in rows:
        table.add_row("" if title == said else f"[bold]{title}[/]", plain(name), plain(text))
        said = title
    if rows:
        console.print()
        console.print(table)


def _port(port: PortType) -> str:
    notes = [str(port)]
    if not port.required:
        notes.append("optional")
    if port.many != "single":
        notes.append(f"several wires: {port.many}")
    return ", ".join(notes)


def sheet(rows: list[Trained], adaptation: Adaptation) -> Table:
    """What will train: one line for each node, with the rates where they differ."""
    rates = {(row.lr, row.weight_decay) for row in rows}
    spans = {(row.from_step, row.until_step) for row in rows}
    title = f"What will train: {number(sum(row.count for row in rows))} numbers"
    if len(rates) == 1:
        title += f", {_rate(*next(iter(rates)))}"
    table = Table(title=title, box=None, pad_edge=False, title_justify="left", title_style="bold")
    table.add_column("node", overflow="fold")
    table.add_column("mode", no_wrap=True)
    table.add_column("numbers", justify="right", no_wrap=True)
    if len(rates) > 1:
        table.add_column("rate", no_wrap=True)
    if spans != {(0, None)}:
        table.add_column("steps", no_wrap=True)
    table.add_column("parameters", overflow="fold", style="dim")
    grouped: dict[tuple[str, str, float, float, int, int | None], list[Trained]] = {}
    for row in rows:
        key = (row.node, row.mode, row.lr, row.weight_decay, row.from_step, row.until_step)
        grouped.setdefault(key, []).append(row)
    for (node, mode, lr, decay, start, end), group in grouped.items():
        names = ", ".join(row.parameter for row in group)
        cells = [node or "(root)", f"[{MODE_STYLES[mode]}]{mode}[/]"]
        cells.append(number(sum(row.count for row in group)))
        if len(rates) > 1:
            cells.append(_rate(lr, decay))
        if spans != {(0, None)}:
            cells.append(_span(start, end))
        cells.append(names if len(names) < SHOWN else counted(len(group), "tensor"))
        table.add_row(*cells)
    blank = [""] * (len(table.columns) - 3)
    for path, reason in adaptation.skipped:
        table.add_row(path, "[dim]left out[/]", *blank, plain(reason))
    return table


def _rate(lr: float, decay: float) -> str:
    return f"lr {lr:g}" + (f", decay {decay:g}" if decay else "")


def _span(start: int, end: int | None) -> str:
    if (start, end) == (0, None):
        return "all"
    return f"from {start}" if end is None else f"{start} to {end}"


def summary(console: Console, name: str, done: Summary, written: Mapping[str, str]) -> None:
    """How a training ended and what it left."""
    rate = f"{done.rows / done.seconds:,.0f} samples/s" if done.seconds else ""
    facts = {"steps": f"{done.steps:,}", "samples": f"{done.rows:,}"}
    facts["time"] = duration(done.seconds) + (f" ({rate})" if rate else "")
    if math.isfinite(done.loss):
        facts["last loss"] = f"{done.loss:.5g}"
    else:
        facts["trained now"] = "nothing: it was done before; more with --steps"
    if done.best is not None:
        facts["best"] = f"{done.best:.5g} at step {done.best_step:,}"
    if done.stopped:
        facts["stopped"] = done.stopped
    console.print(f"[bold]Plan {name}[/]{' [yellow]interrupted[/]' if done.interrupted else ''}")
    pairs(console, facts | dict(written))


def wrote(path: Path, size: int) -> str:
    """A file and how big it is.

    >>> wrote(Path("my.world"), 1234)
    'my.world (1,234 bytes)'
    """
    return f"{path} ({size:,} bytes)"
