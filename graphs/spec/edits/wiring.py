"""Edits of wires and of what a body shows outside."""

from __future__ import annotations

from typing import Literal

from pydantic import NonNegativeInt
from pydantic.dataclasses import dataclass

from graphs.spec.document import Document, GraphSpec, Name
from graphs.spec.edits.places import body_at, node_in, ordered, ordered_pins, refuse, with_body
from graphs.spec.edits.values import STRICT, Act, OnePin, OneWire
from graphs.spec.problems import near

Side = Literal["input", "output"]


@dataclass(frozen=True, config=STRICT)
class Connect(Act):
    """Draw a wire. Wires already at its target are replaced, or it joins them.

    `place` is its place among the wires into that port, which list and concat ports read; last
    when not given. Connecting again moves a wire.
    """

    wire: OneWire
    at: str = ""
    replace: bool = True
    place: NonNegativeInt | None = None
    edit: Literal["Connect"] = "Connect"

    def __call__(self, document: Document) -> Document:
        """Both nodes must exist; whether the ports fit is for check to say."""
        body = body_at(document, self.at)
        for end in self.wire:
            node_in(body, self.at, end.node)
        into = [w for w in body.wires if w.target == self.wire.target]
        if self.replace:
            made = [self.wire]
        elif self.wire in into and self.place is None:
            return document
        else:
            made = [w for w in into if w != self.wire]
            made.insert(len(made) if self.place is None else self.place, self.wire)
        if made == into:
            return document
        others = [w for w in body.wires if w.target != self.wire.target]
        return _rewired(document, self.at, body, [*others, *made])

    def _says(self) -> str:
        return f"Connect {self.wire}"


@dataclass(frozen=True, config=STRICT)
class Disconnect(Act):
    """Take a wire away."""

    wire: OneWire
    at: str = ""
    edit: Literal["Disconnect"] = "Disconnect"

    def __call__(self, document: Document) -> Document:
        """The wire must exist."""
        body = body_at(document, self.at)
        if self.wire not in body.wires:
            known = near(str(self.wire), map(str, body.wires))
            refuse(self.at, f"there is no wire '{self.wire}'{known}", "name one that exists")
        return _rewired(document, self.at, body, [w for w in body.wires if w != self.wire])

    def _says(self) -> str:
        return f"Disconnect {self.wire}"


@dataclass(frozen=True, config=STRICT)
class Expose(Act):
    """Show an inner port outside under a name; an input may lead to several inner ports."""

    side: Side
    outer: Name
    pin: OnePin
    at: str = ""
    edit: Literal["Expose"] = "Expose"

    def __call__(self, document: Document) -> Document:
        """The node must exist; an output's name must be free."""
        body = body_at(document, self.at)
        node_in(body, self.at, self.pin.node)
        if self.side == "input":
            pins = body.inputs.get(self.outer, ())
            if self.pin in pins:
                return document
            inputs = {**body.inputs, self.outer: ordered_pins([*pins, self.pin])}
            change = {"inputs": dict(sorted(inputs.items()))}
        else:
            if body.outputs.get(self.outer) == self.pin:
                return document
            if self.outer in body.outputs:
                message = f"output {self.outer!r} already shows '{body.outputs[self.outer]}'"
                refuse(self.at, message, "hide it first, or choose another name")
            change = {"outputs": dict(sorted({**body.outputs, self.outer: self.pin}.items()))}
        return with_body(document, self.at, body.model_copy(update=change))

    def _says(self) -> str:
        return f"Expose {self.pin} as {self.side} {self.outer}"


@dataclass(frozen=True, config=STRICT)
class Hide(Act):
    """Take an exposed port away; with `pin` an input only stops leading there."""

    side: Side
    outer: Name
    pin: OnePin | None = None
    at: str = ""
    edit: Literal["Hide"] = "Hide"

    def __call__(self, document: Document) -> Document:
        """The port must be exposed. Wires to it outside stay; check reports them."""
        body = body_at(document, self.at)
        ports = body.inputs if self.side == "input" else body.outputs
        if self.outer not in ports:
            known = near(self.outer, ports)
            refuse(
                self.at, f"there is no exposed {self.side} {self.outer!r}{known}", "name another"
            )
        pins = ports[self.outer] if self.side == "input" else (ports[self.outer],)
        if self.pin is not None and self.pin not in pins:
            led = ", ".join(map(str, pins))
            message = f"{self.side} {self.outer!r} does not lead to '{self.pin}'"
            refuse(self.at, message, f"it leads to {led}")
        left = tuple(p for p in pins if p != self.pin) if self.pin is not None else ()
        kept = {n: p for n, p in ports.items() if n != self.outer}
        if left:
            kept = {n: left if n == self.outer else p for n, p in ports.items()}
        change = {f"{self.side}s": kept}
        return with_body(document, self.at, body.model_copy(update=change))

    def _says(self) -> str:
        return f"Hide {self.side} {self.outer}"


def _rewired(document: Document, at: str, body: GraphSpec, wires: list[OneWire]) -> Document:
    return with_body(document, at, body.model_copy(update={"wires": ordered(wires)}))
