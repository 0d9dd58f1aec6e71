"""Edits of definitions and their instances."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import circular, inside, own_copy, paths_inside
from graphs.spec.document import Document, GraphSpec, Name, NodeSpec, join
from graphs.spec.edits.following import every_node, restored
from graphs.spec.edits.moves import Moves
from graphs.spec.edits.nodes import same, settled
from graphs.spec.edits.places import (
    body_at,
    frame_body,
    frame_of,
    node_in,
    refuse,
    with_body,
    with_nodes,
    within,
)
from graphs.spec.edits.values import STRICT, Act, Node, Setting, Settings
from graphs.spec.identity import INSTANCE, anonymous, assign, identities
from graphs.spec.problems import near


@dataclass(frozen=True, config=STRICT)
class Define(Act):
    """Make a node a definition that others can use, and the node its first instance."""

    name: Name
    definition: Name
    at: str = ""
    edit: Literal["Define"] = "Define"

    def __call__(self, document: Document) -> Document:
        """The definition's name must be free. Weights stay where they are."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        if self.definition in document.definitions:
            refuse(here, f"there is a definition {self.definition!r} already", "use another name")
        if node.uses:
            refuse(here, f"is an instance of {node.uses!r}", "detach it first")
        for path, tied in [(here, node), *_inner(node, here)]:
            if tied.tied_to:
                do = "untie it first: in another instance it would share this one's block"
                refuse(path, f"shares the block of {tied.tied_to!r}", do)
        instance = NodeSpec(uses=self.definition, label=node.label, id=node.id)
        new = with_body(document, self.at, with_nodes(body, {self.name: instance}))
        definition = self._definition(document, node, here)
        definitions = {**new.definitions, self.definition: definition}
        new = new.model_copy(update={"definitions": definitions})
        return restored(document, new, Moves())

    @staticmethod
    def _definition(document: Document, node: NodeSpec, here: str) -> NodeSpec:
        """The node with ids that count from it; what cannot be said so, the instance says."""
        plain = anonymous(node)
        if plain.body is None:
            return plain
        frame = frame_of(here)
        known = identities(frame_body(document, frame), INSTANCE if frame else "")
        path = within(frame, here)
        own, below = f"{known[path]}.", f"{path}."
        wanted = {
            p.removeprefix(below): join(INSTANCE, identity.removeprefix(own))
            for p, identity in known.items()
            if p.startswith(below) and identity.startswith(own)
        }
        body = assign(plain.body, wanted, INSTANCE)
        body = assign(body, identities(body, INSTANCE), INSTANCE)  # tells doubles apart for good
        return plain.model_copy(update={"body": body})

    def _says(self) -> str:
        return f"Define {self.definition} from {self.name}"


@dataclass(frozen=True, config=STRICT)
class AddDefinition(Act):
    """Bring a definition into the document that nothing uses yet, as out of another document."""

    definition: Name
    node: Node
    edit: Literal["AddDefinition"] = "AddDefinition"

    def __call__(self, document: Document) -> Document:
        """Its name must be free, and it may neither use itself nor share a block."""
        here = f"@{self.definition}"
        if self.definition in document.definitions:
            known = f"there is a definition {self.definition!r} already"
            refuse(here, known, "use another name")
        for path, inner in [(here, self.node), *_inner(self.node, here)]:
            if inner.tied_to:
                do = "untie it first: every instance would share one block"
                refuse(path, f"shares the block of {inner.tied_to!r}", do)
        definitions = {**document.definitions, self.definition: self.node}
        new = document.model_copy(update={"definitions": definitions})
        if self.definition in circular(new):
            refuse(here, "the definition would use itself", "take its instance out first")
        return new

    def _says(self) -> str:
        return f"Bring definition {self.definition}"


@dataclass(frozen=True, config=STRICT)
class Undefine(Act):
    """Take a definition away; every instance becomes a copy of its own."""

    definition: Name
    edit: Literal["Undefine"] = "Undefine"

    def __call__(self, document: Document) -> Document:
        """The definition must exist and not use itself."""
        _defined(document, self.definition, f"@{self.definition}")
        if self.definition in circular(document):
            refuse(
                f"@{self.definition}", "the definition uses itself", "take its instance out first"
            )

        def detached(node: NodeSpec) -> NodeSpec:
            return own_copy(document, node) if node.uses == self.definition else node

        new = every_node(document, detached)
        left = {n: node for n, node in new.definitions.items() if n != self.definition}
        return restored(document, new.model_copy(update={"definitions": left}), Moves())

    def _says(self) -> str:
        return f"Undefine {self.definition}"


@dataclass(frozen=True, config=STRICT)
class Detach(Act):
    """Make an instance a copy of its own, with its overrides in it."""

    name: Name
    at: str = ""
    edit: Literal["Detach"] = "Detach"

    def __call__(self, document: Document) -> Document:
        """The node must be an instance of a definition that exists. Weights stay."""
        body = body_at(document, self.at)
        node = _instance(document, body, self.at, self.name)
        copied = {self.name: own_copy(document, node)}
        new = with_body(document, self.at, with_nodes(body, copied))
        return restored(document, new, Moves())

    def _says(self) -> str:
        return f"Detach {self.name}"


@dataclass(frozen=True, config=STRICT)
class OverrideConfig(Act):
    """Set config of one node inside one instance, by its path there; "" is the instance itself."""

    name: Name
    path: str = ""
    values: Settings = field(default_factory=dict)
    unset: tuple[Setting, ...] = ()
    at: str = ""
    edit: Literal["OverrideConfig"] = "OverrideConfig"

    def __call__(self, document: Document) -> Document:
        """The definition must have a node at the path; unset keys get its value back."""
        body = body_at(document, self.at)
        node = _instance(document, body, self.at, self.name)
        if inside(document, node, self.path) is None:
            known = paths_inside(document, node)
            do = f"definition {node.uses!r} has {', '.join(known) or 'no nodes inside'}"
            message = f"there is no node {self.path!r} inside{near(self.path, known)}"
            refuse(join(self.at, self.name), message, do)
        before = node.overrides.get(self.path, {})
        values = settled(before, self.values, self.unset)
        if same(values, before):
            return document
        overrides = {**node.overrides, self.path: values}
        kept = {path: values for path, values in overrides.items() if values}
        changed = node.model_copy(update={"overrides": kept})
        return with_body(document, self.at, with_nodes(body, {self.name: changed}))

    @property
    def target(self) -> tuple[str, ...]:
        """The node inside the instance."""
        return (self.edit, join(self.at, self.name), self.path)

    def _says(self) -> str:
        return f"Override {join(self.name, self.path)}"


def _inner(node: NodeSpec, here: str) -> list[tuple[str, NodeSpec]]:
    return list(node.body.walk(here)) if node.body is not None else []


def _instance(document: Document, body: GraphSpec, at: str, name: str) -> NodeSpec:
    node = node_in(body, at, name)
    if not node.uses:
        refuse(join(at, name), "is not an instance of a definition", "choose one that is")
    _defined(document, node.uses, join(at, name))
    return node


def _defined(document: Document, name: str, where: str) -> None:
    if name not in document.definitions:
        known = near(name, document.definitions)
        refuse(where, f"there is no definition {name!r}{known}", "define it, or name another")
