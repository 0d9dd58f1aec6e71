"""The optimiser: parameter groups made from rules, and its state kept by parameter name.

torch keys the state by position; a name survives edits of the graph, and says in a file what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.modes import Timeline, decay, rate
from graphs.learn.schedule import factor
from graphs.spec.plan import Plan, Schedule
from graphs.spec.problems import FileError, WorldloomError, near

Parameters = Mapping[str, tuple[nn.Parameter, Timeline]]


@dataclass(frozen=True)
class Pace:
    """How fast a group of parameters moves from a step on."""

    start: int
    lr: float
    weight_decay: float
    schedule: Schedule


class Optimiser:
    """One torch optimiser over named parameters, a group for each pace over time."""

    def __init__(self, plan: Plan, parameters: Parameters) -> None:
        """Make the groups in the order of the parameters.

        Raises: WorldloomError for an optimiser that torch does not have or options it does not take.
        """
        self.plan = plan
        self.names = {id(p): name for name, (p, _) in parameters.items()}
        grouped: dict[tuple[Pace, ...], list[nn.Parameter]] = {}
        for parameter, line in parameters.values():
            grouped.setdefault(_paces(plan, line), []).append(parameter)
        self.paces = list(grouped)
        groups = [
            {"params": held, "lr": paces[0].lr, "weight_decay": paces[0].weight_decay}
            for paces, held in grouped.items()
        ]
        self.torch = _make(plan, groups)
        if any(pace.weight_decay for paces in self.paces for pace in paces):
            _refuse_decay(plan, self.torch)

    def at(self, step: int) -> float:
        """Set every group's rate and decay for this step; the first group's rate."""
        for group, paces in zip(self.torch.param_groups, self.paces, strict=True):
            pace = next((p for p in reversed(paces) if p.start <= step), paces[0])
            group["lr"] = pace.lr * factor(pace.schedule, step, self.plan.steps)
            group["weight_decay"] = pace.weight_decay
        return float(self.torch.param_groups[0]["lr"])

    def step(self) -> None:
        """Move every parameter that has a gradient, then drop the gradients."""
        self.torch.step()
        self.drop_gradients()

    def drop_gradients(self) -> None:
        """No parameter has a gradient, not even zero: a zero one still moves it by its momentum."""
        self.torch.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Tensor]:
        """Moments and counters as tensors, by "parameter|entry"; numbers as 0-dim float64."""
        found: dict[str, Tensor] = {}
        for parameter, entries in self.torch.state.items():
            name = self.names[id(parameter)]
            for entry, value in entries.items():
                if isinstance(value, Tensor):
                    found[f"{name}|{entry}"] = value.detach()
                elif isinstance(value, int | float):
                    found[f"{name}|{entry}|number"] = torch.tensor(value, dtype=torch.float64)
                elif value is not None:
                    raise WorldloomError(
                        f"{self.plan.optimiser.name} keeps a {type(value).__name__} as {entry!r}, "
                        "which cannot be saved exactly; choose another optimiser"
                    )
        return found

    def refuse(self, tensors: Mapping[str, Tensor]) -> None:
        """Raises: FileError when a state is not one of these parameters."""
        known = set(self.names.values())
        for key in tensors:
            name = key.partition("|")[0]
            if name not in known:
                hint = near(name, known)
                raise FileError(f"optimiser state for {name!r}, which does not train here{hint}")

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state back. Raises: FileError when a name is not one of these parameters."""
        self.refuse(tensors)
        places = {
            self.names[id(p)]: (p, group)
            for group in self.torch.param_groups
            for p in group["params"]
        }
        fresh: dict[Tensor, dict[str, Any]] = {}
        for key, value in tensors.items():
            name, entry, *number = key.split("|")
            parameter, group = places[name]
            whole = value.item() if number else value.clone()
            if number and float(whole).is_integer():
                whole = int(whole)
            moves = group.get("capturable") or group.get("fused")  # else counters stay on the CPU
            if isinstance(whole, Tensor) and (whole.dim() or moves):
                whole = whole.to(parameter.device)
            fresh.setdefault(parameter, {})[entry] = whole
        self.torch.state.clear()
        self.torch.state.update(fresh)


def optimiser_class(plan: Plan) -> type[torch.optim.Optimizer]:
    """The class that a plan names.

    Raises: WorldloomError when torch has none of that name, or options say what the plan says.
    """
    name = plan.optimiser.name
    known = {
        n: c
        for n, c in vars(torch.optim).items()
        if isinstance(c, type) and issubclass(c, torch.optim.Optimizer) and n != "Optimizer"
    }
    if name == "LBFGS":
        raise WorldloomError("LBFGS calls the loss itself, which a loop of steps cannot")
    if name not in known:
        raise WorldloomError(f"torch.optim has no {name!r}{near(name, known)}")
    for option in ("lr", "weight_decay", "params"):
        if option in plan.optimiser.options:
            raise WorldloomError(
                f"optimiser.options: {option!r} is none; lr and weight_decay stand beside the options"
            )
    return known[name]


def _paces(plan: Plan, line: Timeline) -> tuple[Pace, ...]:
    found: list[Pace] = []
    for start, rule in line:
        if rule is None:
            continue
        pace = Pace(start, rate(plan, rule), decay(plan, rule), rule.schedule or plan.schedule)
        if not found or (pace.lr, pace.weight_decay, pace.schedule) != (
            found[-1].lr,
            found[-1].weight_decay,
            found[-1].schedule,
        ):
            found.append(pace)
    return tuple(found)


def _make(plan: Plan, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    try:
        return optimiser_class(plan)(groups, **plan.optimiser.options)
    except (TypeError, ValueError) as error:
        raise WorldloomError(
            f"optimiser {plan.optimiser.name}: {error}; check plan.optimiser.options"
        ) from error


def _refuse_decay(plan: Plan, made: torch.optim.Optimizer) -> None:
    if "weight_decay" not in made.defaults:
        raise WorldloomError(
            f"optimiser {plan.optimiser.name} takes no weight decay; set weight_decay to 0"
        )
