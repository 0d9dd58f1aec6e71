"""Program: a straight list of calls, for one set of inputs and one of targets.

Everything that could be decided was decided when it was compiled, so that running is one short
loop. The loop knows nothing of control flow: a Repeat is a block like any other.
"""

from __future__ import annotations

import reprlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.spec.document import join
from graphs.spec.problems import Cancelled, RunError


class Step(NamedTuple):
    """One call. `ins` are the slots of positional values, `named` those given by keyword.

    `outs` are the slots of the results; with `ports` the result is a mapping or NamedTuple that is
    read by these names, else it is the value itself. In a body that loops a node is a step for each
    `round`.
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
    round: str = ""
    wanted: frozenset[str] = frozenset()  # outputs on demand that something reads

    @property
    def stream(self) -> str:
        """What the step's random stream is called: its path, and the round of a loop."""
        return join(self.path, self.round)


class Observer(Protocol):
    """What a watched run tells of each step, at every depth; raise Cancelled in either to stop.

    `path` is the node's in the document, the same in every iteration.
    """

    def started(self, path: str, step: Step, given: Mapping[str, Any]) -> None:
        """The step is about to run."""

    def finished(
        self, path: str, step: Step, seconds: float, results: Mapping[str, Any], reused: bool
    ) -> None:
        """The step gave these results, by port; `reused` ones were kept from an earlier run."""


Do = Callable[[int, Step, list[Any]], bool]  # number, step, slots -> whether results are reused


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
        later = set(self.answers.values())  # slots that are read after the step
        fast = []
        for step in reversed(self.steps):
            dead = {*step.ins, *step.outs, *[slot for _, slot in step.named]} - later
            later |= dead
            fast.append(self._fast(step, tuple(dead)))
        self.fast = fast[::-1]

    @staticmethod
    def _fast(step: Step, dead: tuple[int, ...]) -> tuple[Any, ...]:
        plain = not step.named and not step.run and step.draws == "never" and not step.ports
        one = step.ins[0] if plain and len(step.ins) == 1 else -1
        out = step.outs[0] if step.outs else -1
        return step.call, one, step.ins, out, None if plain else step, dead

    def __call__(self, given: Mapping[str, Any], run: Run | None = None) -> dict[str, Any]:
        """Run every step once; the targets by name.

        Raises: RunError naming the node that failed.
        """
        if run is not None and run.observer is not None:
            return self.stepwise(given, run, lambda _, step, values: perform(step, values, run))
        values = self._filled(given)
        if torch.compiler.is_compiling():
            self._loop(values, run)
        else:
            number = [0]
            try:
                self._loop(values, run, number)
            except Cancelled:
                raise
            except Exception as error:
                step = self.steps[number[0]]
                raise located(error, step, values) from origin(error)
        return {name: values[slot] for name, slot in self.answers.items()}

    def _filled(self, given: Mapping[str, Any]) -> list[Any]:
        values: list[Any] = [None] * self.size
        for name, slot in self.inputs.items():
            values[slot] = given[name]
        return values

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

    def stepwise(self, given: Mapping[str, Any], run: Run | None, do: Do) -> dict[str, Any]:
        """As a call, but each step is done by `do`, the run's observer is told of it, and values
        stay alive for both to look at.
        """
        values = self._filled(given)
        observer, place = (run.observer, run.place) if run is not None else (None, "")
        for number, step in enumerate(self.steps):
            path = join(place, step.path)
            if observer is not None:
                observer.started(path, step, arriving(step, values))
            start = time.perf_counter()
            try:
                reused = do(number, step, values)
            except Cancelled:
                raise
            except Exception as error:
                raise located(error, step, values) from origin(error)
            if observer is not None:
                seconds = time.perf_counter() - start
                results = zip(step.ports or ("out",), (values[s] for s in step.outs), strict=True)
                observer.finished(path, step, seconds, dict(results), reused)
        return {name: values[slot] for name, slot in self.answers.items()}


def perform(step: Step, values: list[Any], run: Run | None) -> bool:
    """Run one step: gather its values, isolate its random stream, spread its results.

    False: nothing was reused.
    """
    arguments = [values[i] for i in step.ins]
    named = {name: values[i] for name, i in step.named}
    if step.run and (run is not None or step.wanted):
        named[step.run] = (run or Run()).at(step.stream, step.wanted)
    isolated = run is not None and (
        step.draws == "always"
        or (step.draws == "training" and step.block is not None and step.block.training)
    )
    if isolated and run is not None:
        with run.stream(step.stream):
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
    return False


def arriving(step: Step, values: Sequence[Any]) -> dict[str, Any]:
    """What a step is given, by port; by number where it only combines wires."""
    names = step.block.positional_ports() if step.block else map(str, range(len(step.ins)))
    given = dict(zip(names, (values[i] for i in step.ins), strict=False))
    return given | {name: values[i] for name, i in step.named}


def located(error: Exception, step: Step, values: Sequence[Any]) -> RunError:
    """The error with the node's path; paths grow outwards through composites."""
    if isinstance(error, RunError):
        return RunError(join(step.path, error.path), error.given, origin(error))
    return RunError(step.path, brief(arriving(step, values)), error)


def origin(error: BaseException) -> BaseException:
    """What the innermost block raised."""
    return error.__cause__ or error if isinstance(error, RunError) else error


def brief(values: Mapping[str, Any]) -> str:
    """Values for a message: shapes and dtypes of tensors, types of the rest.

    >>> brief({"x": torch.zeros(2, 3)})
    'x: float32 (2, 3)'
    """

    def one(value: Any) -> str:
        if isinstance(value, Tensor):
            return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
        known = isinstance(value, int | float | str | None)
        return reprlib.repr(value) if known else type(value).__name__

    return ", ".join(f"{name}: {one(value)}" for name, value in values.items()) or "nothing"
