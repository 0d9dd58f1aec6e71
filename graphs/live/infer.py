"""What a graph would do, without doing it: shapes of every port and cost of every node.

The program runs on fake tensors (shape and dtype, no data), so a 10-billion-parameter world is
looked at in a moment and shape errors appear before Run. Weights may be on the meta device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor, nn

from graphs.live.compiler import Compiler
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.looking import look_at
from graphs.live.looks import Look, Looks
from graphs.live.program import Step


@dataclass(frozen=True)
class NodeCost:
    """What a node holds and does in one run. `flops` counts multiplications and additions."""

    parameters: int
    trainable: int
    flops: int
    outputs: Mapping[str, str]  # port -> "float32 (32, 10)"
    error: str = ""


def infer(
    graph: Graph,
    inputs: Mapping[str, Any] | None = None,
    *,
    run: Run | None = None,
    targets: Iterable[str] | None = None,
    looks: Looks | None = None,
) -> dict[str, NodeCost]:
    """Shapes and costs by node path, for these inputs (only their shapes matter).

    A node that cannot be computed without data, or that fails, is listed with its error, and what
    depends on it is left out. A Repeat runs one turn, and its cost is that times its turns. The
    graph itself is not touched. With `looks` only what changed since they were last used is looked at.
    """
    given, run, looks = dict(inputs or {}), run or Run(), looks or Looks()
    everything = Compiler(graph, given).computable() if targets is None else targets
    program = graph.program(everything, given)
    found: dict[str, NodeCost] = {}
    values: list[Any] = [None] * program.size
    failed: set[int] = set()
    for name, slot in program.inputs.items():
        values[slot] = looks.value(given[name])
    for step in program.steps:
        if failed.intersection((*step.ins, *(s for _, s in step.named))):
            failed.update(step.outs)
            continue
        look = look_at(looks, step, values, run)
        failed.update(step.outs if look.error else ())
        for slot, value in zip(step.outs, look.values, strict=bool(look.values)):
            values[slot] = value
        for path, cost in _cost(graph, step, look).items():
            before = found[path].flops if path in found and step.block is not None else 0
            found[path] = replace(cost, flops=cost.flops + before)
    looks.forget()
    return found


def count(block: nn.Module) -> tuple[int, int]:
    """(all, trainable) numbers in a block's parameters; a shared one counts once."""
    sizes = [(p.numel(), p.requires_grad) for p in block.parameters()]
    return sum(n for n, _ in sizes), sum(n for n, trains in sizes if trains)


def _cost(graph: Graph, step: Step, look: Look) -> dict[str, NodeCost]:
    error, path, outputs = look.error, step.path, {}
    if step.block is None:  # wires into one port, "node.port"
        if not error:
            return {}
        path, _, port = path.rpartition(".")
        error = f"port {port!r}: {error}"
    elif not error:
        ports = zip(step.ports or ("out",), look.values, strict=True)
        outputs = {name: describe(value) for name, value in ports}
    parameters, trainable = count(graph.at(path))
    return {path: NodeCost(parameters, trainable, look.flops, outputs, error)}


def describe(value: Any) -> str:
    """A value in a few characters: dtype and shape of a tensor, the type of anything else."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__
