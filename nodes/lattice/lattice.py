"""EnergyLattice: the composite that runs its body's nodes until every flow has reached the output face.

The wires are the truth: what lies between `face_in` and `face_out` is one step, whatever a person has
put there, and is turned; the lattice itself owns only what must hold for all of them (a flow goes
forward, energy is kept at a split, a budget is never exceeded).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple

import torch
from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from graphs.live.block import Ports
from graphs.live.context import Run
from graphs.live.graph import Body, Graph
from graphs.live.program import Program
from graphs.spec.catalogue import PortType
from nodes.lattice.budget import Seen, adapted, affordable
from nodes.lattice.flows import Flows, Next, Rules, Tally, may_look, started, stepped
from nodes.lattice.memory import Rollout
from nodes.lattice.parts import Parts, split
from nodes.lattice.replay import Replay
from nodes.lattice.trajectory import recorded

SPARE = 1.25  # slots for each cell when no budget is said
METRICS = ("active", "energy", "arrived", "spawned", "died", "refused", "steps")
Pool = tuple[Flows, Tally]


Advance = Callable[[Program, Mapping[str, Any], Run | None, Pool, Rules], Pool]


class Walk(NamedTuple):
    """What the steps of one run share."""

    programs: tuple[Program, Program]  # of a first step, and of any other
    given: Mapping[str, Any]
    run: Run | None
    frames: list[Flows]
    looks: bool  # whether to look, between steps, if any flow is under way
    traces: bool  # whether somebody wants to see where every flow was


class EnergyLattice(Graph):
    """Flows of energy through a box, from an input face to an output face.

    The body holds `face_in` (FaceIn), a step, usually `neuron` (SimpleNeuron) and `carrier`
    (EnergyCarrier), and `face_out` (FaceOut). Every part may be replaced by a block or a graph with
    the same ports, and nodes may be put between. One flow starts from each cell of the input face. In
    every step all flows go through the body's step at once, with their hidden state fed back into the
    carrier; weak ones die, strong ones may split into the free slots of their sample, and each goes on
    by at least one cell, so that each first flow arrives within depth - 1 steps. What is still under
    way after `steps` (depth - 1 when not said) is set on the output face where it stands.

    Metrics, each the mean over samples: active, the most flows under way at once; energy, the mean
    norm of what was collected; arrived, the share of collected flows that came on their own; spawned,
    died, and refused (children without a free slot) flows; steps, until the last one arrived. The
    trajectory is made only when something reads it, or `trace` asks for it always.

    Shapes: those of the exposed ports of face_in and face_out; metrics ().
    Source: seed 002; straight-through gates: Bengio et al. 2013, arXiv 1308.3432.

    >>> from nodes.lattice.presets import lattice
    >>> from graphs.live.build import build
    >>> from graphs.live.registry import Registry
    >>> from graphs.spec.document import GraphSpec
    >>> node = lattice(16, 8, (4, 4, 3), hidden=8, layers=1)
    >>> spec = {"nodes": {"lattice": node}, "inputs": {"x": "lattice.x"}}
    >>> spec = GraphSpec.model_validate({**spec, "outputs": {"out": "lattice.out"}})
    >>> build(spec, Registry.installed())(x=torch.ones(2, 16))["out"].shape
    torch.Size([2, 8])
    """

    control = "graph"
    on_demand = frozenset({"trajectory"})
    _compiled: Advance | None = None
    _replay: Replay | None = None

    @classmethod
    def signature_ports(cls) -> Ports:  # type: ignore[override]
        """Metrics and the trajectory, beside the ports of the body."""
        metrics = {name: PortType(name=name, kind="tensor", dims="()") for name in METRICS}
        return {}, {**metrics, "trajectory": PortType(name="trajectory", kind="trajectory")}

    def __init__(
        self,
        body: Body,
        width: PositiveInt,
        height: PositiveInt,
        depth: PositiveInt,
        budget: Annotated[int, Field(ge=1)] | None = None,
        steps: Annotated[int, Field(ge=1)] | None = None,
        energy_threshold: NonNegativeFloat = 0.1,
        spawn_threshold: NonNegativeFloat = 0.8,
        softness: PositiveFloat = 0.25,
        segment: NonNegativeInt = 0,
        stop_early: bool = True,
        trace: bool = False,
        adaptive: bool = False,
        memory: PositiveFloat = 4.0,
    ) -> None:
        """`budget` is the number of slots of a sample, 1.25 for each cell when not said.

        `softness` is how wide the gate around `energy_threshold` is for gradients. `segment` saves
        memory in training: activations are kept for one step at a time and the pool once every so many
        steps; 0 keeps everything. `stop_early` looks after each step whether any flow is under way,
        which waits for a GPU; leave it off for CUDA graphs. With `adaptive` training changes the
        budget, which is then a weight of the lattice: it grows while children are refused and flows
        arrive, shrinks while they do not arrive or slots stand empty, and keeps activations within
        `memory`. Units: GiB.

        Raises: ValueError for a budget below the number of cells, for parts of other sizes, and for a
        body that lacks a part or a wire.
        """
        super().__init__(body)
        cells = width * height
        self.budget = -(-cells * 5 // 4) if budget is None else budget
        if self.budget < cells:
            raise ValueError(
                f"budget: expected at least {cells} flows a sample, one for each of the {width}·{height} "
                f"cells of the input face, got {self.budget}; set budget to {cells} or more "
                f"({-(-cells * 5 // 4)} leaves room for children), or make the face smaller"
            )
        self.size, self.limit = (width, height, depth), depth - 1 if steps is None else steps
        self.rules = Rules(width, height, depth, energy_threshold, spawn_threshold, softness)
        self.segment, self.stop_early, self.trace = segment, stop_early, trace
        self.memory = memory
        self._seen: tuple[Tensor, Tensor, Tally] | None = None
        self.slots: Tensor | None
        self.register_buffer("slots", torch.tensor(self.budget) if adaptive else None)
        self.parts: Parts = split(body, self.size)
        self._draws = any(block.draws != "never" for _, block in self.blocks())

    def forward(self, *, run: Run | None = None, **given: Any) -> dict[str, Any]:
        """From embedding to embedding.

        Raises: ValueError for a NaN or infinity in what comes in; on a GPU only with `stop_early`.
        """
        if torch.compiler.is_compiling():
            self._prepare(tuple(given))
        if self._key(given) not in self._programs:
            self._plan(given)
        traces = self.trace or (run is not None and "trajectory" in run.wanted)
        if self._replay is not None and not traces and _replayable(given, run):
            return {"trajectory": None, **self._replay(given)}
        return {"trajectory": None, **self._walk(given, run, traces)}

    def compile(self, *args: Any, mode: str = "default", **options: Any) -> None:
        """One step is handed to torch.compile as a whole; see torch.compile for modes.

        In mode "reduce-overhead" a GPU also replays all steps as one CUDA graph. It then makes every
        step there may be and never looks at values: set `steps` to what flows need. A body that draws
        random numbers, or whose budget adapts, is not replayed; one that draws is compiled block by
        block.
        """
        if self._draws:
            super().compile(*args, mode=mode, **options)
            return
        whole = mode == "reduce-overhead"
        inside = "default" if whole else mode
        self._compiled = torch.compile(_advanced, *args, mode=inside, **options)
        if whole and self.slots is None:
            self._replay = Replay(self, self._alone, casts=not self.segment)

    def interpret(self) -> None:
        """Undo `compile`."""
        super().interpret()
        self._compiled = self._replay = None

    def __getstate__(self) -> dict[str, Any]:
        """What was compiled belongs to this module and cannot be copied."""
        state: dict[str, Any] = super().__getstate__()  # type: ignore[no-untyped-call]
        return {n: v for n, v in state.items() if n not in ("_compiled", "_replay")}

    def _alone(self, **given: Tensor) -> dict[str, Tensor]:
        """The walk when nobody watches."""
        return self._walk(given, None, False)

    def _walk(self, given: dict[str, Any], run: Run | None, traces: bool) -> dict[str, Any]:
        """From the input face to the output face."""
        enter, first, step, leave = (self._programs[key] for key in self._keys(given))
        entered = enter(_of(enter, given), run)
        if self.stop_early or not entered["energy"].is_cuda:  # who does not wait, does not look
            _refuse_bad(entered["energy"], given)
        self._refuse_cells(entered["energy"])
        pool = started(entered["energy"], entered["position"], self.flows, self.size[2])
        frames = [pool[0]]
        looks = self._looks(pool[0].flowing)
        walk = Walk((first, step), _of(step, given), run, frames, looks, traces)
        flows, tally = self._rolled(pool, walk)
        if self.slots is not None and self.training and torch.is_grad_enabled():
            self._seen = (flows.flowing | flows.arrived, flows.arrived, tally)
        collected = {
            "energy": flows.energy,
            "position": flows.position,
            "age": flows.age,
            "gate": flows.gate,
        }
        result = leave(_of(leave, given | collected), run)
        path = {"trajectory": recorded(frames, self.size)} if traces else {}
        return {**_metrics(flows, tally), **path, **result}

    @property
    def flows(self) -> int:
        """How many slots a sample has now: the budget, or what training has made of it."""
        if self.slots is None or self.slots.is_meta:
            return self.budget
        return max(int(self.slots), self.size[0] * self.size[1])

    def learned(self) -> None:
        """The adaptive budget follows what the last step saw."""
        if self.slots is None or self._seen is None:
            return
        (held, arrived, tally), self._seen = self._seen, None
        cells, batch = self.size[0] * self.size[1], len(arrived)
        used = min(cells + int(tally.spawned.max()), self.flows)
        share = float(arrived.sum() / held.sum().clamp(min=1))
        seen = Seen(int(tally.refused.max()), used, share, batch)
        most = affordable(self._rollout(max(int(tally.steps.max()), 1)), self.memory, batch)
        self.slots.fill_(adapted(self.flows, cells, seen, most))

    def _rollout(self, steps: int) -> Rollout:
        """What a training step keeps, for the parts that there are."""
        carrier = self.child("carrier")
        layers, hidden = getattr(carrier, "state_shape", (1, 1))
        width = getattr(carrier, "cell_dim", 1)
        return Rollout(
            flows=1,
            steps=steps,
            hidden=hidden,
            layers=layers,
            cell_dim=width,
            children=getattr(carrier, "brood", 0),
            segment=self.segment,
        )

    def _plan(self, given: Any) -> None:
        """Compile the parts for these inputs; a first step has no hidden state yet."""
        self._refuse(given)
        graphs = (self.parts.enter, self.parts.step, self.parts.step, self.parts.leave)
        for key, part in zip(self._keys(given), graphs, strict=True):
            graph = Graph(Body(part, {name: self.child(name) for name in part.nodes}))
            graph.calling = self.calling
            own = [name for name in part.inputs if name in given or name not in self.spec.inputs]
            known = [name for name in own if key[0] != "first" or name != "hidden"]
            self._programs[key] = graph.program(given=known)
        self._programs[self._key(given)] = self._programs[self._keys(given)[0]]

    def _keys(self, given: Any) -> list[tuple[Any, ...]]:
        return [(part, *self._key(given)) for part in ("enter", "first", "step", "leave")]

    def _looks(self, tensor: Tensor) -> bool:
        return self.stop_early and may_look(tensor)

    def _rolled(self, pool: Pool, walk: Walk) -> Pool:
        """All steps, in segments whose activations are kept or made again."""
        saving = bool(self.segment) and torch.is_grad_enabled()
        length = max(self.segment if saving else self.limit, 1)
        for start in range(0, self.limit, length):
            numbers = range(start, min(start + length, self.limit))
            part = partial(self._walked, walk, numbers, saving and self.segment > 1)
            pool = again(part, pool, self._draws) if saving else part(pool)
            if walk.looks and not bool(pool[0].flowing.any()):
                break
        return pool

    def _walked(self, walk: Walk, numbers: range, saving: bool, pool: Pool) -> Pool:
        """Some steps one after the other."""
        for number in numbers:
            if walk.looks and not bool(pool[0].flowing.any()):
                break
            step = partial(self._step, walk, number)
            pool = again(step, pool, self._draws) if saving else step(pool)
            if walk.traces and len(walk.frames) == number + 1:  # not a second time, in backward
                walk.frames.append(pool[0]._replace(hidden=None))
        return pool

    def _step(self, walk: Walk, number: int, pool: Pool) -> Pool:
        flows = pool[0]
        state: dict[str, Any] = {"energy": flows.energy, "position": flows.position}
        if flows.hidden is not None:
            state["hidden"] = flows.hidden
        program, given = walk.programs[flows.hidden is not None], {**walk.given, **state}
        if self._compiled is not None and (walk.run is None or walk.run.observer is None):
            return self._compiled(program, given, None, pool, self.rules)
        run = walk.run.at(str(number)) if walk.run else None
        return _advanced(program, given, run, pool, self.rules)

    def _refuse_cells(self, energy: Tensor) -> None:
        if energy.shape[1] != self.size[0] * self.size[1]:
            raise ValueError(
                f"face_in: expected one flow for each of {self.size[0]}·{self.size[1]} cells, got "
                f"{energy.shape[1]}"
            )


def _advanced(
    program: Program, given: Mapping[str, Any], run: Run | None, pool: Pool, rules: Rules
) -> Pool:
    """The pool after one step of its flows."""
    made = program(given, run)
    return stepped(*pool, Next(**{name: made[name] for name in Next._fields}), rules)


def again(walk: Any, pool: Pool, draws: bool) -> Pool:
    """The walk, made a second time when its gradients are wanted; with the same draws if it draws."""
    result: Pool = checkpoint(
        walk, pool, use_reentrant=False, early_stop=False, preserve_rng_state=draws
    )
    return result


def _of(program: Program, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in program.inputs if name in values}


def _replayable(given: Mapping[str, Any], run: Run | None) -> bool:
    watched = run is not None and run.observer is not None
    return not watched and all(isinstance(v, Tensor) and v.is_cuda for v in given.values())


def _refuse_bad(energy: Tensor, given: Mapping[str, Any]) -> None:
    if not may_look(energy) or bool(torch.isfinite(energy).all()):
        return
    for name, value in given.items():
        if isinstance(value, Tensor) and value.is_floating_point():
            bad = ~torch.isfinite(value.reshape(len(value), -1)).all(dim=1)
            if bool(bad.any()):
                row = int(bad.nonzero()[0])
                raise ValueError(
                    f"port {name!r}: sample {row} holds NaN or infinity ({int(bad.sum())} of {len(bad)} "
                    "samples do); look at what makes it"
                )
    raise ValueError("face_in: its weights make NaN or infinity; lower the learning rate")


def _metrics(flows: Flows, tally: Tally) -> dict[str, Tensor]:
    with torch.no_grad():
        held = flows.flowing | flows.arrived
        count = held.sum().clamp(min=1)
        strength = torch.linalg.vector_norm(flows.energy.float(), dim=-1)
        found = {name: value.float().mean() for name, value in tally._asdict().items()}
        found["energy"] = (strength * held).sum() / count
        found["arrived"] = flows.arrived.sum() / count
    return found
