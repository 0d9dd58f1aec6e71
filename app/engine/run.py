"""A run as a job: a branch of the graph, or turns of a world, told node by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.engine.commands import Run as RunOrder
from app.engine.control import Work
from app.engine.events import (
    JobFinished,
    JobStarted,
    NodeFinished,
    NodeStarted,
    Preview,
    StageTold,
    TurnFinished,
)
from app.engine.model import Stood
from app.engine.previews import small
from app.values import in_words, read_value, write_value
from graphs.live import execute as live
from graphs.live.compiler import Compiler
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.infer import describe
from graphs.live.program import Step
from graphs.live.world import StageFinished, StageSkipped, StageStarted, World, turns
from graphs.live.world import TurnFinished as Turned
from graphs.spec.problems import Cancelled, WorldloomError, near
from graphs.spec.state import CONTENT, Storage
from graphs.store import content_hash
from graphs.store.snapshot import write_snapshot

SELDOM = 0.5  # seconds between two states of one node, which in a loop has thousands


def run(work: Work) -> JobFinished:
    """Do a run to its end.

    Raises: Cancelled when it was stopped; DocumentError, RunError, WorldloomError.
    """
    order = work.job.order
    assert isinstance(order, RunOrder)
    lent = work.model.lend(work.job.document, {})
    work.outbox.post(JobStarted(job=work.job.facts.model_copy(update={"state": "running"})))
    where = Run(
        seed=order.seed,
        position=order.position,
        split=order.split,
        batch=order.batch,
        device=work.model.device,
        output=order.output or ".",
    )
    try:
        with evaluating(lent.graph):
            results = (_turn if order.turns else _once)(work, order, lent.graph, where)
    finally:
        work.model.take_back(lent)
    if order.output:
        folder = Path(order.output)
        results = {name: str(write_value(folder, name, v)) for name, v in results.items()}
    else:
        results = {name: in_words(value) for name, value in results.items()}
    return JobFinished(job=work.job.facts, results=results)


@contextmanager
def evaluating(graph: Graph) -> Iterator[None]:
    """The graph is in eval mode inside; every module is in its own mode again afterwards.

    A run may come between two steps of a training that shares these blocks.
    """
    modes = [(module, module.training) for module in graph.modules()]
    graph.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def read_inputs(graph: Graph, inputs: Mapping[str, str]) -> dict[str, Any]:
    """Values for exposed inputs from what people typed. Raises: FileError, WorldloomError."""
    ports = graph.ports()[0]
    if unknown := [name for name in inputs if name not in ports]:
        known = ", ".join(ports) or "none"
        raise WorldloomError(
            f"there is no input {unknown[0]!r}{near(unknown[0], ports)}; there are: {known}"
        )
    return {name: read_value(text, ports[name].kind) for name, text in inputs.items()}


def targets_of(graph: Graph, order: RunOrder, given: Mapping[str, Any]) -> list[str]:
    """What a run is asked to compute. Raises: WorldloomError for a branch that is no node."""
    if order.branch:
        try:
            outputs = graph.at(order.branch).ports()[1]
        except KeyError as error:
            raise WorldloomError(str(error.args[0])) from error
        return [f"{order.branch}.{port}" for port in outputs]
    if order.targets:
        return list(order.targets)
    return list(graph.spec.outputs) or Compiler(graph, given).computable()


def _once(work: Work, order: RunOrder, graph: Graph, where: Run) -> dict[str, Any]:
    given = read_inputs(graph, order.inputs)
    watched = set(work.watching().ports)

    def watch(event: live.Event) -> None:
        tell_node(work, event)
        obey(work)

    def preview(port: str, value: Any) -> None:
        if port in watched:
            show(work, port, value)

    try:
        results = live.execute(
            graph,
            given,
            targets=targets_of(graph, order, given),
            run=where,
            watch=watch,
            preview=preview,
            cache=work.model.cache,
            precision=order.precision,
        )
    except KeyError as error:
        raise WorldloomError(str(error.args[0])) from error
    for name, value in results.items():
        if name not in watched and (order.targets or order.branch or graph.spec.outputs):
            show(work, name, value)
    return results


def obey(work: Work) -> None:
    """Between two nodes: wait while paused. Raises: Cancelled when the job was stopped."""
    control = work.control
    if control.waiting:
        with control.wake:
            control.wake.wait_for(lambda: not control.waiting)
    if control.stopping:
        raise Cancelled("the run was stopped")


def tell_node(work: Work, event: live.Event) -> None:
    """What a node does goes out; of several states in one moment the last."""
    job, key = work.job.id, ("node", work.job.id, event.path)
    if isinstance(event, live.NodeStarted):
        started = NodeStarted(job=job, path=event.path, index=event.index, total=event.total)
        work.outbox.latest(key, started, every=SELDOM)
        return
    done = NodeFinished(
        job=job,
        path=event.path,
        index=event.index,
        total=event.total,
        seconds=event.seconds,
        outputs=event.outputs,
        reused=event.reused,
    )
    work.outbox.latest(key, done, every=SELDOM)


def show(work: Work, port: str, value: Any, step: int = 0) -> None:
    """A preview of a value goes out, if there is anything to see."""
    made = small(value)
    if made is not None:
        told = Preview(job=work.job.id, port=port, kind=made.kind, data=made.data, step=step)
        work.outbox.latest(("preview", port, step), told, made.blob)


class _Nodes:
    """Hears of the nodes of a turning world."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def started(self, path: str, step: Step, given: Mapping[str, Any]) -> None:
        if step.block is not None:
            tell_node(self.work, live.NodeStarted(path, 0, 0))
        obey(self.work)

    def finished(
        self, path: str, step: Step, seconds: float, results: Mapping[str, Any], reused: bool
    ) -> None:
        if step.block is not None:
            outputs = {port: describe(value) for port, value in results.items()}
            tell_node(self.work, live.NodeFinished(path, 0, 0, seconds, outputs, {}, reused))
        for port in self.work.watching().ports:
            node, _, name = port.rpartition(".")
            if node == path and name in results:
                show(self.work, port, results[name])


def _turn(work: Work, order: RunOrder, graph: Graph, where: Run) -> dict[str, Any]:
    if not isinstance(graph, World):
        raise WorldloomError(f"only a world turns; the root is a {graph.spec.level}")
    stood = Stood() if order.fresh else replace(work.model.world)
    _fill(graph, stood, order.inputs)
    where = Run(seed=where.seed, device=where.device, output=where.output, observer=_Nodes(work))
    told = turns(
        graph,
        stood.state,
        order.action,
        order.turns,
        content=stood.content,
        first=stood.turn,
        run=where,
    )
    first, base = stood.turn, content_hash(work.model.base()) if order.keep else ""
    for event in told:
        if isinstance(event, Turned):
            stood = work.model.world = Stood(event.turn + 1, event.state, event.content)
            work.outbox.post(_turned(work, graph.cycle.storage, event, base))
            work.control.reached(event.turn + 1 - first, order.turns)
            work.chores()
        else:
            work.outbox.post(_stage(work.job.id, event))
            if isinstance(event, StageFinished):
                for port, value in event.outputs.items():
                    show(work, f"{event.stage}.{port}", value, event.turn)
        obey(work)
    return _slots(stood.state or {}) | {f"content.{k}": v for k, v in (stood.content or {}).items()}


def _fill(world: World, stood: Stood, given: Mapping[str, str]) -> None:
    """Put values into the state and the content by hand. Raises: FileError, StateError."""
    if not given:
        return
    state = {block: dict(slots) for block, slots in (stood.state or {}).items()}
    content = dict(world.first_content() if stood.content is None else stood.content)
    for place, text in given.items():
        block, _, slot = place.partition(".")
        if block == CONTENT:
            content[slot] = read_value(text)
        else:
            schema: Mapping[str, str] = dict(world.cycle.state).get(block, {})  # type: ignore[call-overload]
            state.setdefault(block, {})[slot] = read_value(text, schema.get(slot, "any"))
    stood.state, stood.content = world.accept(state) or None, content


def _slots(state: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {f"{block}.{slot}": v for block, slots in state.items() for slot, v in slots.items()}


def _stage(job: str, event: StageStarted | StageFinished | StageSkipped) -> StageTold:
    if isinstance(event, StageSkipped):
        return StageTold(
            job=job,
            turn=event.turn,
            stage=event.stage,
            what="skipped",
            empty=event.empty,
            filled=event.filled,
        )
    if isinstance(event, StageStarted):
        return StageTold(job=job, turn=event.turn, stage=event.stage, what="started")
    return StageTold(
        job=job,
        turn=event.turn,
        stage=event.stage,
        what="finished",
        seconds=event.seconds,
        wrote=event.wrote,
    )


def _turned(work: Work, storage: Storage, event: Turned, base: str) -> TurnFinished:
    path = ""
    if base:
        if work.model.path is None:
            raise WorldloomError("snapshots are kept beside a project; save it first")
        folder = work.model.path.parent / storage.directory
        path = str(write_snapshot(storage, folder, event.turn, event.state, event.content, base))
    return TurnFinished(
        job=work.job.id,
        turn=event.turn,
        state={name: in_words(value) for name, value in _slots(event.state).items()},
        content={name: in_words(value) for name, value in event.content.items()},
        updated=event.updated,
        snapshot=path,
    )
