"""A bundle: a node and all that it needs from the document that it comes from.

A template becomes one by its root turning into a node's body. Paths in it are relative to the node;
put somewhere, its plans, layout and shared blocks are told where that is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphs.spec.catalogue import BlockType
from graphs.spec.definitions import used
from graphs.spec.document import GRAPH_TYPE, Document, GraphSpec, NodeSpec, join
from graphs.spec.edits.places import body_at
from graphs.spec.identity import anonymous
from graphs.spec.levels import BLOCK, GRAPH, LEVELS, PIPELINE, STAGE
from graphs.spec.plan import Plan
from graphs.spec.problems import EditError

Now = Callable[[str], str]  # what a path is called elsewhere


@dataclass(frozen=True)
class Bundle:
    """One node. `stem` is what it would like to be called; `layout` has keys relative to it."""

    stem: str
    node: NodeSpec
    definitions: Mapping[str, NodeSpec] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    layout: Mapping[str, Any] = field(default_factory=dict)

    @property
    def shares(self) -> bool:
        """Whether a node in it shares the block of another."""
        return any(n.tied_to for _, n in self.node.body.walk()) if self.node.body else False

    def within(self, level: str) -> Bundle:
        """The same, as a body of this level may hold it: a pipeline in a pipeline becomes a graph.

        Raises: EditError when no level that it can have is held there.
        """
        body = self.node.body
        if body is None:
            return self
        held, inner = LEVELS[level].holds, {child.level for child in body.nodes.values()}
        for wanted in dict.fromkeys((body.level, GRAPH, PIPELINE, STAGE)):
            if wanted in held and inner <= LEVELS[wanted].holds:
                return replace(self, node=_at_level(self.node, body, wanted))
        raise EditError(
            f"a {level} holds no {body.level} of {', '.join(sorted(inner - {BLOCK}))}s\n"
            f"  → open it by itself: File › New from template"
        )


def _at_level(node: NodeSpec, body: GraphSpec, level: str) -> NodeSpec:
    if body.level == level:
        return node
    row = LEVELS[level]
    changed = {
        "level": level,
        "cycle": body.cycle if row.cycle else None,
        "transition": body.transition if row.transition else None,
    }
    return node.model_copy(update={"body": body.model_copy(update=changed)})


def of_block(kind: BlockType) -> Bundle:
    """A node of a type, with an empty body where the type runs one."""
    body = GraphSpec(level=GRAPH) if kind.control else None
    return Bundle(kind.name.rpartition("/")[2], NodeSpec(type=kind.name, body=body))


def of_definition(name: str) -> Bundle:
    """An instance of a definition of the open document."""
    return Bundle(name, NodeSpec(uses=name))


def of_template(document: Document, stem: str) -> Bundle:
    """The root of a document as one node, with its plans."""
    node = NodeSpec(type=GRAPH_TYPE, body=document.root, label=document.title)
    return Bundle(stem, node, document.definitions, document.plans, document.layout)


def of_saved(document: Document) -> Bundle:
    """The one node of a document that `saved` made. Raises: EditError when it has another number."""
    if len(document.root.nodes) != 1:
        count = len(document.root.nodes)
        raise EditError(
            f"a saved block is a document of one node, this has {count}\n  → open it as a file"
        )
    [(name, node)] = document.root.nodes.items()
    layout = {rekeyed(k, lambda path: _below(path, name)): v for k, v in document.layout.items()}
    return Bundle(name, _moved(node, lambda path: _below(path, name)), document.definitions,
                  layout=layout)  # fmt: skip


def saved(document: Document, at: str, name: str) -> Document:
    """A document of this one node, with the definitions that it uses and how it is laid out.

    Raises: EditError when it shares a block with a node outside, which no file can hold.
    """
    node = body_at(document, at).nodes[name]
    here = join(at, name)
    for path, inner in [("", node), *(node.body.walk() if node.body else ())]:
        if inner.tied_to and not f"{inner.tied_to}.".startswith(f"{here}."):
            raise EditError(
                f"{join(here, path)}: shares the block of {inner.tied_to!r}, which is outside\n"
                f"  → untie it first"
            )
    definitions = _needed(document, node)
    inside = (here, *(f"@{each}" for each in definitions))

    def below(path: str) -> str:
        held = f"{path}.".startswith(f"{here}.")
        return join(name, path.removeprefix(here)[1:]) if held else path

    layout = {
        rekeyed(key, below): value
        for key, value in document.layout.items()
        if any(_body(key) == top or _body(key).startswith(f"{top}.") for top in inside)
    }
    return Document(
        title=node.label or name,
        root=GraphSpec(nodes={name: anonymous(_moved(node, below))}),
        definitions=definitions,
        layout=layout,
    )


def _needed(document: Document, node: NodeSpec) -> dict[str, NodeSpec]:
    """The definitions that a node uses, also through others, in the order of the document."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        names = {inner.uses for _, inner in used(waiting.pop())} - found
        found |= names
        waiting += [document.definitions[n] for n in names if n in document.definitions]
    return {name: spec for name, spec in document.definitions.items() if name in found}


def _below(path: str, name: str) -> str:
    """A path as it is seen from a node of this name; what is in a definition stays."""
    if path.startswith("@"):
        return path
    return "" if path == name else path.removeprefix(f"{name}.")


def _moved(node: NodeSpec, now: Now) -> NodeSpec:
    """The node with what it shares called as it is called elsewhere."""
    change: dict[str, Any] = {"tied_to": now(node.tied_to)} if node.tied_to else {}
    if node.body is not None:
        nodes = {name: _moved(child, now) for name, child in node.body.nodes.items()}
        if any(nodes[name] is not child for name, child in node.body.nodes.items()):
            change["body"] = node.body.model_copy(update={"nodes": nodes})
    return node.model_copy(update=change) if change else node


def moved(node: NodeSpec, path: str) -> NodeSpec:
    """A bundle's node as it is at a path of the expanded root."""
    return _moved(node, lambda inner: join(path, inner))


def rekeyed(key: str, now: Now) -> str:
    """A key of a layout where the path in it is another."""
    kind, slash, rest = key.partition("/")
    if not slash:
        return now(key)
    at, _, last = rest.rpartition("/")
    return f"{kind}/{now(at)}/{last}"


def _body(key: str) -> str:
    """The path that a key of a layout is about."""
    kind, slash, rest = key.partition("/")
    return rest.rpartition("/")[0] if slash else kind
