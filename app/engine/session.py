"""The session: everything a front end may ask for, and the two threads that do it.

The thread that reads commands owns plain data: the document, its revision, the queue. The model's
thread owns all that is torch: it does jobs, and between their steps the chores that need the model,
so no step ever sees a graph that changes under it. `wake` guards what both look at.
"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import torch

from app.engine import commands as ask
from app.engine.checkpoints import listed
from app.engine.chores import DISTURBING, LATEST, Asked, Chores, Reset, is_chore
from app.engine.commands import Command, Message, Watch
from app.engine.control import Control, Work
from app.engine.events import (
    CatalogueSent,
    DocumentSet,
    JobFinished,
    JobQueued,
    JobsListed,
    JobState,
    Log,
    Pong,
    ProjectOpened,
    Vitals,
)
from app.engine.failure import failed, refused
from app.engine.model import Model
from app.engine.outbox import Outbox
from app.engine.places import fresh_run, newest_run
from app.engine.queue import Job, Queue, document_digest
from app.engine.run import run
from app.engine.train import train
from app.engine.vitals import device_memory, memory
from graphs.live.registry import Registry
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from graphs.spec.edits import apply
from graphs.spec.problems import Cancelled, WorldloomError
from graphs.spec.replay import replay
from graphs.store import import_world, project_files, read_document

CLOSED = "the engine was closed while it ran"
BEAT = 1.0  # seconds between two vitals


def _titled(order: ask.Run) -> str:
    if order.stages:
        return ", ".join(order.stages)
    if order.endless or order.turns:
        return "turning" if order.endless else f"{order.turns} turns"
    return order.branch or ", ".join(order.targets) or "everything"


def fingerprint(catalogue: Catalogue) -> str:
    """What a front end keeps a catalogue under."""
    return hashlib.sha256(catalogue.model_dump_json().encode()).hexdigest()


class Session:
    """One open project. Made once; `receive` by the thread that reads, `work` by the model's."""

    def __init__(
        self, outbox: Outbox, registry: Registry, catalogue: Catalogue, device: str
    ) -> None:
        """`catalogue` is the registry's."""
        self.outbox, self.catalogue, self.device = outbox, catalogue, device
        self.wake = threading.Condition(threading.RLock())
        self.document, self.revision = Document(), 0
        self.path: Path | None = None
        self.queue = Queue(self.warn)
        self.watch = Watch()
        self.closing = False
        self.job: Job | None = None
        self.control: Control | None = None
        self._asked: deque[Asked] = deque()
        self._model = Model(registry, catalogue, device, self.warn)
        self._chores = Chores(self._model, outbox)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._beat = threading.Thread(target=self._tell_vitals, name="beat", daemon=True)

    def start(self) -> None:
        """Jobs and chores are done from now on."""
        self._thread.start()
        self._beat.start()

    def close(self, seconds: float) -> bool:
        """No step is begun any more and what runs is saved; whether that took no longer than this."""
        with self.wake:
            self.closing = True
            if self.control is not None:
                self.control.stop(hurried=True)
            self.wake.notify_all()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing waits that could."""
        with self.wake:
            return self.job is None and self.queue.next() is None and not self._asked

    def warn(self, text: str) -> None:
        """Tell the log."""
        self.outbox.post(Log(level="warning", text=text))

    def greet(self) -> None:
        """What a front end that comes to a running engine must know."""
        with self.wake:
            if self.path is not None:
                opened = ProjectOpened(
                    path=str(self.path),
                    document=self.document,
                    revision=self.revision,
                    weights=project_files(self.path)[1].exists(),
                )
                self.outbox.post(opened)
            self._list_jobs(0)

    # the thread that reads commands

    def receive(self, command: Command, number: int) -> None:
        """Do a command, or have it done; what is wrong with it becomes an answer."""
        try:
            with self.wake:
                self._receive(command, number)
                self.wake.notify_all()
        except Exception as error:  # border: a command must not end the engine
            self.outbox.post(refused(command.command, error), answers=number)

    def _receive(self, command: Command, number: int) -> None:
        match command:
            case ask.Ping():
                self.outbox.post(Pong(job=self.job.id if self.job else ""), answers=number)
            case ask.Watch():
                self.watch = command
            case ask.Stop():
                self._controlled().stop()
            case ask.Pause():
                self._controlled().pause()
            case ask.Resume():
                self._controlled().resume()
            case ask.Step():
                self._controlled().step(command.count)
            case ask.Act():
                self._controlled().action = command.action
            case ask.SetDocument():
                self._set(command, number)
            case ask.ApplyEdit():
                self._hold(apply(self.document, command.edit), command.revision, number)
            case ask.ApplyChanges():
                self._hold(replay(self.document, command.changes), command.revision, number)
            case ask.OpenProject():
                self._open(command, number)
            case ask.Run() | ask.Train():
                self._enqueue(command, number)
            case ask.CancelJob() | ask.MoveJob() | ask.ContinueJob() | ask.HoldQueue():
                self._arrange(command)
                self._list_jobs(number)
            case ask.AskJobs():
                self._list_jobs(number)
            case ask.AskCatalogue():
                told = CatalogueSent(hash=fingerprint(self.catalogue), catalogue=self.catalogue)
                self.outbox.post(told, answers=number)
            case ask.AskCheckpoints():
                self.outbox.post(listed(Path(command.folder)), answers=number)
            case _ if is_chore(command):
                self._ask(command, number)
            case _:
                raise WorldloomError(f"{command.command} is not for a session")

    def _controlled(self) -> Control:
        if self.control is None:
            raise WorldloomError("nothing runs")
        return self.control

    def _hold(self, document: Document, revision: int, number: int) -> None:
        self.document, self.revision = document, revision
        self.outbox.post(DocumentSet(revision=revision), answers=number)

    def _set(self, command: ask.SetDocument, number: int) -> None:
        path = project_files(Path(command.path))[0] if command.path else None
        if not command.keep:
            self._refuse_busy()
            self.path = path
            self.queue.open(path)
        elif path != self.path:  # saved under a name, or another one
            self.path = path
            self.queue.rehome(path)
        self.document, self.revision = command.document, command.revision
        if not command.keep:
            self._ask(Reset(None), 0)
        told = DocumentSet(revision=command.revision, digest=document_digest(command.document))
        self.outbox.post(told, answers=number)

    def _open(self, command: ask.OpenProject, number: int) -> None:
        self._refuse_busy()
        file = Path(command.path)
        path, weights, document = None, None, command.document
        if file.suffix == ".world":  # like a template: it becomes a project when it is saved
            world = import_world(file)
            weights, document = world.tensors, document or world.document
        else:
            path = project_files(file)[0]
            document = document or read_document(path)
        self.document, self.revision, self.path = document, command.revision, path
        self.queue.open(path)
        self._ask(Reset(path, weights), 0)
        told = ProjectOpened(
            path=str(path or ""),
            document=document,
            revision=command.revision,
            weights=path is None or project_files(path)[1].exists(),
        )
        self.outbox.post(told, answers=number)
        self._list_jobs(0)

    def _refuse_busy(self) -> None:
        if self.job is not None:
            raise WorldloomError(f"{self.job.facts.title!r} runs; stop it, or open another engine")

    def _enqueue(self, order: ask.Run | ask.Train, number: int) -> None:
        if isinstance(order, ask.Run):
            job = self.queue.add(order, self.document, _titled(order))
        else:
            self._model.plan(order.plan, self.document)
            folder = self._run_folder(order)
            job = self.queue.add(order, self.document, order.plan, str(folder))
        self.outbox.post(JobQueued(job=job.facts), answers=number)

    def _run_folder(self, order: ask.Train) -> Path:
        if order.folder:
            return Path(order.folder)
        if self.path is None:
            raise WorldloomError("a training needs a place for its checkpoints; save the project")
        if order.resume:
            return newest_run(self.path, order.plan)
        return fresh_run(self.path, order.plan, self.queue.folders())

    def _arrange(
        self, command: ask.CancelJob | ask.MoveJob | ask.ContinueJob | ask.HoldQueue
    ) -> None:
        match command:
            case ask.HoldQueue():
                self.queue.held = command.held
            case ask.MoveJob():
                self.queue.move(command.job, command.place)
            case ask.ContinueJob():
                self.queue.again(command.job)
            case ask.CancelJob():
                if self.job is not None and self.job.id == command.job:
                    self._controlled().stop()
                else:
                    self.queue.mark(command.job, "cancelled")

    def _list_jobs(self, number: int) -> None:
        far = {"step": self.control.done, "steps": self.control.of} if self.control else {}
        jobs = tuple(
            facts.model_copy(update=far) if self.job and facts.job == self.job.id else facts
            for facts in self.queue.facts()
        )
        told = JobsListed(jobs=jobs, held=self.queue.held)
        self.outbox.post(told, answers=number)

    def _ask(self, what: Message | Reset, number: int) -> None:
        if isinstance(what, DISTURBING) and self._trains():
            raise WorldloomError("a training runs on these weights; stop it first")
        if isinstance(what, ask.SaveWeights) and what.path and self.path is None:
            self.path = project_files(Path(what.path))[0]
            self.queue.rehome(self.path)
        if isinstance(what, LATEST):
            self._asked = deque(a for a in self._asked if type(a.what) is not type(what))
        asked = Asked(what, number, self.document, self.revision, self.path)  # type: ignore[arg-type]
        self._asked.append(asked)

    def _trains(self) -> bool:
        return self.job is not None and isinstance(self.job.order, ask.Train)

    # the model's thread

    def _work(self) -> None:
        while True:
            with self.wake:
                self.wake.wait_for(lambda: self.closing or self._asked or self.queue.next())
            self._do_chores()
            with self.wake:
                job = None if self.closing else self.queue.next()
                if job is not None and not self._asked:
                    paused = isinstance(job.order, ask.Train) and job.order.paused
                    self.control = Control(self.wake, paused)
                    self.job = job = self.queue.mark(job.id, "running")
                elif self.closing and not self._asked:
                    self._ended.set()
                    return
                else:
                    continue
            self._do(job)

    def _do_chores(self) -> None:
        while True:
            with self.wake:
                if not self._asked:
                    return
                asked = self._asked.popleft()
            try:
                self._chores.do(asked)
            except Exception as error:  # border: blocks of strangers, and disks
                name = getattr(asked.what, "command", "OpenProject")
                self.outbox.post(refused(name, error), answers=asked.number)

    def _do(self, job: Job) -> None:
        control = self.control
        assert control is not None
        with self.wake:
            self._model.document, self._model.path = self.document, self.path
        work = Work(
            job,
            self._model,
            self.outbox,
            control,
            lambda: self.watch,
            self._do_chores,
            lambda: bool(self._asked),
            lambda state: self._say(job.id, state),
        )
        do: Callable[[Work], JobFinished] = train if isinstance(job.order, ask.Train) else run
        told: Message
        try:
            told = do(work)
        except Cancelled:
            told = JobFinished(job=job.facts, stopped="stopped by hand")
        except Exception as error:  # border: a job
            told = failed(job.facts, error)
        self._end(job, told)

    def _end(self, job: Job, told: Message) -> None:
        with self.wake:
            control = self._controlled()
            far = {"step": control.done, "steps": control.of}
            if not isinstance(told, JobFinished):
                message = getattr(told, "message", "").split("\n", 1)[0]
                facts = self.queue.mark(job.id, "failed", message, **far).facts
            elif self.closing and told.stopped:
                facts = self.queue.mark(job.id, "interrupted", CLOSED, **far).facts
            else:
                facts = self.queue.mark(job.id, "finished", told.stopped, **far).facts
            self.job = self.control = None
            self.outbox.post(told.model_copy(update={"job": facts}))
            if self._model.variants():
                self.outbox.post(self._chores.listed())
        if not isinstance(told, JobFinished):  # what it held may be all the memory that there is
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _say(self, job: str, state: JobState) -> None:
        with self.wake:
            control = self._controlled()
            self.queue.mark(job, state, step=control.done, steps=control.of)

    def _tell_vitals(self) -> None:
        while not self._ended.wait(BEAT):
            job = self.job
            if job is not None:
                told = Vitals(job=job.id, memory=memory(), device_memory=device_memory(self.device))
                self.outbox.latest(("vitals",), told)
