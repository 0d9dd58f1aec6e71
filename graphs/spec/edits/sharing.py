"""Edits of shared blocks: the same weights in two places."""

from __future__ import annotations

from typing import Any, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.definitions import expand
from graphs.spec.document import Document, Name, NodeSpec, join, node_at
from graphs.spec.edits.following import fresh
from graphs.spec.edits.nodes import refuse_circle
from graphs.spec.edits.places import (
    all_nodes,
    body_at,
    node_in,
    refuse,
    with_body,
    with_nodes,
)
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.identity import anonymous
from graphs.spec.problems import near


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
            refuse(
                here, f"there is no node {self.to!r} to share with{known}", "name one that exists"
            )
        if other.tied_to:
            do = f"tie this one to {other.tied_to!r} too"
            refuse(here, f"{self.to!r} shares the block of {other.tied_to!r} itself", do)
        one, two = f"{here}.", f"{self.to}."
        if one.startswith(two) or two.startswith(one):
            refuse(here, f"expected a node apart from it, got {self.to!r}", "choose another")
        for path, tied in all_nodes(document):
            if tied.tied_to == here or tied.tied_to.startswith(one):
                refuse(here, f"{path!r} shares a block of it", f"tie {path!r} to {self.to!r} first")
        changed = NodeSpec(tied_to=self.to, label=node.label, id=node.id)
        new = with_body(document, self.at, with_nodes(body, {self.name: changed}))
        kept = node_at(expand(new), self.to)
        if kept is None or kept.tied_to:  # an instance of the definition that this node is in
            refuse(here, f"{self.to!r} would share its own block", "choose one outside")
        return new

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
        refuse_circle(document, new, here)
        return fresh(document, new, self.at, self.name)

    def _says(self) -> str:
        return f"Untie {self.name}"
