"""check: every problem in a document, as data, without building anything and without torch.

It works over the expanded document in two passes: ports from the inside out, then shapes along the
wires from the outside in. Canvas, command line and tests read the same list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphs.spec import shapes
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.collector import held_back
from graphs.spec.configs import config_problems, defaults
from graphs.spec.definitions import definition_problems, expand
from graphs.spec.document import (
    GRAPH_TYPE,
    Document,
    GraphSpec,
    NodeSpec,
    Pin,
    Wire,
    join,
    node_at,
)
from graphs.spec.levels import LEVELS
from graphs.spec.plan_check import plan_problems
from graphs.spec.problems import DocumentError, Problem, near
from graphs.spec.reserved import RESERVED
from graphs.spec.sentence import Sentence
from graphs.spec.shapes import Shape
from graphs.spec.topology import order, running
from graphs.spec.world_check import level_problems, world_problems

Ports = tuple[Mapping[str, PortType], Mapping[str, PortType]]
Key = tuple[str, str]  # a Pin, or what is equal to one and made in a tenth of the time
Through = tuple[dict[str, Shape], list[tuple[str, str]]]  # shapes by output; port, what is wrong
NO_PORTS: Ports = ({}, {})


@dataclass
class Inspection:
    """What is known of a document without building it.

    `inputs` and `outputs` map every node path to its ports, `shapes` every "path.port" of an output
    to what is known of its shape; `stops` are the nodes through which no gradient flows.
    """

    root: GraphSpec
    problems: list[Problem] = field(default_factory=list)
    inputs: dict[str, Mapping[str, PortType]] = field(default_factory=dict)
    outputs: dict[str, Mapping[str, PortType]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)

    @property
    def errors(self) -> list[Problem]:
        """The problems that forbid building."""
        return [p for p in self.problems if p.severity == "error"]


def check(document: Document, catalogue: Catalogue, plans: bool = True) -> list[Problem]:
    """All problems at every depth, in a stable order; with `plans=False` only the graph's own."""
    return inspect(document, catalogue, plans).problems


@held_back()
def inspect(document: Document, catalogue: Catalogue, plans: bool = True) -> Inspection:
    """Problems, ports and shapes of a whole document."""
    found = list(definition_problems(document))
    root = expand(document)
    checker = _Checker(root, catalogue)
    checker.found.problems += found
    checker.body(root, "", {})
    if plans:
        checker.found.problems += plan_problems(document, root, catalogue, checker.found.outputs)
    return checker.found


class _Checker:
    def __init__(self, root: GraphSpec, catalogue: Catalogue) -> None:
        self.root = root
        self.types: dict[str, BlockType] = {
            **{old: catalogue.types[new] for old, new in catalogue.renames().items()},
            **catalogue.types,
        }
        self.found = Inspection(root)
        self._ports: dict[int, Ports] = {}
        # Large worlds repeat themselves: equal configs are judged once, and what flows through them.
        self._configs: dict[tuple[str, str], tuple[dict[str, Any], list[tuple[str, str]]]] = {}
        self._through: dict[tuple[Any, ...], Through] = {}

    def say(self, path: str, code: str, message: str, port: str = "") -> None:
        self.found.problems.append(Problem(path, code, message, port))

    def _warn(self, path: str, code: str, message: str) -> None:
        self.found.problems.append(Problem(path, code, message, severity="warning"))

    # ports, from the inside out

    def target(self, node: NodeSpec) -> NodeSpec:
        """The node itself, or the one whose block it shares."""
        tied = node_at(self.root, node.tied_to) if node.tied_to else None
        return tied or node

    def ports(self, node: NodeSpec) -> Ports:
        if node.tied_to:
            node = self.target(node)
            if node.tied_to:
                return NO_PORTS
        block = self.types.get(node.type or GRAPH_TYPE)
        if node.body is None:
            return (block.inputs, block.outputs) if block else NO_PORTS
        known = self._ports.get(id(node))
        if known is None:
            self._ports[id(node)] = NO_PORTS  # for a node inside that is tied to this one
            known = self._ports[id(node)] = self._composite(node.body, block)
        return known

    def _composite(self, body: GraphSpec, block: BlockType | None) -> Ports:
        inputs = dict(block.inputs) if block else {}
        outputs = dict(block.outputs) if block else {}
        for outer, pins in body.inputs.items():
            inner = [p for p in (self._port(body, pin, 0) for pin in pins) if p]
            if inner:
                needed = any(p.required for p in inner)
                inputs[outer] = inner[0].model_copy(update={"name": outer, "required": needed})
        for outer, pin in body.outputs.items():
            if source := self._port(body, pin, 1):
                outputs[outer] = source.model_copy(update={"name": outer})
        return inputs, outputs

    def _port(self, body: GraphSpec, pin: Pin, side: int) -> PortType | None:
        node = body.nodes.get(pin.node)
        return self.ports(node)[side].get(pin.port) if node else None

    # problems and shapes, from the outside in

    def body(self, body: GraphSpec, path: str, given: Mapping[str, Shape]) -> dict[str, Shape]:
        """Check one body; the shapes of its exposed outputs."""
        ports = {name: self.ports(node) for name, node in body.nodes.items()}
        self._level(body, path, ports)
        fed: dict[Key, list[Shape]] = {}
        for outer, pins in body.inputs.items():
            if outer == "run":
                self.say(path, "name-reserved", Sentence("an exposed input cannot be called 'run'"))
            for pin in pins:
                if self._end(
                    body, ports, pin, 0, path, Sentence("exposed input {name!r}", name=outer)
                ):
                    fed.setdefault(pin, []).append(given.get(outer, shapes.UNKNOWN))
        sources = self._wires(body, path, ports)
        for wire in self._feedback(body, path):
            if wire.source in sources.get(wire.target, ()):  # else it leads nowhere, which was said
                sources[wire.target].remove(wire.source)
        known: dict[Key, Shape] = {}
        found, prefix = self.found, f"{path}." if path else ""
        for name in self._order(body, path):
            node, here = body.nodes[name], prefix + name
            inputs, outputs = ports[name]
            found.inputs[here], found.outputs[here] = inputs, outputs
            arriving: dict[str, list[Shape]] = {}
            for port in inputs.values():
                key = name, port.name
                shapes_in = fed.get(key, [])
                if wired := sources.get(key):
                    shapes_in = [*shapes_in, *[known.get(s, shapes.UNKNOWN) for s in wired]]
                if shapes_in:
                    arriving[port.name] = shapes_in
                    if len(shapes_in) > 1 and port.many == "single":
                        self.say(
                            here,
                            "several-wires",
                            Sentence("takes one wire, got {count}", count=len(shapes_in)),
                            port.name,
                        )
                elif port.required and port.name not in self._from_state(node):
                    self.say(here, "unfed", Sentence("needs a wire or an exposed input"), port.name)
            for port_name, shape in self._node(node, here, outputs, arriving).items():
                known[name, port_name] = shape
                found.shapes[f"{here}.{port_name}"] = shape
        for outer, pin in body.outputs.items():
            self._end(body, ports, pin, 1, path, Sentence("exposed output {name!r}", name=outer))
        return {outer: known.get(pin, shapes.UNKNOWN) for outer, pin in body.outputs.items()}

    def _order(self, body: GraphSpec, path: str) -> list[str]:
        try:
            return order(body)
        except DocumentError as error:
            advice = (
                "" if body.loops else Sentence("; say how often it runs (loops), or use a repeat")
            )
            if not LEVELS[body.level].loops:
                advice = Sentence(
                    ", and a {level} runs its nodes once, in order; take a wire of it away",
                    level=body.level,
                )
            self.say(
                path,
                "cycle",
                Sentence("{fault}{advice}", fault=error.problems[0].message, advice=advice),
            )
            return list(body.nodes)

    def _feedback(self, body: GraphSpec, path: str) -> list[Wire]:
        """The wires that carry a value to the next turn of a cycle: a second one into their port."""
        if body.loops is None:
            return []
        try:
            return [wire for turn in running(body) for wire in turn.feedback]
        except DocumentError:
            return []  # said where the order is asked for

    def _from_state(self, node: NodeSpec) -> Collection[str]:
        """The ports of a stage that its world fills from the state."""
        body = self.target(node).body
        return body.transition.reads if body is not None and body.transition is not None else ()

    def _level(self, body: GraphSpec, path: str, ports: Mapping[str, Ports]) -> None:
        row = LEVELS[body.level]
        self.found.problems += level_problems(body, path)
        if row.cycle:
            self.found.problems += world_problems(body, path, ports)
        for name, setting in body.promoted.items():
            if message := self._unpromotable(body, setting):
                self._warn(
                    path,
                    "promoted",
                    Sentence(
                        "shows a setting as {name!r}, but {message}", name=name, message=message
                    ),
                )
        for name, node in body.nodes.items():
            level = self.target(node).level
            if level not in row.holds:
                holds = ", ".join(sorted(row.holds))
                self.say(
                    join(path, name),
                    "level",
                    Sentence(
                        "a {level} holds {holds}, not a {found}",
                        level=body.level,
                        holds=holds,
                        found=level,
                    ),
                )
            if name in RESERVED:
                self.say(
                    join(path, name),
                    "name-reserved",
                    Sentence(
                        "{name!r} means something to the program; choose another name", name=name
                    ),
                )
        if row.needs_output and not body.outputs:
            self.say(path, "level", Sentence("a {level} must expose an output", level=body.level))

    def _unpromotable(self, body: GraphSpec, setting: str) -> str:
        """Why a body cannot show this setting of an inner node, "" when it can."""
        path, _, key = setting.rpartition(".")
        node, inner = NodeSpec(), body
        for name in path.split("."):
            if name not in inner.nodes:
                return Sentence(
                    "there is no node {path!r} in it{near}",
                    path=path,
                    near=near(path, [p for p, _ in body.walk()]),
                )
            node = self.target(inner.nodes[name])
            if node.uses:
                return ""  # of an unknown definition, which was said
            inner = node.body or GraphSpec()
        block = self.types.get(node.type or GRAPH_TYPE)
        fields = block.config.get("properties", {}) if block is not None else {key: None}
        return (
            ""
            if key in fields
            else Sentence(
                "{path!r} has no setting {key!r}{near}", path=path, key=key, near=near(key, fields)
            )
        )

    def _wires(
        self, body: GraphSpec, path: str, ports: Mapping[str, Ports]
    ) -> dict[Key, list[Pin]]:
        sources: dict[Key, list[Pin]] = {}
        for wire in body.wires:
            source = self._end(body, ports, wire.source, 1, path, wire)
            target = self._end(body, ports, wire.target, 0, path, wire)
            if source and target:
                sources.setdefault(wire.target, []).append(wire.source)
                if source.kind != target.kind and "any" not in (source.kind, target.kind):
                    at = join(path, wire.target.node)
                    self.say(
                        at,
                        "port-kind",
                        Sentence(
                            "expected {target}, got {source} from '{pin}'",
                            target=target,
                            source=source,
                            pin=wire.source,
                        ),
                        wire.target.port,
                    )
        return sources

    def _end(
        self,
        body: GraphSpec,
        ports: Mapping[str, Ports],
        pin: Pin,
        side: int,
        path: str,
        what: Wire | str,
    ) -> PortType | None:
        """The port that a wire, or an exposed port said in words, leads to here; None is reported."""
        sides = ports.get(pin.node, NO_PORTS)
        if (found := sides[side].get(pin.port)) is not None:
            return found
        node = body.nodes.get(pin.node)
        what = Sentence("wire {what}", what=what) if isinstance(what, Wire) else what
        if node is None:
            self.say(
                path,
                "dangling",
                Sentence(
                    "{what}: there is no node {node!r}{near}",
                    what=what,
                    node=pin.node,
                    near=near(pin.node, body.nodes),
                ),
            )
            return None
        if node.body is None and self.types.get(self.target(node).type or GRAPH_TYPE) is None:
            return None  # an unknown type has no known ports; that is its own problem
        there, word = sides[side], (Sentence("input"), Sentence("output"))[side]
        known = (
            Sentence("; it has {names}", names=", ".join(there))
            if there
            else Sentence("; it has none")
        )
        self.say(
            join(path, pin.node),
            "dangling",
            Sentence(
                "{what}: no {side} {port!r}{hint}",
                what=what,
                side=word,
                port=pin.port,
                hint=near(pin.port, there) or known,
            ),
            pin.port,
        )
        return None

    def _node(
        self,
        node: NodeSpec,
        here: str,
        outputs: Mapping[str, PortType],
        arriving: Mapping[str, list[Shape]],
    ) -> dict[str, Shape]:
        if node.tied_to:
            tied = node_at(self.root, node.tied_to)
            if tied is None:
                paths = [p for p, _ in self.root.walk()]
                self.say(
                    here,
                    "tied",
                    Sentence(
                        "is tied to {tied_to!r}, which does not exist{near}",
                        tied_to=node.tied_to,
                        near=near(node.tied_to, paths),
                    ),
                )
            elif tied.tied_to:
                self.say(
                    here,
                    "tied",
                    Sentence(
                        "is tied to {tied_to!r}, itself tied; tie it to {holder!r}",
                        tied_to=node.tied_to,
                        holder=tied.tied_to,
                    ),
                )
            elif here == node.tied_to or here.startswith(node.tied_to + "."):
                self.say(
                    here,
                    "tied",
                    Sentence("is tied to {tied_to!r}, which holds it", tied_to=node.tied_to),
                )
                return {}
            node = (
                tied if tied and not tied.tied_to else NodeSpec(type=GRAPH_TYPE, body=GraphSpec())
            )
            if node.body is not None:
                return dict.fromkeys(outputs, shapes.UNKNOWN)
        kind = node.type or GRAPH_TYPE
        block = self.types.get(kind)
        if block is None:
            if not node.uses:  # an unknown definition is reported where definitions are
                self.say(
                    here,
                    "unknown-type",
                    Sentence(
                        "there is no block type {kind!r}{near}",
                        kind=kind,
                        near=near(kind, self.types),
                    ),
                )
            return self.body(node.body, here, {}) if node.body else {}
        if bool(block.control) != (node.body is not None) and not node.uses:
            self.say(
                here,
                "body",
                Sentence("{kind} needs a body", kind=kind)
                if block.control
                else Sentence("{kind} takes no body", kind=kind),
            )
        config = self._config(block, node, here)
        if node.body is not None:
            for name in sorted(block.config.get("properties", {}).keys() & node.body.nodes.keys()):
                self.say(
                    join(here, name),
                    "name-reserved",
                    Sentence(
                        "{name!r} is a setting of {kind}; choose another name", name=name, kind=kind
                    ),
                )
            straight = block.control in ("graph", "repeat", "choose", "residual")
            given = {n: s[0] for n, s in arriving.items() if len(s) == 1} if straight else {}
            inner = self.body(node.body, here, given)
            again = block.control in ("repeat", "residual")  # an output meets its input
            if not straight or (again and not _keeps_shape(given, inner)):
                return dict.fromkeys(outputs, shapes.UNKNOWN)
            return inner
        if block.stops_gradient:
            self.found.stops.add(here)
        return self._leaf(here, block, arriving, config)

    def _leaf(
        self,
        here: str,
        block: BlockType,
        arriving: Mapping[str, list[Shape]],
        config: Mapping[str, Any],
    ) -> dict[str, Shape]:
        key = (id(config), *[(name, *found) for name, found in arriving.items()])
        known = self._through.get(key)
        if known is None:
            known = self._through[key] = _through(block, arriving, config)
        for port, message in known[1]:
            self.say(here, "port-shape", message, port)
        return known[0]

    def _config(self, block: BlockType, node: NodeSpec, here: str) -> dict[str, Any]:
        key = block.name, repr(node.config)
        known = self._configs.get(key)
        if known is None:
            config = {**defaults(block), **node.config}
            known = self._configs[key] = config, list(config_problems(block, node.config))
        for code, message in known[1]:
            self.say(here, code, message)
        return known[0]


def _keeps_shape(given: Mapping[str, Shape], result: Mapping[str, Shape]) -> bool:
    """Whether every output with the name of an input may have that input's shape."""
    return all(
        shapes.match(shape, given[name], {}, {}) for name, shape in result.items() if name in given
    )


def _through(
    block: BlockType, arriving: Mapping[str, list[Shape]], config: Mapping[str, Any]
) -> Through:
    """What a leaf makes of these shapes, and which of its ports cannot take them."""
    bound: shapes.Bindings = {}
    faults: list[tuple[str, str]] = []
    for name, found in arriving.items():
        port = block.inputs[name]
        pattern = shapes.axes(port.dims)
        if port.many == "concat" and len(found) > 1:
            found = [_concatenated(found)]
        for shape in found:
            scope = {} if port.many in ("list", "dict") and len(found) > 1 else bound
            if not shapes.match(pattern, shape, scope, config):
                want = shapes.show(shapes.produce(pattern, bound, config))
                got = shapes.show(shape)
                faults.append(
                    (
                        name,
                        Sentence(
                            'expected {kind} "{want}", got "{got}"',
                            kind=port.kind,
                            want=want,
                            got=got,
                        ),
                    )
                )
    made = {
        name: shapes.produce(shapes.axes(port.dims), bound, config)
        for name, port in block.outputs.items()
    }
    return made, faults


def _concatenated(found: list[Shape]) -> Shape:
    """Several wires joined along the last axis."""
    first = found[0]
    if any(shapes.REST in s or len(s) != len(first) or not s for s in found):
        return shapes.UNKNOWN
    last = [s[-1] for s in found]
    total = (
        sum(a for a in last if isinstance(a, int))
        if all(isinstance(a, int) for a in last)
        else shapes.ANY
    )
    return (*first[:-1], total)


def block_types(root: GraphSpec) -> Iterator[tuple[str, str]]:
    """(path, block type) of every node at every depth; a tied node has its target's type."""
    for path, node in root.walk():
        tied = node_at(root, node.tied_to) if node.tied_to else None
        yield path, (tied or node).type or GRAPH_TYPE
