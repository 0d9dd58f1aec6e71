"""The rows of the outline. A body is looked into only once its row is open, so large worlds cost little."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from app.editor.places import TOP, Place, body_of, inside
from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.problems import DocumentError
from graphs.spec.topology import order

MOST_FOUND = 400
DEFINITIONS = "@"  # the heading over what is defined


class Branch(NamedTuple):
    """A row: `path` is where the node runs, "@name" a definition; "" is the whole document.

    `title` is what people call it, `opens` whether there is something inside.
    """

    path: str
    title: str
    depth: int
    node: NodeSpec
    opens: bool


class Orders:
    """The order of each body that was looked into, kept until its nodes or wires are others."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[GraphSpec, list[str]]] = {}

    def of(self, path: str, body: GraphSpec) -> list[str]:
        """The names of the nodes of the body at a path, in their order."""
        old = self._known.get(path)
        if old is not None and _alike(old[0], body):
            return old[1]
        self._known[path] = body, ordered(body)
        return self._known[path][1]


def _alike(old: GraphSpec, new: GraphSpec) -> bool:
    """Whether two states of a body have the same order; edits share what they do not touch."""
    same = old.wires is new.wires and old.cycle is new.cycle and old.loops == new.loops
    return same and old.nodes.keys() == new.nodes.keys()


def branches(
    document: Document, opened: Collection[str], orders: Orders | None = None
) -> list[Branch]:
    """The rows, where these paths are open."""
    orders = orders or Orders()
    root = NodeSpec(body=document.root)
    found = [Branch("", document.title, 0, root, bool(document.root.nodes))]
    if "" in opened:
        found += _below(document, TOP, 1, opened, orders)
    if document.definitions:
        found.append(Branch(DEFINITIONS, "", 0, NodeSpec(), True))
        if DEFINITIONS in opened:
            found += [
                Branch(f"@{name}", node.label or name, 1, node, False)
                for name, node in document.definitions.items()
            ]
    return found


def _below(
    document: Document, place: Place, depth: int, opened: Collection[str], orders: Orders
) -> Iterator[Branch]:
    body = body_of(document, place) or GraphSpec()
    for name in orders.of(place.path, body):
        node, path = body.nodes[name], join(place.path, name)
        opens = node.body is not None or bool(node.uses)
        yield Branch(path, node.label or name.replace("_", " "), depth, node, opens)
        if opens and path in opened:
            inner = inside(document, place, name)
            if inner is not None:
                yield from _below(document, inner, depth + 1, opened, orders)


def ordered(body: GraphSpec) -> list[str]:
    """The nodes of a body: the stages of a cycle as they turn, then the others as they run."""
    stages = [name for name in body.cycle.stages if name in body.nodes] if body.cycle else []
    try:
        runs = order(body)
    except DocumentError:  # a cycle that nothing runs, which is listed with the problems
        runs = list(body.nodes)
    return list(dict.fromkeys([*stages, *runs]))


def matching(query: str, root: GraphSpec) -> list[Branch]:
    """The nodes at any depth of the expanded root whose path, label or type has all these words."""
    words = query.lower().split()
    found = []
    for path, node in root.walk():
        text = f"{path} {node.label} {node.type} {node.uses}".lower()
        if all(word in text for word in words):
            name = path.rpartition(".")[2]
            title = node.label or name.replace("_", " ")
            best = not title.lower().startswith(words[0]) if words else False
            found.append((best, path.count("."), Branch(path, title, 0, node, False)))
    return [branch for _, _, branch in sorted(found, key=lambda item: item[:2])[:MOST_FOUND]]


def above(path: str) -> Iterable[str]:
    """The paths that must be open for one to be seen: "", "a" and "a.b" for "a.b.c"."""
    yield ""
    names = path.split(".")[:-1]
    for number in range(1, len(names) + 1):
        yield ".".join(names[:number])


def instances(document: Document, name: str) -> list[str]:
    """Where a definition is used in what is written of the root and of other definitions."""
    found = [path for path, node in document.root.walk() if node.uses == name]
    for other, node in document.definitions.items():
        inner = node.body.walk(f"@{other}") if node.body is not None else ()
        found += [path for path, held in inner if held.uses == name]
    return found
