"""Group: nodes become one, whose exposed ports stand for the wires across its border."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

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
from graphs.spec.edits.following import follow
from graphs.spec.edits.moves import Moves
from graphs.spec.edits.nodes import free_name
from graphs.spec.edits.places import (
    body_at,
    brief,
    frame_of,
    node_in,
    ordered,
    ordered_pins,
    refuse,
    refuse_staged,
    with_body,
    within,
    without,
)
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.levels import GRAPH, Level
from graphs.spec.topology import ancestors, components, cycle, descendants


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
    level: Level = GRAPH
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
        refuse_staged(body, self.at, names)
        self._refuse_way_round(body, names)
        across = border(body, names, join(self.at, self.into), self.any_order)
        frame = frame_of(self.at)
        here = within(frame, self.at)
        moves = Moves({join(here, n): join(here, self.into, n) for n in sorted(names)})
        new = with_body(document, self.at, self._grouped(body, names, across))
        return follow(document, new, frame, moves, added=join(here, self.into))

    def _refuse_way_round(self, body: GraphSpec, names: Set[str]) -> None:
        between = descendants(body, names) & ancestors(body, names)
        if between and (body.loops is not None or not cycle(body)):
            message = f"a path leaves the group and comes back through {brief(sorted(between))}"
            refuse(join(self.at, self.into), message, "select that too")

    def _grouped(self, body: GraphSpec, names: Set[str], across: Border) -> GraphSpec:
        inner = GraphSpec(
            level=self.level,
            nodes={n: node for n, node in body.nodes.items() if n in names},
            wires=across.inner,
            loops=body.loops if body.loops and turning(body, names) else None,
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


def turning(body: GraphSpec, names: Set[str]) -> bool:
    """Whether one of these nodes is on a cycle of wires of the body."""
    looping = {wire.source.node for wire in body.wires if wire.source.node == wire.target.node}
    return any(
        len(members) > 1 or members[0] in looping
        for members in components(body)
        if not names.isdisjoint(members)
    )
