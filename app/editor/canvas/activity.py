"""What the engine says of nodes: running, done, failed, how long, how much, and what came out.

Heard from the engine's events and drawn on the cards; nothing here asks the engine for anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from app.editor.canvas.warmth import Warmth

if TYPE_CHECKING:
    from app.engine import events as told


State = Literal["", "pending", "running", "done", "stale", "error"]


@dataclass(frozen=True)
class Look:
    """A preview of what a node gave: a picture as PNG bytes, numbers to plot, or words."""

    kind: Literal["image", "plot", "text", "number", "tensor", "trajectory"]
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
    shapes: Mapping[str, str] = field(default_factory=dict)  # by output, as "float32 (32, 10)"


QUIET = Doing()
Heat = Literal["", "gradient", "time"]


class Activity:
    """What every node is doing, by path. Only the editor's loop tells it."""

    def __init__(self) -> None:
        self.running: set[str] = set()  # the nodes that run now
        self._nodes: dict[str, Doing] = {}
        self.heat_by: Heat = ""
        self._norms = Warmth()
        self._times = Warmth()
        self._dirty: set[str] = set()
        self._at: dict[str, str] = {}  # job -> the node that it is at
        self._turns: dict[str, dict[str, int]] = {}  # job -> how often something began in a node
        self._before: dict[str, int] = {}  # the same of the last job that came to its end

    def of(self, path: str) -> Doing:
        """What is known of a node."""
        doing = self._nodes.get(path, QUIET)
        if not self.heat_by:
            return doing
        warmth = self._norms if self.heat_by == "gradient" else self._times
        heat = warmth.of(path)
        return doing if heat is None else replace(doing, heat=heat)

    def warm(self, by: Heat) -> None:
        """Nodes look warm by this from now on."""
        self.heat_by = by
        self._dirty |= self._nodes.keys() | self._norms.paths | self._times.paths

    def taken(self) -> set[str]:
        """The paths that changed since this was asked last."""
        dirty, self._dirty = self._dirty, set()
        return dirty

    def note(self, path: str, **change: Any) -> None:
        """Say something of a node."""
        old = self._nodes.get(path, QUIET)
        new = replace(old, **change)
        if new != old:
            self._nodes[path] = new
            self._dirty.add(path)
            (self.running.add if new.state == "running" else self.running.discard)(path)

    @property
    def ran(self) -> list[str]:
        """The nodes that gave something."""
        return [p for p, doing in self._nodes.items() if doing.state in ("done", "error")]

    def stale(self, whole: set[str], holders: set[str]) -> None:
        """What these nodes gave no longer belongs to the document; the first with all inside them."""
        for path in self.ran:
            above = path
            while above and above not in whole:
                above = above.rpartition(".")[0]
            if above or path in holders:
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
                self._at.pop(event.job, None)
                self._times.put(event.path, event.seconds)
                self.note(event.path, state="done", seconds=event.seconds, progress=None, error="")
            case told.Preview():
                path = event.port.rpartition(".")[0]
                look = Look(event.kind, dict(event.data), blob, event.step)
                self.note(path, look=look)
            case told.GradientNorms():
                before, self._norms = self._norms, Warmth.of_norms(event.norms)
                if self.heat_by == "gradient":
                    self._dirty |= self._norms.changed_from(before)
            case told.Inspected():
                for path, facts in event.nodes.items():
                    self.note(
                        path, parameters=facts.parameters, error=facts.error, shapes=facts.outputs
                    )
            case told.JobFailed():
                self._end(event.job.job)
                if event.where:
                    self.note(event.where, state="error", error=event.message, progress=None)
            case told.JobFinished():
                self._end(event.job.job)
            case told.Died():
                for job in {*self._at, *self._turns}:
                    self._end(job)

    def _start(self, event: told.NodeStarted) -> None:
        before = self._at.get(event.job)
        if before is not None and before != event.path and self.of(before).state == "running":
            self.note(before, state="done", progress=None)
        self._at[event.job] = event.path
        self.note(event.path, state="running", error="")
        self._advance(event)

    def _advance(self, event: told.NodeStarted) -> None:
        """What holds the node is as far as the run before tells, once there was one."""
        turns = self._turns.setdefault(event.job, {})
        path = event.path.rpartition(".")[0]
        while path:
            turns[path] = turns.get(path, 0) + 1
            if whole := self._before.get(path):
                self.note(path, progress=min(turns[path] / whole, 1.0))
            path = path.rpartition(".")[0]

    def _end(self, job: str) -> None:
        turns = self._turns.pop(job, {})
        self._before |= turns
        for holder in turns:
            self.note(holder, progress=None)
        path = self._at.pop(job, None)
        if path is not None and self.of(path).state == "running":
            self.note(path, state="done", progress=None)
