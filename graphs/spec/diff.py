"""diff: what changed between two documents, as events; the one source of news for every view.

`replay` is its inverse, so a view, or an engine in another process, that hears every event knows
the whole document. Subtrees that two documents share are passed over, so a diff costs what changed.
A rename is a removal and an addition; `identity.moves` tells which are the same node.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel

from graphs.spec.document import (
    Document,
    GraphSpec,
    NodeSpec,
    Pin,
    Wire,
    join,
)
from graphs.spec.events import (
    BodyChanged,
    DefinitionChanged,
    DefinitionRemoved,
    DescriptionChanged,
    Event,
    LayoutChanged,
    LayoutRemoved,
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    PlanChanged,
    PlanRemoved,
    PortsChanged,
    TitleChanged,
    WireAdded,
    WireRemoved,
)

EMPTY = GraphSpec()
_CONTENTS = ("nodes", "wires", "inputs", "outputs")  # of a body; each has events of its own
_FACTS = tuple(name for name in GraphSpec.model_fields if name not in _CONTENTS)


def diff(old: Document, new: Document) -> Iterator[Event]:
    """What must be said so that a listener who knows `old` knows `new`.

    Nodes and wires go before others come, and holders come before what they hold, so that every
    event makes sense when it is heard.
    """
    if old is new:
        return
    if old.title != new.title:
        yield TitleChanged(new.title)
    if old.description != new.description:
        yield DescriptionChanged(new.description)
    if old.definitions is not new.definitions:
        for name in sorted(old.definitions.keys() - new.definitions.keys()):
            yield from _emptied(old.definitions[name].body, f"@{name}")
            yield DefinitionRemoved(name)
        for name, node in new.definitions.items():
            yield from _definition(old.definitions.get(name), node, name)
    yield from _body(old.root, new.root, "")
    if old.plans is not new.plans:
        for name in sorted(old.plans.keys() - new.plans.keys()):
            yield PlanRemoved(name)
        for name, plan in new.plans.items():
            if not _same(old.plans.get(name), plan):
                yield PlanChanged(name, plan)
    if old.layout is not new.layout:
        for key in sorted(old.layout.keys() - new.layout.keys()):
            yield LayoutRemoved(key)
        for key, value in new.layout.items():
            if key not in old.layout or not _same(old.layout[key], value):
                yield LayoutChanged(key, value)


def _definition(old: NodeSpec | None, new: NodeSpec, name: str) -> Iterator[Event]:
    if old is new:
        return
    if old is not None and new.body is None:
        yield from _emptied(old.body, f"@{name}")
    if old is None or _differ(old, new):
        yield DefinitionChanged(name, _shallow(new))
    yield from _body(old.body if old else None, new.body, f"@{name}")


def _body(old: GraphSpec | None, new: GraphSpec | None, at: str) -> Iterator[Event]:
    if old is new or new is None:
        return
    old = old or EMPTY
    rewired = old.wires is not new.wires and old.wires != new.wires
    gone, come = _rewired(old.wires, new.wires) if rewired else ([], [])
    for wire in gone:
        yield WireRemoved(at, wire)
    if old.nodes is not new.nodes:
        for name in sorted(old.nodes.keys() - new.nodes.keys()):
            yield from _emptied(old.nodes[name].body, join(at, name))
            yield NodeRemoved(join(at, name))
        for name, node in new.nodes.items():
            before = old.nodes.get(name)
            if before is not node:
                yield from _node(before, node, join(at, name))
    if any(not _same(getattr(old, name), getattr(new, name)) for name in _FACTS):
        yield BodyChanged(at, facts(new))
    if _ports(old) != _ports(new):
        yield PortsChanged(at, new.inputs, new.outputs)
    for wire, place in come:
        yield WireAdded(at, wire, place)


def _node(old: NodeSpec | None, new: NodeSpec, path: str) -> Iterator[Event]:
    if old is None:
        yield NodeAdded(path, _shallow(new))
    else:
        if new.body is None:
            yield from _emptied(old.body, path)
        if _differ(old, new):
            yield NodeChanged(path, _shallow(new))
    yield from _body(old.body if old else None, new.body, path)


def _emptied(body: GraphSpec | None, at: str) -> Iterator[Event]:
    """Everything inside goes, wires first and the deepest nodes before those that hold them."""
    if body is None:
        return
    for wire in body.wires:
        yield WireRemoved(at, wire)
    for name in sorted(body.nodes):
        yield from _emptied(body.nodes[name].body, join(at, name))
        yield NodeRemoved(join(at, name))


def _rewired(old: Iterable[Wire], new: Iterable[Wire]) -> tuple[list[Wire], list[tuple[Wire, int]]]:
    """Wires to take away and wires to put in, so that those into one port come in their order."""
    before, after = by_target(old), by_target(new)
    gone: list[Wire] = []
    come: list[tuple[Wire, int]] = []
    for target, wires in before.items():
        if target not in after:
            gone += wires
    for target, wires in after.items():
        past = before.get(target, [])
        if past == wires:
            continue
        wanted, present = set(wires), set(past)
        kept = [wire for wire in past if wire in wanted]
        if kept != [wire for wire in wires if wire in present]:
            present = set()  # another order: all of this port's wires anew
        stays = wanted & present
        gone += [wire for wire in past if wire not in stays]
        come += [(wire, place) for place, wire in enumerate(wires) if wire not in stays]
    return gone, come


def by_target(wires: Iterable[Wire]) -> dict[Pin, list[Wire]]:
    """The wires into each port, in their order."""
    found: dict[Pin, list[Wire]] = {}
    for wire in wires:
        found.setdefault(wire.target, []).append(wire)
    return found


def _shallow(node: NodeSpec) -> NodeSpec:
    return node if node.body is None else node.model_copy(update={"body": EMPTY})


def _ports(body: GraphSpec) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Names in their order: exposed inputs that lead to one port are read in it."""
    return list(body.inputs.items()), list(body.outputs.items())


def facts(body: GraphSpec) -> GraphSpec:
    """The body without its nodes, wires and ports."""
    return EMPTY.model_copy(update={name: getattr(body, name) for name in _FACTS})


def _differ(old: NodeSpec, new: NodeSpec) -> bool:
    """Whether the nodes differ in anything but what is inside their bodies."""
    return (
        (old.type, old.uses, old.tied_to, old.label, old.id)
        != (new.type, new.uses, new.tied_to, new.label, new.id)
        or (old.body is None) != (new.body is None)
        or not _same(old.config, new.config)
        or not _same(old.overrides, new.overrides)
    )


def _same(old: Any, new: Any) -> bool:
    """Whether both are written the same; equal alone would take 1 for true."""
    return old is new or (old == new and (old == {} or _written(old) == _written(new)))


def _written(value: Any) -> str:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    return json.dumps(value, sort_keys=True, default=str)
