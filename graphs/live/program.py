"""Program: a graph flattened into a straight list of calls, for one set of inputs and one of targets.

Nested graphs are inlined, exposed ports become slots, what the targets do not need is left out, and
everything that could be decided was decided here, so that running is one short loop. The loop knows
nothing of control flow: a Repeat is a block like any other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.spec.document import Pin, join
from graphs.spec.problems import Cancelled, RunError, WorldloomError, near

if TYPE_CHECKING:
    from graphs.live.graph import Graph


@dataclass(frozen=True)
class Step:
    """One call. `ins` are the slots of positional values, `named` those given by keyword.

    `outs` are the slots of the results; with `ports` the result is a mapping or NamedTuple that is
    read by these names, else it is the value itself.
    """

    path: str
    call: Callable[..., Any]
    block: Block | None
    ins: tuple[int, ...]
    named: tuple[tuple[str, int], ...]
    outs: tuple[int, ...]
    ports: tuple[str, ...]
    run: str = ""
    draws: str = "never"


class Observer(Protocol):
    """What a watched run tells of each step; raise Cancelled in either to stop."""

    def started(self, step: Step, given: Mapping[str, Any]) -> None:
        """The step is about to run."""

    def finished(self, step: Step, seconds: float, results: Mapping[str, Any]) -> None:
        """The step gave these results, by port."""


@dataclass
class Program:
    """A straight list of steps between numbered slots.

    `inputs` are slots filled from outside, `answers` those that hold the targets.
    """

    steps: list[Step]
    size: int
    inputs: dict[str, int]
    answers: dict[str, int]
    fast: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        keep = set(self.answers.values())
        last: dict[int, int] = {}
        for number, step in enumerate(self.steps):
            for slot in (*step.ins, *(s for _, s in step.named), *step.outs):
                last[slot] = number
        dead: dict[int, list[int]] = {}
        for slot, number in last.items():
            if slot not in keep:
                dead.setdefault(number, []).append(slot)
        self.fast = [self._fast(step, tuple(dead.get(n, ()))) for n, step in enumerate(self.steps)]

    @staticmethod
    def _fast(step: Step, dead: tuple[int, ...]) -> tuple[Any, ...]:
        plain = not step.named and not step.run and step.draws == "never" and not step.ports
        one = step.ins[0] if plain and len(step.ins) == 1 else -1
        return (
            step.call,
            one,
            step.ins,
            step.outs[0] if step.outs else -1,
            None if plain else step,
            dead,
        )

    def __call__(self, given: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
        """Run every step once; the targets by name.

        Raises: RunError naming the node that failed.
        """
        values: list[Any] = [None] * self.size
        for name, slot in self.inputs.items():
            values[slot] = given[name]
        if torch.compiler.is_compiling():
            self._loop(values, run)
        else:
            number = [0]
            try:
                self._loop(values, run, number)
            except Exception as error:
                step = self.steps[number[0]]
                raise located(error, step, self._given(step, values)) from error
        return {name: values[slot] for name, slot in self.answers.items()}

    def _loop(self, values: list[Any], run: Run | None, number: list[int] | None = None) -> None:
        at = 0
        try:
            for call, one, ins, out, step, dead in self.fast:
                if one >= 0:
                    values[out] = call(values[one])
                elif step is None:
                    values[out] = call(*[values[i] for i in ins])
                else:
                    perform(step, values, run)
                for slot in dead:
                    values[slot] = None
                at += 1
        finally:
            if number is not None:
                number[0] = at

    def watched(
        self, given: Mapping[str, Any], observer: Observer, run: Run | None = None
    ) -> dict[str, Any]:
        """As a call, telling the observer of every step; values stay alive for it to look at."""
        values: list[Any] = [None] * self.size
        for name, slot in self.inputs.items():
            values[slot] = given[name]
        for step in self.steps:
            arguments = self._given(step, values)
            try:
                observer.started(step, arguments)
                start = time.perf_counter()
                perform(step, values, run)
                seconds = time.perf_counter() - start
            except Exception as error:
                raise located(error, step, arguments) from error
            names = step.ports or ("out",)
            observer.finished(
                step, seconds, dict(zip(names, (values[s] for s in step.outs), strict=True))
            )
        return {name: values[slot] for name, slot in self.answers.items()}

    @staticmethod
    def _given(step: Step, values: Sequence[Any]) -> dict[str, Any]:
        names = (
            list(step.block.ports()[0]) if step.block else [str(n) for n in range(len(step.ins))]
        )
        given = dict(zip(names, (values[i] for i in step.ins), strict=False))
        return given | {name: values[i] for name, i in step.named}


def perform(step: Step, values: list[Any], run: Run | None) -> None:
    """Run one step: gather its values, isolate its random stream, spread its results."""
    arguments = [values[i] for i in step.ins]
    named = {name: values[i] for name, i in step.named}
    if step.run:
        named[step.run] = run.at(step.path) if run is not None else None
    isolated = run is not None and (
        step.draws == "always"
        or (step.draws == "training" and step.block is not None and step.block.training)
    )
    if isolated and run is not None:
        with run.stream(step.path):
            result = step.call(*arguments, **named)
    else:
        result = step.call(*arguments, **named)
    if not step.ports:
        values[step.outs[0]] = result
    elif isinstance(result, Mapping):
        for slot, name in zip(step.outs, step.ports, strict=True):
            values[slot] = result[name]
    else:
        for slot, name in zip(step.outs, step.ports, strict=True):
            values[slot] = getattr(result, name)


def located(error: Exception, step: Step, given: Mapping[str, Any]) -> Exception:
    """The error with the node's path; paths grow outwards through composites."""
    if isinstance(error, RunError):
        inner = error.__cause__ or error
        return RunError(join(step.path, error.path), error.given, inner)
    if isinstance(error, Cancelled):
        return error
    if isinstance(error, WorldloomError) and step.block is None:
        return error
    return RunError(step.path, brief(given), error)


def brief(values: Mapping[str, Any]) -> str:
    """Values for a message: shapes and dtypes of tensors, types of the rest.

    >>> brief({"x": torch.zeros(2, 3)})
    'x: float32 (2, 3)'
    """

    def one(value: Any) -> str:
        if isinstance(value, Tensor):
            return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
        return repr(value) if isinstance(value, int | float | str | None) else type(value).__name__

    return ", ".join(f"{name}: {one(value)}" for name, value in values.items()) or "nothing"


def combine(how: str, names: tuple[str, ...], *values: Any) -> Any:
    """What several wires into one port become."""
    match how:
        case "sum":
            return sum(values[1:], values[0])
        case "concat":
            return torch.cat(values, dim=-1)
        case "list":
            return list(values)
        case "dict":
            return dict(zip(names, values, strict=True))
        case "first":
            return values[0]
    raise ValueError(f"a {how!r} port takes one wire, got {len(values)}")


class Compiler:
    """Flattens a graph; used once per (inputs, targets)."""

    def __init__(self, graph: Graph, given: Iterable[str], opaque: Callable[[str], bool]) -> None:
        self.opaque = opaque  # nested graphs that stay one call, by path
        self.steps: list[Step] = []
        self.slots: dict[str, int] = {}  # "path.port" of every output -> slot
        self.size = 0
        inputs = {name: self.new() for name in given}
        self.inputs = inputs
        self._graph(graph, "", inputs)
        for outer, pin in graph.spec.outputs.items():
            if str(pin) in self.slots:
                self.slots[outer] = self.slots[str(pin)]

    def program(self, targets: Iterable[str]) -> Program:
        """Only the steps that these targets need.

        Raises: KeyError for a target that does not exist or cannot be computed from what is given.
        """
        answers = {}
        for target in targets:
            if target not in self.slots:
                raise KeyError(f"no value {target!r} can be computed{near(target, self.slots)}")
            answers[target] = self.slots[target]
        needed, steps = set(answers.values()), []
        for step in reversed(self.steps):
            if needed.intersection(step.outs):
                needed.update(step.ins, (slot for _, slot in step.named))
                steps.append(step)
        return Program(
            steps[::-1], self.size, {n: s for n, s in self.inputs.items() if s in needed}, answers
        )

    def new(self) -> int:
        """A fresh slot."""
        self.size += 1
        return self.size - 1

    def _graph(self, graph: Graph, path: str, given: Mapping[str, int]) -> dict[str, int]:
        from graphs.live.graph import Graph as LiveGraph

        fed: dict[Pin, list[tuple[str, int]]] = {}
        for outer, pins in graph.spec.inputs.items():
            for pin in pins:
                if outer in given:
                    fed.setdefault(pin, []).append((outer, given[outer]))
        incoming: dict[str, list[Any]] = {}
        for wire in graph.spec.wires:
            incoming.setdefault(wire.target.node, []).append(wire)
        known: dict[Pin, int] = {}
        for name in graph.order:
            block, here = graph.child(name), join(path, name)
            for wire in incoming.get(name, ()):
                if wire.source in known:
                    fed.setdefault(wire.target, []).append((wire.source.node, known[wire.source]))
            arguments = self._arguments(block, name, here, fed)
            if arguments is None:
                continue
            if isinstance(block, LiveGraph) and block.straight and not self.opaque(here):
                results = self._graph(block, here, arguments)
            else:
                results = self._call(block, here, arguments)
            for port, slot in results.items():
                known[Pin(name, port)] = slot
                self.slots[f"{here}.{port}"] = slot
        return {outer: known[pin] for outer, pin in graph.spec.outputs.items() if pin in known}

    def _arguments(
        self, block: Block, name: str, here: str, fed: Mapping[Pin, list[tuple[str, int]]]
    ) -> dict[str, int] | None:
        arguments: dict[str, int] = {}
        for port in block.ports()[0].values():
            arriving = fed.get(Pin(name, port.name), [])
            if not arriving:
                if port.required:
                    return None  # cannot run with what is given; only an error if a target needs it
                continue
            if len(arriving) == 1 and port.many not in ("list", "dict"):
                arguments[port.name] = arriving[0][1]
                continue
            sources = tuple(source for source, _ in arriving)
            slot = self.new()
            call = partial(combine, port.many, sources)
            ins = tuple(s for _, s in arriving)
            self.steps.append(Step(f"{here}.{port.name}", call, None, ins, (), (slot,), ()))
            arguments[port.name] = slot
        return arguments

    def _call(self, block: Block, here: str, arguments: dict[str, int]) -> dict[str, int]:
        from graphs.live.graph import Graph as LiveGraph

        inputs, outputs = block.ports()
        composite = isinstance(block, LiveGraph)
        positional: list[int] = []
        if not composite:
            for port in inputs:
                if port not in arguments:
                    break
                positional.append(arguments[port])
        named = tuple(
            (p, s)
            for p, s in arguments.items()
            if composite or p not in list(inputs)[: len(positional)]
        )
        slots = {port: self.new() for port in outputs}
        single = not composite and tuple(outputs) == ("out",) and not block.gives_tuple()
        call: Callable[..., Any] = block
        if getattr(block, "recompute", False):
            call = partial(checkpoint, block, use_reentrant=False)
        self.steps.append(
            Step(
                here,
                call,
                block,
                tuple(positional),
                named,
                tuple(slots.values()),
                () if single else tuple(outputs),
                "run" if composite else block.wants_run(),
                block.draws,
            )
        )
        return slots
