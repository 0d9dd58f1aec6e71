"""Settings of a node wherever it is: one call for plain, shared and linked nodes.

Commands, plans and forms say "node.path: {key: value}"; which edit that needs depends on what the path
crosses. A path is one of the expanded root, or begins with "@name" and is inside a definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.edits import Configure, OverrideConfig, apply
from graphs.spec.identity import IDENTITY
from graphs.spec.problems import EditError, near


@dataclass(frozen=True)
class Standing:
    """What a node is set to at a place.

    `override` is what one linked instance says over its definition, which alone gives `below`; None
    where the settings are the node's own.
    """

    node: NodeSpec
    config: Mapping[str, Any]
    override: Mapping[str, Any] | None = None
    below: Mapping[str, Any] = field(default_factory=dict)


def configure_at(document: Document, path: str, values: Mapping[str, Any]) -> Document:
    """The document with some config values of one node changed.

    Inside a linked instance only that instance changes; a shared node stands for the node it shares.
    Raises: EditError when there is no such node.
    """
    return apply(document, setting_edit(document, path, values))


def setting_edit(
    document: Document, path: str, values: Mapping[str, Any], unset: tuple[str, ...] = ()
) -> Configure | OverrideConfig:
    """The edit that sets config values of one node and takes those in `unset` back.

    Raises: EditError when there is no such node.
    """
    return _edit(document, path, (dict(values), unset), frozenset())


def _edit(
    document: Document,
    path: str,
    change: tuple[dict[str, Any], tuple[str, ...]],
    seen: frozenset[str],
) -> Configure | OverrideConfig:
    values, unset = change
    names, body, at = _start(document, path)
    for number, name in enumerate(names):
        node = body.nodes.get(name)
        if node is None:
            raise EditError(f"there is no node {join(at, name)!r}{near(name, body.nodes)}")
        rest = ".".join(names[number + 1 :])
        if node.tied_to and path not in seen:
            return _edit(document, join(node.tied_to, rest), change, seen | {path})
        if node.uses:
            return OverrideConfig(name=name, path=rest, values=values, unset=unset, at=at)
        if not rest:
            return Configure(name=name, values=values, unset=unset, at=at)
        if node.body is None:
            raise EditError(f"{join(at, name)!r} has no nodes inside, so there is no {path!r}")
        body, at = node.body, join(at, name)
    raise EditError(f"{path!r} names no node whose settings can be changed")


def overridden(node: NodeSpec) -> dict[str, Any]:
    """What an instance says over its definition, by "inner.path.key"; of the definition itself by "key".

    >>> overridden(NodeSpec(uses="unit", overrides={"a": {"width": 8}}))
    {'a.width': 8}
    """
    return {
        join(path, key): value
        for path, values in node.overrides.items()
        for key, value in values.items()
        if key != IDENTITY
    }


def standing(document: Document, path: str) -> Standing | None:
    """What the node at a path is set to, None when there is none."""
    return _standing(document, path, frozenset())


def _standing(document: Document, path: str, seen: frozenset[str]) -> Standing | None:
    if path in seen:
        return None  # a definition that uses itself, or nodes tied in a ring
    seen = seen | {path}
    first = path.partition(".")[0]
    if path == first and first.startswith("@"):
        node = document.definitions.get(first[1:])
        return _of(document, node, "", seen) if node is not None else None
    try:
        names, body, _ = _start(document, path)
    except EditError:
        return None
    for number, name in enumerate(names):
        node = body.nodes.get(name)
        rest = ".".join(names[number + 1 :])
        if node is None:
            return None
        if not rest or node.uses or node.tied_to:
            return _of(document, node, rest, seen)
        body = node.body or GraphSpec()
    return None


def _of(document: Document, node: NodeSpec, rest: str, seen: frozenset[str]) -> Standing | None:
    if node.tied_to:
        return _standing(document, join(node.tied_to, rest), seen)
    if not node.uses:
        return Standing(node, node.config)
    base = _standing(document, join(f"@{node.uses}", rest), seen)
    if base is None:
        return None
    said = {key: v for key, v in node.overrides.get(rest, {}).items() if key != IDENTITY}
    return Standing(base.node, {**base.config, **said}, said, base.config)


def _start(document: Document, path: str) -> tuple[list[str], GraphSpec, str]:
    """The names of a path after its definition, and the body in which the first one is."""
    names = path.split(".") if path else []
    if not names or not names[0].startswith("@"):
        return names, document.root, ""
    node = document.definitions.get(names[0][1:])
    if node is None:
        known = near(names[0][1:], document.definitions)
        raise EditError(f"there is no definition {names[0][1:]!r}{known}")
    seen: set[str] = set()
    at = names[0]
    while node.uses and node.uses in document.definitions and node.uses not in seen:
        seen.add(node.uses)
        at, node = f"@{node.uses}", document.definitions[node.uses]
    return names[1:], node.body or GraphSpec(), at


def configured(document: Document, settings: Mapping[str, Mapping[str, Any]]) -> Document:
    """The document with settings on several nodes, by path. Raises: EditError."""
    for path, values in settings.items():
        document = configure_at(document, path, values)
    return document
