"""What follows when nodes move: their identities, and everything that names them by path.

Plans, ties and overrides name nodes by paths of the expanded root. A node that moves inside a
definition moves in every instance of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphs.spec.definitions import Places, expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.edits.places import (
    body_at,
    frame_body,
    frame_of,
    with_body,
    with_frame_body,
    with_nodes,
    within,
)
from graphs.spec.identity import (
    IDENTITY,
    INSTANCE,
    anonymous,
    assign,
    identities,
    plain_identities,
)
from graphs.spec.patterns import matches
from graphs.spec.plan import Plan, Rule


@dataclass(frozen=True)
class Moves:
    """Where nodes went: old path -> new path, each standing for all inside it.

    `gone` maps a dissolved node to its members (name inside, new path), `ports` its outputs
    ("g.out") to the pins that they showed.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    gone: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    ports: Mapping[str, str] = field(default_factory=dict)

    def below(self, holder: str) -> Moves:
        """The same moves inside a node at this path."""
        return Moves(
            {join(holder, old): join(holder, new) for old, new in self.paths.items()},
            {
                join(holder, old): tuple((name, join(holder, new)) for name, new in members)
                for old, members in self.gone.items()
            },
            {join(holder, old): join(holder, new) for old, new in self.ports.items()},
        )

    def path(self, path: str) -> str:
        """Where a node is now."""
        names = path.split(".")
        for n in range(len(names), 0, -1):
            new = self.paths.get(".".join(names[:n]))
            if new is not None:
                return join(new, *names[n:])
        return path

    def port(self, port: str) -> str:
        """Where "path.port" is now."""
        if port in self.ports:
            return self.ports[port]
        path, _, name = port.rpartition(".")
        return f"{self.path(path)}.{name}" if path else port

    def patterns(self, pattern: str) -> tuple[str, ...]:
        """A pattern whose literal beginning names what moved, as one or more new patterns."""
        names = pattern.split(".")
        literal = next((n for n, name in enumerate(names) if "*" in name), len(names))
        for n in range(literal, 0, -1):
            head, rest = ".".join(names[:n]), names[n:]
            if head in self.paths:
                return (join(self.paths[head], *rest),)
            if head in self.gone:
                return tuple(_members(self.gone[head], rest)) or (pattern,)
        return (pattern,)


def _members(members: Iterable[tuple[str, str]], rest: list[str]) -> Iterable[str]:
    """What "g" followed by `rest` named, said of the members of g."""
    for name, path in members:
        if not rest or rest[0] == "**":
            yield join(path, *rest)
            if len(rest) > 1 and matches(rest[1], name):  # "**" may also be no name at all
                yield join(path, *rest[2:])
        elif matches(rest[0], name):
            yield join(path, *rest[1:])


def _together(moves: Iterable[Moves]) -> Moves:
    paths: dict[str, str] = {}
    gone: dict[str, tuple[tuple[str, str], ...]] = {}
    ports: dict[str, str] = {}
    for each in moves:
        paths.update(each.paths)
        gone.update(each.gone)
        ports.update(each.ports)
    return Moves(paths, gone, ports)


def follow(
    old: Document, new: Document, frame: str, moves: Moves, added: tuple[str, str] | None = None
) -> Document:
    """The new document with identities kept and plans, ties and overrides rewritten.

    `moves` are paths relative to the frame: the root or a definition. `added` is the place (a
    body's path and a name) of a node that the edit made.
    """
    base = INSTANCE if frame else ""
    before = identities(frame_body(old, frame), base)
    wanted = {}
    for past, identity in before.items():
        present = moves.path(past)
        if present != past:
            wanted[present] = identity
    body = assign(frame_body(new, frame), wanted, base)
    new = with_frame_body(new, frame, body)
    places = Places(new)
    seen = _together(map(moves.below, places.of(frame[1:]))) if frame else moves
    new = _rewritten(new, frame, moves, seen, places)
    if added:
        new = fresh(old, new, *added)
    return restored(old, new, seen) if frame else new


def _rewritten(
    document: Document, frame: str, moves: Moves, seen: Moves, places: Places
) -> Document:
    def node(spec: NodeSpec) -> NodeSpec:
        change: dict[str, Any] = {}
        if spec.tied_to and (tied := seen.path(spec.tied_to)) != spec.tied_to:
            change["tied_to"] = tied
        if frame and spec.uses and spec.overrides:
            inner = _together(map(moves.below, places.inside(spec.uses, frame[1:])))
            kept = {
                inner.path(path): values
                for path, values in spec.overrides.items()
                if path not in inner.gone
            }
            if kept != spec.overrides:
                change["overrides"] = kept
        return spec.model_copy(update=change) if change else spec

    document = every_node(document, node)
    plans = {name: _plan(plan, seen) for name, plan in document.plans.items()}
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


def _plan(plan: Plan, moves: Moves) -> Plan:
    change: dict[str, Any] = {}
    rules = _rules(plan.rules, moves)
    recompute = tuple(p for pattern in plan.recompute for p in moves.patterns(pattern))
    losses = tuple(
        loss if (port := moves.port(loss.port)) == loss.port else loss.model_copy(update={"port": port})
        for loss in plan.losses
    )
    for key, value in (("rules", rules), ("recompute", recompute), ("losses", losses)):
        if value != getattr(plan, key):
            change[key] = value
    if plan.validation:
        ports = {name: moves.port(port) for name, port in plan.validation.ports.items()}
        if ports != plan.validation.ports:
            change["validation"] = plan.validation.model_copy(update={"ports": ports})
    return plan.model_copy(update=change) if change else plan


def _rules(rules: Iterable[Rule], moves: Moves) -> tuple[Rule, ...]:
    """Rules about a dissolved node become rules about its members.

    They go before those that named its inside: once on one level the later would win, and the
    inner ones were stronger.
    """
    found: list[Rule] = []
    first_inner: dict[str, int] = {}
    for rule in rules:
        wheres = moves.patterns(rule.where)
        exclude = tuple(p for pattern in rule.exclude for p in moves.patterns(pattern))
        made = [
            rule
            if (where, exclude) == (rule.where, rule.exclude)
            else rule.model_copy(update={"where": where, "exclude": exclude})
            for where in wheres
        ]
        holder = next((g for g in moves.gone if _names(rule.where, g)), "")
        if holder and holder in first_inner:
            place = first_inner[holder]
            found[place:place] = made
            first_inner = {g: n + len(made) if n >= place else n for g, n in first_inner.items()}
            continue
        for gone in moves.gone:
            if rule.where.startswith(f"{gone}.") and not _names(rule.where, gone):
                first_inner.setdefault(gone, len(found))
        found += made
    return tuple(found)


def _names(pattern: str, path: str) -> bool:
    """Whether a pattern is about this very node and so all inside it."""
    return pattern == path or set(pattern.removeprefix(path).split(".")) == {"", "**"}


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
