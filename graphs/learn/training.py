"""Training as a generator of steps: to stop is not to ask for the next one.

Everything that decides the next step is in the graph, the plan and the State, so that saving these
and going on elsewhere gives the same bits. Nothing here writes files or prints.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from graphs.learn.average import Average
from graphs.learn.finite import Finite, reads_every
from graphs.learn.modes import Modes, Trained, places
from graphs.learn.optimiser import Optimiser, optimiser_class
from graphs.live.block import Block
from graphs.live.cache import CachedProgram, OutputCache
from graphs.live.context import Run
from graphs.live.execute import to_device
from graphs.live.graph import Graph
from graphs.live.program import Program
from graphs.live.source import Source
from graphs.live.world import StageFinished, World, turns
from graphs.spec.document import GRAPH_TYPE
from graphs.spec.patterns import reach, unmatched
from graphs.spec.plan import Plan, Turns
from graphs.spec.problems import DocumentError, Problem, WorldloomError, near

Batches = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class StepDone:
    """One optimiser step. Reading a figure waits for the device; not reading it does not."""

    index: int
    parts: Mapping[str, Tensor]  # loss port -> its weighted mean over the step
    lr: float
    norm: Tensor | None
    seconds: float
    rows: int
    validation: Mapping[str, float] | None = None
    best: bool = False
    logged: Mapping[str, Tensor] = field(default_factory=dict)  # channel -> its mean over the step

    @property
    def at_hand(self) -> bool:
        """Whether reading a figure waits for nothing."""
        return all(part.device.type == "cpu" for part in self.parts.values())

    @property
    def loss(self) -> float:
        """The weighted sum of all losses."""
        return float(sum(part.item() for part in self.parts.values()))

    @property
    def grad_norm(self) -> float | None:
        """The norm of all gradients before clipping, when the plan clips."""
        return None if self.norm is None else self.norm.item()


@dataclass
class State:
    """What the next step depends on besides weights and optimiser."""

    step: int = 0
    rows: int = 0
    best: float | None = None
    best_step: int = 0
    bad: int = 0  # validations since the best one
    stopped: str = ""
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)  # validations


class Training:
    """A plan at work on a live graph.

    Data comes from the graph's own sources, or from `batches(position)`, a pure function giving the
    root's inputs of the position-th batch. `held_out` does the same for validation.
    """

    def __init__(
        self,
        graph: Graph,
        plan: Plan,
        *,
        batches: Batches | None = None,
        held_out: Batches | None = None,
        device: str = "cpu",
        variant: str = "default",
    ) -> None:
        """Resolve rules, inject adapters, make the optimiser. Nothing trains yet.

        Raises: DocumentError when the plan cannot work; WorldloomError when nothing would train.
        """
        self.graph, self.plan, self.device = graph.to(device), plan, device
        self.batches, self.held_out = batches, held_out
        _refuse(graph, plan)
        optimiser_class(plan)  # before anything is changed
        _mark_recomputed(graph, plan)
        self.modes = Modes(graph, plan, variant)
        _compile(graph, plan)
        trained = self.modes.parameters()
        if not trained:
            rules = "; ".join(f"{rule.mode} {rule.where!r}" for rule in plan.rules)
            raise WorldloomError(f"nothing would train under the rules: {rules}")
        self.optimiser = Optimiser(plan, trained)
        self.trained: dict[str, nn.Parameter] = {name: p for name, (p, _) in trained.items()}
        self.average = Average(self.trained, plan.ema) if plan.ema else None
        self.state = State()
        self.finite = Finite(reads_every(device))
        self._ports = {loss.port for loss in plan.losses}
        self._watched = tuple(
            dict.fromkeys([loss.port for loss in plan.losses] + [*plan.log.values()])
        )
        self._habits: list[Block] = []
        self.modes.apply(0)
        self._programs: dict[tuple[str, ...], Program] = {}
        self._cached: CachedProgram | None = None
        self._cache = OutputCache()

    def explain(self) -> list[Trained]:
        """Exactly what will train; see Modes.explain."""
        return self.modes.explain()

    def steps(self) -> Iterator[StepDone]:
        """Train from where the state stands until the plan ends or early stopping says so.

        Raises: WorldloomError when a loss is not finite. On the CPU the weights are those before the
        step; elsewhere it is found up to 16 steps later, and before anything is saved.
        """
        self._apply(self.state.step)
        while self.state.step < self.plan.steps and not self.state.stopped:
            yield self._stepped()

    def _apply(self, step: int) -> None:
        """Set the graph to a step; programs and kept outputs were made for another."""
        self.modes.apply(step)
        self._habits = list(habitual(self.graph, self.modes))
        self._programs.clear()
        self._cached = None

    def _stepped(self) -> StepDone:
        try:
            return self._step()
        except WorldloomError:
            self.optimiser.drop_gradients()  # of a step that is not taken
            raise

    def _step(self) -> StepDone:
        plan, state, start = self.plan, self.state, time.perf_counter()
        if state.step in self.modes.boundaries:
            self._apply(state.step)
        self.optimiser.drop_gradients()  # of whoever was here before
        lr = self.optimiser.at(state.step)
        parts: dict[str, Tensor] = {}
        logged: dict[str, Tensor] = {}
        rows = 0
        for micro in range(plan.accumulate):
            losses, count, told = self._losses(state.step * plan.accumulate + micro)
            total = _sum(losses) / plan.accumulate if plan.accumulate > 1 else _sum(losses)
            if not total.requires_grad:
                now = sum(p.requires_grad for p in self.trained.values())
                raise WorldloomError(
                    f"step {state.step}: no loss depends on anything that trains; the losses are "
                    f"{', '.join(losses)} and {now} parameters train at this step"
                )
            self.finite.loss(state.step, total, losses)
            total.backward()  # type: ignore[no-untyped-call]
            for name, value in losses.items():
                part = value.detach() / plan.accumulate
                parts[name] = parts[name] + part if name in parts else part
            for name, value in told.items():
                part = value / plan.accumulate
                logged[name] = logged[name] + part if name in logged else part
            rows += count
        norm = self._clip()
        self.optimiser.step()
        for block in self._habits:
            block.learned()
        if self.average:
            self.average.update(state.step)
        state.step += 1
        state.rows += rows
        if state.step >= plan.steps:
            self.finite.settle()
        found, best = self._validate_if_due()
        seconds = time.perf_counter() - start
        state.seconds += seconds
        return StepDone(state.step, parts, lr, norm, seconds, rows, found, best, logged)

    def _clip(self) -> Tensor | None:
        if self.plan.clip_norm is None:
            return None
        norm = nn.utils.clip_grad_norm_(self.trained.values(), self.plan.clip_norm)
        self.finite.norm(self.state.step, norm)
        return norm

    def _losses(self, position: int) -> tuple[dict[str, Tensor], int, dict[str, Tensor]]:
        """What is made small, the rows that it comes from, and what is written down."""
        plan = self.plan
        self._forget_results()
        given = to_device(self.batches(position), self.device) if self.batches else {}
        run = Run(
            plan.seed,
            position,
            plan.data.split,
            plan.data.batch,
            plan.data.shuffle,
            device=self.device,
            regroup=not plan.cache_frozen,
        )
        with self._casting():
            if plan.turns is not None:
                values: Mapping[str, Any] = self._turned(plan.turns, position, run)
            elif plan.cache_frozen:
                program = self._program(self._watched, given)
                if self._cached is None or self._cached.program is not program:
                    frozen = frozen_steps(program)
                    self._cached = CachedProgram(program, self._cache, frozen.__contains__)
                values = self._cached(given, run)
            else:
                values = self._program(self._watched, given)(given, run)
        losses: dict[str, Tensor] = {}
        for loss in plan.losses:
            value = _scalar(loss.port, values[loss.port])
            part = value * loss.weight if loss.weight != 1 else value
            losses[loss.port] = losses[loss.port] + part if loss.port in losses else part
        told = {n: values[p] for n, p in plan.log.items() if p in values}  # a turn may not pass it
        logged = {name: _scalar(plan.log[name], value).detach() for name, value in told.items()}
        return losses, _rows(given) or plan.data.batch, logged

    def _turned(self, how: Turns, position: int, run: Run) -> dict[str, Any]:
        """What the losses' stages gave, summed over the turns of one step.

        Raises: WorldloomError when the graph is no world or a loss's stage never ran.
        """
        if not isinstance(self.graph, World):
            raise WorldloomError("plan.turns: only a world turns; train this graph without it")
        found: dict[str, Any] = {}
        first = position * how.number
        events = turns(
            self.graph,
            None,
            how.action,
            how.number,
            first=first,
            run=run,
            grad=True,
            detach=how.detach,
        )
        for event in events:
            if isinstance(event, StageFinished):
                for port, value in event.outputs.items():
                    name = f"{event.stage}.{port}"
                    if name in self._ports or name in self._watched:
                        found[name] = found[name] + value if name in found else value
        if missing := [port for port in self._ports if port not in found]:
            raise WorldloomError(
                f"losses {', '.join(missing)}: no stage gave them in {how.number} turns; name exposed "
                "outputs of stages, and give enough turns for them to run"
            )
        return found

    def validate(self) -> dict[str, float]:
        """Means over held-out data: "loss", every loss port, and the plan's validation ports.

        With an average of weights it is the average that is judged.
        """
        plan = self.plan
        if plan.validation is None:
            raise WorldloomError("the plan has no validation")
        ports = {loss.port: loss.port for loss in plan.losses} | dict(plan.validation.ports)
        training = [(m, m.training) for m in self.graph.modules()]
        self.graph.eval()
        sums, rows = dict.fromkeys(ports, 0.0), 0
        try:
            with torch.no_grad(), self._casting(), self.average or nullcontext():
                for values, count in self._held_out(tuple(ports.values())):
                    for name, port in ports.items():
                        sums[name] += _figure(port, values[port]) * count
                    rows += count
        finally:
            for module, mode in training:
                module.training = mode
        if not rows:
            raise WorldloomError(f"split {plan.validation.split!r} has no rows to validate on")
        means = {name: total / rows for name, total in sums.items()}
        means["loss"] = sum(means[loss.port] * loss.weight for loss in plan.losses)
        return means

    def _held_out(self, ports: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], int]]:
        look = self.plan.validation
        assert look is not None
        given = self.held_out(0) if self.held_out else {}
        program = self._program(ports, given)
        sources = [s.block for s in program.steps if isinstance(s.block, Source)]
        length = min((s.count(look.split) for s in sources), default=look.batch)
        batches = look.batches or -(-length // look.batch)
        for position in range(batches):
            if self.held_out:
                given = self.held_out(position)
            run = Run(self.plan.seed, position, look.split, look.batch, device=self.device)
            rest = (
                max(0, min(look.batch, length - position * look.batch)) if sources else look.batch
            )
            self._forget_results()
            yield program(to_device(given, self.device), run), _rows(given) or rest or look.batch

    def _validate_if_due(self) -> tuple[dict[str, float] | None, bool]:
        plan, state = self.plan, self.state
        last = state.step >= plan.steps
        if plan.validation is None or (state.step % plan.validation.every and not last):
            return None, False
        self.finite.settle()
        found = self.validate()
        finite = {name: figure for name, figure in found.items() if math.isfinite(figure)}
        state.history.append({"step": float(state.step), **finite})
        figure = finite.get(plan.stopping.watch)
        sign = 1 if plan.stopping.best == "min" else -1
        if figure is not None and (state.best is None or sign * figure < sign * state.best):
            state.best, state.best_step, state.bad = figure, state.step, 0
            return found, True
        state.bad += 1
        state.stopped = self.impatience()
        return found, False

    def impatience(self) -> str:
        """Why the plan's early stopping ends the training now, "" when it does not."""
        stopping, state = self.plan.stopping, self.state
        if stopping.patience is None or state.bad < stopping.patience:
            return ""
        best = "any finite value" if state.best is None else f"{state.best:.6g}"
        return f"{stopping.watch} has not improved on {best} for {state.bad} validations"

    def _program(self, ports: tuple[str, ...], given: Mapping[str, Any]) -> Program:
        key = (*ports, "|", *given)
        if key not in self._programs:
            try:
                self._programs[key] = self.graph.program(dict.fromkeys(ports), given)
            except KeyError as error:
                raise DocumentError([Problem("plan", "loss-port", str(error.args[0]))]) from error
        return self._programs[key]

    def _forget_results(self) -> None:
        """What compiled blocks gave in the step before may be overwritten from here on."""
        if self.plan.compile:
            torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]

    def _casting(self) -> AbstractContextManager[Any]:
        if self.plan.precision == "float32":
            return nullcontext()
        return torch.autocast(torch.device(self.device).type, getattr(torch, self.plan.precision))


def habitual(graph: Graph, modes: Modes) -> Iterator[Block]:
    """Blocks with a habit (see Block.learned) of which weights of their own learn now, each once.

    Where only adapters learn the base must stay what it is, and so must whatever a habit changes.
    """
    adapters = {id(p) for p in modes.adapters.values()}
    for block in dict.fromkeys(block for _, block in graph.blocks()):
        if type(block).learned is not Block.learned and any(
            p.requires_grad and id(p) not in adapters for p in block.parameters()
        ):
            yield block


def _mark_recomputed(graph: Graph, plan: Plan) -> None:
    marked = {b for pattern in plan.recompute for b in _named(graph, "recompute", pattern)}
    for _, block in graph.blocks():
        block.recompute = block in marked
    graph.forget_programs()


def _compile(graph: Graph, plan: Plan) -> None:
    """Hand blocks to torch.compile, and take back what an earlier plan did."""
    graph.interpret()
    for pattern, mode in plan.compile.items():
        for block in _named(graph, "compile", pattern):
            block.compile(mode=mode)


def _named(graph: Graph, what: str, pattern: str) -> set[Block]:
    """The blocks that a pattern names, each itself.

    Raises: DocumentError when there is none.
    """
    blocks = list(graph.blocks())
    if found := {b for path, b in blocks if reach(pattern, path) == path.count(".") + 1}:
        return found
    message = f"{what}: no node {pattern!r}{near(pattern, dict(blocks))}"
    raise DocumentError([Problem("plan", "rule", message)])


def _refuse(graph: Graph, plan: Plan) -> None:
    found = []
    if not plan.losses:
        found.append(Problem("plan", "no-loss", "has no loss; name a scalar port to make small"))
    types = {path: place.type for place in places(graph) for path in place.paths}
    nodes = dict.fromkeys(dict(graph.blocks()), GRAPH_TYPE) | types
    found += [Problem("plan", "rule", message) for _, message in unmatched(plan.rules, nodes)]
    watched = plan.stopping.watch
    if plan.validation:
        measured = ["loss", *(loss.port for loss in plan.losses), *plan.validation.ports]
        if watched not in measured:
            message = (
                f"watches {watched!r}, which validation does not measure{near(watched, measured)}"
            )
            found.append(Problem("plan", "stopping", message))
    elif plan.stopping.patience is not None:
        message = "patience counts validations; the plan has no validation"
        found.append(Problem("plan", "stopping", message))
    if found:
        raise DocumentError(found)


def frozen_steps(program: Program) -> set[str]:
    """The steps that nothing trainable touches: themselves frozen, fed by frozen ones only."""
    moving: set[int] = set()
    frozen: set[str] = set()
    reached: set[str] = set()  # a node in a loop may be so from its second round on
    for step in program.steps:
        block = step.block
        trains = block is not None and any(p.requires_grad for p in block.parameters())
        if trains or moving.intersection((*step.ins, *(s for _, s in step.named))):
            moving.update(step.outs)
            reached.add(step.path)
        else:
            frozen.add(step.path)
    return frozen - reached


def _scalar(port: str, value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.numel() != 1:
        got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
        raise WorldloomError(f"loss {port!r}: expected one number, got {got}")
    return value.reshape(())


def _figure(port: str, value: Any) -> float:
    if isinstance(value, Tensor) and value.numel() == 1:
        return float(value)
    if isinstance(value, int | float):
        return float(value)
    got = tuple(value.shape) if isinstance(value, Tensor) else type(value).__name__
    raise WorldloomError(f"validation port {port!r}: expected one number, got {got}")


def _sum(losses: Mapping[str, Tensor]) -> Tensor:
    first, *rest = losses.values()
    for value in rest:
        first = first + value
    return first


def _rows(given: Mapping[str, Any]) -> int:
    return next((len(v) for v in given.values() if isinstance(v, Tensor) and v.dim()), 0)
