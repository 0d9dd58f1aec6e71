"""The optimiser: parameter groups made from rules, and its state kept by parameter name.

torch keys the state by position; a name survives edits of the graph, and says in a file what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.modes import decay, rate
from graphs.learn.schedule import factor
from graphs.spec.plan import Plan, Rule, Schedule
from graphs.spec.problems import FileError, WorldloomError, near

Parameters = Mapping[str, tuple[nn.Parameter, Rule]]


class Optimiser:
    """One torch optimiser over named parameters, a group for each (rate, decay, schedule)."""

    def __init__(self, plan: Plan, parameters: Parameters) -> None:
        """Make the groups in the order of the parameters.

        Raises: WorldloomError for an optimiser that torch does not have or options it does not take.
        """
        self.plan = plan
        self.names = {id(p): name for name, (p, _) in parameters.items()}
        grouped: dict[tuple[float, float, str], list[nn.Parameter]] = {}
        self.schedules: list[Schedule] = []
        for parameter, rule in parameters.values():
            schedule = rule.schedule or plan.schedule
            key = (rate(plan, rule), decay(plan, rule), schedule.model_dump_json())
            if key not in grouped:
                self.schedules.append(schedule)
            grouped.setdefault(key, []).append(parameter)
        self.peaks = [lr for lr, _, _ in grouped]
        groups = [
            {"params": ps, "lr": lr, "weight_decay": wd} for (lr, wd, _), ps in grouped.items()
        ]
        self.torch = _make(plan.optimiser.name, groups, dict(plan.optimiser.options))

    def at(self, step: int) -> float:
        """Set every group's rate for this step; the first group's rate."""
        for group, peak, schedule in zip(
            self.torch.param_groups, self.peaks, self.schedules, strict=True
        ):
            group["lr"] = peak * factor(schedule, step, self.plan.steps)
        return float(self.torch.param_groups[0]["lr"])

    def step(self) -> None:
        """Move every parameter that has a gradient, then drop the gradients."""
        self.torch.step()
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

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Take the state back. Raises: FileError when a name is not one of these parameters."""
        known = {
            name: p
            for g in self.torch.param_groups
            for p in g["params"]
            for name in [self.names[id(p)]]
        }
        fresh: dict[nn.Parameter, dict[str, Any]] = {}
        for key, value in tensors.items():
            name, entry, *number = key.split("|")
            if name not in known:
                raise FileError(
                    f"optimiser state for {name!r}, which does not train here{near(name, known)}"
                )
            parameter = known[name]
            whole = value.item() if number else value.clone()
            if number and float(whole).is_integer():
                whole = int(whole)
            if isinstance(whole, Tensor) and whole.dim():
                whole = whole.to(parameter.device)
            fresh.setdefault(parameter, {})[entry] = whole
        self.torch.state.clear()
        self.torch.state.update(fresh)


def _make(
    name: str, groups: list[dict[str, Any]], options: dict[str, Any]
) -> torch.optim.Optimizer:
    known = {
        n: c
        for n, c in vars(torch.optim).items()
        if isinstance(c, type)
        and issubclass(c, torch.optim.Optimizer)
        and c is not torch.optim.Optimizer
    }
    if name not in known or name == "LBFGS":
        why = "LBFGS calls the loss itself, which a loop of steps cannot" if name == "LBFGS" else ""
        raise WorldloomError(why or f"torch.optim has no {name!r}{near(name, known)}")
    try:
        return known[name](groups, **options)
    except (TypeError, ValueError) as error:
        raise WorldloomError(f"optimiser {name}: {error}; check plan.optimiser.options") from error
