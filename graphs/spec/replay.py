"""replay: events over an old document make the new one; the inverse of diff."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphs.spec.diff import EMPTY, by_target, facts
from graphs.spec.document import (
    Document,
    GraphSpec,
    NodeSpec,
    Pin,
    Wire,
)
from graphs.spec.edits.places import ordered
from graphs.spec.events import (
    BodyChanged,
    DefinitionChanged,
    DefinitionRemoved,
    DescriptionChanged,
    Event,
    LayoutChanged,
    LayoutRemoved,
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    PlanChanged,
    PlanRemoved,
    PortsChanged,
    TitleChanged,
    WireAdded,
    WireRemoved,
)


@dataclass
class _Draft:
    """A body while events change it; bodies that no event names are kept as they are."""

    facts: GraphSpec
    nodes: dict[str, NodeSpec]
    wires: dict[Pin, list[Wire]]
    inputs: Mapping[str, tuple[Pin, ...]]
    outputs: Mapping[str, Pin]
    open: dict[str, _Draft] = field(default_factory=dict)

    @classmethod
    def of(cls, body: GraphSpec) -> _Draft:
        wires = by_target(body.wires)
        return cls(facts(body), dict(body.nodes), wires, body.inputs, body.outputs)

    def inside(self, name: str) -> _Draft:
        if name not in self.open:
            self.open[name] = _Draft.of(self.nodes[name].body or EMPTY)
        return self.open[name]

    def put(self, name: str, node: NodeSpec) -> None:
        """A node comes, or changes and keeps what is inside it."""
        before = self.nodes.get(name)
        if node.body is None:
            self.open.pop(name, None)
        elif before is not None and before.body is not None:
            node = node.model_copy(update={"body": before.body})
        self.nodes[name] = node

    def drop(self, name: str) -> None:
        del self.nodes[name]
        self.open.pop(name, None)

    def filled(self) -> dict[str, NodeSpec]:
        """The nodes with their bodies put back."""
        for name, draft in self.open.items():
            body = draft.close()
            self.nodes[name] = self.nodes[name].model_copy(update={"body": body})
        return self.nodes

    def close(self) -> GraphSpec:
        return self.facts.model_copy(
            update={
                "nodes": self.filled(),
                "wires": ordered(wire for wires in self.wires.values() for wire in wires),
                "inputs": self.inputs,
                "outputs": self.outputs,
            }
        )


def replay(old: Document, events: Iterable[Event]) -> Document:
    """The document that `old` becomes by these events; `replay(a, diff(a, b)) == b`."""
    # Definitions are the nodes of a body around the root, so that "@name" is a path as any other.
    top = _Draft.of(EMPTY)
    top.nodes = {f"@{name}": node for name, node in old.definitions.items()}
    root = _Draft.of(old.root)
    whole: dict[str, Any] = {"title": old.title, "description": old.description}
    plans, layout = dict(old.plans), dict(old.layout)

    def body(at: str) -> _Draft:
        draft = top if at.startswith("@") else root
        for name in at.split(".") if at else ():
            draft = draft.inside(name)
        return draft

    for event in events:
        match event:
            case NodeAdded(path=path, node=node) | NodeChanged(path=path, node=node):
                at, _, name = path.rpartition(".")
                body(at).put(name, node)
            case NodeRemoved(path=path):
                at, _, name = path.rpartition(".")
                body(at).drop(name)
            case WireAdded(at=at, wire=wire, place=place):
                body(at).wires.setdefault(wire.target, []).insert(place, wire)
            case WireRemoved(at=at, wire=wire):
                body(at).wires[wire.target].remove(wire)
            case PortsChanged(at=at, inputs=inputs, outputs=outputs):
                draft = body(at)
                draft.inputs, draft.outputs = inputs, outputs
            case BodyChanged(at=at, body=changed):
                body(at).facts = changed
            case DefinitionChanged(name=name, node=node):
                top.put(f"@{name}", node)
            case DefinitionRemoved(name=name):
                top.drop(f"@{name}")
            case PlanChanged(name=name, plan=plan):
                plans[name] = plan
            case PlanRemoved(name=name):
                del plans[name]
            case LayoutChanged(key=key, value=value):
                layout[key] = value
            case LayoutRemoved(key=key):
                del layout[key]
            case TitleChanged(title=title):
                whole["title"] = title
            case DescriptionChanged(text=text):
                whole["description"] = text
    definitions = {name[1:]: node for name, node in top.filled().items()}
    return Document(root=root.close(), definitions=definitions, plans=plans, layout=layout, **whole)
