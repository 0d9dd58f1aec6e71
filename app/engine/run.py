"""A run as a job: a branch of the graph, or turns of a world, told node by node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.engine.commands import Run as RunOrder
from app.engine.control import Work
from app.engine.events import JobFinished, JobPaused, JobResumed, JobStarted
from app.engine.telling import show, tell_node
from app.engine.turning import turn
from app.values import in_words, read_value, write_value
from graphs.live import execute as live
from graphs.live.compiler import Compiler
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.spec.problems import Cancelled, WorldloomError, near


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
            turning = order.turns or order.endless or order.stages
            results = (turn if turning else _once)(work, order, lent.graph, where)
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
        work.said("paused")
        work.outbox.post(JobPaused(job=work.job.id, step=control.done))
        with control.wake:
            control.wake.wait_for(lambda: not control.waiting)
        work.said("running")
        work.outbox.post(JobResumed(job=work.job.id))
    if control.stopping:
        raise Cancelled("the run was stopped")
