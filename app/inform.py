"""`worldloom info`: everything that is known of a document, as data and as an outline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.errors import UsageError, plain
from app.outline import Outline, kind
from app.show import counted, number, pairs, problems, sheet
from app.workspace import Workspace, open_workspace
from graphs.learn.adapters import Adaptation
from graphs.learn.modes import Modes, Trained
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.infer import count, infer
from graphs.spec.check import inspect
from graphs.spec.document import Document, GraphSpec, NodeSpec, node_at
from graphs.spec.holdings import holdings
from graphs.spec.plan import Plan
from graphs.spec.problems import DocumentError, Problem, near


@dataclass
class Description:
    """What `info` found. Of a document with errors only what can be known without building."""

    title: str
    batch: int
    outline: Outline
    problems: list[Problem]
    plans: Mapping[str, Plan]
    holds: Mapping[str, Any] = field(default_factory=dict)
    trained: list[Trained] = field(default_factory=list)
    adaptation: Adaptation = field(default_factory=Adaptation)

    @property
    def root(self) -> GraphSpec:
        """The graph with its definitions put in place."""
        return self.outline.inspection.root

    @property
    def errors(self) -> list[Problem]:
        """What forbids building."""
        return [p for p in self.problems if p.severity == "error"]

    def as_data(self, under: str = "") -> dict[str, Any]:
        """For --json: with `under` only that node and what is inside."""
        return {
            "title": self.title,
            "level": self.root.level,
            "batch": self.batch,
            "plans": {name: plan.description for name, plan in self.plans.items()},
            "holds": dict(self.holds),
            "problems": [asdict(p) for p in self.problems],
            "nodes": {
                path: self._node(path, node)
                for path, node in self.root.walk()
                if not under or path == under or path.startswith(f"{under}.")
            },
            "parameters": self.outline.counts.get("", 0),
            "trained": [asdict(row) for row in self.trained],
        }

    def _node(self, path: str, node: NodeSpec) -> dict[str, Any]:
        found, costs = self.outline.inspection, self.outline.costs
        return {
            "type": node.type or ("graph" if node.body else ""),
            "tied_to": node.tied_to,
            "config": dict(node.config),
            "inputs": {name: str(port) for name, port in found.inputs.get(path, {}).items()},
            "outputs": {name: str(port) for name, port in found.outputs.get(path, {}).items()},
            "gives": self.outline.gives(path),
            "parameters": self.outline.counts.get(path, 0),
            "mode": self.outline.modes.get(path, ""),
            "stops_gradient": path in self.outline.inspection.stops,
            **({"cost": asdict(costs[path])} if path in costs else {}),
        }


def describe(
    file: Path, plan_name: str | None, batch: int, settings: list[str], under: str = ""
) -> Description:
    """Look at a document. Raises: UsageError when there is no such plan or node."""
    work = open_workspace(file, settings)
    plan = work.plan(plan_name)[1] if plan_name else None
    document = work.under(plan) if plan else work.document
    inspection = inspect(document, work.catalogue)
    if under and node_at(inspection.root, under) is None:
        paths = [path for path, _ in inspection.root.walk()]
        raise UsageError(f"there is no node {under!r}{near(under, paths)}")
    found = Description(
        document.title or file.stem,
        batch,
        Outline(inspection),
        list(inspection.problems),
        document.plans,
        holdings(document),
    )
    if any(not p.path.startswith("plans.") for p in inspection.errors):
        return found
    try:
        _build(found, work, document, plan)
    except DocumentError as error:  # what only building can find
        found.problems += error.problems
    return found


def _build(found: Description, work: Workspace, document: Document, plan: Plan | None) -> None:
    graph = work.build(document)
    found.outline.costs = infer(graph, run=Run(batch=found.batch))
    found.outline.counts = {path: count(block)[0] for path, block in (("", graph), *graph.blocks())}
    if plan is not None:
        modes = Modes(graph, plan)
        found.trained, found.adaptation = modes.explain(), modes.adaptation
        found.outline.modes = dict(_modes(graph, modes))


def _modes(graph: Graph, modes: Modes) -> Iterator[tuple[str, str]]:
    """The mode of every place that holds numbers; an adapted node holds new ones besides."""
    for place in modes.places:
        if count(place.block)[0]:
            yield place.path, modes.rule(place, 0).mode


def show(found: Description, console: Console, under: str = "", depth: int | None = None) -> None:
    """Print the outline, or one node of it; then plans, the sheet and the problems."""
    total = found.outline.counts.get("")
    facts = [found.root.level]
    if total is not None:
        facts += [f"{number(total)} parameters", f"shapes of {counted(found.batch, 'row')}"]
    console.print(f"[bold]{plain(found.title)}[/]  [dim]{', '.join(facts)}[/]")
    console.print(found.outline.table(console, under, depth))
    if under:
        _node(found, console, under)
    for path, error in found.outline.failures().items():
        console.print(f"[red]{path}[/]: {plain(error)}", soft_wrap=True)
    if found.outline.inspection.stops:
        console.print("[yellow]⊣[/] no gradient flows through it", soft_wrap=True)
    if not under:
        _holds(found, console)
    if found.plans and not under:
        console.print("\n[bold]plans[/]")
        pairs(console, {name: plan.description for name, plan in found.plans.items()})
    if found.trained:
        console.print()
        console.print(sheet(found.trained, found.adaptation))
    if found.problems:
        console.print()
        problems(console, found.problems)


def _holds(found: Description, console: Console) -> None:
    """Print which definitions the document holds, and which templates it was made from."""
    definitions, templates = found.holds["definitions"], found.holds["templates"]
    if definitions:
        console.print("\n[bold]definitions[/]")
        _rows(console, {n: ", ".join(at) or "used nowhere" for n, at in definitions.items()})
    if templates:
        console.print("\n[bold]made from[/]")
        rows = {}
        for path, came in templates.items():
            values = [f"{n}={brief(v)}" for n, v in came["values"].items()]
            name = f"{came['template']} at {path}" if path else came["template"]
            rows[name] = ", ".join(values) or "as it ships"
        _rows(console, rows)


def _rows(console: Console, rows: Mapping[str, str]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, text in rows.items():
        table.add_row(f"[bold]{plain(name)}[/]", plain(text))
    console.print(table)


def brief(value: Any) -> str:
    """A value in a few words.

    >>> brief("a world of handwritten digits: every turn somebody wishes for one")
    'a world of handwritten digits: every …'
    """
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:38]}…"


def _node(found: Description, console: Console, path: str) -> None:
    """Print the settings of one node and what its ports are wired to."""
    inspection, outer = found.outline.inspection, path.rpartition(".")[0]
    node = node_at(found.root, path)
    body = (node_at(found.root, outer) or NodeSpec()).body if outer else found.root
    if node is None or body is None:
        return
    name = path.rpartition(".")[2]
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("[bold]type[/]", "", Text(f"= {node.tied_to}" if node.tied_to else kind(node)))
    for key, value in node.config.items():
        table.add_row("[bold]config[/]", key, Text(json.dumps(value, ensure_ascii=False)))
    for port, said in inspection.inputs.get(path, {}).items():
        ends = [str(wire.source) for wire in body.wires if wire.target == (name, port)]
        ends += [f"input {n!r}" for n, pins in body.inputs.items() if (name, port) in pins]
        table.add_row("[bold]in[/]", port, Text(f"{said}  ← {', '.join(ends) or 'nothing'}"))
    gives = found.outline.gives(path)
    for port, said in inspection.outputs.get(path, {}).items():
        ends = [str(wire.target) for wire in body.wires if wire.source == (name, port)]
        ends += [f"output {n!r}" for n, pin in body.outputs.items() if (name, port) == pin]
        table.add_row(
            "[bold]out[/]", port, Text(f"{said}: {gives[port]}  → {', '.join(ends) or 'nothing'}")
        )
    console.print()
    console.print(table)
