"""What a graph would do, without doing it: shapes of every port and cost of every node.

The program runs on fake tensors (shape and dtype, no data), so a 10-billion-parameter world is
looked at in a moment and shape errors appear before Run.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.program import Step, perform
from graphs.live.source import Source


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
) -> dict[str, NodeCost]:
    """Shapes and costs by node path, for these inputs (only their shapes matter).

    A node that cannot be computed without data, or that fails, is listed with its error, and what
    depends on it is left out. The graph itself is not touched.
    """
    given = dict(inputs or {})
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    memo: dict[int, Any] = {}
    for module in graph.modules():
        if isinstance(module, Source):
            memo[id(module)] = module  # data stays data, and is not copied
    with fake:
        for tensor in [*graph.parameters(), *graph.buffers()]:
            memo[id(tensor)] = _fake(fake, tensor)
        ghost = copy.deepcopy(graph, memo)
    ghost.forget_programs()
    program = ghost.program(targets if targets is not None else _all_outputs(ghost, given), given)
    found: dict[str, NodeCost] = {}
    values: list[Any] = [None] * program.size
    failed: set[int] = set()
    with fake, torch.no_grad():
        for name, slot in program.inputs.items():
            values[slot] = _faked(fake, given[name])
        for step in program.steps:
            if failed.intersection((*step.ins, *(s for _, s in step.named))):
                failed.update(step.outs)
                continue
            found.update(_step(fake, graph, step, values, run, failed))
    return found


def count(block: nn.Module) -> tuple[int, int]:
    """(all, trainable) numbers in a block's parameters; a shared one counts once."""
    sizes = [(p.numel(), p.requires_grad) for p in block.parameters()]
    return sum(n for n, _ in sizes), sum(n for n, trains in sizes if trains)


def _step(
    fake: FakeTensorMode,
    graph: Graph,
    step: Step,
    values: list[Any],
    run: Run | None,
    failed: set[int],
) -> dict[str, NodeCost]:
    error = ""
    with FlopCounterMode(display=False) as counter:
        try:
            perform(step, values, run)
            for slot in step.outs:  # a source gives real rows: only their shapes go on
                values[slot] = _faked(fake, values[slot])
        except Exception as cause:  # border: a running block; its message is the finding
            error = f"{type(cause).__name__}: {str(cause).splitlines()[0] if str(cause) else ''}"
            failed.update(step.outs)
    if step.block is None:
        return {}
    outputs = (
        {}
        if error
        else {
            name: describe(values[slot])
            for name, slot in zip(step.ports or ("out",), step.outs, strict=True)
        }
    )
    everything, trainable = count(graph.at(step.path))
    return {step.path: NodeCost(everything, trainable, counter.get_total_flops(), outputs, error)}


def _all_outputs(graph: Graph, given: Mapping[str, Any]) -> list[str]:
    from graphs.live.program import Compiler

    return [name for name in Compiler(graph, given, lambda _: False).slots]


def describe(value: Any) -> str:
    """A value in a few characters: dtype and shape of a tensor, the type of anything else."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def _fake(fake: FakeTensorMode, tensor: Tensor) -> Tensor:
    made = fake.from_tensor(tensor.detach())
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(made, requires_grad=tensor.requires_grad)
    return made


def _faked(fake: FakeTensorMode, value: Any) -> Any:
    if isinstance(value, Tensor):
        return value if type(value).__name__ == "FakeTensor" else fake.from_tensor(value)
    if type(value) in (list, tuple):
        return type(value)(_faked(fake, v) for v in value)
    return value
