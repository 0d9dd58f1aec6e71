"""Ungroup: the nodes inside a node take its place."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import Places
from graphs.spec.document import (
    Document,
    GraphSpec,
    Name,
    NodeSpec,
    Pin,
    Wire,
    join,
)
from graphs.spec.edits.following import follow
from graphs.spec.edits.grouping import turning
from graphs.spec.edits.moves import Moves
from graphs.spec.edits.places import (
    all_nodes,
    body_at,
    frame_of,
    node_in,
    ordered,
    ordered_pins,
    refuse,
    refuse_staged,
    with_body,
    within,
)
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.topology import cycle


@dataclass(frozen=True, config=STRICT)
class Ungroup(Act):
    """Put the nodes inside a node in its place, wired as they were through it."""

    name: Name
    at: str = ""
    edit: Literal["Ungroup"] = "Ungroup"

    def __call__(self, document: Document) -> Document:
        """A name that is taken outside gets the first free number behind it."""
        body = body_at(document, self.at)
        node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        inner = body_at(document, here)
        refuse_staged(body, self.at, (self.name,))
        self._refuse_loops(body, inner, here)
        if inner.transition is not None or inner.cycle is not None:
            refuse(
                here, "what it says of a state would be lost", "take its transition or cycle away"
            )
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
                    if pin.node in inner.nodes
                },
            ),
        )

    @staticmethod
    def _refuse_ties(document: Document, here: str) -> None:
        frame = frame_of(here)
        places = Places(document).of(frame[1:]) if frame else [""]
        seen = {join(place, within(frame, here)) for place in places}
        for path, node in all_nodes(document):
            if node.tied_to in seen:
                refuse(here, f"{path!r} shares its block", f"untie {path!r} first")

    def _refuse_loops(self, body: GraphSpec, inner: GraphSpec, here: str) -> None:
        """Refuse where other nodes would run again and again, or as often as before no more."""
        if inner.loops != body.loops and cycle(inner):
            message = (
                f"its cycles run {inner.loops or 'no'} times, those outside {body.loops or 'no'}"
            )
            refuse(here, message, "make both the same first")
        if body.loops is not None and turning(body, {self.name}):
            refuse(here, "it runs in a cycle, from which some of its nodes would fall", "keep it")

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

    def _refuse_double(self, wires: list[Wire]) -> None:
        """Refuse two ways from one source to one port: as one wire they would count once."""
        if len(set(wires)) == len(wires):
            return
        double = next(wire for number, wire in enumerate(wires) if wire in wires[:number])
        message = f"two ways through it would become the one wire '{double}'"
        refuse(join(self.at, self.name), message, "disconnect one of them first")

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
        wires += [
            Wire(source(w.source), w.target) for w in body.wires if w.target.node != self.name
        ]
        self._refuse_double(wires)
        inputs = {}
        for outer, pins in body.inputs.items():
            led = [p for p in pins if p.node != self.name]
            for pin in pins:
                if pin.node == self.name:
                    led += [moved(p) for p in inner.inputs[pin.port]]
            self._refuse_double([Wire(Pin("input", outer), pin) for pin in led])
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
