"""B10: the energy lattice against the matrix products that it cannot do without, and a loop over flows.

A step at the seed's width (a carrier of 3×1024) is nearly all matrix product; what the bar allows on
top is the mechanics: gates, spawning, death, arrival. Then what a flow costs from few to many, what
memory a rollout keeps against the calculated figure, and one training step of the optimised preset.
"""

import resource
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional

import nodes
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.spec.document import GraphSpec
from nodes.lattice.lattice import EnergyLattice
from nodes.lattice.memory import Rollout
from nodes.lattice.presets import PRESETS, SEED, lattice
from tests.bench.measure import Row, Times, interleaved, once, ratio, seconds
from tests.bench.size import Size

WIDTH, LAYERS, STEPS = 1024, 3, 2
FLOWS, FEW = 1000, 50  # a loop over flows takes the same for each: a few are timed
GIB = 2**30


def rows(size: Size) -> Iterator[Row]:
    rounds = 5 if size.quick else 20
    yield from _step(rounds)
    yield from _flows(size)
    yield _kept()
    if size.full:
        yield _optimised()


def made(cells: tuple[int, int], depth: int, **config: Any) -> Graph:
    """A lattice alone, whose flows are under way in every step."""
    box = (*cells, depth)
    node = lattice(64, 64, box, advance=1.01, energy_threshold=0.0, **config)
    spec = {"nodes": {"lattice": node}, "inputs": {"x": "lattice.x"}}
    spec["outputs"] = {"out": "lattice.out", "steps": "lattice.steps"}
    return build(GraphSpec.model_validate(spec), Registry({"core": nodes}))


def _step(rounds: int) -> Iterator[Row]:
    graph = made((40, 25), 50, steps=STEPS, budget=1000)
    x = torch.randn(1, 64)
    ours: dict[str, Callable[[], object]] = {
        "forward": lambda: _without_gradient(lambda: graph(x=x)["out"]),
        "forward and backward": lambda: graph(x=x)["out"].sum().backward(),
    }
    plain = Products(graph, 1000)
    rival: dict[str, Callable[[], object]] = {
        "forward": lambda: _without_gradient(plain.forward),
        "forward and backward": lambda: plain.forward().backward(),
    }
    for what in ours:
        mine, theirs = interleaved([ours[what], rival[what]], rounds)
        found = ratio(mine, theirs)
        name = f"lattice step, 1 000 flows, {WIDTH}×{LAYERS}, {what}: pure matrix products"
        met = found.median <= 1.15
        yield Row("B10", name, _each(mine.median), _each(theirs.median), str(found), "≤ 1.15×", met)
    mine, few = interleaved([ours["forward"], lambda: _one_by_one(graph, x)], rounds)
    loop = Times(tuple(taken * FLOWS / FEW for taken in few.rounds))
    found = ratio(loop, mine)
    name = f"lattice step, 1 000 flows, {WIDTH}×{LAYERS}, forward: a loop over flows"
    met = found.median >= 12
    yield Row("B10", name, _each(mine.median), _each(loop.median), str(found), "≥ 12×", met)


class Products:
    """The matrix products of a step, with the lattice's own weights, and nothing else."""

    def __init__(self, graph: Graph, flows: int) -> None:
        """Inputs of the right shapes; every product has its own, so that none waits for another."""
        named = [(n, m) for n, m in graph.named_modules() if isinstance(m, torch.nn.Linear)]
        inside = {id(m) for m in graph.at("lattice.neuron").modules()}
        inside |= {id(m) for m in graph.at("lattice.carrier").modules()}
        self.maps = [m for _, m in named if id(m) in inside]
        self.of_states = {id(m) for n, m in named if n.endswith("state_map")}
        self.inputs = [torch.randn(flows, m.in_features, requires_grad=True) for m in self.maps]

    def forward(self) -> Tensor:
        """Each product once a step, those of states not in the first, where there is none yet."""
        total = torch.zeros(())
        for step in range(STEPS):
            for each, x in zip(self.maps, self.inputs, strict=True):
                if not step and id(each) in self.of_states:
                    continue
                total = total + functional.linear(x, each.weight, each.bias)[0, 0]
        return total


def _one_by_one(graph: Graph, x: Tensor) -> None:
    """The networks for a few flows, one after the other; the mechanics are left out."""
    box: Any = graph.at("lattice")
    neuron, carrier = box.child("neuron"), box.child("carrier")
    with torch.no_grad():
        entered = box.child("face_in")(x=x)
        flows = zip(entered.energy[0, :FEW], entered.position[0, :FEW], strict=True)
        for energy, position in flows:
            state: dict[str, Tensor] = {"energy": energy[None], "position": position[None]}
            for _ in range(STEPS):
                made = carrier(
                    x=neuron(position=state["position"], energy=state["energy"]), **state
                )
                state = {n: getattr(made, n) for n in ("energy", "position", "hidden")}


def _flows(size: Size) -> Iterator[Row]:
    cells = [(10, 10), (40, 25), (100, 100)] + ([] if size.quick else [(400, 250)])
    costs = []
    for width, height in cells:
        graph = made((width, height), 50, steps=2, budget=width * height, hidden=256)
        x = torch.randn(1, 64)
        (taken,) = interleaved([lambda g=graph, x=x: _without_gradient(lambda: g(x=x)["out"])], 5)
        costs.append(taken.median / (2 * width * height))
        what = f"a flow's step among {width * height}, 256×{LAYERS}"
        limit = "≤ 1.2× of 1 000" if len(costs) > 2 else ""
        met = costs[-1] <= 1.2 * costs[1] if limit else None
        times = f"{costs[-1] / costs[min(1, len(costs) - 1)]:.2f}×"
        yield Row("B10", what, seconds(costs[-1]), "", times, limit, met)


def _kept() -> Row:
    steps, hidden = 12, 256
    graph = made((40, 25), 50, steps=steps, budget=1000, hidden=hidden)
    held: dict[int, int] = {p.untyped_storage().data_ptr(): 0 for p in graph.parameters()}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        held.setdefault(storage.data_ptr(), storage.nbytes())
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        out = graph(x=torch.randn(1, 64))["out"]
    found, said = sum(held.values()), Rollout(flows=1000, steps=steps, hidden=hidden).kept
    del out
    share = found / said
    what = f"memory kept for backward, {steps} steps of 1 000 flows, {hidden}×{LAYERS}: the calculated figure"
    ours, rival = f"{found / 1e6:.0f} MB", f"{said / 1e6:.0f} MB"
    return Row("B10", what, ours, rival, f"{share:.3g}×", "0.9–1.1×", 0.9 <= share <= 1.1)


def _optimised() -> Row:
    """One sample through forward, backward and Adam; memory is the process's own peak."""
    preset = PRESETS["optimised"]
    node = lattice(SEED, SEED, preset.size, advance=preset.advance, segment=3)
    spec = {"nodes": {"lattice": node}, "inputs": {"x": "lattice.x"}}
    spec["outputs"] = {"out": "lattice.out", "steps": "lattice.steps"}
    graph = build(GraphSpec.model_validate(spec), Registry({"core": nodes}))
    adam = torch.optim.Adam(graph.parameters(), lr=1e-4)
    steps: list[int] = []

    def train() -> None:
        found = graph(x=torch.randn(1, SEED))
        found["out"].square().mean().backward()
        adam.step()
        steps.append(int(found["steps"]))

    taken = once(train)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    box = graph.at("lattice")
    assert isinstance(box, EnergyLattice)
    said = Rollout(flows=box.budget, steps=steps[0], segment=3).kept
    said += 16 * sum(p.numel() for p in graph.parameters())  # weight, gradient, two moments
    what = f"a training step of the optimised preset, {box.budget} flows, {steps[0]} steps, segments of 3"
    ours = f"{seconds(taken)}, peak {peak / GIB:.1f} GiB"
    rival = f"calculated {said / GIB:.1f} GiB"
    return Row("B10", what, ours, rival, f"{peak / said:.2f}×", "≤ 8 GiB", peak <= 8 * GIB)


def _without_gradient(call: Callable[[], Tensor]) -> Tensor:
    with torch.no_grad():
        return call()


def _each(taken: float) -> str:
    return seconds(taken / STEPS)
