"""What follows when nodes move: their identities, and everything that names them by path.

Plans, ties, overrides and promotions name nodes by paths of the expanded root. A node that moves inside a
definition moves in every instance of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, count
from typing import Any

from graphs.spec.definitions import Places, expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.edits.moves import Moves, followed, together
from graphs.spec.edits.places import (
    body_at,
    frame_body,
    frame_of,
    with_body,
    with_frame_body,
    with_nodes,
    within,
)
from graphs.spec.edits.promoting import promotions_followed
from graphs.spec.identity import (
    IDENTITY,
    INSTANCE,
    anonymous,
    assign,
    identities,
    plain_identities,
)


def follow(
    old: Document, new: Document, frame: str, moves: Moves, added: str | None = None
) -> Document:
    """The new document with identities kept and plans, ties and overrides rewritten.

    `moves` are paths relative to the frame: the root or a definition; so is `added`, a node that
    the edit made to hold others.
    """
    base = INSTANCE if frame else ""
    before = identities(frame_body(old, frame), base)
    places = Places(new)
    instances = places.of(frame[1:]) if frame else [""]
    wanted = {}
    for past, identity in before.items():
        present = moves.path(past)
        if present != past:
            wanted[present] = identity
    if added is not None:
        holder, _, name = added.rpartition(".")
        default = join(before[holder] if holder else base, name)
        wanted[added] = _unused(old, instances, set(before.values()), base, default)
    body = assign(frame_body(new, frame), wanted, base)
    new = with_frame_body(new, frame, body)
    seen = together(map(moves.below, instances))
    new = _rewritten(new, frame, moves, seen, places)
    return restored(old, new, seen) if frame else new


def _unused(
    document: Document, instances: Iterable[str], here: set[str], base: str, identity: str
) -> str:
    """The identity, or its first "~2", "~3" that is in use neither here nor in any instance."""
    known = identities(expand(document))
    taken = set(known.values())
    holders = [known.get(instance, "") for instance in instances]
    for free in chain([identity], (f"{identity}~{k}" for k in count(2))):
        own = free.removeprefix(f"{base}.") if base else free
        if free not in here and not any(join(holder, own) in taken for holder in holders):
            return free
    raise AssertionError("count ends")


def _rewritten(
    document: Document, frame: str, moves: Moves, seen: Moves, places: Places
) -> Document:
    def node(spec: NodeSpec) -> NodeSpec:
        change: dict[str, Any] = {}
        if spec.tied_to and (tied := seen.path(spec.tied_to)) != spec.tied_to:
            change["tied_to"] = tied
        if frame and spec.uses and spec.overrides:
            inner = together(map(moves.below, places.inside(spec.uses, frame[1:])))
            kept = {
                inner.path(path): values
                for path, values in spec.overrides.items()
                if path not in inner.gone
            }
            if kept != spec.overrides:
                change["overrides"] = kept
        return spec.model_copy(update=change) if change else spec

    document = promotions_followed(every_node(document, node), frame, moves, seen, places)
    plans = {name: followed(plan, seen) for name, plan in document.plans.items()}
    if all(plans[name] is plan for name, plan in document.plans.items()):
        return document
    return document.model_copy(update={"plans": plans})


def every_node(document: Document, change: Callable[[NodeSpec], NodeSpec]) -> Document:
    """The document with a function applied to every node, in definitions too; the rest is shared."""
    root = _every(document.root, change)
    definitions = {n: _one(node, change) for n, node in document.definitions.items()}
    update: dict[str, Any] = {}
    if root is not document.root:
        update["root"] = root
    if any(definitions[n] is not node for n, node in document.definitions.items()):
        update["definitions"] = definitions
    return document.model_copy(update=update) if update else document


def _every(body: GraphSpec, change: Callable[[NodeSpec], NodeSpec]) -> GraphSpec:
    changed = {}
    for name, node in body.nodes.items():
        if (made := _one(node, change)) is not node:
            changed[name] = made
    return with_nodes(body, changed) if changed else body


def _one(node: NodeSpec, change: Callable[[NodeSpec], NodeSpec]) -> NodeSpec:
    if node.body is not None:
        inner = _every(node.body, change)
        if inner is not node.body:
            node = node.model_copy(update={"body": inner})
    return change(node)


def restored(old: Document, new: Document, moves: Moves) -> Document:
    """The new document in which every node has the identity that it had in the old one.

    What the definitions alone cannot say is written on the instance in the root, as an override.
    """
    wanted = {moves.path(path): i for path, i in identities(expand(old)).items()}
    before: set[str] | None = None
    while True:
        found = identities(expand(new))
        wrong = {p for p, i in found.items() if wanted.get(p, i) != i}
        if not wrong or wrong == before:  # people wrote one id twice: no writing can part them
            return new
        before = wrong
        # Those inside follow when the outer one is right.
        outermost = {p for p in wrong if not any(p.startswith(f"{o}.") for o in wrong)}
        root = new.root
        for path in sorted(outermost):
            root = _identified(root, path, wanted[path])
        new = new.model_copy(update={"root": root})


def _identified(body: GraphSpec, path: str, identity: str) -> GraphSpec:
    name, _, rest = path.partition(".")
    node = body.nodes[name]
    if node.uses and rest:
        values = {**node.overrides.get(rest, {}), IDENTITY: identity}
        change: dict[str, Any] = {"overrides": {**node.overrides, rest: values}}
    elif rest:
        change = {"body": _identified(node.body or GraphSpec(), rest, identity)}
    else:
        change = {"id": identity}
    return with_nodes(body, {name: node.model_copy(update=change)})


def fresh(old: Document, new: Document, at: str, name: str) -> Document:
    """The new document in which an added node shares no identity with another.

    One that is already in use becomes the first free "name~2", "name~3" and so on.
    """
    allowed = -1
    for number in count(0):
        clashes = _clashes(new)
        if clashes == 0:
            return new
        allowed = _clashes(old) if allowed < 0 else allowed
        if clashes <= allowed:
            return new
        body = body_at(new, at)
        node = anonymous(body.nodes[name])
        new = with_body(new, at, with_nodes(body, {name: node}))
        if number:
            frame = frame_of(at)
            path = within(frame, join(at, name))
            base = INSTANCE if frame else ""
            whole = frame_body(new, frame)
            default = plain_identities(whole, base)[path]
            whole = assign(whole, {path: f"{default}~{number + 1}"}, base)
            new = with_frame_body(new, frame, whole)
    raise AssertionError("count ends")


def _clashes(document: Document) -> int:
    found = plain_identities(expand(document))
    return len(found) - len(set(found.values()))
