"""What the command line prints: tables, trees and figures, as rich draws them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table
from rich.tree import Tree

from graphs.learn.adapters import Adaptation
from graphs.learn.fit import Summary
from graphs.learn.modes import Trained
from graphs.live.infer import NodeCost
from graphs.spec import shapes
from graphs.spec.catalogue import Catalogue, PortType
from graphs.spec.check import Inspection
from graphs.spec.document import GRAPH_TYPE, GraphSpec, NodeSpec, join
from graphs.spec.problems import Problem

MODE_STYLES = {"train": "green", "partial": "yellow", "lora": "magenta", "frozen": "blue"}


def number(value: float) -> str:
    """A count as people say it.

    >>> number(1812362), number(950)
    ('1.81M', '950')
    """
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(8), duration(95), duration(3700)
    ('8 s', '1 min 35 s', '1 h 1 min')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def problem_table(problems: Iterable[Problem]) -> Table:
    """Where, which port, what is wrong."""
    table = Table(box=None, pad_edge=False)
    for heading in ("node", "port", "problem", "code"):
        table.add_column(heading, overflow="fold")
    for p in problems:
        style = "red" if p.severity == "error" else "yellow"
        table.add_row(p.path or "(root)", p.port, f"[{style}]{_plain(p.message)}[/]", p.code)
    return table


def block_table(catalogue: Catalogue) -> Table:
    """All block types by category."""
    table = Table(box=None, pad_edge=False)
    for heading in ("category", "block", "in", "out", "what it does"):
        table.add_column(heading, overflow="fold")
    for kind in sorted(catalogue.types.values(), key=lambda t: (t.category, t.name)):
        table.add_row(
            kind.category,
            f"[bold]{kind.name}[/]",
            ", ".join(kind.inputs),
            ", ".join(kind.outputs),
            _plain(kind.summary),
        )
    return table


def world_tree(
    title: str,
    found: Inspection,
    costs: Mapping[str, NodeCost],
    counts: Mapping[str, int],
    modes: Mapping[str, str],
) -> Tree:
    """The whole document as a tree: type, ports with shapes, parameters, mode."""
    level = found.root.level
    tree = Tree(f"[bold]{_plain(title)}[/] [dim]{level}[/] {number(counts.get('', 0))} parameters")
    _branch(tree, found.root, "", found, costs, counts, modes)
    return tree


def _branch(
    tree: Tree,
    body: GraphSpec,
    path: str,
    found: Inspection,
    costs: Mapping[str, NodeCost],
    counts: Mapping[str, int],
    modes: Mapping[str, str],
) -> None:
    for name, node in body.nodes.items():
        here = join(path, name)
        parts = [f"[bold]{name}[/]", f"[cyan]{_kind(node)}[/]"]
        if node.label:
            parts.append(f"[italic]{_plain(node.label)}[/]")
        if node.tied_to:
            parts.append(f"[dim]= {node.tied_to}[/]")
        elif counts.get(here):
            parts.append(f"{number(counts[here])} parameters")
        if mode := modes.get(here):
            parts.append(f"[{MODE_STYLES[mode]}]{mode}[/]")
        if (cost := costs.get(here)) and cost.flops:
            parts.append(f"[dim]{number(cost.flops)}FLOP[/]")
        parts.append(f"[dim]{_ports(here, found, costs)}[/]")
        if cost and cost.error:
            parts.append(f"[red]{_plain(cost.error)}[/]")
        branch = tree.add(" ".join(parts))
        if node.body:
            _branch(branch, node.body, here, found, costs, counts, modes)


def _kind(node: NodeSpec) -> str:
    if node.tied_to:
        return "shared"
    kind = node.type or GRAPH_TYPE
    return str(node.level) if kind == GRAPH_TYPE and node.body else kind


def _ports(path: str, found: Inspection, costs: Mapping[str, NodeCost]) -> str:
    inputs, outputs = found.inputs.get(path, {}), found.outputs.get(path, {})
    known = costs[path].outputs if path in costs else {}

    def out(port: PortType) -> str:
        shape = known.get(port.name) or shapes.show(found.shapes.get(f"{path}.{port.name}", ()))
        return f"{port.name}: {shape}"

    return f"({', '.join(inputs)}) → {', '.join(out(p) for p in outputs.values())}"


def sheet(rows: list[Trained], adaptation: Adaptation, limit: int = 0) -> Table:
    """What will train: one line a node, or a parameter when there are few."""
    total = sum(row.count for row in rows)
    table = Table(
        title=f"What will train: {number(total)} numbers",
        box=None,
        pad_edge=False,
        title_justify="left",
    )
    for heading in ("node", "mode", "parameters", "numbers", "lr", "decay", "steps"):
        table.add_column(
            heading, justify="right" if heading in ("numbers", "lr", "decay") else "left"
        )
    grouped: dict[tuple[str, str, float, float, int, int | None], list[Trained]] = {}
    for row in rows:
        key = (row.node, row.mode, row.lr, row.weight_decay, row.from_step, row.until_step)
        grouped.setdefault(key, []).append(row)
    for (node, mode, lr, decay, start, end), group in grouped.items():
        names = ", ".join(row.parameter for row in group)
        when = (
            "all"
            if (start, end) == (0, None)
            else f"{start} to {'the end' if end is None else end}"
        )
        table.add_row(
            node,
            f"[{MODE_STYLES[mode]}]{mode}[/]",
            names if len(names) < 48 else f"{len(group)} tensors",
            number(sum(row.count for row in group)),
            f"{lr:g}",
            f"{decay:g}",
            when,
        )
    for path, reason in adaptation.skipped:
        table.add_row(path, "[dim]not adapted[/]", f"[dim]{_plain(reason)}[/]", "", "", "", "")
    return table


def summary_table(name: str, done: Summary, sizes: Mapping[str, str]) -> Table:
    """How a training ended."""
    table = Table(
        title=f"Plan {name}", show_header=False, box=None, pad_edge=False, title_justify="left"
    )
    rate = done.rows / done.seconds if done.seconds else 0.0
    table.add_row("steps", f"{done.steps:,}")
    table.add_row("samples", f"{done.rows:,}")
    table.add_row("time", f"{duration(done.seconds)} ({rate:,.0f} samples/s)")
    table.add_row("last loss", f"{done.loss:.5g}")
    if done.best is not None:
        table.add_row("best", f"{done.best:.5g} at step {done.best_step:,}")
    if done.stopped:
        table.add_row("stopped", done.stopped)
    for key, value in sizes.items():
        table.add_row(key, value)
    return table


def _plain(text: str) -> str:
    return text.replace("[", r"\[")
