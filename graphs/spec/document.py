"""The document: plain, frozen data that says what a world is. No torch, no UI, no live objects.

One recursive shape serves every level. A node names a block type and its config, or holds a body
(a graph), or uses a definition, or is tied to another node. Graph, pipeline, stage and world are
the same GraphSpec with another `level`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Annotated, Any, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PositiveInt,
    StringConstraints,
)

from graphs.spec.levels import BLOCK, GRAPH, Level
from graphs.spec.plan import Plan
from graphs.spec.state import Cycle, Transition

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
SettingPath = Annotated[
    str, StringConstraints(pattern=r"^([a-z][a-z0-9_]*\.)+[A-Za-z_][A-Za-z0-9_]*$")
]
GRAPH_TYPE = "graph"


class Pin(NamedTuple):
    """One port of one node inside the same body; written "node.port"."""

    node: str
    port: str

    def __str__(self) -> str:
        return f"{self.node}.{self.port}"


class Wire(NamedTuple):
    """A wire from an output pin to an input pin; written "a.out -> b.x"."""

    source: Pin
    target: Pin

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"


_WIRE = re.compile(r"({0})\.({0}) -> ({0})\.({0})".format("[A-Za-z_][A-Za-z0-9_]*"))


def pin(text: str | Sequence[str]) -> Pin:
    """Read "node.port".

    Raises: ValueError when it is written otherwise.

    >>> pin("lin.out")
    Pin(node='lin', port='out')
    """
    if isinstance(text, Pin):
        return text
    if isinstance(text, str):
        node, _, port = text.partition(".")
        if node.isidentifier() and port.isidentifier():
            return Pin(node, port)
        raise ValueError(f"a pin is written 'node.port', got {text!r}")
    parts = list(text)
    if len(parts) != 2 or not all(isinstance(p, str) and p.isidentifier() for p in parts):
        raise ValueError(f"a pin is written 'node.port', got {text!r}")
    return Pin(parts[0], parts[1])


def wire(text: str | Sequence[Any]) -> Wire:
    """Read "a.out -> b.x".

    Raises: ValueError when it is written otherwise.

    >>> str(wire("a.out -> b.x"))
    'a.out -> b.x'
    """
    if isinstance(text, Wire):
        return text
    if isinstance(text, str) and (usual := _WIRE.fullmatch(text)):  # most of loading is here
        a, out, b, x = usual.groups()
        new = tuple.__new__  # as the constructor of a NamedTuple does, in a third of its time
        return new(Wire, (new(Pin, (a, out)), new(Pin, (b, x))))
    ends = [end.strip() for end in text.split("->")] if isinstance(text, str) else list(text)
    if len(ends) != 2:
        raise ValueError(f"a wire is written 'node.port -> node.port', got {text!r}")
    return Wire(pin(ends[0]), pin(ends[1]))


def _wires(value: Any) -> tuple[Wire, ...]:
    """Sorted by target; wires into one port keep their order, which list and concat ports read."""
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError("wires are a list of 'node.port -> node.port'")
    return tuple(sorted(dict.fromkeys(map(wire, value)), key=itemgetter(1)))


def _pins(value: Any) -> tuple[Pin, ...]:
    if isinstance(value, Pin | str):
        return (pin(value),)
    if not isinstance(value, list | tuple):
        raise ValueError("an exposed input is 'node.port' or a list of them")
    return tuple(map(pin, value))


Wires = Annotated[
    tuple[Any, ...],
    BeforeValidator(_wires),
    PlainSerializer(lambda wires: [str(w) for w in wires], return_type=list[str]),
]
InputPins = Annotated[
    tuple[Any, ...],
    BeforeValidator(_pins),
    PlainSerializer(lambda pins: [str(p) for p in pins], return_type=list[str]),
]
OutputPin = Annotated[Any, BeforeValidator(pin), PlainSerializer(str, return_type=str)]


class NodeSpec(BaseModel):
    """One named place for a block.

    Exactly one of four: a leaf (`type` + `config`), a composite (`type` + `config` + `body`), a
    linked instance (`uses`, with per-instance `overrides` of inner config by relative path, ""
    for the node itself), or the same live block as another node (`tied_to`, an absolute path).
    `id` is the identity that weights follow; "" means the node never moved and is its own path.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: str = ""
    config: Mapping[str, Any] = Field(default_factory=dict)
    body: GraphSpec | None = None
    uses: str = ""
    overrides: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    tied_to: str = ""
    label: str = ""
    id: str = ""

    @property
    def level(self) -> str:
        """The level of the body, BLOCK for a leaf."""
        return self.body.level if self.body else BLOCK


class MadeFrom(BaseModel):
    """The template that a body was started from, and what was chosen for its parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    template: str
    values: Mapping[str, Any] = Field(default_factory=dict)


class GraphSpec(BaseModel):
    """Nodes, wires, and the inner pins that are visible from outside.

    An exposed input may lead to several pins; an exposed output comes from one. `loops` is how
    often the cycles of its wires run; without it a cycle is a problem. `role` is what a graph is in a
    task, `transition` what a stage does to the state, `cycle` how a world turns. `promoted` are
    settings of inner nodes, "node.path.setting", that people find on the graph itself under a name.
    `made_from` is for people: nothing runs differently because of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    level: Level = GRAPH
    role: str = ""
    nodes: Mapping[Name, NodeSpec] = Field(default_factory=dict)
    wires: Wires = ()
    inputs: Mapping[Name, InputPins] = Field(default_factory=dict)
    outputs: Mapping[Name, OutputPin] = Field(default_factory=dict)
    loops: PositiveInt | None = None
    promoted: Mapping[Name, SettingPath] = Field(default_factory=dict)
    transition: Transition | None = None
    cycle: Cycle | None = None
    made_from: MadeFrom | None = None

    def walk(self, path: str = "") -> Iterator[tuple[str, NodeSpec]]:
        """Every node at every depth with its dotted path, parents before children."""
        waiting = _placed(path, self)
        while waiting:  # a stack, not recursion: depth is data and has no limit
            here, node = waiting.pop()
            yield here, node
            if node.body:
                waiting += _placed(here, node.body)


class Document(BaseModel):
    """Everything that a file holds: the graph, what it reuses, how it trains, how it looks.

    `layout` belongs to the editor; the engine never reads it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    title: str = ""
    description: str = ""
    root: GraphSpec = GraphSpec()
    definitions: Mapping[Name, NodeSpec] = Field(default_factory=dict)
    plans: Mapping[Name, Plan] = Field(default_factory=dict)
    layout: Mapping[str, Any] = Field(default_factory=dict)


NodeSpec.model_rebuild()


def _placed(path: str, body: GraphSpec) -> list[tuple[str, NodeSpec]]:
    """The nodes of a body with their paths, the last first."""
    prefix = f"{path}." if path else ""
    return [(prefix + name, node) for name, node in reversed(list(body.nodes.items()))]


def join(*parts: str) -> str:
    """A dotted path; empty parts vanish.

    >>> join("", "reader", "conv")
    'reader.conv'
    """
    return ".".join(filter(None, parts))


def node_at(root: GraphSpec, path: str) -> NodeSpec | None:
    """The node at a dotted path, or None."""
    node, body = None, root
    for name in path.split(".") if path else ():
        node = body.nodes.get(name) if body else None
        if node is None:
            return None
        body = node.body or GraphSpec()
    return node
