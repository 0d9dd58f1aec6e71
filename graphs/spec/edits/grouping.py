"""Edits that put nodes into one, take one apart, and carry nodes between bodies."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.document import (
    GRAPH_TYPE,
    Document,
    GraphSpec,
    Name,
    NodeSpec,
    Pin,
    Wire,
    join,
)
from graphs.spec.edits.borders import Border, border
from graphs.spec.edits.following import Moves, follow
from graphs.spec.edits.nodes import free_name
from graphs.spec.edits.places import (
    body_at,
    brief,
    frame_of,
    node_in,
    ordered,
    ordered_pins,
    refuse,
    with_body,
    with_nodes,
    within,
    without,
)
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.levels import Level
from graphs.spec.topology import ancestors, cycle, descendants


@dataclass(frozen=True, config=STRICT)
class Group(Act):
    """Put nodes into one new node. Wires across its border become exposed ports.

    One source that feeds several of them becomes one input; an output that is used outside becomes
    one output. Nothing computes otherwise than before: where the order of wires into a port cannot
    be kept, `any_order` must say that it does not matter.
    """

    names: tuple[Name, ...]
    into: Name
    at: str = ""
    level: Level = Level.GRAPH
    type: str = GRAPH_TYPE
    any_order: bool = False
    edit: Literal["Group"] = "Group"

    def __call__(self, document: Document) -> Document:
        """No path may leave the group and come back, or the whole would be a cycle."""
        body = body_at(document, self.at)
        names = set(self.names)
        for name in self.names:
            node_in(body, self.at, name)
        if not names:
            refuse(self.at, "expected nodes to group, got none", "select at least one")
        free_name(without(body, names), self.at, self.into)
        self._refuse_way_round(body, names)
        across = border(body, names, join(self.at, self.into), self.any_order)
        frame = frame_of(self.at)
        here = within(frame, self.at)
        moves = Moves({join(here, n): join(here, self.into, n) for n in sorted(names)})
        new = with_body(document, self.at, self._grouped(body, names, across))
        return follow(document, new, frame, moves, added=(self.at, self.into))

    def _refuse_way_round(self, body: GraphSpec, names: Set[str]) -> None:
        between = descendants(body, names) & ancestors(body, names)
        if between and not cycle(body):
            message = f"a path leaves the group and comes back through {brief(sorted(between))}"
            refuse(join(self.at, self.into), message, "select that too")

    def _grouped(self, body: GraphSpec, names: Set[str], across: Border) -> GraphSpec:
        inner = GraphSpec(
            level=self.level,
            nodes={n: node for n, node in body.nodes.items() if n in names},
            wires=across.inner,
            inputs=dict(sorted(across.inputs.items())),
            outputs=dict(sorted(across.outputs.items())),
        )
        nodes: dict[str, NodeSpec] = {}
        for name, node in body.nodes.items():
            if name not in names:
                nodes[name] = node
            elif self.into not in nodes:
                nodes[self.into] = NodeSpec(type=self.type, body=inner)
        sources = {pin: Pin(self.into, outer) for outer, pin in across.outputs.items()}
        wires = []
        for wire in body.wires:
            if wire in across.entries:
                wires.append(Wire(wire.source, Pin(self.into, across.entries[wire])))
            elif wire.target.node not in names:
                wires.append(Wire(sources.get(wire.source, wire.source), wire.target))
        inputs = {}
        for outer, pins in body.inputs.items():
            kept = [p for p in pins if p.node not in names]
            if len(kept) < len(pins):
                kept.append(Pin(self.into, across.shared[outer]))
            inputs[outer] = ordered_pins(kept)
        outputs = {outer: sources.get(pin, pin) for outer, pin in body.outputs.items()}
        return body.model_copy(
            update={"nodes": nodes, "wires": ordered(wires), "inputs": inputs, "outputs": outputs}
        )

    def _says(self) -> str:
        return f"Group {brief(self.names)} into {self.into}"


@dataclass(frozen=True, config=STRICT)
class Ungroup(Act):
    """Put the nodes inside a node in its place, wired as they were through it."""

    name: Name
    at: str = ""
    edit: Literal["Ungroup"] = "Ungroup"

    def __call__(self, document: Document) -> Document:
        """A name that is taken outside gets the first free number behind it."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        inner = body_at(document, here)
        self._refuse_ties(document, here)
        self._refuse_loose(body, inner, here)
        names = _free_names(inner, set(body.nodes) - {self.name})
        new = with_body(document, self.at, self._dissolved(body, inner, names))
        frame = frame_of(self.at)
        around, old = within(frame, self.at), within(frame, here)
        return follow(
            document,
            new,
            frame,
            Moves(
                {join(old, n): join(around, to) for n, to in names.items()},
                {old: tuple((n, join(around, to)) for n, to in names.items())},
                {
                    f"{old}.{outer}": f"{join(around, names[pin.node])}.{pin.port}"
                    for outer, pin in inner.outputs.items()
                    if pin.node in node_names(node)
                },
            ),
        )

    @staticmethod
    def _refuse_ties(document: Document, here: str) -> None:
        for path, node in document.root.walk():
            if node.tied_to == here:
                refuse(here, f"{path!r} shares its block", f"untie {path!r} first")

    def _refuse_loose(self, body: GraphSpec, inner: GraphSpec, here: str) -> None:
        """Refuse what would be cut off: wires to ports that the inside does not show."""
        into = [w.target.port for w in body.wires if w.target.node == self.name]
        into += [p.port for pins in body.inputs.values() for p in pins if p.node == self.name]
        out = [w.source.port for w in body.wires if w.source.node == self.name]
        out += [p.port for p in body.outputs.values() if p.node == self.name]
        for side, used, ports in (("input", into, inner.inputs), ("output", out, inner.outputs)):
            for port in used:
                if port not in ports:
                    message = f"a wire uses {side} {port!r}, which the inside does not show"
                    refuse(here, message, "disconnect it first")
        for outer, pin in inner.outputs.items():
            if outer in out and pin.node not in inner.nodes:
                refuse(here, f"output {outer!r} shows '{pin}', which does not exist", "hide it")

    def _dissolved(self, body: GraphSpec, inner: GraphSpec, names: dict[str, str]) -> GraphSpec:
        def moved(pin: Pin) -> Pin:
            return Pin(names.get(pin.node, pin.node), pin.port)

        def source(pin: Pin) -> Pin:
            return moved(inner.outputs[pin.port]) if pin.node == self.name else pin

        entering: dict[str, list[Pin]] = {}
        for wire in body.wires:
            if wire.target.node == self.name:
                entering.setdefault(wire.target.port, []).append(source(wire.source))
        wires = [
            Wire(start, moved(pin))
            for outer, pins in inner.inputs.items()  # first, as exposed inputs are read first
            for start in entering.get(outer, ())
            for pin in pins
        ]
        wires += [Wire(moved(w.source), moved(w.target)) for w in inner.wires]
        wires += [Wire(source(w.source), w.target) for w in body.wires if w.target.node != self.name]
        inputs = {}
        for outer, pins in body.inputs.items():
            led = [p for p in pins if p.node != self.name]
            for pin in pins:
                if pin.node == self.name:
                    led += [moved(p) for p in inner.inputs[pin.port]]
            inputs[outer] = ordered_pins(led)
        nodes: dict[str, NodeSpec] = {}
        for name, node in body.nodes.items():
            if name == self.name:
                nodes.update({names[n]: child for n, child in inner.nodes.items()})
            else:
                nodes[name] = node
        return body.model_copy(
            update={
                "nodes": nodes,
                "wires": ordered(wires),
                "inputs": inputs,
                "outputs": {outer: source(pin) for outer, pin in body.outputs.items()},
            }
        )

    def _says(self) -> str:
        return f"Ungroup {self.name}"


@dataclass(frozen=True, config=STRICT)
class MoveNodes(Act):
    """Carry nodes from one body into another; their weights, rules and losses follow."""

    names: tuple[Name, ...]
    at: str
    to: str
    edit: Literal["MoveNodes"] = "MoveNodes"

    def __call__(self, document: Document) -> Document:
        """No wire and no exposed port may join them to what stays behind."""
        names = set(self.names)
        source, target = body_at(document, self.at), body_at(document, self.to)
        for name in self.names:
            node_in(source, self.at, name)
            self._refuse_inside(join(self.at, name))
        if not names or self.at == self.to:
            return document
        frame = frame_of(self.at)
        if frame != frame_of(self.to):
            message = "a definition's nodes are many at once, one in each instance"
            refuse(self.at, message, "move within it, or add copies and remove these")
        for name in self.names:
            free_name(target, self.to, name)
        self._refuse_crossing(source, names)
        own = [w for w in source.wires if w.source.node in names]
        new = with_body(document, self.at, without(source, names))
        target = with_nodes(body_at(new, self.to), {n: source.nodes[n] for n in self.names})
        wired = target.model_copy(update={"wires": ordered([*target.wires, *own])})
        new = with_body(new, self.to, wired)
        old, to = within(frame, self.at), within(frame, self.to)
        return follow(document, new, frame, Moves({join(old, n): join(to, n) for n in self.names}))

    def _refuse_inside(self, here: str) -> None:
        if self.to == here or self.to.startswith(f"{here}."):
            refuse(here, f"expected a body outside it, got {self.to!r}", "choose another body")

    def _refuse_crossing(self, body: GraphSpec, names: Set[str]) -> None:
        for wire in body.wires:
            if (wire.source.node in names) != (wire.target.node in names):
                refuse(self.at, f"wire '{wire}' would be torn", "disconnect it, or move both ends")
        exposed: list[tuple[str, Any]] = [*body.inputs.items()]
        exposed += [(outer, (pin,)) for outer, pin in body.outputs.items()]
        for outer, pins in exposed:
            for pin in pins:
                if pin.node in names:
                    refuse(self.at, f"exposed port {outer!r} shows '{pin}'", "hide it first")

    def _says(self) -> str:
        return f"Move {brief(self.names)} to {self.to or 'the top'}"


def node_names(node: NodeSpec) -> Set[str]:
    """The names inside a node."""
    return node.body.nodes.keys() if node.body is not None else frozenset()


def _free_names(inner: GraphSpec, taken: Set[str]) -> dict[str, str]:
    """A name outside for every node inside: its own where that is free."""
    names: dict[str, str] = {}
    used = set(taken) | set(inner.nodes)
    for name in inner.nodes:
        free, number = name, 2
        while free in taken if free == name else free in used:
            free, number = f"{name}_{number}", number + 1
        names[name] = free
        used.add(free)
    return names
