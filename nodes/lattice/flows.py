"""The pool of flows as tensors, and what one step does to it.

A sample has a fixed number of slots and its own row in every tensor, so flows of different samples
cannot mix, shapes never change and nothing waits for the device. Decisions are hard forward; backward
they pass the gradient of a probability (straight through). Counting is done in integers.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor

LIKELY = 0.5  # a child whose probability is above this is wanted


class Flows(NamedTuple):
    """Every slot of every sample.

    `gate` is 1 for a flow, 0 for an empty slot and for a dead flow, with a gradient. `flowing` are
    under way, `arrived` stand at the output face; a slot that is neither is free.

    Shapes: energy (b, slots, cell_dim), position (b, slots, 3), hidden (b, slots, layers, hidden) or
    None before the first step; the others (b, slots).
    """

    energy: Tensor
    position: Tensor
    hidden: Tensor | None
    age: Tensor
    gate: Tensor
    flowing: Tensor
    arrived: Tensor


class Tally(NamedTuple):
    """What has happened in each sample so far, in whole numbers. Shapes: all (b,).

    `active` is the most flows that were under way at once, `refused` counts children for which there
    was no slot: their energy stayed with the parent.
    """

    active: Tensor
    spawned: Tensor
    died: Tensor
    refused: Tensor
    steps: Tensor


class Next(NamedTuple):
    """What the networks made of all flows in one step; see EnergyCarrier."""

    energy: Tensor
    position: Tensor
    hidden: Tensor
    spawn: Tensor
    child_energy: Tensor


@dataclass(frozen=True)
class Rules:
    """What holds for every flow: the box, when energy dies, and when it may split."""

    width: int
    height: int
    depth: int
    energy_threshold: float
    spawn_threshold: float
    softness: float


def started(energy: Tensor, position: Tensor, slots: int, depth: int) -> tuple[Flows, Tally]:
    """A pool with one flow for each cell, the rest of its slots empty."""
    spare = slots - energy.shape[1]
    position = _padded(position, spare)
    real = _padded(torch.ones_like(position[:, : energy.shape[1], 0]), spare)
    there = real > 0
    arrived = there & (position[..., 2] >= depth - 1)
    flows = Flows(
        _padded(energy.to(position), spare),
        position,
        None,
        torch.zeros_like(real),
        real,
        there & ~arrived,
        arrived,
    )
    none = torch.zeros(len(energy), dtype=torch.long, device=energy.device)
    return flows, Tally(none, none, none, none, none)


def stepped(flows: Flows, tally: Tally, new: Next, rules: Rules) -> tuple[Flows, Tally]:
    """All flows one step on: who dies, who splits, who moves, who arrives."""
    now, was = flows.flowing, flows.position
    energy = new.energy.to(was)
    strength = torch.linalg.vector_norm(energy, dim=-1)
    lives = now & (strength > rules.energy_threshold)
    soft = torch.sigmoid((strength - rules.energy_threshold) / rules.softness)
    gate = torch.where(now, flows.gate * straight_through(lives, soft), flows.gate)
    position = forward_only(was, new.position.to(was), rules)
    arrives = lives & (position[..., 2] >= rules.depth - 1)
    free = ~(now | flows.arrived)

    may = (lives & (strength >= rules.spawn_threshold)).unsqueeze(-1)
    wanted = may & (new.spawn > LIKELY)
    granted, child, source = assigned(wanted, free)
    split = straight_through(granted, new.spawn.to(was)) * may.to(was)
    given = split.unsqueeze(-1) * new.child_energy.to(was)
    parent_energy = energy - given.sum(dim=2)

    moved = Flows(
        torch.where(now.unsqueeze(-1), parent_energy, flows.energy),
        torch.where(now.unsqueeze(-1), position, was),
        new.hidden,
        flows.age + now.to(flows.age),
        gate,
        lives & ~arrives,
        flows.arrived | arrives,
    )
    counted = Tally(
        torch.maximum(tally.active, now.sum(dim=1)),
        tally.spawned + granted.sum(dim=(1, 2)),
        tally.died + (now & ~lives).sum(dim=1),
        tally.refused + (wanted & ~granted).sum(dim=(1, 2)),
        tally.steps + now.any(dim=1),
    )
    if not new.spawn.shape[-1]:
        return moved, counted
    return born(moved, was, given, child, source), counted


def forward_only(was: Tensor, position: Tensor, rules: Rules) -> Tensor:
    """The next position inside the box's sides and at least one cell on, whatever network made it.

    z may lie beyond the output face: how far is the distance that FaceOut weighs.
    """
    x = position[..., 0].clamp(0, rules.width - 1)
    y = position[..., 1].clamp(0, rules.height - 1)
    z = torch.maximum(position[..., 2], was[..., 2].detach() + 1)
    return torch.stack([x, y, z], dim=-1)


def assigned(wanted: Tensor, free: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Which wanted children get a slot: the first ones, as many as there are free slots.

    Shapes: wanted (b, slots, children), free (b, slots) -> granted (b, slots, children), child
    (b, slots), true where one starts, and source (b, slots), which of the slots·children it is.
    """
    batch, slots, children = wanted.shape
    line = wanted.flatten(1)
    rank = line.cumsum(dim=1)
    granted = line & (rank <= free.sum(dim=1, keepdim=True))
    if not children:
        return wanted, free & False, free.long()
    place = free.cumsum(dim=1)
    child = free & (place <= granted.sum(dim=1, keepdim=True))
    numbers = torch.arange(slots * children, device=line.device).expand(batch, -1)
    nowhere = torch.full_like(rank, slots)  # one column more, for those that get no slot
    by_rank = rank.new_zeros(batch, slots + 1).scatter(
        1, torch.where(granted, rank - 1, nowhere), numbers
    )
    source = by_rank.gather(1, (place - 1).clamp(min=0))
    return granted.view_as(wanted), child, source


def born(flows: Flows, was: Tensor, given: Tensor, child: Tensor, source: Tensor) -> Flows:
    """The pool with the children in it: at the place that the parent has left, with its memory."""
    children = given.shape[2]
    parent = torch.div(source, children, rounding_mode="floor")
    energy = given.flatten(1, 2).gather(1, source.unsqueeze(-1).expand(-1, -1, given.shape[-1]))
    place = was.gather(1, parent.unsqueeze(-1).expand_as(was))
    is_child = child.unsqueeze(-1)
    return Flows(
        torch.where(is_child, energy, flows.energy),
        torch.where(is_child, place, flows.position),
        _remembering(flows.hidden, child, parent, _heirs(child, source, children)),
        flows.age.masked_fill(child, 0),
        flows.gate.masked_fill(child, 1),
        flows.flowing | child,
        flows.arrived,
    )


def straight_through(hard: Tensor, soft: Tensor) -> Tensor:
    """The hard decision as a number, with the gradient of the soft one."""
    return hard.to(soft) + (soft - soft.detach())


def may_look(tensor: Tensor) -> bool:
    """Whether reading a value is possible: not while shapes are inferred, traced or captured."""
    if torch.compiler.is_compiling() or isinstance(tensor, FakeTensor) or tensor.is_meta:
        return False
    return not (tensor.is_cuda and torch.cuda.is_current_stream_capturing())


class _Inherited(torch.autograd.Function):
    """Rows of a state: a child's is its parent's, any other its own.

    Backward asks each row for its heirs instead of adding to rows in any order: no atomic additions,
    and the same bits each time.
    """

    @staticmethod
    def forward(ctx: Any, state: Tensor, row: Tensor, child: Tensor, heirs: Tensor) -> Tensor:
        ctx.save_for_backward(child, heirs)
        return state.index_select(0, row)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        child, heirs = ctx.saved_tensors
        total = gradient.masked_fill(child.view(-1, 1, 1), 0)
        for heir in heirs.unbind(1):
            there = (heir >= 0).view(-1, 1, 1)
            total = total + gradient.index_select(0, heir.clamp(min=0)).masked_fill(~there, 0)
        return total, None, None, None


def _heirs(child: Tensor, source: Tensor, children: int) -> Tensor:
    """The slot of each child that a flow has, -1 for none.

    Shapes: child (b, slots), source (b, slots) -> (b, slots, children).
    """
    batch, slots = child.shape
    nobody = slots * children  # one column more, for slots where no child starts
    own = torch.arange(slots, device=child.device).expand(batch, -1)
    heirs = own.new_full((batch, nobody + 1), -1)
    heirs = heirs.scatter(1, torch.where(child, source, nobody), own)
    return heirs[:, :-1].reshape(batch, slots, children)


def _remembering(
    hidden: Tensor | None, child: Tensor, parent: Tensor, heirs: Tensor
) -> Tensor | None:
    """Shapes: hidden (b, slots, layers, hidden), child and parent (b, slots), heirs (b, slots, children)."""
    if hidden is None:
        return None
    batch, slots = child.shape
    if child.device.type == "cpu" and may_look(child) and not bool(child.any()):
        return hidden  # mostly so; a GPU would have to wait for the answer
    own = torch.arange(slots, device=child.device)
    first = slots * torch.arange(batch, device=child.device).unsqueeze(-1)  # row of each sample
    row = (torch.where(child, parent, own) + first).flatten()
    heirs = torch.where(heirs < 0, heirs, heirs + first.unsqueeze(-1)).flatten(0, 1)
    rows = hidden.flatten(0, 1)
    made: Tensor = _Inherited.apply(rows, row, child.flatten(), heirs)  # type: ignore[no-untyped-call]
    return made.view_as(hidden)


def _padded(tensor: Tensor, spare: int) -> Tensor:
    """Zeros for `spare` more slots along axis 1."""
    if not spare:
        return tensor
    return torch.cat([tensor, tensor.new_zeros(len(tensor), spare, *tensor.shape[2:])], dim=1)
