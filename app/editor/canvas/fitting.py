"""What may be wired to what, and why not, said before the wire is let go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from app.editor.canvas.facts import Facts
from app.editor.canvas.scene import Scene
from app.editor.language import _
from graphs.spec import shapes
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.configs import defaults
from graphs.spec.document import Pin
from graphs.spec.shapes import Shape
from graphs.spec.topology import ancestors, descendants

Side = Literal["in", "out"]
OTHER: dict[Side, Side] = {"in": "out", "out": "in"}


def refusal(scene: Facts, source: Pin, target: Pin) -> str:
    """Why an output cannot feed an input, "" when it can."""
    return _refusal(scene, source, target, target.node in ring(scene, source.node, "out"))


def offers(scene: Scene, pin: Pin, side: Side) -> dict[Pin, str]:
    """Every port that a wire from this one may look for, and why it cannot end there, "" if it can."""
    closing = ring(scene, pin.node, side)
    found = {}
    for name in scene.names:
        for port in scene.ports(name)[side == "in"]:
            other = Pin(name, port)
            a, b = (pin, other) if side == "out" else (other, pin)
            found[other] = _refusal(scene, a, b, name in closing)
    return found


def ring(scene: Facts, name: str, side: Side) -> set[str]:
    """The nodes at whose other side a wire from here would close a cycle that nothing runs."""
    body = scene.body
    if body.loops is not None:
        return set()
    return {name} | (ancestors if side == "out" else descendants)(body, [name])


def _refusal(scene: Facts, source: Pin, target: Pin, looping: bool) -> str:
    out, into = scene.port(source, "out"), scene.port(target, "in")
    if out is None or into is None:
        return _("there is no such port")
    if looping:
        if source.node == target.node:
            return _("a node cannot feed itself here")
        told = _("{target} feeds {source} already: it would be a cycle")
        return told.format(target=target.node, source=source.node)
    if not _kinds(out, into):
        return _("takes {wanted}, this is {given}").format(wanted=into.kind, given=out.kind)
    shape = scene.shape(source)
    return "" if shape is None else _unlike(scene, shape, target, into)


def _kinds(out: PortType, into: PortType) -> bool:
    return "any" in (out.kind, into.kind) or out.kind == into.kind


def bindings(scene: Facts, target: Pin) -> shapes.Bindings:
    """What a node's other inputs say of its axes already."""
    bound: shapes.Bindings = {}
    config, inputs = scene.config(target.node), scene.ports(target.node)[0]
    for wire in scene.wires_of(target.node):
        other = inputs.get(wire.target.port)
        if wire.target.node != target.node or wire.target == target or other is None:
            continue
        known = scene.shape(wire.source)
        if known is not None and other.many == "single":
            shapes.match(shapes.axes(other.dims), known, bound, config)
    return bound


def _unlike(scene: Facts, shape: Shape, target: Pin, into: PortType) -> str:
    """How a shape contradicts a port, with what the node's other inputs say already."""
    config, bound = scene.config(target.node), bindings(scene, target)
    pattern = shapes.axes(into.dims)
    if shapes.match(pattern, shape, bound, config):
        return ""
    wanted = shapes.produce(pattern, bound, config)
    told = _("takes {wanted}, this is {given}")
    return told.format(wanted=shapes.show(wanted), given=shapes.show(shape))


def matching(
    catalogue: Catalogue, port: PortType, shape: Shape | None, side: Side
) -> Iterator[tuple[BlockType, str]]:
    """The block types that a wire from a port can end at, each with the first port that takes it."""
    for kind in catalogue.types.values():
        config = defaults(kind)
        for other in (kind.inputs if side == "out" else kind.outputs).values():
            out, into = (port, other) if side == "out" else (other, port)
            if not _kinds(out, into):
                continue
            if side == "out" and shape is not None:
                if not shapes.match(shapes.axes(other.dims), shape, {}, config):
                    continue
            elif side == "in":
                given = shapes.produce(shapes.axes(other.dims), {}, config)
                if not shapes.match(shapes.axes(port.dims), given, {}, {}):
                    continue
            yield kind, other.name
            break
