"""Edits of what is used more than once: definitions, their instances, shared blocks."""

from __future__ import annotations

from dataclasses import field
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import circular, expand, inside, own_copy, paths_inside
from graphs.spec.document import Document, GraphSpec, Name, NodeSpec, join, node_at
from graphs.spec.edits.following import Moves, every_node, fresh, restored
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
from graphs.spec.edits.values import STRICT, Act, Setting, Settings
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
class Undefine(Act):
    """Take a definition away; every instance becomes a copy of its own."""

    definition: Name
    edit: Literal["Undefine"] = "Undefine"

    def __call__(self, document: Document) -> Document:
        """The definition must exist and not use itself."""
        _defined(document, self.definition, f"@{self.definition}")
        if self.definition in circular(document):
            refuse(f"@{self.definition}", "the definition uses itself", "take its instance out first")

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


@dataclass(frozen=True, config=STRICT)
class Tie(Act):
    """Make a node share the block of another: the same weights in two places."""

    name: Name
    to: str
    at: str = ""
    edit: Literal["Tie"] = "Tie"

    def __call__(self, document: Document) -> Document:
        """`to` is a path in the expanded root, of a node with a block of its own."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        root = expand(document)
        other = node_at(root, self.to) if self.to else None
        if other is None:
            known = near(self.to, [path for path, _ in root.walk()])
            refuse(here, f"there is no node {self.to!r} to share with{known}", "name one that exists")
        if other.tied_to:
            do = f"tie this one to {other.tied_to!r} too"
            refuse(here, f"{self.to!r} shares the block of {other.tied_to!r} itself", do)
        one, two = f"{here}.", f"{self.to}."
        if one.startswith(two) or two.startswith(one):
            refuse(here, f"expected a node apart from it, got {self.to!r}", "choose another")
        for path, tied in document.root.walk():
            if tied.tied_to == here or tied.tied_to.startswith(one):
                refuse(here, f"{path!r} shares a block of it", f"tie {path!r} to {self.to!r} first")
        changed = NodeSpec(tied_to=self.to, label=node.label, id=node.id)
        return with_body(document, self.at, with_nodes(body, {self.name: changed}))

    def _says(self) -> str:
        return f"Tie {self.name} to {self.to}"


@dataclass(frozen=True, config=STRICT)
class Untie(Act):
    """Give a node a block of its own again, made like the one that it shared."""

    name: Name
    at: str = ""
    edit: Literal["Untie"] = "Untie"

    def __call__(self, document: Document) -> Document:
        """What it shared must exist. The new block has weights of its own."""
        body = body_at(document, self.at)
        node = node_in(body, self.at, self.name)
        here = join(self.at, self.name)
        if not node.tied_to:
            refuse(here, "shares no block", "nothing is to be done")
        other = node_at(document.root, node.tied_to) or node_at(expand(document), node.tied_to)
        if other is None:
            do = "remove it, or tie it to another"
            refuse(here, f"shared {node.tied_to!r}, which does not exist", do)
        change: dict[str, Any] = {"label": node.label, "id": node.id}
        copied = anonymous(other).model_copy(update=change)
        new = with_body(document, self.at, with_nodes(body, {self.name: copied}))
        return fresh(document, new, self.at, self.name)

    def _says(self) -> str:
        return f"Untie {self.name}"


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
