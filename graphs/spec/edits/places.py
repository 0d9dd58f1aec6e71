"""Finding a body by its path and putting another in its place.

A path is dotted; "" is the root, "@name" the inside of a definition, "@name.inner" deeper in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NoReturn

from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire
from graphs.spec.problems import EditError, near


def refuse(where: str, message: str, do: str) -> NoReturn:
    """Raise an EditError that says where, what is wrong, and what to do."""
    raise EditError(f"{where or '(root)'}: {message}\n  → {do}")


def frame_of(at: str) -> str:
    """The definition that a path is in, as "@name", or "" for the root."""
    first = at.partition(".")[0]
    return first if first.startswith("@") else ""


def within(frame: str, path: str) -> str:
    """A path without its frame, relative to the frame's body."""
    return path.removeprefix(frame).lstrip(".")


def frame_body(document: Document, frame: str) -> GraphSpec:
    """The root, or the body of a definition (empty when it has none)."""
    if not frame:
        return document.root
    return document.definitions[frame[1:]].body or GraphSpec()


def with_frame_body(document: Document, frame: str, body: GraphSpec) -> Document:
    """The document with another root, or another body in a definition."""
    if not frame:
        return document if body is document.root else document.model_copy(update={"root": body})
    node = document.definitions[frame[1:]]
    if node.body is body:
        return document
    changed = node.model_copy(update={"body": body})
    definitions = {**document.definitions, frame[1:]: changed}
    return document.model_copy(update={"definitions": definitions})


def body_at(document: Document, at: str) -> GraphSpec:
    """The body at a path.

    Raises: EditError when there is none, or when it belongs to a definition or another node.
    """
    return _spine(document, at)[-1]


def with_body(document: Document, at: str, body: GraphSpec) -> Document:
    """The document with another body at a path; only the bodies around it are new."""
    spine = _spine(document, at)
    if spine[-1] is body:
        return document
    frame = frame_of(at)
    names = within(frame, at).split(".") if at != frame else []
    for holder, name in zip(reversed(spine[:-1]), reversed(names), strict=True):
        node = holder.nodes[name].model_copy(update={"body": body})
        body = holder.model_copy(update={"nodes": {**holder.nodes, name: node}})
    return with_frame_body(document, frame, body)


def _spine(document: Document, at: str) -> list[GraphSpec]:
    """The bodies along a path, from the frame's to the one at the path."""
    frame = frame_of(at)
    if frame:
        node = document.definitions.get(frame[1:])
        if node is None:
            known = near(frame[1:], document.definitions)
            refuse(at, f"there is no definition {frame[1:]!r}{known}", "name one that exists")
        spine = [_inside(node, frame)]
    else:
        spine = [document.root]
    here = frame
    for name in within(frame, at).split(".") if at != frame else ():
        node = node_in(spine[-1], here, name)
        here = f"{here}.{name}" if here else name
        spine.append(_inside(node, here))
    return spine


def _inside(node: NodeSpec, here: str) -> GraphSpec:
    if node.body is not None:
        return node.body
    if node.uses:
        do = f"edit '@{node.uses}', which changes every instance, or detach this one"
        refuse(here, f"is an instance of definition {node.uses!r}", do)
    if node.tied_to:
        do = f"edit {node.tied_to!r}, or untie this one"
        refuse(here, f"shares the block of {node.tied_to!r}", do)
    refuse(
        here, f"expected a node with a body, got a {node.type or 'node'} without one", "open one"
    )


def node_in(body: GraphSpec, at: str, name: str) -> NodeSpec:
    """The node of this name in a body.

    Raises: EditError with near names when there is none.
    """
    node = body.nodes.get(name)
    if node is None:
        known = near(name, body.nodes)
        do = f"there are {brief(body.nodes)}" if body.nodes else "it has no nodes"
        refuse(at, f"there is no node {name!r}{known}", do)
    return node


def all_nodes(document: Document) -> Iterator[tuple[str, NodeSpec]]:
    """Every node at every depth, in definitions too, with its path."""
    yield from document.root.walk()
    for name, node in document.definitions.items():
        yield f"@{name}", node
        if node.body is not None:
            yield from node.body.walk(f"@{name}")


def with_nodes(body: GraphSpec, nodes: Mapping[str, NodeSpec]) -> GraphSpec:
    """The body with these nodes changed or added."""
    return body.model_copy(update={"nodes": {**body.nodes, **nodes}})


def without(body: GraphSpec, names: Collection[str]) -> GraphSpec:
    """The body without these nodes, their wires, their turns in a cycle, the pins they exposed."""
    inputs = {
        outer: tuple(p for p in pins if p.node not in names) for outer, pins in body.inputs.items()
    }
    return restaged(
        body.model_copy(
            update={
                "nodes": {n: node for n, node in body.nodes.items() if n not in names},
                "wires": tuple(
                    w
                    for w in body.wires
                    if w.source.node not in names and w.target.node not in names
                ),
                "inputs": {outer: pins for outer, pins in inputs.items() if pins},
                "outputs": {o: p for o, p in body.outputs.items() if p.node not in names},
            }
        ),
        dict.fromkeys(names),
    )


def restaged(body: GraphSpec, names: Mapping[str, str | None]) -> GraphSpec:
    """The body whose cycle calls these stages otherwise, or not at all where there is None."""
    if body.cycle is None or not names.keys() & set(body.cycle.stages):
        return body
    called = (names.get(stage, stage) for stage in body.cycle.stages)
    cycle = body.cycle.model_copy(update={"stages": tuple(s for s in called if s is not None)})
    return body.model_copy(update={"cycle": cycle})


def refuse_staged(body: GraphSpec, at: str, names: Collection[str]) -> None:
    """Refuse nodes that have a turn in the cycle of their world, and would lose it."""
    staged = [name for name in (body.cycle.stages if body.cycle else ()) if name in names]
    if staged:
        refuse(
            at, f"{brief(staged)} is in the cycle of this world", "take it out of the cycle first"
        )


def ordered(wires: Iterable[Wire]) -> tuple[Wire, ...]:
    """Wires as documents keep them: by target; those into one port stay in the order given."""
    return tuple(sorted(dict.fromkeys(wires), key=lambda wire: wire.target))


def ordered_pins(pins: Iterable[Pin]) -> tuple[Pin, ...]:
    """The pins of one exposed input, each once, by name."""
    return tuple(sorted(set(pins)))


def brief(names: Iterable[str], most: int = 3) -> str:
    """A few names for a message.

    >>> brief(["a", "b", "c", "d", "e"])
    'a, b, c and 2 more'
    """
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
