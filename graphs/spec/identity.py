"""Which weights are whose: an identity for every node, which stays when its path changes.

A node that never moved has its path as identity, and nothing is stored. When an edit moves a node,
its `id` is set to the identity that it had; moving it back clears the id again. An id that starts
with dots counts from a node above, as Python's relative imports do ("." is the parent, ".." the one
above): inside a definition ids are written so, and hold in each of its instances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from graphs.spec.document import GraphSpec, NodeSpec, join

INSTANCE = "@"  # stands for the identity of an instance while its definition is looked at alone
IDENTITY = "@id"  # key of an override that is no config: the identity of a node inside one instance


def identities(root: GraphSpec, base: str = "") -> dict[str, str]:
    """The identity of every node at every depth, by path; no two are the same.

    Ask it of the expanded root. Where people wrote the same id twice, the first path keeps it and
    the others get "~2", "~3" and so on.
    """
    found = plain_identities(root, base)
    taken = set(found.values())
    if len(taken) == len(found):
        return found
    given: set[str] = set()
    for path in sorted(found):
        identity = found[path]
        if identity in given:
            tries = (f"{identity}~{k}" for k in count(2))
            identity = found[path] = next(t for t in tries if t not in taken)
            taken.add(identity)
        given.add(identity)
    return found


def plain_identities(root: GraphSpec, base: str = "") -> dict[str, str]:
    """The identities as written, before doubles are told apart."""
    found: dict[str, str] = {}
    waiting: list[tuple[GraphSpec, str, tuple[str, ...]]] = [(root, "", (base,))]
    while waiting:
        body, path, above = waiting.pop()
        for name, node in body.nodes.items():
            here = f"{path}.{name}" if path else name
            found[here] = identity = read(node.id, above, name)
            if node.body is not None:
                waiting.append((node.body, here, (*above, identity)))
    return found


def moves(old: GraphSpec, new: GraphSpec) -> dict[str, str]:
    """Where every node of `old` that lives on is in `new`, by path; both expanded."""
    after = {identity: path for path, identity in identities(new).items()}
    return {p: after[identity] for p, identity in identities(old).items() if identity in after}


def read(written: str, above: Sequence[str], name: str) -> str:
    """The identity that an id means for a node of this name, below nodes of these identities.

    >>> read("", ["", "g"], "a"), read("lin", ["", "g"], "a"), read("..b", ["", "g"], "a")
    ('g.a', 'lin', 'b')
    """
    rest = written.lstrip(".")
    if not rest:
        return join(above[-1], name)
    dots = len(written) - len(rest)
    return join(above[max(len(above) - dots, 0)], rest) if dots else rest


def write(identity: str, above: Sequence[str], name: str) -> str:
    """The id that means this identity; "" when it is what the place gives anyway."""
    if identity == join(above[-1], name):
        return ""
    if above[0] == INSTANCE and identity.startswith(INSTANCE + "."):
        return "." * len(above) + identity.removeprefix(INSTANCE + ".")
    return identity


def assign(body: GraphSpec, wanted: Mapping[str, str], base: str = "") -> GraphSpec:
    """The body in which every path named in `wanted` has that identity; the rest is shared."""
    if not wanted:
        return body
    holders = {""}
    for path in wanted:
        while path not in holders:
            holders.add(path)
            path = path.rpartition(".")[0]
    return _assign(body, wanted, holders, "", (base,))


def _assign(
    body: GraphSpec,
    wanted: Mapping[str, str],
    holders: set[str],
    path: str,
    above: tuple[str, ...],
) -> GraphSpec:
    changed: dict[str, NodeSpec] = {}
    for name, node in body.nodes.items():
        here = join(path, name)
        if here not in holders:
            continue
        identity = wanted.get(here) or read(node.id, above, name)
        change: dict[str, object] = {}
        if here in wanted and (written := write(identity, above, name)) != node.id:
            change["id"] = written
        if node.body is not None:
            inner = _assign(node.body, wanted, holders, here, (*above, identity))
            if inner is not node.body:
                change["body"] = inner
        if change:
            changed[name] = node.model_copy(update=change)
    return body.model_copy(update={"nodes": {**body.nodes, **changed}}) if changed else body


def anonymous(node: NodeSpec) -> NodeSpec:
    """The node and all inside it without any identity of their own: what a copy is."""
    change: dict[str, object] = {"id": ""} if node.id else {}
    if any(IDENTITY in values for values in node.overrides.values()):
        cleared = {
            path: {key: value for key, value in values.items() if key != IDENTITY}
            for path, values in node.overrides.items()
        }
        change["overrides"] = {path: values for path, values in cleared.items() if values}
    if node.body is not None:
        inner = {name: anonymous(child) for name, child in node.body.nodes.items()}
        if any(inner[name] is not child for name, child in node.body.nodes.items()):
            change["body"] = node.body.model_copy(update={"nodes": inner})
    return node.model_copy(update=change) if change else node
