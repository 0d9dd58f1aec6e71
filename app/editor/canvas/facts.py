"""What is known of the nodes of one body: from the document, check, the plan, the engine and the types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from app.editor.canvas.activity import Activity
from app.editor.places import TOP, Place, body_of, resolved
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.check import Inspection
from graphs.spec.configs import defaults
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, NodeSpec, Pin, Wire, join
from graphs.spec.plan import Plan
from graphs.spec.problems import Problem
from graphs.spec.shapes import Shape

Ports = tuple[Mapping[str, PortType], Mapping[str, PortType]]


class Facts:
    """Answers about the nodes of the body that is looked at; keeps what it is given, and no more."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.document = Document()
        self.place: Place = TOP
        self.body = GraphSpec()
        self.inspection = Inspection(GraphSpec())
        self.activity = Activity()
        self.plan: Plan | None = None
        self._problems: dict[str, list[Problem]] = {}
        self._inner: Counter[str] = Counter()  # how much is wrong inside of each path
        self._of: dict[str, list[Wire]] = {}

    def look(self, document: Document, place: Place) -> None:
        """The document is this, and this body is looked at; an empty one when it is gone."""
        self.document, self.place = document, place
        body = body_of(document, place) or GraphSpec()
        if body is not self.body:
            self.body = body
            self._of = {}
            for wire in body.wires:
                for node in dict.fromkeys(end.node for end in wire):
                    self._of.setdefault(node, []).append(wire)

    def believe(self, inspection: Inspection) -> None:
        """Check found this."""
        self.inspection = inspection
        self._problems = {}
        self._inner = Counter()
        for problem in inspection.problems:
            self._problems.setdefault(problem.path, []).append(problem)
            path = problem.path.rpartition(".")[0]
            while path:
                self._inner[path] += 1
                path = path.rpartition(".")[0]

    def path(self, name: str) -> str:
        """Where a node runs: its path in the expanded root."""
        return join(self.place.path, name)

    def key(self, name: str) -> str:
        """Where a node is written: its path for edits and in the layout."""
        return join(self.place.at, name)

    def wires_of(self, name: str) -> list[Wire]:
        """The wires at a node."""
        return self._of.get(name, [])

    def ports(self, name: str) -> Ports:
        """A node's ports: as check found them, else as its type says."""
        path = self.path(name)
        if path in self.inspection.outputs:
            return self.inspection.inputs[path], self.inspection.outputs[path]
        node = self.body.nodes.get(name)
        kind = self.catalogue.find(node.type or GRAPH_TYPE) if node is not None else None
        return (kind.inputs, kind.outputs) if kind is not None else ({}, {})

    def port(self, pin: Pin, side: str) -> PortType | None:
        """A port's type, None where there is none."""
        return self.ports(pin.node)[side == "out"].get(pin.port)

    def shape(self, pin: Pin) -> Shape | None:
        """The shape that an output is known to have."""
        return self.inspection.shapes.get(f"{self.path(pin.node)}.{pin.port}")

    def config(self, name: str) -> dict[str, object]:
        """A node's settings with the defaults of its type."""
        node = self.block(name)
        kind = self.catalogue.find(node.type or GRAPH_TYPE)
        return {**(defaults(kind) if kind is not None else {}), **node.config}

    def block(self, name: str) -> NodeSpec:
        """The node whose block runs here: through instances and shared blocks, with overrides."""
        node = self.body.nodes.get(name) or NodeSpec()
        if not (node.uses or node.tied_to or self.place.at.startswith("@")):
            return node
        return resolved(self.inspection.root, self.path(name)) or node

    def kind(self, name: str) -> BlockType | None:
        """The type of the block that runs here, None when nobody knows it."""
        return self.catalogue.find(self.block(name).type or GRAPH_TYPE)

    def problems(self, name: str) -> tuple[Problem, ...]:
        """What is wrong with a node itself."""
        return self.problems_at(self.path(name))

    def problems_at(self, path: str) -> tuple[Problem, ...]:
        """What is wrong with the node at a path of the expanded root."""
        return tuple(self._problems.get(path, ()))

    def inner_problems(self, name: str) -> int:
        """How much is wrong inside a node."""
        return self.inner_at(self.path(name))

    def inner_at(self, path: str) -> int:
        """How much is wrong inside the node at a path of the expanded root."""
        return self._inner[path]

    def exposed(self, name: str, side: str) -> dict[str, str]:
        """Which ports of a node are seen outside, and under what name."""
        if side == "out":
            shown: Iterable[tuple[str, Pin]] = self.body.outputs.items()
        else:
            shown = ((outer, pin) for outer, pins in self.body.inputs.items() for pin in pins)
        return {pin.port: outer for outer, pin in shown if pin.node == name}
