"""Which nodes no longer give what they gave before an edit: what changed, what holds it, what it feeds."""

from __future__ import annotations

from collections.abc import Iterable

from app.editor.outline.tree import instances
from graphs.spec import events as told
from graphs.spec.document import Document, NodeSpec, join, node_at
from graphs.spec.edits.places import body_at
from graphs.spec.problems import EditError
from graphs.spec.topology import descendants


def affected(
    before: Document, after: Document, events: Iterable[told.Event]
) -> tuple[set[str], set[str]]:
    """Paths of the root: nodes with all inside them, and nodes that only hold such. Labels change nothing."""
    whole: set[str] = set()
    holders: set[str] = set()
    for path in dict.fromkeys(_changed(before, events)):
        for place in _places(after, path):
            _climb(after, place, whole, holders)
    return whole, holders


def _changed(before: Document, events: Iterable[told.Event]) -> Iterable[str]:
    """Where something is otherwise that runs."""
    for event in events:
        match event:
            case told.NodeAdded():
                yield event.path
            case told.NodeChanged() if _runs_otherwise(
                node_at(before.root, event.path), event.node
            ):
                yield event.path
            case told.WireAdded() | told.WireRemoved():
                yield join(event.at, event.wire.target.node)
            case told.PortsChanged() | told.BodyChanged() if event.at:
                yield event.at
            case told.DefinitionChanged():
                yield f"@{event.name}"


def _runs_otherwise(old: NodeSpec | None, new: NodeSpec) -> bool:
    if old is None:
        return True
    return any(
        getattr(old, fact) != getattr(new, fact)
        for fact in ("type", "config", "uses", "overrides", "tied_to")
    )


def _places(document: Document, path: str) -> list[str]:
    """Where that is in the root: what is in a definition is wherever it is used."""
    if not path.startswith("@"):
        return [path]
    name = path[1:].partition(".")[0]
    return [place for place in instances(document, name) if not place.startswith("@")]


def _climb(document: Document, path: str, whole: set[str], holders: set[str]) -> None:
    """A node and what it feeds; then what holds it and what that feeds, up to the top."""
    whole.add(path)
    while path:
        at, _, name = path.rpartition(".")
        try:
            body = body_at(document, at)
        except EditError:
            return  # it is gone, or is inside of an instance
        whole |= {join(at, other) for other in descendants(body, [name])}
        if at in holders:
            return
        holders.add(at)
        path = at
