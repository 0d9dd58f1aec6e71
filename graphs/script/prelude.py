"""What a script brings along besides its blocks; copied into it as it stands here, as far as needed.

These stand for the parts of the engine that a script has no use for: how a body runs is written out
in the script, so that only the ways to run it again, or a part of it, are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.lowrank import Adapted, delta_for
from graphs.live.context import _hash, seeded
from graphs.spec.document import join


class Nodes(nn.Module):
    """Named blocks side by side; what they pass to each other is written in a `forward`."""

    def __init__(self, **blocks: nn.Module) -> None:
        super().__init__()
        for name, block in blocks.items():
            self.add_module(name, block)


@dataclass(frozen=True)
class Run:
    """Which random numbers a pass draws: every node has a stream of its own.

    A stream is named by the seed, the node's path and the position, so the same run gives the same
    noise, whatever else is drawn.
    """

    seed: int = 0
    position: int = 0
    path: str = ""
    device: str = "cpu"

    def at(self, name: str) -> Run:
        """The same run, seen from inside the node or turn `name`."""
        return replace(self, path=join(self.path, name))

    def key(self, name: str = "") -> int:
        """The seed of a stream."""
        return _hash(f"{self.seed}/{join(self.path, name)}/{self.position}")

    def generator(self, name: str = "", device: torch.device | str = "cpu") -> torch.Generator:
        """A generator of this node's own stream."""
        return torch.Generator(device).manual_seed(self.key(name))

    @contextmanager
    def stream(self, name: str) -> Iterator[None]:
        """Torch's global generators stand at this node's stream inside, as before afterwards."""
        with seeded(self.key(name), torch.device(self.device)):
            yield


class Repeat(nn.Module):
    """Runs `body` again and again; an output with the name of an input is fed back into it."""

    times: int
    inputs: tuple[str, ...]

    def body(self, run: Run, **given: Any) -> dict[str, Any]:
        """One turn."""
        raise NotImplementedError

    def forward(self, run: Run, **given: Any) -> dict[str, Any]:
        """The last turn's outputs."""
        result: dict[str, Any] = {}
        for turn in range(self.times):
            result = self.body(run.at(str(turn)), **given)
            given = given | {name: value for name, value in result.items() if name in self.inputs}
        return result


class Choose(nn.Module):
    """Runs the branch whose number `which` is, in the order of their names."""

    branches: tuple[str, ...]

    def forward(self, run: Run, which: Any, **given: Any) -> dict[str, Any]:
        """The chosen branch's outputs."""
        number = which.item() if isinstance(which, Tensor) else which
        if number not in range(len(self.branches)):
            raise ValueError(f"which: expected a number of {self.branches}, got {number}")
        branch = getattr(self, f"as_{self.branches[int(number)]}")
        chosen: dict[str, Any] = branch(run, **given)
        return chosen


class Each(nn.Module):
    """Runs `body` for every item of the inputs named in `over`; tensors that come out are stacked."""

    over: tuple[str, ...]

    def body(self, run: Run, **given: Any) -> dict[str, Any]:
        """One item."""
        raise NotImplementedError

    def forward(self, run: Run, **given: Any) -> dict[str, Any]:
        """All items' outputs, in order."""
        lengths = {len(given[name]) for name in self.over}
        if len(lengths) != 1 or 0 in lengths:
            raise ValueError(f"{self.over} need one common length above 0, got {lengths}")
        turns = []
        for turn in range(lengths.pop()):
            items = {name: v[turn] if name in self.over else v for name, v in given.items()}
            turns.append(self.body(run.at(str(turn)), **items))
        found: dict[str, Any] = {name: [turn[name] for turn in turns] for name in turns[0]}
        return {
            name: torch.stack(v) if all(isinstance(item, Tensor) for item in v) else v
            for name, v in found.items()
        }


class Residual(nn.Module):
    """Adds what `body` makes of its inputs to them, weighed by `scale`."""

    scale: float

    def body(self, run: Run, **given: Any) -> dict[str, Any]:
        """What is added."""
        raise NotImplementedError

    def forward(self, run: Run, **given: Any) -> dict[str, Any]:
        """The body's outputs, each added to its input of the same name."""
        result = self.body(run, **given)
        return {n: given[n] + self.scale * v if n in given else v for n, v in result.items()}


def adapt(
    model: nn.Module, path: str, variants: Mapping[str, tuple[float, int, float, bool, float]]
) -> None:
    """Put light variants on a layer: name -> (weight, rank, alpha, root scale, dropout)."""
    parent = model.get_submodule(path.rpartition(".")[0])
    layer = model.get_submodule(path)
    wrapper = Adapted(layer)
    for name, (_, rank, alpha, root_scale, dropout) in variants.items():
        wrapper.adapters[name] = delta_for(layer, rank, alpha, root_scale, dropout, seed=0)
    wrapper.active = tuple((name, weight) for name, (weight, *_) in variants.items())
    setattr(parent, path.rpartition(".")[2], wrapper)
