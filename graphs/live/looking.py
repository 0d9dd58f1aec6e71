"""Finding out what a step gives without data: run on fake tensors, a loop by its first turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from graphs.live.block import Block
from graphs.live.context import Run
from graphs.live.control import Repeat, Residual
from graphs.live.graph import Graph
from graphs.live.looks import Look, Looks, Unknowable, key_of, seen_of, silent
from graphs.live.program import Step, arriving, perform
from graphs.live.source import Source


def _attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
    flops: int = sdpa_flop_count(query, key, value)  # type: ignore[no-untyped-call]
    return flops


# torch counts attention on GPUs only
UNCOUNTED = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}


class _Failed(Exception):
    """A node inside a composite fails; the message says which and why."""


def look_at(looks: Looks, step: Step, values: list[Any], run: Run) -> Look:
    """What is known of a step that is given these values, or what is found out now."""
    try:
        key = key_of(step, values, run)
    except Unknowable:
        return _fresh(looks, step, values, run)
    known = looks.find(key)
    if known is None:
        known = _fresh(looks, step, values, run)
        if not (known.error and _reads(step.block)):  # a file that is not there may come
            looks.keep(key, known, step.block and list(step.block.modules()))
    return known


def _reads(block: Block | None) -> bool:
    return block is not None and any(isinstance(module, Source) for module in block.modules())


def _fresh(looks: Looks, step: Step, values: list[Any], run: Run) -> Look:
    try:
        if type(step.block) in (Repeat, Residual):
            return _composite(looks, step, values, run)
        ghost, seen = looks.ghost(step, run.device), list(values)
        with silent(), looks.fake, torch.no_grad():
            with FlopCounterMode(display=False, custom_mapping=UNCOUNTED) as counter:
                perform(ghost, seen, run)
            # a source gives real rows: only their shapes go on
            outs = tuple(looks.value(seen[slot]) for slot in step.outs)
        return Look(outs, counter.get_total_flops())
    except _Failed as cause:
        return Look(error=str(cause))
    except Exception as cause:  # border: a running block; its message is the finding
        lines = str(cause).splitlines()
        return Look(error=f"{type(cause).__name__}: {lines[0] if lines else ''}")


def _composite(looks: Looks, step: Step, values: list[Any], run: Run) -> Look:
    block, given = step.block, arriving(step, values)
    where = run.at(step.stream)
    if isinstance(block, Repeat):
        found, flops = _turns(looks, block, given, where)
    else:
        assert isinstance(block, Residual)
        found, flops = _body(looks, block, given, where)
        with silent(), looks.fake, torch.no_grad():
            found = {n: given[n] + block.scale * v if n in given else v for n, v in found.items()}
    return Look(tuple(found[port] for port in step.ports), flops)


def _turns(
    looks: Looks, block: Repeat, given: dict[str, Any], run: Run
) -> tuple[dict[str, Any], int]:
    """The last turn's outputs and the cost of all; a turn like the one before is not looked at."""
    total = 0
    found: dict[str, Any] = {}
    for turn in range(block.times):
        found, flops = _body(looks, block, given, run.at(str(turn)))
        fed = {name: value for name, value in found.items() if name in block.spec.inputs}
        if all(n in given and seen_of(given[n]) == seen_of(v) for n, v in fed.items()):
            return found, total + flops * (block.times - turn)
        total, given = total + flops, given | fed
    return found, total


def _body(
    looks: Looks, graph: Graph, given: Mapping[str, Any], run: Run
) -> tuple[dict[str, Any], int]:
    program = graph.program_of(given)
    values: list[Any] = [None] * program.size
    for name, slot in program.inputs.items():
        values[slot] = given[name]
    flops = 0
    for step in program.steps:
        look = look_at(looks, step, values, run)
        if look.error:
            raise _Failed(f"RunError: node {step.path!r} failed: {look.error}")
        flops += look.flops
        for slot, value in zip(step.outs, look.values, strict=True):
            values[slot] = value
    return {name: values[slot] for name, slot in program.answers.items()}, flops
