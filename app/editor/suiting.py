"""Settings that shapes ask for: filled in as a wire is drawn, offered where a node cannot take what comes.

A value that somebody chose is never changed by itself; only what has no value yet is filled in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.editor import terms
from app.editor.canvas.facts import Facts
from app.editor.canvas.fitting import bindings
from app.editor.language import _
from graphs.spec import shapes
from graphs.spec.catalogue import BlockType, Catalogue
from graphs.spec.check import Inspection
from graphs.spec.configs import defaults
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, Pin, join, node_at
from graphs.spec.edits import Configure, Edit
from graphs.spec.problems import EditError
from graphs.spec.settings import setting_edit
from graphs.spec.shapes import Shape

MENDED = ("config", "port-shape")  # the codes of problems that other settings may mend


def asked(
    kind: BlockType,
    config: Mapping[str, object],
    arriving: Mapping[str, Shape],
    names: Collection[str],
) -> dict[str, int]:
    """Other values for some of these settings with which a block takes what arrives; {} if none do.

    >>> from graphs.spec.catalogue import PortType
    >>> kind = BlockType(name="Linear", inputs={"x": PortType(name="x", dims="... d_in")})
    >>> asked(kind, {}, {"x": ("b", 8)}, ["d_in"])
    {'d_in': 8}
    """
    ports = [(shapes.axes(kind.inputs[name].dims), shape) for name, shape in arriving.items()]
    said = {name: value for name, value in config.items() if name not in names}
    bound: shapes.Bindings = {}
    for pattern, shape in ports:
        shapes.match(pattern, shape, bound, said)
    found = {n: v for n, v in _numbers(bound, names).items() if config.get(n) != v}
    again: shapes.Bindings = {}
    fits = all(shapes.match(p, shape, again, {**config, **found}) for p, shape in ports)
    return found if fits else {}


def filled(scene: Facts, source: Pin, target: Pin) -> list[Edit]:
    """What a wire decides at its ends: settings without a value, where only one fits."""
    out, into = scene.port(source, "out"), scene.port(target, "in")
    if out is None or into is None:
        return []
    edits = []
    bound, config = bindings(scene, target), scene.config(target.node)
    if names := _unsaid(scene, source.node):
        wanted = shapes.produce(shapes.axes(into.dims), dict(bound), config)
        made: shapes.Bindings = {}
        shapes.match(shapes.axes(out.dims), wanted, made, scene.config(source.node))
        edits.append((source.node, _numbers(made, names)))
    given = scene.shape(source)
    if given is not None and (names := _unsaid(scene, target.node)):
        shapes.match(shapes.axes(into.dims), given, bound, config)
        edits.append((target.node, _numbers(bound, names)))
    at = scene.place.at
    return [Configure(name=name, values=values, at=at) for name, values in edits if values]


def _numbers(bound: shapes.Bindings, names: Collection[str]) -> dict[str, int]:
    return {n: v for n in sorted(names) if isinstance(v := bound.get(n), int)}


def _unsaid(scene: Facts, name: str) -> set[str]:
    """The settings of a node's own that must have a value and have none."""
    node = scene.body.nodes.get(name)
    kind = scene.kind(name)
    if node is None or kind is None or node.uses or node.tied_to:
        return set()
    return set(kind.config.get("required", ())) - node.config.keys()


@dataclass(frozen=True)
class Mend:
    """What would mend a node, in words and as a step."""

    words: str
    edit: Edit


@dataclass
class Mending:
    """What would mend the nodes of an inspected document, found when it is asked for."""

    document: Document
    inspection: Inspection
    catalogue: Catalogue
    _feeding: dict[str, dict[Pin, list[Pin]]] = field(default_factory=dict)  # by body

    def __post_init__(self) -> None:
        self._faulty = {p.path for p in self.inspection.problems if p.code in MENDED}

    def mend(self, path: str) -> Mend | None:
        """Other settings with which the node at a path takes what comes, None where none would help."""
        values = self._values(path) if path in self._faulty else {}
        if not values:
            return None
        said = (f"{terms.setting(n.replace('_', ' '))} = {v}" for n, v in values.items())
        try:
            edit = setting_edit(self.document, path, values)
        except EditError:  # the document has changed since
            return None
        return Mend(_("Set {settings}").format(settings=", ".join(said)), edit)

    def _values(self, path: str) -> dict[str, int]:
        node = node_at(self.inspection.root, path)
        kind = self.catalogue.find(node.type or GRAPH_TYPE) if node is not None else None
        if node is None or kind is None or node.tied_to or node.body is not None:
            return {}
        config = {**defaults(kind), **node.config}
        arriving = {port: s for port in kind.inputs if (s := self._shape(path, port)) is not None}
        return asked(kind, config, arriving, kind.config.get("properties", {}))

    def _shape(self, path: str, port: str) -> Shape | None:
        """What comes into a port: along its one wire, or from outside through an exposed input."""
        outer, _, name = path.rpartition(".")
        sources = self._sources(outer).get(Pin(name, port), [])
        if len(sources) != 1:
            return None
        [source] = sources
        if source.node:
            return self.inspection.shapes.get(f"{join(outer, source.node)}.{source.port}")
        return self._shape(outer, source.port) if outer else None

    def _sources(self, at: str) -> dict[Pin, list[Pin]]:
        """What feeds each input in a body; an exposed input is a pin of no node."""
        known = self._feeding.get(at)
        if known is None:
            known = self._feeding[at] = {}
            node = node_at(self.inspection.root, at) if at else None
            body = (node.body if node is not None else self.inspection.root) or GraphSpec()
            for wire in body.wires:
                known.setdefault(wire.target, []).append(wire.source)
            for outer, pins in body.inputs.items():
                for pin in pins:
                    known.setdefault(pin, []).append(Pin("", outer))
        return known
