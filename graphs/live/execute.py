"""execute: one watched run of a graph, or of the branch that some targets need.

The model stays plain; watching, caching, moving to a device and precision are put around it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor

from graphs.live.cache import CachedProgram, OutputCache
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.infer import describe
from graphs.live.program import Step

Precision = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class NodeStarted:
    """A node is about to run, in step `index` of `total`.

    Nodes inside a composite that is one step, such as a repeat, are told of at each turn.
    """

    path: str
    index: int
    total: int


@dataclass(frozen=True)
class NodeFinished:
    """A node ran, or was `reused` from the cache. `seconds` is host time (a GPU may still work)."""

    path: str
    index: int
    total: int
    seconds: float
    outputs: Mapping[str, str]  # port -> "float32 (32, 10)"
    previews: Mapping[str, Any] = field(default_factory=dict)
    reused: bool = False


Event = NodeStarted | NodeFinished


def execute(
    graph: Graph,
    inputs: Mapping[str, Any] | None = None,
    *,
    targets: Iterable[str] | None = None,
    run: Run | None = None,
    watch: Callable[[Event], None] | None = None,
    preview: Callable[[str, Any], Any] | None = None,
    cache: OutputCache | None = None,
    precision: Precision = "float32",
    grad: bool = False,
) -> dict[str, Any]:
    """The targets' values: exposed outputs, or any "path.port"; only what they need runs.

    `watch` hears of every node at every depth and may raise Cancelled to stop; `preview(path.port,
    value)` makes what a NodeFinished carries for people to see. Values move to the run's device.
    Modes (train or eval) stay as the caller set them.

    Raises: RunError naming the node that failed and what it was given; KeyError for an input that
    does not exist or a target that cannot be computed from the inputs.
    """
    run = run or Run()
    given = {name: to_device(value, run.device) for name, value in (inputs or {}).items()}
    program = graph.program(targets, given)
    if watch is not None:
        run = replace(run, observer=_Watcher(watch, preview, len(program.steps)))
    casting = (
        nullcontext()
        if precision == "float32"
        else torch.autocast(torch.device(run.device).type, getattr(torch, precision))
    )
    with casting, torch.set_grad_enabled(grad):
        return (CachedProgram(program, cache) if cache is not None else program)(given, run)


def to_device(value: Any, device: str | torch.device) -> Any:
    """Tensors moved, collections walked, everything else as it is."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, Mapping):
        return {k: to_device(v, device) for k, v in value.items()}
    return (
        type(value)(to_device(v, device) for v in value) if type(value) in (list, tuple) else value
    )


def best_device() -> str:
    """ "cuda" or "mps" where there is one, else "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


class _Watcher:
    """Turns what a run tells into events; `depth` is 0 between the steps of the outermost graph."""

    def __init__(
        self, watch: Callable[[Event], None], preview: Callable[[str, Any], Any] | None, total: int
    ) -> None:
        self.watch, self.preview, self.total = watch, preview, total
        self.index, self.depth = 0, 0

    def started(self, path: str, step: Step, given: Mapping[str, Any]) -> None:
        self.depth += 1
        if step.block is not None:
            self.watch(NodeStarted(path, self.index, self.total))

    def finished(
        self, path: str, step: Step, seconds: float, results: Mapping[str, Any], reused: bool
    ) -> None:
        self.depth -= 1
        if step.block is not None:
            outputs = {port: describe(value) for port, value in results.items()}
            shown = self._previews(path, results)
            event = NodeFinished(path, self.index, self.total, seconds, outputs, shown, reused)
            self.watch(event)
        self.index += self.depth == 0

    def _previews(self, path: str, results: Mapping[str, Any]) -> dict[str, Any]:
        if self.preview is None:
            return {}
        made = {port: self.preview(f"{path}.{port}", value) for port, value in results.items()}
        return {port: value for port, value in made.items() if value is not None}
