"""MoveNodes: nodes go from one body into another."""

from __future__ import annotations

from collections.abc import Set
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.document import (
    Document,
    GraphSpec,
    Name,
    join,
)
from graphs.spec.edits.following import follow
from graphs.spec.edits.grouping import turning
from graphs.spec.edits.moves import Moves
from graphs.spec.edits.nodes import free_name
from graphs.spec.edits.places import (
    body_at,
    brief,
    frame_of,
    node_in,
    ordered,
    refuse,
    refuse_staged,
    with_body,
    with_nodes,
    within,
    without,
)
from graphs.spec.edits.values import STRICT, Act


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
        refuse_staged(source, self.at, names)
        frame = frame_of(self.at)
        if frame != frame_of(self.to):
            message = "a definition's nodes are many at once, one in each instance"
            refuse(self.at, message, "move within it, or add copies and remove these")
        for name in self.names:
            free_name(target, self.to, name)
        self._refuse_crossing(source, names)
        if source.loops != target.loops and turning(source, names):
            message = (
                f"its cycles run {source.loops or 'no'} times, those there {target.loops or 'no'}"
            )
            refuse(self.at, message, "make both the same first")
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
