"""Events: what changed in a document, as frozen values in the past tense.

They travel between processes, so each has a JSON form. An event's node has an empty body where the
node has one: what is inside comes as events of its own. The inside of a definition is at "@name",
as in edits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from graphs.spec.document import (
    GraphSpec,
    InputPins,
    NodeSpec,
    OutputPin,
)
from graphs.spec.edits.values import OneWire
from graphs.spec.plan import Plan

STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=STRICT)
class NodeAdded:
    """A node is new, or came back."""

    path: str
    node: NodeSpec
    event: Literal["NodeAdded"] = "NodeAdded"


@dataclass(frozen=True, config=STRICT)
class NodeRemoved:
    """A node is gone; all inside it went before."""

    path: str
    event: Literal["NodeRemoved"] = "NodeRemoved"


@dataclass(frozen=True, config=STRICT)
class NodeChanged:
    """A node is otherwise than before: type, config, label, or what it uses."""

    path: str
    node: NodeSpec
    event: Literal["NodeChanged"] = "NodeChanged"


@dataclass(frozen=True, config=STRICT)
class WireAdded:
    """A wire is new; `place` is its place among the wires into the same port."""

    at: str
    wire: OneWire
    place: int
    event: Literal["WireAdded"] = "WireAdded"


@dataclass(frozen=True, config=STRICT)
class WireRemoved:
    """A wire is gone."""

    at: str
    wire: OneWire
    event: Literal["WireRemoved"] = "WireRemoved"


@dataclass(frozen=True, config=STRICT)
class PortsChanged:
    """A body shows other pins outside, so the node that holds it has other ports."""

    at: str
    inputs: Mapping[str, InputPins]
    outputs: Mapping[str, OutputPin]
    event: Literal["PortsChanged"] = "PortsChanged"


@dataclass(frozen=True, config=STRICT)
class BodyChanged:
    """A body has another level, role, transition or cycle: all but its nodes, wires and ports."""

    at: str
    body: GraphSpec
    event: Literal["BodyChanged"] = "BodyChanged"


@dataclass(frozen=True, config=STRICT)
class DefinitionChanged:
    """A definition is new or otherwise than before; what changed inside it comes after."""

    name: str
    node: NodeSpec
    event: Literal["DefinitionChanged"] = "DefinitionChanged"


@dataclass(frozen=True, config=STRICT)
class DefinitionRemoved:
    """A definition is gone; all inside it went before."""

    name: str
    event: Literal["DefinitionRemoved"] = "DefinitionRemoved"


@dataclass(frozen=True, config=STRICT)
class PlanChanged:
    """A plan is new or otherwise than before."""

    name: str
    plan: Plan
    event: Literal["PlanChanged"] = "PlanChanged"


@dataclass(frozen=True, config=STRICT)
class PlanRemoved:
    """A plan is gone."""

    name: str
    event: Literal["PlanRemoved"] = "PlanRemoved"


@dataclass(frozen=True, config=STRICT)
class LayoutChanged:
    """The editor keeps something else under a key."""

    key: str
    value: Any
    event: Literal["LayoutChanged"] = "LayoutChanged"


@dataclass(frozen=True, config=STRICT)
class LayoutRemoved:
    """The editor keeps nothing more under a key."""

    key: str
    event: Literal["LayoutRemoved"] = "LayoutRemoved"


@dataclass(frozen=True, config=STRICT)
class TitleChanged:
    """The document is called otherwise."""

    title: str
    event: Literal["TitleChanged"] = "TitleChanged"


@dataclass(frozen=True, config=STRICT)
class DescriptionChanged:
    """The document is described otherwise."""

    text: str
    event: Literal["DescriptionChanged"] = "DescriptionChanged"


Event = Annotated[
    NodeAdded
    | NodeRemoved
    | NodeChanged
    | WireAdded
    | WireRemoved
    | PortsChanged
    | BodyChanged
    | DefinitionChanged
    | DefinitionRemoved
    | PlanChanged
    | PlanRemoved
    | LayoutChanged
    | LayoutRemoved
    | TitleChanged
    | DescriptionChanged,
    Field(discriminator="event"),
]
_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


def event_to_json(event: Event) -> str:
    """The event as JSON, the same bytes for the same event."""
    return json.dumps(_ADAPTER.dump_python(event, mode="json"), sort_keys=True)


def event_from_json(text: str | bytes) -> Event:
    """The event that `event_to_json` wrote.

    Raises: pydantic.ValidationError when it is none.
    """
    return _ADAPTER.validate_json(text)
