"""The lattice as its definition reads: one Python object a flow, one flow after the other.

Slow and plain on purpose. It calls the same networks on one flow at a time; everything else (who dies,
splits, moves, arrives, and how flows are averaged) is written again from the canon, §4.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nodes.lattice.lattice import EnergyLattice


@dataclass
class Flow:
    """One flow. `gate` is 1 while it lives, 0 when it is dead, with a gradient."""

    energy: Tensor
    position: Tensor
    gate: Tensor
    hidden: Tensor | None = None
    age: int = 0
    state: str = "flowing"


@dataclass
class Outcome:
    """What became of a batch."""

    out: list[Tensor] = field(default_factory=list)
    spawned: list[int] = field(default_factory=list)
    died: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    arrived: int = 0
    collected: int = 0


def run(lattice: EnergyLattice, x: Tensor) -> Outcome:
    """Every sample on its own."""
    outcome = Outcome()
    for row in x:
        _sample(lattice, row, outcome)
    return outcome


def _sample(lattice: EnergyLattice, row: Tensor, outcome: Outcome) -> None:
    rules = lattice.rules
    entered = lattice.child("face_in")(x=row[None])
    slots: list[Flow | None] = [None] * lattice.budget
    for cell in range(rules.width * rules.height):
        position = entered.position[0, cell]
        flow = Flow(entered.energy[0, cell], position, torch.ones_like(position[0]))
        flow.state = "arrived" if position[2] >= rules.depth - 1 else "flowing"
        slots[cell] = flow
    counts = {"spawned": 0, "died": 0, "refused": 0}
    for _ in range(lattice.limit):
        _step(lattice, slots, counts)
    for name, count in counts.items():
        getattr(outcome, name).append(count)
    flows = [f for f in slots if f is not None]
    outcome.arrived += sum(f.state == "arrived" for f in flows)
    outcome.collected += sum(f.state != "dead" for f in flows)
    outcome.out.append(_collect(lattice, flows))


def _step(lattice: EnergyLattice, slots: list[Flow | None], counts: dict[str, int]) -> None:
    rules = lattice.rules
    free = [n for n, f in enumerate(slots) if f is None or f.state == "dead"]
    children: dict[int, Flow] = {}
    for flow in slots:
        if flow is None or flow.state != "flowing":
            continue
        here = flow.position
        seen = lattice.child("neuron")(position=here[None], energy=flow.energy[None])
        hidden = None if flow.hidden is None else flow.hidden[None]
        made = lattice.child("carrier")(
            x=seen, energy=flow.energy[None], position=here[None], hidden=hidden
        )
        energy = made.energy[0]
        norm = energy.abs().sum() if len(energy) == 1 else energy.square().sum().sqrt()
        lives = bool(norm > rules.energy_threshold)
        soft = torch.sigmoid((norm - rules.energy_threshold) / rules.softness)
        flow.gate = flow.gate * (float(lives) + soft - soft.detach())
        if lives and norm >= rules.spawn_threshold:
            before = energy
            for child, probability in enumerate(made.spawn[0]):
                wanted = bool(probability > 0.5)
                granted = wanted and bool(free)
                counts["refused"] += wanted and not granted
                gate = float(granted) + probability - probability.detach()
                part = gate * made.child_energy[0, child]
                energy = energy - part
                if granted:
                    counts["spawned"] += 1
                    one = torch.ones_like(gate)
                    children[free.pop(0)] = Flow(part, here, one, made.hidden[0])
            total = energy + sum(made.child_energy[0][made.spawn[0] > 0.5], 0 * energy)
            if not counts["refused"]:
                torch.testing.assert_close(total.detach(), before.detach())
        x, y, z = made.position[0]
        x, y = x.clamp(0, rules.width - 1), y.clamp(0, rules.height - 1)
        flow.position, flow.energy, flow.hidden = torch.stack([x, y, z]), energy, made.hidden[0]
        flow.age += 1
        flow.state = "dead" if not lives else "arrived" if z >= rules.depth - 1 else "flowing"
        counts["died"] += not lives
    for number, born in children.items():
        slots[number] = born


def _collect(lattice: EnergyLattice, flows: list[Flow]) -> Tensor:
    face, rules = lattice.child("face_out"), lattice.rules
    width, height, depth = rules.width, rules.height, rules.depth
    by_energy, by_age, by_distance = face.weigh
    sums = [face.prior * face.empty[cell] for cell in range(width * height)]
    weights = [torch.full_like(by_energy, face.prior) for _ in range(width * height)]
    for flow in flows:
        norm = flow.energy.norm()
        distance = (flow.position[2] - (depth - 1)).abs() / depth
        score = by_energy * norm + by_age * flow.age / depth + by_distance * distance
        weight = torch.exp(8 * torch.tanh(score / 8)) * flow.gate
        for row, down in _near(flow.position[1], height):
            for column, along in _near(flow.position[0], width):
                cell = row * width + column
                weights[cell] = weights[cell] + weight * down * along
                sums[cell] = sums[cell] + weight * down * along * flow.energy
    cells = [s / w for s, w in zip(sums, weights, strict=True)]
    return face.map(torch.cat(cells))


def _near(place: Tensor, count: int) -> list[tuple[int, Tensor]]:
    """The two cells beside a place and how much of it each gets."""
    first = min(math.floor(place.item()), max(count - 2, 0))
    rest = place - first
    return [(first, 1 - rest), (min(first + 1, count - 1), rest)]
