"""Control flow: composites with their own way of running the body; the scheduler never learns of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from pydantic import PositiveInt
from torch import Tensor

from graphs.live.block import Ports
from graphs.live.context import Run
from graphs.live.graph import Body, Graph
from graphs.spec.catalogue import PortType


class Repeat(Graph):
    """Run the body again and again: denoising, recurrence, rollouts.

    An output with the name of an input is fed back into it, also where the first turn had none;
    every other input stays as given.

    Shapes: those of the body; a fed-back port keeps its shape.
    """

    control = "repeat"

    def __init__(self, body: Body, times: PositiveInt = 1) -> None:
        """`times` is how often the body runs."""
        super().__init__(body)
        self.times = times

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The last turn's outputs."""
        result: dict[str, Any] = {}
        inputs = self.spec.inputs
        for turn in range(self.times):
            result = super().forward(run=run.at(str(turn)) if run else None, **given)
            given = given | {name: value for name, value in result.items() if name in inputs}
        return result


class Choose(Graph):
    """Run one of several nodes: the one whose number, in the order of their names, `which` gives.

    Every node of the body is a branch with the same ports; exposed inputs lead to all branches, and
    an exposed output named after one branch's port is answered by the same port of the chosen one.

    Shapes: which () integer; the rest those of the branches.
    """

    control = "choose"

    @classmethod
    def signature_ports(cls) -> Ports:  # type: ignore[override]
        """The branches' ports and `which`."""
        return {"which": PortType(name="which", kind="any", dims="")}, {}

    def __init__(self, body: Body) -> None:
        """Raises: ValueError when a branch lacks the port of an exposed output."""
        super().__init__(body)
        for outer, pin in body.spec.outputs.items():
            for name in sorted(body.spec.nodes):
                if pin.port not in (known := self.child(name).ports()[1]):
                    raise ValueError(
                        f"output {outer!r}: every branch needs an output {pin.port!r}, "
                        f"but {name!r} gives {', '.join(known) or 'nothing'}"
                    )

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The chosen branch's outputs; the others do not run."""
        if "which" not in given:
            self._refuse(given)
        branch = self._branch(given.pop("which"))
        targets = {outer: f"{branch}.{pin.port}" for outer, pin in self.spec.outputs.items()}
        key = (branch, *self._key(given))
        program = self._programs.get(key)
        if program is None:
            program = self._programs[key] = self.program(targets.values(), given)
        found = program(given, run)
        return {outer: found[target] for outer, target in targets.items()}

    def _branch(self, which: Any) -> str:
        number = which.item() if isinstance(which, Tensor) else which
        names = sorted(self.spec.nodes)
        if number not in range(len(names)):
            raise ValueError(
                f"port 'which': expected a whole number from 0 to {len(names) - 1} "
                f"({', '.join(names)}), got {number}"
            )
        return names[int(number)]


class Each(Graph):
    """Run the body once for every item of some inputs: frames of a film, texts of a list.

    The inputs named in `over` are taken apart along their first axis (or as a list); the others are
    given whole to every turn. Tensors that come out are stacked along a new first axis, other values
    become lists.

    Shapes: over (n, ...) -> outputs (n, ...).
    """

    control = "each"

    def __init__(self, body: Body, over: list[str] | None = None) -> None:
        """`over` are the inputs to take apart; all of them when not given."""
        super().__init__(body)
        self.over = over
        unknown = [name for name in over or () if name not in body.spec.inputs]
        if unknown:
            raise ValueError(
                f"over: expected exposed inputs ({', '.join(body.spec.inputs)}), got {', '.join(unknown)}"
            )
        inputs, outputs = self._ports
        apart = {n: inputs[n].model_copy(update={"many": "single"}) for n in over or inputs}
        self._ports = {**inputs, **apart}, outputs  # what is taken apart is one wire's

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """All turns' outputs, in order."""
        over = [name for name in (self.over if self.over is not None else given) if name in given]
        if not over:
            raise ValueError("nothing to take apart: none of the inputs in 'over' was given")
        lengths = {name: _length(name, given[name]) for name in over}
        if len(set(lengths.values())) != 1 or 0 in lengths.values():
            raise ValueError(f"inputs taken apart need one common length above 0, got {lengths}")
        turns = [
            super(Each, self).forward(
                run=run.at(str(turn)) if run else None,
                **{name: v[turn] if name in over else v for name, v in given.items()},
            )
            for turn in range(lengths[over[0]])
        ]
        return {name: _gather([turn[name] for turn in turns]) for name in turns[0]}


class Residual(Graph):
    """Add what the body makes of its input to that input: y = x + scale · body(x).

    Every output with the name of an input is such a pair; other outputs pass unchanged.

    Shapes: an output named like an input has that input's shape.
    Source: He et al., Deep Residual Learning, 2015.
    """

    control = "residual"

    def __init__(self, body: Body, scale: float = 1.0) -> None:
        """`scale` weighs the body's part. Raises: ValueError when no output is named like an input."""
        super().__init__(body)
        if not set(body.spec.inputs) & set(body.spec.outputs):
            raise ValueError(
                "expected an exposed output with the name of an exposed input, to be added to it; "
                f"got outputs {', '.join(body.spec.outputs) or 'none'}; rename one of them"
            )
        self.scale = scale

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The body's outputs, each added to its input of the same name."""
        result = super().forward(run=run, **given)
        return {n: given[n] + self.scale * v if n in given else v for n, v in result.items()}


@contextmanager
def one_turn(repeat: Repeat) -> Iterator[int]:
    """Inside, the body runs once; how often it runs otherwise."""
    times, repeat.times = repeat.times, 1
    try:
        yield times
    finally:
        repeat.times = times


def _length(name: str, value: Any) -> int:
    if isinstance(value, list | tuple) or (isinstance(value, Tensor) and value.dim()):
        return len(value)
    got = "a scalar" if isinstance(value, Tensor) else type(value).__name__
    raise ValueError(f"port {name!r}: expected a tensor with an axis or a list, got {got}")


def _gather(values: list[Any]) -> Any:
    return torch.stack(values) if all(isinstance(v, Tensor) for v in values) else values


CONTROL: dict[str, type[Graph]] = {c.control: c for c in (Graph, Repeat, Choose, Each, Residual)}
