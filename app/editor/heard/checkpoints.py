"""The checkpoints of run folders, as the engine listed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.events import CheckpointFacts, Event


class Checkpoints:
    """By folder, earliest first; `loaded` is what was put into the model last."""

    def __init__(self) -> None:
        self.news = 0
        self.of: dict[str, Sequence[CheckpointFacts]] = {}
        self.loaded = ""

    def hear(self, event: Event) -> None:
        """Take in one event; those that say nothing of checkpoints are passed over."""
        if event.event == "CheckpointsListed":
            self.of[event.folder] = event.checkpoints
        elif event.event == "Saved" and event.what == "loaded":
            self.loaded = event.path
        else:
            return
        self.news += 1

    def forget(self) -> None:
        """Another project."""
        self.of, self.loaded = {}, ""
        self.news += 1
