"""What the engine says of nodes: running, done, failed, how long, how much, and what came out.

Heard from the engine's events and drawn on the cards; nothing here asks the engine for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from app.engine import events as told


State = Literal["", "pending", "running", "done", "stale", "error"]


@dataclass(frozen=True)
class Look:
    """A preview of what a node gave: a picture as PNG bytes, numbers to plot, or words."""

    kind: Literal["image", "plot", "text", "number", "tensor"]
    data: Mapping[str, Any] = field(default_factory=dict)
    blob: bytes = b""
    step: int = 0


@dataclass(frozen=True)
class Doing:
    """What is known of one node. Units: seconds of its last run; heat from 0 to 1."""

    state: State = ""
    seconds: float | None = None
    progress: float | None = None
    parameters: int | None = None
    error: str = ""
    heat: float | None = None
    look: Look | None = None


QUIET = Doing()


class Activity:
    """What every node is doing, by path. Only the editor's loop tells it."""

    def __init__(self) -> None:
        self._nodes: dict[str, Doing] = {}
        self._dirty: set[str] = set()
        self._running: dict[str, str] = {}  # job -> the node that it is at

    def of(self, path: str) -> Doing:
        """What is known of a node."""
        return self._nodes.get(path, QUIET)

    def taken(self) -> set[str]:
        """The paths that changed since this was asked last."""
        dirty, self._dirty = self._dirty, set()
        return dirty

    def note(self, path: str, **change: Any) -> None:
        """Say something of a node."""
        old = self.of(path)
        new = replace(old, **change)
        if new != old:
            self._nodes[path] = new
            self._dirty.add(path)

    def stale(self, paths: set[str]) -> None:
        """What these nodes gave no longer belongs to the document."""
        for path in paths:
            if self.of(path).state in ("done", "error"):
                self.note(path, state="stale", error="")

    def hear(self, event: told.Event, blob: bytes = b"") -> None:
        """Take in one event of the engine; those that say nothing of nodes are passed over."""
        from app.engine import (
            events as told,
        )  # slow to import, and no event comes before the window

        match event:
            case told.NodeStarted():
                self._start(event)
            case told.NodeFinished():
                self._running.pop(event.job, None)
                self.note(event.path, state="done", seconds=event.seconds, progress=None, error="")
            case told.Preview():
                path = event.port.rpartition(".")[0]
                look = Look(event.kind, dict(event.data), blob, event.step)
                self.note(path, look=look)
            case told.GradientNorms():
                most = max(event.norms.values(), default=0.0) or 1.0
                for path, norm in event.norms.items():
                    self.note(path, heat=norm / most)
            case told.Inspected():
                for path, facts in event.nodes.items():
                    self.note(path, parameters=facts.parameters, error=facts.error)
            case told.JobFailed():
                self._end(event.job.job)
                if event.where:
                    self.note(event.where, state="error", error=event.message, progress=None)
            case told.JobFinished():
                self._end(event.job.job)
            case told.Died():
                for job in list(self._running):
                    self._end(job)

    def _start(self, event: told.NodeStarted) -> None:
        before = self._running.get(event.job)
        if before is not None and before != event.path and self.of(before).state == "running":
            self.note(before, state="done", progress=None)
        self._running[event.job] = event.path
        self.note(event.path, state="running", error="")

    def _end(self, job: str) -> None:
        path = self._running.pop(job, None)
        if path is not None and self.of(path).state == "running":
            self.note(path, state="done", progress=None)
