"""A training as a job: the loop is `fit`'s; between its steps people are obeyed and shown things."""

from __future__ import annotations

import dataclasses
import time
from contextlib import nullcontext
from pathlib import Path

import torch

from app.engine.commands import Train, Watch
from app.engine.control import Work
from app.engine.events import (
    CheckpointSaved,
    Figures,
    GradientNorms,
    JobFinished,
    JobPaused,
    JobResumed,
    JobStarted,
    Log,
    TrainedFacts,
    Validated,
)
from app.engine.gradients import Gradients
from app.engine.outbox import Pace
from app.engine.run import evaluating
from app.engine.telling import show
from graphs.learn.fit import CHECKPOINTS, Kept, fit, use_best
from graphs.learn.journal import LINES
from graphs.learn.modes import Trained
from graphs.learn.resume import only_adapters
from graphs.learn.resume import save as save_checkpoint
from graphs.learn.training import StepDone, Training
from graphs.live.block import Block
from graphs.live.context import Run, seeded
from graphs.live.execute import execute
from graphs.live.graph import Graph
from graphs.live.weights import base_tensors, load_tensors
from graphs.spec.problems import Cancelled, WorldloomError
from graphs.store import content_hash, export_world, import_world, latest, prune

BASE = "base.world"  # what adapters were trained on, where it was nowhere else on the disk


def train(work: Work) -> JobFinished:
    """Train to the plan's end, or until it is stopped; checkpoints are in the job's folder.

    Raises: DocumentError, FileError, WorldloomError; what was learned until then stays.
    """
    order, folder = work.job.order, Path(work.job.facts.folder)
    assert isinstance(order, Train)
    plan = work.model.plan(order.plan, work.job.document)
    if order.steps is not None:
        plan = plan.model_copy(update={"steps": order.steps})
    lent = work.model.lend(work.job.document, plan.settings)
    try:
        training = work.model.training(lent, plan, order.variant or order.plan)
        if only_adapters(training):
            _base(work, training, folder, order.resume)
        live = _Live(work, training, folder)
        live.begin()
        summary = fit(
            training,
            folder,
            resume=order.resume,
            watch=live.told,
            stop=live.between,
            tensorboard=order.tensorboard,
            kept=live.kept,
        )
        live.read()
        if order.best and plan.keep.best and not summary.interrupted:
            use_best(training, folder)
    finally:
        work.model.take_back(lent)
    stopped = "stopped by hand" if summary.interrupted else summary.stopped
    results = dataclasses.asdict(summary) | {"checkpoint": str(summary.checkpoint or "")}
    return JobFinished(job=work.job.facts, stopped=stopped, results=results)


def facts(rows: list[Trained]) -> tuple[TrainedFacts, ...]:
    """The sheet as messages."""
    return tuple(TrainedFacts(**dataclasses.asdict(row)) for row in rows)


def _base(work: Work, training: Training, folder: Path, resume: bool) -> None:
    """Adapters mean nothing without their base: keep one that is on no disk, take it back on resume.

    A document that was never saved has weights that only this process knows.
    """
    base, file = base_tensors(training.graph), folder / BASE
    if resume and file.exists():
        checkpoint = latest(folder / CHECKPOINTS).checkpoint
        if checkpoint is not None and checkpoint.state["base"] != content_hash(base):
            load_tensors(training.graph, import_world(file).tensors, str(file))
            work.outbox.post(Log(level="info", text=f"took back the base of this run from {file}"))
    elif work.model.unsaved(base):
        folder.mkdir(parents=True, exist_ok=True)
        export_world(file, work.job.document, base)


class _Live:
    """Between the steps of one training."""

    def __init__(self, work: Work, training: Training, folder: Path) -> None:
        self.work, self.training, self.folder = work, training, folder
        self.gradients = Gradients(training)
        self.paused = False
        self.speed = 0.0  # seconds of a step, smoothed
        self.next_gradients = self.next_previews = 0.0
        self.unread: list[StepDone] = []  # on a GPU figures are read together
        self.watched: Watch | None = None
        self.given_up: set[str] = set()  # ports of it that cannot be shown

    def begin(self) -> None:
        """Say what starts, and wait if it starts paused."""
        started = self.work.job.facts.model_copy(
            update={"state": "running", "steps": self.training.plan.steps}
        )
        self.work.outbox.post(
            JobStarted(
                job=started,
                journal=str(self.folder / LINES),
                rows=facts(self.training.explain()),
            )
        )
        self.reached()
        if self.work.control.waiting:
            self.pause()
        if self.work.control.stopping:
            raise Cancelled("stopped before its first step")
        self.arm()

    def reached(self) -> None:
        """Let whoever asks know how far it is."""
        self.work.control.reached(self.training.state.step, self.training.plan.steps)

    def told(self, done: StepDone) -> None:
        """A step was done and written down."""
        self.speed = 0.9 * self.speed + 0.1 * done.seconds if self.speed else done.seconds
        self.reached()
        self.unread.append(done)
        many = len(self.unread) >= self.training.finite.every
        if many or done.validation is not None or self.gradients.armed:
            self.read()

    def read(self) -> None:
        """Tell of the steps that were not told of yet."""
        unread, self.unread = self.unread, []
        for done in unread:
            self._tell(done)

    def _tell(self, done: StepDone) -> None:
        outbox, job = self.work.outbox, self.work.job.id
        steps, norm = self.training.plan.steps, done.grad_norm
        figures = Figures(
            step=done.index,
            loss=done.loss,
            lr=done.lr,
            seconds=done.seconds,
            rows=done.rows,
            grad_norm=norm,
            losses={n: v.item() for n, v in done.parts.items()} if len(done.parts) > 1 else {},
            logged={n: v.item() for n, v in done.logged.items()},
        )
        left = (steps - done.index) * self.speed
        outbox.step(job, figures, Pace(steps, left, done.rows / max(self.speed, 1e-9)))
        if done.validation is not None:
            outbox.post(
                Validated(job=job, step=done.index, figures=done.validation, best=done.best)
            )
        if found := self.gradients.take(norm):
            outbox.latest(("gradients", job), GradientNorms(job=job, step=done.index, norms=found))

    def between(self) -> bool:
        """Do what was asked for; whether the training shall stop."""
        control = self.work.control
        self.work.chores()
        control.took()
        if control.waiting:
            self.pause()
        elif not control.stopping:
            self.preview()
        self.arm()
        return control.stopping

    def kept(self, kept: Kept) -> None:
        """Say that a checkpoint is there."""
        told = CheckpointSaved(
            job=self.work.job.id, step=kept.step, path=str(kept.path), best=kept.best
        )
        self.work.outbox.post(told)

    def pause(self) -> None:
        """Wait, with a checkpoint the first time: who pauses may switch off."""
        job, step, outbox = self.work.job.id, self.training.state.step, self.work.outbox
        self.read()
        if not self.paused and step:
            place = self.folder / CHECKPOINTS
            path = save_checkpoint(self.training, place, "pause")
            prune(place, self.training.plan.keep.last)
            self.kept(Kept(path, step))
        self.paused = True
        self.work.said("paused")
        outbox.post(JobPaused(job=job, step=step))
        self.preview()
        self.work.rest()
        self.work.said("running")
        outbox.post(JobResumed(job=job))

    def arm(self) -> None:
        """Read the next step's gradients, if somebody looks and it is time."""
        watch, now = self.work.watching(), time.monotonic()
        if watch.gradients and now >= self.next_gradients:
            self.next_gradients = now + watch.seconds
            self.gradients.arm()

    def preview(self) -> None:
        """Show what is watched on held-out rows, the same ones each time, if it is time.

        The next look is so far off that looking takes no more than its share of the time.
        """
        watch, start = self.work.watching(), time.monotonic()
        if watch is not self.watched:
            self.watched, self.given_up = watch, set()
        ports = tuple(port for port in watch.ports if port not in self.given_up)
        if not ports or start < self.next_previews:
            return
        if not self._looked(ports):  # what one of them cannot show must not hide the others
            self.given_up |= {port for port in ports if not self._looked((port,), aloud=True)}
        cost = time.monotonic() - start
        self.next_previews = start + max(watch.seconds, cost / watch.share)

    def _looked(self, ports: tuple[str, ...], aloud: bool = False) -> bool:
        """Whether these ports could be shown; with `aloud` the log is told why not."""
        try:
            self._look(ports)
        except Cancelled:
            raise
        except Exception as error:  # border: blocks of strangers; a look must not end a training
            if aloud:
                text = f"{ports[0]} is not shown until something else is watched: {error}"
                self.work.outbox.post(Log(level="warning", text=text))
            return False
        return True

    def _look(self, ports: tuple[str, ...]) -> None:
        plan, graph, device = self.training.plan, self.training.graph, self.training.device
        split = plan.validation.split if plan.validation else plan.data.split
        where = Run(plan.seed, 0, split, min(plan.data.batch, 16), device=device)
        _refuse_effects(graph, ports)
        # The steps to come must draw what they would have drawn, whatever the blocks do here.
        with (
            seeded(plan.seed, torch.device(device)),
            evaluating(graph),
            self.training.average or nullcontext(),
        ):
            values = execute(graph, targets=ports, run=where, precision=plan.precision)
        for port in ports:
            show(self.work, port, values[port], self.training.state.step)


def _refuse_effects(graph: Graph, ports: tuple[str, ...]) -> None:
    for step in graph.program(ports).steps:
        for module in step.block.modules() if step.block is not None else ():
            if isinstance(module, Block) and module.effects:
                raise WorldloomError(f"{step.path} {', '.join(module.effects)}; run it instead")
