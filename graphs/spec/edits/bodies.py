"""Edits of what a body is: its level, its role in a task, how often it loops, what it does to a state."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import PositiveInt
from pydantic.dataclasses import dataclass

from graphs.spec.document import Document
from graphs.spec.edits.places import body_at, with_body
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.levels import Level
from graphs.spec.state import Cycle, Transition


@dataclass(frozen=True, config=STRICT)
class SetLevel(Act):
    """Make the body at `at` a graph, pipeline, stage or world."""

    at: str
    level: Level
    edit: Literal["SetLevel"] = "SetLevel"

    def __call__(self, document: Document) -> Document:
        """What the level may hold is for check to say."""
        return _with(document, self.at, "level", self.level)

    def _says(self) -> str:
        return f"Make {self.at or 'the whole'} a {self.level}"


@dataclass(frozen=True, config=STRICT)
class SetLoops(Act):
    """Say how often the cycles of wires at `at` run; None lets it have none."""

    at: str
    loops: PositiveInt | None
    edit: Literal["SetLoops"] = "SetLoops"

    def __call__(self, document: Document) -> Document:
        """Whether each cycle has a start is for check to say."""
        return _with(document, self.at, "loops", self.loops)

    @property
    def target(self) -> tuple[str, ...]:
        """The body."""
        return (self.edit, self.at)

    def _says(self) -> str:
        return f"Loop {self.at or 'the whole'} {self.loops or 'no'} times"


@dataclass(frozen=True, config=STRICT)
class SetRole(Act):
    """Say what the graph at `at` is in a task; "" is nothing in particular."""

    at: str
    role: str
    edit: Literal["SetRole"] = "SetRole"

    def __call__(self, document: Document) -> Document:
        """Whether its ports are those of the role is for check to say."""
        return _with(document, self.at, "role", self.role)

    def _says(self) -> str:
        return f"Make {self.at or 'the whole'} a {self.role or 'graph of no role'}"


@dataclass(frozen=True, config=STRICT)
class SetTransition(Act):
    """Say what the stage at `at` does to the state of its world; None is nothing."""

    at: str
    transition: Transition | None
    edit: Literal["SetTransition"] = "SetTransition"

    def __call__(self, document: Document) -> Document:
        """Whether its places and ports exist is for check to say."""
        return _with(document, self.at, "transition", self.transition)

    @property
    def target(self) -> tuple[str, ...]:
        """The stage."""
        return (self.edit, self.at)

    def _says(self) -> str:
        return f"Set the transition of {self.at or 'the whole'}"


@dataclass(frozen=True, config=STRICT)
class SetCycle(Act):
    """Say how the world at `at` turns: its stages, state, content and storage; None is not at all."""

    at: str
    cycle: Cycle | None
    edit: Literal["SetCycle"] = "SetCycle"

    def __call__(self, document: Document) -> Document:
        """Whether its stages exist is for check to say."""
        return _with(document, self.at, "cycle", self.cycle)

    @property
    def target(self) -> tuple[str, ...]:
        """The world."""
        return (self.edit, self.at)

    def _says(self) -> str:
        return f"Set the cycle of {self.at or 'the whole'}"


def _with(document: Document, at: str, fact: str, value: Any) -> Document:
    body = body_at(document, at)
    if getattr(body, fact) == value:
        return document
    return with_body(document, at, body.model_copy(update={fact: value}))
