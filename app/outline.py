"""A document as an outline: one line for each node, what is inside it below and further right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.errors import plain
from app.show import MODE_STYLES, number
from graphs.spec import shapes
from graphs.spec.check import Inspection
from graphs.spec.document import GRAPH_TYPE, GraphSpec, NodeSpec, join, node_at

if TYPE_CHECKING:
    from graphs.live.infer import NodeCost

OWN = "core/"  # our own pack, whose name goes without saying
WIDE = 110  # columns from which labels are shown too
_TENSOR = re.compile(r"(?P<dtype>\w+) \((?P<sizes>[\d, ]*)\)")


@dataclass
class Outline:
    """What is known of each node, by path."""

    inspection: Inspection
    costs: Mapping[str, NodeCost] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)

    def table(self, console: Console, under: str = "", depth: int | None = None) -> Table:
        """The nodes below `under`, at most `depth` levels of them."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("node", no_wrap=True)
        table.add_column("type", overflow="fold")
        if console.width >= WIDE:
            table.add_column("label", style="italic")
        table.add_column("params", justify="right", no_wrap=True)
        if self.modes:
            table.add_column("mode", no_wrap=True)
        if self.costs:
            table.add_column("flop", justify="right", no_wrap=True, style="dim")
        table.add_column("gives", overflow="fold")
        for path, node, level in self._nodes(under):
            if depth is None or level < depth:
                self._row(table, console, path, node, level)
        return table

    def failures(self) -> dict[str, str]:
        """The nodes whose shapes cannot be known without running, and why."""
        return {path: cost.error for path, cost in self.costs.items() if cost.error}

    def gives(self, path: str) -> dict[str, str]:
        """What each output of a node gives: "32 1 8 8", or "b 256" where sizes are not known."""
        node = node_at(self.inspection.root, path)
        ports = self.inspection.outputs.get(path, {})
        return {port: self._shape(path, node, port) for port in ports}

    def _nodes(self, under: str) -> Iterator[tuple[str, NodeSpec, int]]:
        start = node_at(self.inspection.root, under) if under else None
        body = start.body if start else self.inspection.root
        if start is not None:
            yield under, start, 0
        for path, node in (body or GraphSpec()).walk():
            yield join(under, path), node, path.count(".") + (1 if under else 0)

    def _row(self, table: Table, console: Console, path: str, node: NodeSpec, level: int) -> None:
        name = path if not level else path.rpartition(".")[2]
        mode = self.modes.get(path, "")
        cost = self.costs.get(path)
        stop = " [yellow]⊣[/]" if path in self.inspection.stops else ""
        cells: list[str | Text] = [
            f"{'  ' * level}[bold]{name}[/]",
            f"[dim]= {node.tied_to}[/]" if node.tied_to else f"[cyan]{plain(kind(node))}[/]{stop}",
        ]
        if console.width >= WIDE:
            cells.append(plain(node.label))
        count = 0 if node.tied_to else self.counts.get(path, 0)
        cells.append(number(count) if count else "")
        if self.modes:
            cells.append(f"[{MODE_STYLES[mode]}]{mode}[/]" if mode else "")
        if self.costs:
            cells.append(number(cost.flops) if cost and cost.flops else "")
        cells.append(self._outputs(path, node))
        table.add_row(*cells)

    def _outputs(self, path: str, node: NodeSpec) -> Text:
        if (cost := self.costs.get(path)) and cost.error:
            return Text("cannot be computed", style="red")
        found = self.gives(path)
        if list(found) == ["out"]:
            return Text(next(iter(found.values())))
        return Text("\n".join(f"{port} {shape}" for port, shape in found.items()))

    def _shape(self, path: str, node: NodeSpec | None, port: str) -> str:
        inner, name = path, port
        while inner not in self.costs and (node := self._shared(node)) is not None and node.body:
            pin = node.body.outputs.get(name)
            if pin is None:
                break
            inner, name, node = join(inner, pin.node), pin.port, node.body.nodes.get(pin.node)
        cost = self.costs.get(inner)
        if cost is not None and name in cost.outputs:
            return short(cost.outputs[name])
        known = self.inspection.shapes.get(f"{path}.{port}", shapes.UNKNOWN)
        return "?" if known == shapes.UNKNOWN else shapes.show(known)

    def _shared(self, node: NodeSpec | None) -> NodeSpec | None:
        """The node, or the one whose block it shares."""
        tied = node_at(self.inspection.root, node.tied_to) if node and node.tied_to else None
        return tied or node


def kind(node: NodeSpec) -> str:
    """What a node is, in a word."""
    name = node.type or GRAPH_TYPE
    if name == GRAPH_TYPE and node.body:
        return str(node.level)
    return name.removeprefix(OWN)


def short(value: str) -> str:
    """A value as the engine describes it, shorter; float32 goes without saying.

    >>> short("float32 (32, 1, 8, 8)"), short("int64 (32,)"), short("float32 ()"), short("str")
    ('32 1 8 8', 'int64 32', '()', 'str')
    """
    found = _TENSOR.fullmatch(value)
    if found is None:
        return value
    sizes = found["sizes"].replace(",", " ").split()
    dtype = "" if found["dtype"] == "float32" else f"{found['dtype']} "
    return dtype + (" ".join(sizes) or "()")
