"""Control: what people ask of the running job. Any thread asks; the model's thread obeys at its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.engine.commands import Watch
from app.engine.events import JobState
from app.engine.model import Model
from app.engine.outbox import Outbox
from app.engine.queue import Job


class Control:
    """How many steps a job may still do, and whether it shall end. Guarded by `wake`."""

    def __init__(self, wake: threading.Condition, paused: bool = False) -> None:
        """Free to run, or waiting before its first step."""
        self.wake, self.stopping, self.hurried = wake, False, False
        self.action: Any = None  # what the development of a turning world hears
        self.done, self.of = 0, 0  # steps or turns, for whoever asks how far it is
        self._allowed: int | None = 0 if paused else None

    @property
    def waiting(self) -> bool:
        """Whether the next step has to wait."""
        return self._allowed == 0 and not self.stopping

    def stop(self, hurried: bool = False) -> None:
        """The job ends at its next step; asked again or `hurried`, a turn is not waited for."""
        with self.wake:
            self.hurried = self.hurried or hurried or self.stopping
            self.stopping = True
            self.wake.notify_all()

    def pause(self) -> None:
        """It waits at its next step."""
        with self.wake:
            self._allowed = 0

    def resume(self) -> None:
        """It goes on freely."""
        with self.wake:
            self._allowed = None
            self.wake.notify_all()

    def step(self, count: int) -> None:
        """It does so many more steps, then waits."""
        with self.wake:
            self._allowed = (self._allowed or 0) + count
            self.wake.notify_all()

    def reached(self, done: int, of: int) -> None:
        """The job stands here."""
        self.done, self.of = done, of

    def took(self) -> None:
        """A step was done."""
        with self.wake:
            if self._allowed:
                self._allowed -= 1


@dataclass(frozen=True)
class Work:
    """What a job works with. `chores` does what was asked for meanwhile and needs the model."""

    job: Job
    model: Model
    outbox: Outbox
    control: Control
    watching: Callable[[], Watch]
    chores: Callable[[], None]
    pending: Callable[[], bool]
    said: Callable[[JobState], None]  # the state that the queue shall show and keep

    def rest(self) -> None:
        """Wait while the job is paused; chores are done meanwhile."""
        self.chores()
        while self.control.waiting:
            with self.control.wake:
                self.control.wake.wait_for(lambda: self.pending() or not self.control.waiting)
            self.chores()
