"""The installed library, and a pack of the smallest blocks that show a fact about running."""

import sys
from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import pytest
import torch
from pydantic import PositiveInt
from torch import Tensor

import nodes
from graphs.live import Block, Run
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec

Make = Callable[[Mapping[str, Any]], Graph]


class Count(Block):
    """The sine of x, and how often it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        self.calls += 1
        return x.sin()


class Fail(Block):
    """Raises in turn number `when` of a repeat, and outside of one always."""

    def __init__(self, when: int = 0) -> None:
        super().__init__()
        self.when = when

    def forward(self, x: Annotated[Tensor, ""], run: Run | None = None) -> Annotated[Tensor, ""]:
        turns = [name for name in run.path.split(".") if name.isdigit()] if run else []
        if not turns or str(self.when) in turns:
            raise ArithmeticError("no more")
        return x


class Parts(NamedTuple):
    """What Halves gives."""

    low: Annotated[Tensor, "_"]
    high: Annotated[Tensor, "_"]


class Halves(Block):
    """The two halves of a vector."""

    def forward(self, x: Annotated[Tensor, "..."]) -> Parts:
        low, high = x.chunk(2, -1)
        return Parts(low, high)


class Maybe(Block):
    """x, minus y where there is one, times z where there is one."""

    def forward(
        self,
        x: Annotated[Tensor, "..."],
        y: Annotated[Tensor, "..."] | None = None,
        z: Annotated[Tensor, "..."] | None = None,
    ) -> Annotated[Tensor, "..."]:
        x = x if y is None else x - y
        return x if z is None else x * z


class Sum(Block):
    """Several wires: their sum."""

    def forward(self, x: Annotated[Tensor, "...", "sum"]) -> Annotated[Tensor, "..."]:
        return x


class Joined(Block):
    """Several wires: one behind another along the last axis."""

    def forward(self, x: Annotated[Tensor, "", "concat"]) -> Annotated[Tensor, ""]:
        return x


class First(Block):
    """Several wires: the first."""

    def forward(self, x: Annotated[Tensor, "...", "first"]) -> Annotated[Tensor, "..."]:
        return x


class Listed(Block):
    """Several wires: a list; the sum of each item times its place, counted from 1."""

    def forward(self, x: list[Annotated[Tensor, "..."]]) -> Annotated[Tensor, "..."]:
        assert isinstance(x, list)
        assert all(isinstance(item, Tensor) for item in x)
        return sum((place * item for place, item in enumerate(x, 1)), torch.zeros(()))


class Named(Block):
    """Several wires: a dict; its keys, and the sum of its values."""

    def forward(self, x: dict[str, Annotated[Tensor, ""]]) -> str:
        return " ".join(f"{name}={value.sum():.0f}" for name, value in x.items())


class Facts(Block):
    """Where the run stands, with the Run before the ports and a port by keyword only."""

    def forward(self, run: Run, x: Annotated[Tensor, ""], *, y: Annotated[Tensor, ""]) -> str:
        return f"{run.path} {run.position} {(x - y).item():.0f}"


class Noise(Block):
    """Noise in the shape of x."""

    draws = "always"

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        return x + self.scale * torch.randn_like(x)


class Write(Block):
    """Does something to the world: counts."""

    effects = ("counts",)

    def __init__(self) -> None:
        super().__init__()
        self.written = 0

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        self.written += 1
        return x


class Refuse(Block):
    """Its two numbers must differ, which no schema can say."""

    def __init__(self, a: PositiveInt = 1, b: PositiveInt = 1) -> None:
        super().__init__()
        if a == b:
            raise ValueError(f"a and b must differ, got {a} and {b}; change one")

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        return x


class Twice(Graph):
    """A pack's own composite: the body's outputs, doubled."""

    control = "graph"

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        return {name: 2 * value for name, value in super().forward(run=run, **given).items()}


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The installed packs."""
    return Registry.installed()


@pytest.fixture(scope="session")
def packed() -> Registry:
    """Our library and the blocks above."""
    return Registry({"core": nodes, "test": sys.modules[__name__]})


@pytest.fixture(scope="session")
def make(packed: Registry) -> Make:
    """From a body as plain data to the live graph."""
    catalogue = packed.catalogue()

    def made(body: Mapping[str, Any]) -> Graph:
        return build(GraphSpec.model_validate(body), packed, catalogue=catalogue)

    return made
