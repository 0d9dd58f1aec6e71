"""The log: what the engine and the window said, with its time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.engine.events import Event

Level = Literal["info", "warning", "error"]
MOST = 2000


@dataclass(frozen=True)
class Line:
    """A line; `time` as the clock of the wall showed it."""

    time: str
    level: Level
    text: str


class Log:
    """The newest lines, the last last."""

    def __init__(self, clock: Callable[[], str] = lambda: time.strftime("%H:%M:%S")) -> None:
        self.news = 0
        self.lines: deque[Line] = deque(maxlen=MOST)
        self._clock = clock

    def note(self, level: Level, text: str) -> None:
        """One more line."""
        self.lines.append(Line(self._clock(), level, text))
        self.news += 1

    def hear(self, event: Event) -> None:
        """Take in one event; those that a person would look for here make a line."""
        if event.event == "Log":
            self.note(event.level, event.text)
        elif event.event == "Ready":
            versions = ", ".join(f"{name} {what}" for name, what in event.versions.items())
            self.note("info", f"The engine is ready on {event.device}: {versions}")
        elif event.event == "JobStarted":
            self.note("info", f"{event.job.title} started")
        elif event.event == "JobPaused":
            self.note("info", f"Paused after step {event.step}")
        elif event.event == "JobFinished":
            self.note(
                "info", f"{event.job.title} ended{f': {event.stopped}' * bool(event.stopped)}"
            )
        elif event.event == "JobFailed":
            where = f" at {event.where}" if event.where else ""
            self.note("error", f"{event.job.title} failed{where}: {event.message}")
        elif event.event == "CheckpointSaved":
            self.note("info", f"Checkpoint of step {event.step}: {event.path}")
        elif event.event == "Refused":
            self.note("warning", f"{event.command} was refused: {event.reason}")
        elif event.event == "Died":
            self.note("error", event.reason)
