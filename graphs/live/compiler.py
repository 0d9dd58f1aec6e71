"""Compiler: from a nested graph to a flat Program.

Nested graphs are inlined, exposed ports become slots, and what the targets do not need is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

import torch

from graphs.live.block import Block
from graphs.live.graph import Graph
from graphs.live.program import Program, Step
from graphs.live.recompute import recomputed
from graphs.spec.document import Pin, Wire, join
from graphs.spec.problems import near

LOST = -1  # the slot of a value that cannot be computed from what is given


# A value at an input: from where, in which slot, and whether several wires may be in it. They may in
# what enters through an exposed input: a list or dict port was collected outside.
Arrival = tuple[Pin, int, bool]


class Compiler:
    """Flattens a graph; used once per (inputs, targets).

    A graph that has to be called (see Graph.called) stays one call, unless a target lies inside.
    """

    def __init__(self, graph: Graph, given: Iterable[str], targets: Iterable[str] = ()) -> None:
        self.graph, self.targets = graph, list(targets)
        self.entered = {path for target in self.targets for path in _holders(target)}
        self.closed: set[str] = set()  # composites that stay one call
        self.steps: list[Step] = []
        self.slots: dict[str, int] = {}  # "path.port" of every output -> slot
        self.size = 0
        self.inputs = self.new(dict.fromkeys(given))
        lacking = {n: LOST for n, p in graph.ports()[0].items() if p.required}
        self._graph(graph, "", lacking | self.inputs)
        for outer, pin in graph.spec.outputs.items():
            self.slots[outer] = self.slots[str(pin)]

    def program(self) -> Program:
        """Only the steps that the targets need.

        Raises: KeyError for a target that does not exist or cannot be computed from what is given.
        """
        answers = {}
        for target in self.targets:
            slot = self.slots.get(target)
            if closed := self.closed.intersection(_holders(target)):
                raise KeyError(
                    f"{target!r} is inside {min(closed)!r}, which gives only its outputs"
                )
            if slot is None:
                raise KeyError(f"there is no value {target!r}{near(target, self.slots)}")
            if slot == LOST:
                raise KeyError(f"{target!r} cannot be computed without {self._lacks(target)}")
            answers[target] = slot
        needed, steps = set(answers.values()), []
        for step in reversed(self.steps):
            if not needed.isdisjoint(step.outs):
                needed.update(step.ins)
                needed.update([slot for _, slot in step.named])
                steps.append(_asked(step, needed))
        inputs = {n: s for n, s in self.inputs.items() if s in needed}
        return Program(steps[::-1], self.size, inputs, answers)

    def computable(self) -> list[str]:
        """Every value that can be computed from what is given."""
        return [name for name, slot in self.slots.items() if slot != LOST]

    def _lacks(self, target: str) -> str:
        ports = self.graph.ports()[0]
        needed = Compiler(self.graph, ports, [target]).program().inputs
        return ", ".join(repr(n) for n in needed if ports[n].required and n not in self.inputs)

    def new(self, ports: Iterable[str]) -> dict[str, int]:
        """Each of these with a fresh slot."""
        slots = {port: slot for slot, port in enumerate(ports, self.size)}
        self.size += len(slots)
        return slots

    def _graph(
        self, graph: Graph, path: str, given: Mapping[str, int], round_: str = ""
    ) -> dict[str, int]:
        entering: dict[str, list[tuple[Pin, Arrival]]] = {}
        for outer, pins in sorted(graph.spec.inputs.items()):  # as files have them
            if outer in given:
                for pin in pins:
                    arrival = Pin("", outer), given[outer], True
                    entering.setdefault(pin.node, []).append((pin, arrival))
        incoming: dict[str, list[Wire]] = {}
        for wire in graph.spec.wires:
            incoming.setdefault(wire.target.node, []).append(wire)
        known: dict[tuple[str, str], int] = {}  # by Pin, or what is equal to one
        prefix = f"{path}." if path else ""
        for turn in graph.order:
            again = {wire.target for wire in turn.feedback}
            for number in range(turn.loops):
                where = join(round_, str(number)) if turn.feedback else round_
                for name in turn.names:
                    fed: dict[str, list[Arrival]] = {}
                    for pin, arrival in entering.get(name, ()):
                        if not number or pin not in again:
                            fed.setdefault(pin.port, []).append(arrival)
                    for wire in incoming.get(name, ()):
                        source, target = wire
                        both = again and target in again  # the first round has no round before it
                        if not both or (wire in turn.feedback) == bool(number):
                            fed.setdefault(target.port, []).append((source, known[source], False))
                    here = prefix + name
                    for port, slot in self._node(graph.child(name), here, fed, where).items():
                        known[name, port] = slot
                        self.slots[f"{here}.{port}"] = slot
        return {outer: known[pin] for outer, pin in graph.spec.outputs.items()}

    def _node(
        self, block: Block, here: str, fed: Mapping[str, list[Arrival]], round_: str
    ) -> dict[str, int]:
        arguments = self._arguments(block, here, fed)
        if isinstance(block, Graph) and self._inlined(block, here):
            return self._graph(block, here, arguments, round_)
        if LOST in arguments.values():
            return dict.fromkeys(block.ports()[1], LOST)
        return self._call(block, here, arguments, round_)

    def _inlined(self, block: Graph, here: str) -> bool:
        if not block.called or (block.straight and here in self.entered):
            return True
        self.closed.add(here)
        return False

    def _arguments(
        self, block: Block, here: str, fed: Mapping[str, list[Arrival]]
    ) -> dict[str, int]:
        arguments: dict[str, int] = {}
        for name, port in block.ports()[0].items():
            found = fed.get(name)
            if found is None:
                if port.required:
                    arguments[name] = LOST  # only an error if a target needs it
                continue
            slots = tuple([slot for _, slot, _ in found])
            if LOST in slots:
                arguments[name] = LOST
            elif len(found) == 1 and port.many not in ("list", "dict"):
                arguments[name] = slots[0]
            else:
                whole = tuple([whole for _, _, whole in found])
                call = partial(combine, port.many, _names(found), whole)
                arguments |= (made := self.new([name]))
                outs = tuple(made.values())
                self.steps.append(Step(f"{here}.{name}", call, None, slots, (), outs, ()))
        return arguments

    def _call(
        self, block: Block, here: str, arguments: dict[str, int], round_: str
    ) -> dict[str, int]:
        slots = self.new(block.ports()[1])
        ports, outs = tuple(slots), tuple(slots.values())
        composite = isinstance(block, Graph)
        leading = () if composite else block.positional_ports()
        first = tuple(takewhile(arguments.__contains__, leading))
        left = [] if len(first) == len(arguments) else arguments.items()
        named = tuple([(port, slot) for port, slot in left if port not in first])
        single = not composite and ports == ("out",) and not block.gives_tuple()
        call: Callable[..., Any] = self.graph.calling.get(here, block)
        if block.recompute:
            call = recomputed(block, call)
        self.steps.append(
            Step(
                here,
                call,
                block,
                tuple([arguments[port] for port in first]),
                named,
                outs,
                () if single else ports,
                "run" if composite else block.wants_run(),
                block.draws,
                round_,
            )
        )
        return slots


def _asked(step: Step, needed: set[int]) -> Step:
    """The step, told which of its outputs on demand are read."""
    if step.block is None or not step.block.on_demand:
        return step
    read = {port for port, slot in zip(step.ports, step.outs, strict=False) if slot in needed}
    found = read & step.block.on_demand
    return step._replace(wanted=frozenset(found)) if found else step


def combine(how: str, names: Sequence[str], whole: Sequence[bool], *values: Any) -> Any:
    """What several values at one port become; `whole` ones may be collections already.

    >>> combine("list", ("a", "x"), (False, True), 1, [2, 3])
    [1, 2, 3]
    """
    match how:
        case "sum":
            return sum(values[1:], values[0])
        case "concat":
            return torch.cat(values, dim=-1)
        case "first":
            return values[0]
        case "list":
            items: list[Any] = []
            for value, collected in zip(values, whole, strict=True):
                many = collected and isinstance(value, list | tuple)
                items += value if many else [value]
            return items
        case "dict":
            table: dict[str, Any] = {}
            for name, value, collected in zip(names, values, whole, strict=True):
                part = value if collected and isinstance(value, Mapping) else {name: value}
                if double := part.keys() & table.keys():
                    raise ValueError(f"several wires come from {', '.join(double)}; rename a node")
                table |= part
            return table
    raise ValueError(f"a {how!r} port takes one wire, got {len(values)}")


def _holders(target: str) -> Iterator[str]:
    """The paths of the graphs around the node of a target "path.port", from the outermost."""
    names = target.split(".")[:-2]
    return (".".join(names[: depth + 1]) for depth in range(len(names)))


def _names(found: Sequence[Arrival]) -> tuple[str, ...]:
    """What a dict port calls its wires: by node, or by "node.port" where a node feeds it twice."""
    times = Counter(source.node for source, _, _ in found)
    return tuple(
        source.port if whole else source.node if times[source.node] == 1 else str(source)
        for source, _, whole in found
    )
