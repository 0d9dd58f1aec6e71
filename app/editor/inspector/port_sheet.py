"""Ports on a sheet: what flows, from where, to where, and whether a port is seen outside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Literal

from app.editor import terms
from app.editor.inspector.acts import Act, Do, Jump
from app.editor.inspector.rows import PortRow, Section, Way
from app.editor.language import _
from app.editor.studio import Studio
from graphs.spec import shapes
from graphs.spec.catalogue import PortType
from graphs.spec.document import GraphSpec, Pin, join
from graphs.spec.edits import Expose, Hide


def port_section(studio: Studio, name: str) -> Section:
    """The ports of one node."""
    inputs, outputs = studio.scene.ports(name)
    rows = [_in(studio, name, port) for port in inputs.values()]
    rows += [_out(studio, name, port) for port in outputs.values()]
    return Section("ports", _("Ports"), tuple(rows))


def _in(studio: Studio, name: str, port: PortType) -> PortRow:
    scene, pin = studio.scene, Pin(name, port.name)
    sources = [w.source for w in scene.wires_of(name) if w.target == pin]
    found = [scene.shape(source) for source in sources]
    known = found[0] if found else None
    outers = [outer for outer, pins in scene.body.inputs.items() if pin in pins]
    return PortRow(
        port.name, port.kind, _shape(port, known), "in",
        ways=tuple(Way(str(s), Jump(scene.path(s.node))) for s in sources),
        outside=", ".join(outers), toggle=_toggled(studio, pin, "input", outers),
        problem=_problem(studio, pin), help=_help(port),
    )  # fmt: skip


def _out(studio: Studio, name: str, port: PortType) -> PortRow:
    scene, pin = studio.scene, Pin(name, port.name)
    targets = [w.target for w in scene.wires_of(name) if w.source == pin]
    outers = [outer for outer, shown in scene.body.outputs.items() if shown == pin]
    return PortRow(
        port.name, port.kind, _shape(port, scene.shape(pin)), "out",
        ways=tuple(Way(str(t), Jump(scene.path(t.node))) for t in targets),
        outside=", ".join(outers), toggle=_toggled(studio, pin, "output", outers),
        problem=_problem(studio, pin), help=_help(port),
    )  # fmt: skip


def _shape(port: PortType, shape: shapes.Shape | None) -> str:
    """What is known of the shape, else what the port says."""
    if shape is not None and shape != shapes.UNKNOWN:
        return shapes.show(shape)
    return port.dims


def _help(port: PortType) -> str:
    said = [str(port)]
    if not port.required:
        said.append(_("may be left free"))
    many = {
        "sum": _("several wires are summed"),
        "concat": _("several wires are joined"),
        "list": _("takes several wires, as a list"),
        "dict": _("takes several wires, by name"),
        "first": _("takes the first that gives something"),
    }
    if port.many in many:
        said.append(many[port.many])
    return "\n".join(said)


def _problem(studio: Studio, pin: Pin) -> str:
    found = studio.scene.problems(pin.node)
    return "\n".join(terms.sentence(p.message) for p in found if p.port == pin.port)


def _toggled(studio: Studio, pin: Pin, side: Literal["input", "output"], outers: list[str]) -> Act:
    """Show the port outside, or hide it."""
    at, body = studio.place.at, studio.scene.body
    if outers:
        return Do(Hide(side=side, outer=outers[0], pin=pin, at=at))
    taken = body.inputs if side == "input" else body.outputs
    return Do(Expose(side=side, outer=free_port(pin, set(taken)), pin=pin, at=at))


def free_port(pin: Pin, taken: set[str]) -> str:
    """A name for an exposed port: the port's own, with its node's, with a number."""
    plain = pin.port.lower().lstrip("_0123456789") or "port"
    tries = (plain, f"{pin.node}_{plain}", *(f"{plain}_{k}" for k in range(2, len(taken) + 4)))
    return next((name for name in tries if name not in taken), f"{plain}_{next(count(9))}")


def exposed_section(studio: Studio, body: GraphSpec, at: str, path: str) -> Section:
    """The ports that a body shows outside, with the inner ones that they stand for."""
    return Section("ports", _("Exposed ports"), tuple(_exposed(studio, body, at, path)))


def _exposed(studio: Studio, body: GraphSpec, at: str, path: str) -> Iterator[PortRow]:
    found = studio.scene.inspection
    for outer, pins in body.inputs.items():
        known = [found.inputs.get(join(path, p.node), {}).get(p.port) for p in pins]
        port = next((p for p in known if p is not None), None)
        ways = tuple(Way(str(p), Jump(join(path, p.node))) for p in pins)
        hide = Do(Hide(side="input", outer=outer, at=at))
        kind, dims = (port.kind, port.dims) if port is not None else ("any", "")
        yield PortRow(outer, kind, dims, "in", ways, outer, hide)
    for outer, pin in body.outputs.items():
        port = found.outputs.get(join(path, pin.node), {}).get(pin.port)
        shape = found.shapes.get(f"{join(path, pin.node)}.{pin.port}")
        text = _shape(port, shape) if port is not None else ""
        hide = Do(Hide(side="output", outer=outer, at=at))
        ways = (Way(str(pin), Jump(join(path, pin.node))),)
        yield PortRow(
            outer, port.kind if port is not None else "any", text, "out", ways, outer, hide
        )
