"""Settings of a node wherever it is: one call for plain, shared and linked nodes.

Commands and plans say "node.path: {key: value}"; which edit that needs depends on what the path
crosses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphs.spec.document import Document, join
from graphs.spec.edits import Configure, OverrideConfig, apply
from graphs.spec.problems import EditError, near


def configure_at(document: Document, path: str, values: Mapping[str, Any]) -> Document:
    """The document with some config values of one node changed.

    Inside a linked instance only that instance changes; a shared node stands for the node it shares.
    Raises: EditError when there is no such node.
    """
    names, body, at = path.split("."), document.root, ""
    for number, name in enumerate(names):
        node = body.nodes.get(name)
        if node is None:
            raise EditError(f"there is no node {join(at, name)!r}{near(name, body.nodes)}")
        rest = ".".join(names[number + 1 :])
        if node.tied_to:
            return configure_at(document, join(node.tied_to, rest), values)
        if node.uses:
            return apply(document, OverrideConfig(name=name, path=rest, values=dict(values), at=at))
        if not rest:
            return apply(document, Configure(name=name, values=dict(values), at=at))
        if node.body is None:
            raise EditError(f"{join(at, name)!r} has no nodes inside, so there is no {path!r}")
        body, at = node.body, join(at, name)
    raise EditError("an empty path names no node")


def configured(document: Document, settings: Mapping[str, Mapping[str, Any]]) -> Document:
    """The document with settings on several nodes, by path. Raises: EditError."""
    for path, values in settings.items():
        document = configure_at(document, path, values)
    return document
