"""B13: the energy lattice on a GPU, in bfloat16, against the arithmetic that it cannot do without.

The floor of a step is its matrix products at the rate of the card's data sheet (H100 and H200: 989
TFLOP/s, dense): 32.2 MFLOP for a flow at the seed's width, three times that with backward. Each size is
run as it is, with its step compiled, and replayed as CUDA graphs. Times are of the device.
"""

import statistics
from collections.abc import Callable, Iterator
from itertools import starmap
from typing import Any

import torch
from torch import Tensor

import nodes
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec
from nodes.lattice.lattice import EnergyLattice
from nodes.lattice.memory import Rollout
from nodes.lattice.presets import PRESETS, SEED, lattice
from tests.bench.b10_lattice import made
from tests.bench.measure import Row, seconds
from tests.bench.size import Size

FLOP, PEAK = 32.2e6, 989e12  # of a flow's step forward; of the card a second
EXCELLENT = {("forward", 1000): 75e-6, ("forward and backward", 1000): 220e-6}
SHARE = 0.65  # of the floor, from 10 000 flows on
CELLS = {100: (10, 10), 1000: (40, 25), 10_000: (100, 100), 100_000: (400, 250)}
WAYS = {"as it is": None, "compiled": "default", "CUDA graphs": "reduce-overhead"}
GIB = 2**30


def rows(size: Size) -> Iterator[Row]:
    """Nothing to measure where there is no GPU."""
    if not torch.cuda.is_available():
        yield Row("B13", "lattice on a GPU", "there is none here")
        return
    torch.backends.cuda.matmul.allow_tf32 = True
    yield _matrices()
    for flows in list(CELLS)[: 3 if size.quick else 4]:
        yield from _steps(flows)
    for way in WAYS.values():
        yield from starmap(_optimised, [(way, 0)] if size.quick else [(way, 0), (way, 3)])


def _matrices() -> Row:
    """What the card really does, on a product that fills it."""
    x, y = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    taken = device_time(lambda: x @ y)
    rate = f"{2 * 8192**3 / taken / 1e12:.0f} TFLOP/s"
    return Row("B13", f"a product of 8192² bfloat16 matrices, {torch.cuda.get_device_name()}", rate)


def _steps(flows: int) -> Iterator[Row]:
    steps = 10 if flows <= 10_000 else 3
    for how, mode in WAYS.items():
        torch.cuda.empty_cache()
        torch._dynamo.reset()
        graph = made(CELLS[flows], 50, steps=steps, budget=flows, stop_early=False).to("cuda")
        if mode:
            graph.at("lattice").compile(mode=mode)
        x = torch.randn(1, 64, device="cuda")
        for what, call in (
            ("forward", _forward(graph, x)),
            ("forward and backward", _both(graph, x)),
        ):
            found = device_time(call) / steps
            floor = FLOP * flows / PEAK * (1 if what == "forward" else 3)
            share, limit, met = floor / found, "", None
            if mode == "reduce-overhead" and (most := EXCELLENT.get((what, flows))):
                limit, met = f"≤ {seconds(most)}", found <= most
            elif mode == "reduce-overhead" and flows >= 10_000:
                limit, met = f"≥ {SHARE:.0%} of the floor", share >= SHARE
            name = f"lattice step, {flows} flows, 1024×3, bfloat16, {what}, {how}; rival: the floor"
            yield Row("B13", name, seconds(found), seconds(floor), f"{share:.0%}", limit, met)
        del graph


def _forward(graph: Graph, x: Tensor) -> Callable[[], object]:
    def call() -> object:
        with torch.no_grad(), torch.autocast("cuda", torch.bfloat16):
            return graph(x=x)["out"]

    return call


def _both(graph: Graph, x: Tensor) -> Callable[[], object]:
    def call() -> None:
        with torch.autocast("cuda", torch.bfloat16):
            loss = graph(x=x)["out"].float().square().sum()
        loss.backward()

    return call


def _optimised(mode: str | None, segment: int) -> Row:
    """A training step of the seed's largest preset: one sample, forward, backward, Adam."""
    torch.cuda.empty_cache()
    torch._dynamo.reset()
    preset, steps = PRESETS["optimised"], 12
    config: dict[str, Any] = {"segment": segment, "steps": steps, "stop_early": False}
    node = lattice(SEED, SEED, preset.size, advance=preset.advance, **config)
    spec = {"nodes": {"lattice": node}, "inputs": {"x": "lattice.x"}}
    spec["outputs"] = {"out": "lattice.out", "arrived": "lattice.arrived"}
    graph = build(GraphSpec.model_validate(spec), Registry({"core": nodes})).to("cuda")
    box = graph.at("lattice")
    assert isinstance(box, EnergyLattice)
    if mode:
        box.compile(mode=mode)
    adam = torch.optim.Adam(graph.parameters(), lr=1e-4, fused=True)
    x = torch.randn(1, SEED, device="cuda")
    arrived: list[Tensor] = []

    def train() -> None:
        with torch.autocast("cuda", torch.bfloat16):
            found = graph(x=x)
            loss = found["out"].float().square().mean()
        loss.backward()
        adam.step()
        adam.zero_grad()
        arrived.append(found["arrived"])

    torch.cuda.reset_peak_memory_stats()
    taken = device_time(train, rounds=5)
    peak = torch.cuda.max_memory_allocated()
    said = Rollout(flows=box.budget, steps=steps, segment=segment, number=2).kept
    said += 16 * sum(p.numel() for p in graph.parameters())  # weight, gradient, two moments
    how = next(name for name, each in WAYS.items() if each == mode)
    kept = f"segments of {segment}" if segment else "all kept"
    what = (
        f"a training step of the optimised preset, {box.budget} flows, {steps} steps, {kept}, {how}"
    )
    ours = f"{seconds(taken)}, peak {peak / GIB:.1f} GiB, {float(arrived[-1]):.0%} arrived"
    return Row("B13", what, ours, f"calculated {said / GIB:.1f} GiB", f"{peak / said:.2f}×")


def device_time(call: Callable[[], object], rounds: int = 20) -> float:
    """The median of what the device takes for a call, by its own clock, once it is warm. Units: s."""
    for _ in range(4):
        call()
    torch.cuda.synchronize()
    found = []
    for _ in range(rounds):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        call()
        end.record()
        torch.cuda.synchronize()
        found.append(start.elapsed_time(end) / 1000)
    return statistics.median(found)
