"""Turns of a world as a job, and where the world stands between them.

A turn changes nothing until it is whole: what fails or is stopped leaves the world where it stood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from app.engine.commands import Run as RunOrder
from app.engine.control import Work
from app.engine.events import (
    JobPaused,
    JobResumed,
    Preview,
    StageTold,
    TurnFinished,
    WorldStood,
)
from app.engine.model import Model, Stood
from app.engine.outbox import Outbox
from app.engine.previews import LARGE, small
from app.engine.telling import show, tell_node
from app.values import brief, read_value
from graphs.live import execute as live
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.infer import describe
from graphs.live.program import Step
from graphs.live.world import (
    StageFinished,
    StagesFinished,
    StageSkipped,
    StageStarted,
    World,
    turns,
)
from graphs.live.world import TurnFinished as Turned
from graphs.spec.problems import Cancelled, WorldloomError
from graphs.spec.state import BLOCKS, CONTENT
from graphs.store import content_hash
from graphs.store.snapshot import folder_of, write_snapshot


def turn(work: Work, order: RunOrder, graph: Graph, where: Run) -> dict[str, Any]:
    """Do the turns or the stages of a run; every place's value at the end.

    Raises: Cancelled, WorldloomError, RunError; the world stands after its last whole turn then.
    """
    world = as_world(graph)
    stood = Stood() if order.fresh else replace(work.model.world)
    _fill(world, stood, order.inputs)
    where = Run(seed=where.seed, device=where.device, output=where.output, observer=_Nodes(work))
    work.control.action = order.action
    if order.stages:
        stood = _stages(work, order, world, stood, where)
    else:
        stood = _turns(work, order, world, stood, where)
    content = {f"{CONTENT}.{key}": value for key, value in (stood.content or {}).items()}
    return slots_of(stood.state or {}) | content


def as_world(graph: Graph) -> World:
    """The graph, which must be a world. Raises: WorldloomError."""
    if not isinstance(graph, World):
        raise WorldloomError(f"only a world turns; the root is a {graph.spec.level}")
    return graph


def slots_of(state: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A state as values by "block.slot", in the order of the blocks."""
    return {f"{b}.{slot}": v for b in BLOCKS for slot, v in state.get(b, {}).items()}


def tell_world(outbox: Outbox, model: Model, answers: int = 0) -> None:
    """Where the world stands goes out, its pictures first."""
    stood = model.world
    values = slots_of(stood.state or {})
    for place, value in values.items():
        _show_place(outbox, "", "", place, value, max(stood.turn - 1, 0))
    told = WorldStood(
        turns=stood.turn,
        state={place: brief(value) for place, value in values.items()},
        content={key: brief(value) for key, value in model.world_content.items()},
    )
    outbox.post(told, answers=answers)


def _turns(work: Work, order: RunOrder, world: World, stood: Stood, where: Run) -> Stood:
    base = content_hash(work.model.base()) if order.keep else ""
    done, of = 0, 0 if order.endless else order.turns
    while order.endless or done < order.turns:
        told = turns(
            world,
            stood.state,
            work.control.action,
            1,
            content=stood.content,
            first=stood.turn,
            run=where,
        )
        for event in told:
            if isinstance(event, Turned):
                stood = work.model.world = Stood(event.turn + 1, event.state, event.content)
                work.outbox.post(_turned(work, world, event, base))
            elif not isinstance(event, StagesFinished):
                _tell_stage(work, world, event)
        done += 1
        work.control.reached(done, of)
        _between(work, done)
        stood = work.model.world  # a snapshot may have been opened meanwhile
    return stood


def _between(work: Work, done: int) -> None:
    """After a turn: do what was asked for, wait while paused. Raises: Cancelled."""
    control = work.control
    work.chores()
    control.took()
    if control.waiting:
        work.said("paused")
        work.outbox.post(JobPaused(job=work.job.id, step=done))
        work.rest()
        work.said("running")
        work.outbox.post(JobResumed(job=work.job.id))
    if control.stopping:
        raise Cancelled("the run was stopped")


def _stages(work: Work, order: RunOrder, world: World, stood: Stood, where: Run) -> Stood:
    """Run single stages on the state as it stands; the number of turns stays what it is."""
    number = max(stood.turn - 1, 0)
    content = world.first_content() if stood.content is None else stood.content
    where = replace(where, position=number)
    state = world.accept(stood.state)
    for event in world.stages(order.stages, number, state, content, work.control.action, where):
        if isinstance(event, StagesFinished):
            stood = work.model.world = Stood(stood.turn, event.state, event.content)
        elif not isinstance(event, Turned):
            _tell_stage(work, world, event)
    tell_world(work.outbox, work.model)
    return stood


class _Nodes:
    """Hears of the nodes of a turning world."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def started(self, path: str, step: Step, given: Mapping[str, Any]) -> None:
        if step.block is not None:
            tell_node(self.work, live.NodeStarted(path, 0, 0))
        if self.work.control.hurried:
            raise Cancelled("the run was stopped")

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


def _tell_stage(
    work: Work, world: World, event: StageStarted | StageFinished | StageSkipped
) -> None:
    job = work.job.id
    if isinstance(event, StageSkipped):
        told = StageTold(
            job=job,
            turn=event.turn,
            stage=event.stage,
            what="skipped",
            empty=event.empty,
            filled=event.filled,
        )
    elif isinstance(event, StageStarted):
        told = StageTold(job=job, turn=event.turn, stage=event.stage, what="started")
    else:
        wrote = dict(_written(world, event))
        for port, value in event.outputs.items():
            if port not in {port for port, _ in wrote.values()}:
                show(work, f"{event.stage}.{port}", value, event.turn)
        for place, (port, value) in wrote.items():
            at = f"{event.stage}.{port}"
            _show_place(work.outbox, job, at, place, value, event.turn)
        told = StageTold(
            job=job,
            turn=event.turn,
            stage=event.stage,
            what="finished",
            seconds=event.seconds,
            wrote=event.wrote,
            values={place: brief(value) for place, (_, value) in wrote.items()},
        )
    work.outbox.post(told)


def _written(world: World, event: StageFinished) -> Iterator[tuple[str, tuple[str, Any]]]:
    for place, port in world.transitions[event.stage].writes.items():
        value = event.outputs.get(port)
        if value is not None:
            yield place, (port, value)


def _show_place(outbox: Outbox, job: str, port: str, place: str, value: Any, step: int) -> None:
    """A preview of what fills a place, larger than that of a node: people look at it closely."""
    if isinstance(value, Tensor) and value.dim() == 3 and value.shape[0] in (1, 3):
        value = value[None]  # one image, as a state may hold it
    made = small(value, LARGE)
    if made is not None:
        told = Preview(job=job, port=port, place=place, kind=made.kind, data=made.data, step=step)
        outbox.latest(("preview", port, place, step), told, made.blob)


def _turned(work: Work, world: World, event: Turned, base: str) -> TurnFinished:
    return TurnFinished(
        job=work.job.id,
        turn=event.turn,
        state={name: brief(value) for name, value in slots_of(event.state).items()},
        content={name: brief(value) for name, value in event.content.items()},
        updated=event.updated,
        snapshot=str(_kept(work.model, world, event, base)) if base else "",
    )


def _kept(model: Model, world: World, event: Turned, base: str) -> Path:
    if model.path is None:
        raise WorldloomError("snapshots are kept beside a project; save it first")
    storage = world.cycle.storage
    folder = folder_of(model.path, storage)
    return write_snapshot(storage, folder, event.turn, event.state, event.content, base)
