"""What edits are made of: frozen, validated, and the same after a trip through JSON."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints

from graphs.spec.document import Document, NodeSpec, Pin, Wire, pin, wire

STRICT = ConfigDict(extra="forbid")


class Act(ABC):
    """An edit: data that makes the next document from the present one, which stays as it is."""

    @abstractmethod
    def __call__(self, document: Document) -> Document:
        """The document after this edit, sharing all that it does not touch.

        Raises: EditError when the document does not have what the edit needs.
        """

    @property
    def label(self) -> str:
        """What people read in the history."""
        return self._says()

    @property
    def target(self) -> tuple[str, ...]:
        """What the edit sets: two in a row with the same target may become one step. () is none."""
        return ()

    @abstractmethod
    def _says(self) -> str: ...


def plain(value: Any) -> Any:
    """The value as JSON holds it: mappings, lists, text, finite numbers, true, false, null.

    Raises: ValueError for anything else.

    >>> plain({"kernel": (3, 3)})
    {'kernel': [3, 3]}
    """
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise ValueError(f"keys are text, got {list(value)!r}")
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is no text; UnicodeEncodeError is a ValueError
        return value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"expected plain data that JSON can hold, got {value!r}")


def _plain_node(node: NodeSpec) -> NodeSpec:
    change: dict[str, Any] = {}
    for key, data in (("config", node.config), ("overrides", node.overrides)):
        if data and (made := plain(data)) != data:
            change[key] = made
    if node.body is not None:
        nodes = {name: _plain_node(child) for name, child in node.body.nodes.items()}
        if any(nodes[name] is not child for name, child in node.body.nodes.items()):
            change["body"] = node.body.model_copy(update={"nodes": nodes})
    return node.model_copy(update=change) if change else node


Plain = Annotated[Any, BeforeValidator(plain)]
Node = Annotated[NodeSpec, AfterValidator(_plain_node)]
Setting = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Settings = Mapping[Setting, Plain]
OneWire = Annotated[Wire, BeforeValidator(wire), PlainSerializer(str, return_type=str)]
OnePin = Annotated[Pin, BeforeValidator(pin), PlainSerializer(str, return_type=str)]
