"""What a graph would do, without doing it: shapes of every port and cost of every node.

The program runs on fake tensors (shape and dtype, no data), so a 10-billion-parameter world is
looked at in a moment and shape errors appear before Run. Weights may be on the meta device.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from graphs.live.compiler import Compiler
from graphs.live.context import Run
from graphs.live.control import Repeat, one_turn
from graphs.live.graph import Graph
from graphs.live.program import Step, arriving, perform
from graphs.live.source import Source


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    flops: int = sdpa_flop_count(query, key, value)  # type: ignore[no-untyped-call]
    return flops


# torch counts attention on GPUs only
UNCOUNTED = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}


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
    depends on it is left out. A Repeat runs one turn, and its cost is that times its turns. The
    graph itself is not touched.
    """
    given, run = dict(inputs or {}), run or Run()
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    memo: dict[int, Any] = {}
    for module in graph.modules():
        if isinstance(module, Source):
            memo[id(module)] = module  # data stays data, and is not copied
    with fake:
        for tensor in [*graph.parameters(), *graph.buffers()]:
            memo[id(tensor)] = _fake(fake, tensor, run.device)
        ghost = copy.deepcopy(graph, memo)
    ghost.forget_programs()
    everything = Compiler(ghost, given).computable() if targets is None else targets
    program = ghost.program(everything, given)
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
            for path, cost in _step(fake, graph, step, values, run, failed).items():
                before = found[path].flops if path in found and step.block is not None else 0
                found[path] = replace(cost, flops=cost.flops + before)
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
    run: Run,
    failed: set[int],
) -> dict[str, NodeCost]:
    error, flops = "", 0
    try:
        flops = _performed(step, values, run)
        for slot in step.outs:  # a source gives real rows: only their shapes go on
            values[slot] = _faked(fake, values[slot])
    except Exception as cause:  # border: a running block; its message is the finding
        error = _in_a_line(cause)
        failed.update(step.outs)
    path, outputs = step.path, {}
    if step.block is None:  # wires into one port, "node.port"
        if not error:
            return {}
        path, _, port = path.rpartition(".")
        error = f"port {port!r}: {error}"
    elif not error:
        ports = zip(step.ports or ("out",), step.outs, strict=True)
        outputs = {name: describe(values[slot]) for name, slot in ports}
    parameters, trainable = count(graph.at(path))
    return {path: NodeCost(parameters, trainable, flops, outputs, error)}


def _performed(step: Step, values: list[Any], run: Run) -> int:
    """Perform the step on fake values; the flops of it."""
    block = step.block
    if not isinstance(block, Repeat):
        return _flops(step, values, run)
    with one_turn(block) as turns:
        flops = _flops(step, values, run)
    if _settled(step, values):
        return flops * turns
    return _flops(step, values, run)  # turns differ, or a later one fails


def _flops(step: Step, values: list[Any], run: Run) -> int:
    with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter:
        perform(step, values, run)
    total: int = counter.get_total_flops()
    return total


def _settled(step: Step, values: list[Any]) -> bool:
    """Whether a second turn would be given the same shapes as the first."""
    given, block = arriving(step, values), step.block
    assert isinstance(block, Repeat)
    results = zip(step.ports, (values[slot] for slot in step.outs), strict=True)
    fed = [(name, value) for name, value in results if name in block.spec.inputs]
    return all(n in given and describe(given[n]) == describe(value) for n, value in fed)


def _in_a_line(error: BaseException) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


def describe(value: Any) -> str:
    """A value in a few characters: dtype and shape of a tensor, the type of anything else."""
    if isinstance(value, Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__} of {len(value)}"
    return type(value).__name__


def _fake(fake: FakeTensorMode, tensor: Tensor, device: str) -> Tensor:
    if tensor.is_meta:
        made = torch.empty_strided(
            tensor.size(), tensor.stride(), dtype=tensor.dtype, device=device
        )
    else:
        made = fake.from_tensor(tensor.detach())
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(made, requires_grad=tensor.requires_grad)
    return made


def _faked(fake: FakeTensorMode, value: Any) -> Any:
    if isinstance(value, Tensor):
        return value if isinstance(value, FakeTensor) else fake.from_tensor(value)
    if isinstance(value, Mapping):
        return {key: _faked(fake, item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_faked(fake, v) for v in value)
    return value
