"""The queue: jobs in their order, on the disk after every change. No torch.

A job holds the document as it was when it was asked for, so that what runs is what was seen then.
Documents are kept by digest beside the queue, one file however many jobs share it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from app.engine.commands import Message, Run, Train
from app.engine.events import JobFacts, JobState
from app.engine.places import queue_file
from graphs.spec.document import Document
from graphs.spec.problems import FileError, WorldloomError, near
from graphs.store import normalised, read_json, write_bytes, write_json
from graphs.store.document_file import document_bytes, read_document
from graphs.store.plain import validated

ENDED = ("finished", "cancelled")
AGAIN = ("failed", "interrupted")  # may be gone on with
ALIVE = ("running", "paused")


@dataclass(frozen=True)
class Job:
    """What was asked for, on which document, and how it stands."""

    facts: JobFacts
    order: Run | Train
    document: Document
    digest: str

    @property
    def id(self) -> str:
        """Its name in events and commands."""
        return self.facts.job


def document_digest(document: Document) -> str:
    """SHA-256 of a document's file."""
    return hashlib.sha256(document_bytes(document, "the document")).hexdigest()


class _Entry(Message):
    facts: JobFacts
    order: Run | Train = Field(discriminator="command")
    document: str


class _File(Message):
    jobs: tuple[_Entry, ...] = ()


class Queue:
    """Jobs in their order. Its owner guards it against two threads at once."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """An empty queue of no project; `tell` hears when the disk refuses."""
        self.jobs: list[Job] = []
        self.held = False
        self._tell = tell
        self._file: Path | None = None

    def open(self, project: Path | None) -> None:
        """The project's queue as it was left, held when there is anything in it.

        What ran when its engine died is interrupted now. Jobs that cannot be read are told of.
        """
        self.jobs, self.held = [], False
        self._file = queue_file(project) if project is not None else None
        self._read()

    def rehome(self, project: Path | None) -> None:
        """The same jobs under another project, after those that it had."""
        mine = self.jobs
        self.jobs, self._file = [], queue_file(project) if project is not None else None
        self._read()
        self.jobs += mine
        self._write()

    def _read(self) -> None:
        if self._file is None or not self._file.exists():
            return
        try:
            entries = validated(_File, read_json(self._file), self._file).jobs
        except FileError as error:
            self._tell(f"the queue could not be read and starts empty: {error}")
            return
        for entry in entries:
            try:
                document = read_document(self._document(entry.document))
            except FileError as error:
                self._tell(f"job {entry.facts.title!r} is lost with its document: {error}")
                continue
            facts = entry.facts
            if facts.state in ALIVE:
                facts = facts.model_copy(
                    update={"state": "interrupted", "message": "the engine ended while it ran"}
                )
            self.jobs.append(Job(facts, entry.order, document, entry.document))
        self.held = any(job.facts.state == "queued" for job in self.jobs)

    def add(self, order: Run | Train, document: Document, title: str, folder: str = "") -> Job:
        """A new job waits at the end."""
        document = normalised(document)
        kind = "train" if isinstance(order, Train) else "run"
        facts = JobFacts(job=secrets.token_hex(4), kind=kind, title=title, folder=folder)
        job = Job(facts, order, document, document_digest(document))
        self.jobs.append(job)
        self._write()
        return job

    def next(self) -> Job | None:
        """The first that waits, None when there is none or the queue is held."""
        if self.held:
            return None
        return next((job for job in self.jobs if job.facts.state == "queued"), None)

    def find(self, job: str) -> Job:
        """The job of this name. Raises: WorldloomError."""
        for each in self.jobs:
            if each.id == job:
                return each
        raise WorldloomError(f"there is no job {job!r}{near(job, [j.id for j in self.jobs])}")

    def mark(self, job: str, state: JobState, message: str = "", **facts: object) -> Job:
        """The job stands so now; one that came to its end leaves the queue."""
        old = self.find(job)
        new = old.facts.model_copy(update={"state": state, "message": message, **facts})
        at = self.jobs.index(old)
        self.jobs[at] = replace(old, facts=new)
        found = self.jobs[at]
        if state in ENDED:
            del self.jobs[at]
        self._write()
        return found

    def again(self, job: str) -> Job:
        """A job that failed or was interrupted waits once more; a training resumes.

        Raises: WorldloomError when it did neither.
        """
        old = self.find(job)
        if old.facts.state not in AGAIN:
            raise WorldloomError(f"job {job!r} is {old.facts.state}; only {AGAIN} go on")
        order = old.order
        if isinstance(order, Train):
            order = order.model_copy(update={"resume": True, "folder": old.facts.folder})
        at = self.jobs.index(old)
        self.jobs[at] = replace(old, order=order)
        return self.mark(job, "queued")

    def move(self, job: str, place: int) -> None:
        """A waiting job stands at this place among those that wait. Raises: WorldloomError."""
        moved = self.find(job)
        if moved.facts.state != "queued":
            raise WorldloomError(f"job {job!r} is {moved.facts.state}; only waiting jobs are moved")
        self.jobs.remove(moved)
        waiting = [at for at, other in enumerate(self.jobs) if other.facts.state == "queued"]
        self.jobs.insert(waiting[place] if place < len(waiting) else len(self.jobs), moved)
        self._write()

    def facts(self) -> tuple[JobFacts, ...]:
        """All of them, in their order."""
        return tuple(job.facts for job in self.jobs)

    def folders(self) -> set[str]:
        """The run folders that jobs were promised."""
        return {job.facts.folder for job in self.jobs if job.facts.folder}

    def _document(self, name: str) -> Path:
        assert self._file is not None
        return self._file.parent / "documents" / f"{name}.json"

    def _write(self) -> None:
        if self._file is None:
            return
        entries = [_Entry(facts=j.facts, order=j.order, document=j.digest) for j in self.jobs]
        try:
            for job in self.jobs:
                path = self._document(job.digest)
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write_bytes(path, document_bytes(job.document, path))
            if self.jobs or self._file.exists():
                write_json(self._file, _File(jobs=tuple(entries)).model_dump(mode="json"))
            self._clear({job.digest for job in self.jobs})
        except (FileError, OSError) as error:
            self._tell(f"the queue is not on the disk and would not survive a restart: {error}")

    def _clear(self, needed: Iterable[str]) -> None:
        assert self._file is not None
        folder = self._file.parent / "documents"
        for path in folder.glob("*.json") if folder.is_dir() else ():
            if path.stem not in needed:
                path.unlink()
