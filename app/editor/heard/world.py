"""Where a turning world stands: its turn, what its stages did, and what its slots hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.events import Event, StageTold, TurnFinished

MOST = 500


@dataclass(frozen=True)
class Turned:
    """A turn that came round, with what its stages did."""

    told: TurnFinished
    stages: tuple[StageTold, ...]


class WorldState:
    """The last world that turned, by its newest words."""

    def __init__(self) -> None:
        self.news = 0
        self.turn = -1  # before the first
        self.stages: dict[str, StageTold] = {}  # what each did last in this turn
        self.state: Mapping[str, str] = {}
        self.content: Mapping[str, str] = {}
        self.turns: list[Turned] = []

    def hear(self, event: Event) -> None:
        """Take in one event; those that say nothing of a turning world are passed over."""
        if event.event == "StageTold":
            if event.turn != self.turn:
                self.turn, self.stages = event.turn, {}
            self.stages[event.stage] = event
        elif event.event == "TurnFinished":
            self.turn, self.state, self.content = event.turn, event.state, event.content
            self.turns = [t for t in self.turns if t.told.turn < event.turn][-MOST:]
            self.turns.append(Turned(event, tuple(self.stages.values())))
        elif event.event == "WorldStood":
            self.turn, self.state, self.content = event.turns - 1, event.state, event.content
        else:
            return
        self.news += 1

    def forget(self) -> None:
        """Another project."""
        self.turn, self.stages, self.state, self.content, self.turns = -1, {}, {}, {}, []
        self.news += 1
