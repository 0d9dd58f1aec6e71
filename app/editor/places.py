"""Which body people look at: the way in from the top, and what may be entered.

An instance of a definition is looked at from one of its places (for shapes and modes) but changed
where it is written; a node that shares another's block shows that one.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphs.spec.definitions import circular
from graphs.spec.document import Document, GraphSpec, NodeSpec, join, node_at
from graphs.spec.edits.places import body_at
from graphs.spec.problems import EditError


@dataclass(frozen=True)
class Place:
    """A body: `at` is where edits find it ("@name" inside a definition), `path` where it runs."""

    at: str = ""
    path: str = ""


TOP = Place()


def inside(document: Document, place: Place, name: str) -> Place | None:
    """The place inside one of its nodes, None when there is nothing to see."""
    body = body_of(document, place)
    node = body.nodes.get(name) if body is not None else None
    if node is None:
        return None
    if node.tied_to:
        return at_path(document, node.tied_to)
    path = join(place.path, name)
    if node.uses:
        return _defined(document, node, path)
    return Place(join(place.at, name), path) if node.body is not None else None


def _defined(document: Document, node: NodeSpec, path: str) -> Place | None:
    seen: set[str] = set()
    while node.uses and node.uses in document.definitions and node.uses not in seen:
        seen.add(node.uses)
        name, node = node.uses, document.definitions[node.uses]
        if node.body is not None:
            return None if name in circular(document) else Place(f"@{name}", path)
    return None


def at_path(document: Document, path: str) -> Place | None:
    """The place inside the node at a path of the expanded root; "" is the top."""
    place: Place | None = TOP
    for name in path.split(".") if path else ():
        place = inside(document, place, name) if place is not None else None
    return place


def holder(document: Document, place: Place) -> Place:
    """The place around one; the top is around itself."""
    return at_path(document, place.path.rpartition(".")[0]) or TOP


def trail(document: Document, place: Place) -> list[tuple[Place, str, str]]:
    """The places from the top to this one, each with its label and level, for the breadcrumb."""
    found = [(TOP, document.title or "Untitled", document.root.level)]
    here = ""
    for name in place.path.split(".") if place.path else ():
        outer = found[-1][0]
        body = body_of(document, outer)
        node = body.nodes.get(name) if body is not None else None
        here = join(here, name)
        inner = at_path(document, here)
        if inner is None or node is None:
            break
        seen = body_of(document, inner)
        found.append((inner, node.label or name, seen.level if seen else ""))
    return found


def body_of(document: Document, place: Place) -> GraphSpec | None:
    """The body at a place, None when it is gone."""
    try:
        return body_at(document, place.at)
    except EditError:
        return None


def node_of(document: Document, place: Place, name: str) -> NodeSpec | None:
    """One node of a place as it is written, None when it is gone."""
    body = body_of(document, place)
    return body.nodes.get(name) if body is not None else None


def resolved(root: GraphSpec, path: str) -> NodeSpec | None:
    """The node of the expanded root whose block runs at a path: what a tied node shares."""
    node = node_at(root, path)
    if node is not None and node.tied_to:
        return node_at(root, node.tied_to) or node
    return node
