"""Control flow: composites with their own way of running the body; the scheduler never learns of it."""

from __future__ import annotations

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

    An output with the name of an input is fed back into it; every other input stays as given.

    Shapes: those of the body; a fed-back port keeps its shape.
    """

    straight = False
    control = "repeat"

    def __init__(self, body: Body, times: PositiveInt = 1) -> None:
        """`times` is how often the body runs."""
        super().__init__(body)
        self.times = times

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The last turn's outputs."""
        result: dict[str, Any] = {}
        for turn in range(self.times):
            result = super().forward(run=run.at(str(turn)) if run else None, **given)
            given = given | {name: result[name] for name in result.keys() & given.keys()}
        return result


class Choose(Graph):
    """Run one of several nodes: the one whose number, in the order of their names, `which` gives.

    Every node of the body is a branch with the same ports; exposed inputs lead to all branches, and
    an exposed output named after one branch's port is answered by the same port of the chosen one.

    Shapes: which () integer; the rest those of the branches.
    """

    straight = False
    control = "choose"

    @classmethod
    def signature_ports(cls) -> Ports:
        """The branches' ports and `which`."""
        return {"which": PortType(name="which", kind="any", dims="")}, {}

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The chosen branch's outputs; the others do not run."""
        which = given.pop("which")
        number = int(which.item() if isinstance(which, Tensor) else which)
        names = sorted(self.spec.nodes)
        if not 0 <= number < len(names):
            raise ValueError(
                f"port 'which': expected 0 to {len(names) - 1} ({', '.join(names)}), got {number}"
            )
        branch = names[number]
        targets = {outer: f"{branch}.{pin.port}" for outer, pin in self.spec.outputs.items()}
        key = (branch, *given)
        if key not in self._programs:
            self._programs[key] = self.program(targets.values(), given)
        found = self._programs[key]({n: given[n] for n in self._programs[key].inputs}, run)
        return {outer: found[target] for outer, target in targets.items()}


class Each(Graph):
    """Run the body once for every item of some inputs: frames of a film, texts of a list.

    The inputs named in `over` are taken apart along their first axis (or as a list); the others are
    given whole to every turn. Tensors that come out are stacked along a new first axis, other values
    become lists.

    Shapes: over (n, ...) -> outputs (n, ...).
    """

    straight = False
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

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """All turns' outputs, in order."""
        over = [name for name in (self.over if self.over is not None else given) if name in given]
        if not over:
            raise ValueError("nothing to take apart: none of the inputs in 'over' was given")
        lengths = {name: len(given[name]) for name in over}
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

    straight = False
    control = "residual"

    def __init__(self, body: Body, scale: float = 1.0) -> None:
        """`scale` weighs the body's part."""
        super().__init__(body)
        self.scale = scale

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """The body's outputs, each added to its input of the same name."""
        result = super().forward(run=run, **given)
        return {n: given[n] + self.scale * v if n in given else v for n, v in result.items()}


def _gather(values: list[Any]) -> Any:
    return torch.stack(values) if all(isinstance(v, Tensor) for v in values) else values


CONTROL: dict[str, type[Graph]] = {c.control: c for c in (Graph, Repeat, Choose, Each, Residual)}
