"""Edits of single nodes: add, remove, configure, rename, label."""

from __future__ import annotations

import json
from dataclasses import field
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import circular
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, Name, Pin, Wire, join
from graphs.spec.edits.following import follow, fresh
from graphs.spec.edits.moves import Moves
from graphs.spec.edits.places import (
    body_at,
    brief,
    frame_of,
    node_in,
    ordered,
    ordered_pins,
    refuse,
    restaged,
    with_body,
    with_nodes,
    within,
    without,
)
from graphs.spec.edits.promoting import without_promoted
from graphs.spec.edits.values import STRICT, Act, Node, Setting, Settings
from graphs.spec.identity import anonymous


@dataclass(frozen=True, config=STRICT)
class AddNode(Act):
    """Put a node into the body at `at`; weights that follow its identity come back with it."""

    name: Name
    node: Node
    at: str = ""
    edit: Literal["AddNode"] = "AddNode"

    def __call__(self, document: Document) -> Document:
        """The name must be free; an identity that is in use makes the node a copy with its own."""
        body = body_at(document, self.at)
        free_name(body, self.at, self.name)
        node = anonymous(self.node) if frame_of(self.at) else self.node
        new = with_body(document, self.at, with_nodes(body, {self.name: node}))
        refuse_circle(document, new, join(self.at, self.name))
        return fresh(document, new, self.at, self.name)

    def _says(self) -> str:
        return f"Add {self.node.label or self.name}"


@dataclass(frozen=True, config=STRICT)
class RemoveNodes(Act):
    """Take nodes out with their wires and what was exposed and promoted of them, and nothing else."""

    names: tuple[Name, ...]
    at: str = ""
    edit: Literal["RemoveNodes"] = "RemoveNodes"

    def __call__(self, document: Document) -> Document:
        """What plans say of the nodes stays; check reports rules that reach nothing."""
        body = body_at(document, self.at)
        for name in self.names:
            node_in(body, self.at, name)
        if not self.names:
            return document
        left = without_promoted(without(body, set(self.names)), set(self.names))
        return with_body(document, self.at, left)

    def _says(self) -> str:
        return f"Remove {brief(self.names)}"


@dataclass(frozen=True, config=STRICT)
class Configure(Act):
    """Set some of a node's config and take the keys in `unset` out of it."""

    name: Name
    values: Settings = field(default_factory=dict)
    unset: tuple[Setting, ...] = ()
    at: str = ""
    edit: Literal["Configure"] = "Configure"

    def __call__(self, document: Document) -> Document:
        """Values are merged, not replaced, and not judged: check knows the schema."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        if node.uses:
            do = f"override its config, or configure '@{node.uses}'"
            refuse(here, f"is an instance of definition {node.uses!r}, which holds its config", do)
        if node.tied_to:
            refuse(here, f"shares the block of {node.tied_to!r}", f"configure {node.tied_to!r}")
        config = settled(node.config, self.values, self.unset)
        if same(config, node.config):
            return document
        changed = node.model_copy(update={"config": config})
        return with_body(document, self.at, with_nodes(body, {self.name: changed}))

    @property
    def target(self) -> tuple[str, ...]:
        """The node."""
        return (self.edit, join(self.at, self.name))

    def _says(self) -> str:
        return f"Set {brief([*self.values, *self.unset]) or 'nothing'} of {self.name}"


@dataclass(frozen=True, config=STRICT)
class RenameNode(Act):
    """Give a node another name; its weights, wires, rules, losses and ties follow."""

    name: Name
    new: Name
    at: str = ""
    edit: Literal["RenameNode"] = "RenameNode"

    def __call__(self, document: Document) -> Document:
        """The new name must be free."""
        body = body_at(document, self.at)
        node_in(body, self.at, self.name)
        if self.name == self.new:
            return document
        free_name(body, self.at, self.new)
        frame = frame_of(self.at)
        old, new = (within(frame, join(self.at, name)) for name in (self.name, self.new))
        renamed = with_body(document, self.at, _renamed(body, self.name, self.new))
        return follow(document, renamed, frame, Moves({old: new}))

    def _says(self) -> str:
        return f"Rename {self.name} to {self.new}"


@dataclass(frozen=True, config=STRICT)
class Relabel(Act):
    """Change what people call a node."""

    name: Name
    text: str
    at: str = ""
    edit: Literal["Relabel"] = "Relabel"

    def __call__(self, document: Document) -> Document:
        """Nothing but the label changes; "" shows the name."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        if node.label == self.text:
            return document
        changed = node.model_copy(update={"label": self.text})
        return with_body(document, self.at, with_nodes(body, {self.name: changed}))

    @property
    def target(self) -> tuple[str, ...]:
        """The node."""
        return (self.edit, join(self.at, self.name))

    def _says(self) -> str:
        return f"Label {self.name} {self.text!r}"


def free_name(body: GraphSpec, at: str, name: str) -> None:
    """Refuse a name that a node of the body already has."""
    if name in body.nodes:
        taken = body.nodes[name]
        kind = taken.type or taken.uses or taken.tied_to or GRAPH_TYPE
        k = next(k for k in range(2, len(body.nodes) + 3) if f"{name}_{k}" not in body.nodes)
        refuse(
            at, f"expected a free name, got {name!r}, a {kind}", f"use {name}_{k}, which is free"
        )


def refuse_circle(old: Document, new: Document, here: str) -> None:
    """Refuse a node by which a definition would hold itself."""
    frame = frame_of(here)
    if frame and frame[1:] in circular(new) - circular(old):
        do = "use another definition, or put it outside"
        refuse(here, f"definition {frame[1:]!r} would use itself", do)


def settled(config: Any, values: Any, unset: tuple[str, ...]) -> dict[str, Any]:
    """Config with some values set and some keys taken out."""
    return {k: v for k, v in {**config, **values}.items() if k not in unset}


def same(a: Any, b: Any) -> bool:
    """Whether two plain values are written the same: 1, 1.0 and true are not."""
    return a == b and json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def _renamed(body: GraphSpec, name: str, new: str) -> GraphSpec:
    def pin(old: Pin) -> Pin:
        return Pin(new, old.port) if old.node == name else old

    renamed = body.model_copy(
        update={
            "nodes": {new if n == name else n: node for n, node in body.nodes.items()},
            "wires": ordered(Wire(pin(w.source), pin(w.target)) for w in body.wires),
            "inputs": {o: ordered_pins(map(pin, pins)) for o, pins in body.inputs.items()},
            "outputs": {outer: pin(p) for outer, p in body.outputs.items()},
        }
    )
    return restaged(renamed, {name: new})
