"""What was heard of the world: a fold over the engine's events, without a window or an engine.

The state as it stands, how each stage is doing, and the gallery: one exhibit for each life of a
state, from its development until the next one. What describes and tells of an artefact comes in the
turn after it was made, and belongs to the same life.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Literal

from app.editor.world.contract import WorldContract
from graphs.spec.state import CONTENT

if TYPE_CHECKING:
    from app.engine.events import Event, SnapshotFacts, StageTold, TurnFinished, WorldStood

MOST = 400  # exhibits that a session keeps
StageState = Literal["", "running", "done", "skipped"]


@dataclass(frozen=True)
class Held:
    """What a slot holds: in words, as a picture where it is one, and when it was written."""

    text: str
    picture: bytes = b""
    at: float = 0.0


@dataclass(frozen=True)
class StageNow:
    """How a stage is doing in this turn; `since` is when that began."""

    state: StageState = ""
    seconds: float = 0.0
    empty: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()
    since: float = 0.0


@dataclass(frozen=True)
class Exhibit:
    """One life of a state: what was meant, made, seen and told. `number` never comes twice."""

    number: int
    turn: int
    action: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def says(self, block: str) -> str:
        """The words of a block that are for people: its text, else nothing."""
        return self.words.get(f"{block}.text", "")

    @property
    def picture(self) -> bytes:
        """The first picture among its artefacts, b"" when there is none."""
        return next((p for at, p in self.pictures.items() if at.startswith("artefacts.")), b"")


IDLE = StageNow()


class WorldTold:
    """The world as far as it was heard of. Whoever listens to the engine tells it."""

    def __init__(self) -> None:
        self.contract: WorldContract | None = None
        self.action = ""  # what development was asked for last
        self.news = 0  # grows with everything that is heard
        self._number = 0
        self.forget()

    def clear(self) -> None:
        """It stands at its beginning; what hangs in the gallery stays."""
        self.state: dict[str, Held] = {}
        self.content: dict[str, str] = {}
        self.turns = 0
        self.turn = 0  # the one that runs, or ran last
        self.stages: dict[str, StageNow] = {}
        self.running = ""  # a stage
        self.failure = ""
        self.news += 1

    def forget(self) -> None:
        """Another world: nothing is known."""
        self.clear()
        self.job = ""
        self.exhibits: list[Exhibit] = []
        self.snapshots: tuple[SnapshotFacts, ...] = ()
        self.folder = ""
        self._pictures: dict[str, bytes] = {}
        self._acted = ""  # the action that this life began with
        self.news += 1

    def know(self, contract: WorldContract | None) -> None:
        """The document says this of its world now."""
        if contract != self.contract:
            self.contract = contract
            self.news += 1

    def filled(self, block: str) -> bool:
        """Whether a block of the state holds anything."""
        return any(place.startswith(f"{block}.") for place in self.state)

    def held(self, block: str) -> dict[str, Held]:
        """What a block holds, by slot."""
        ahead = f"{block}."
        return {p.removeprefix(ahead): h for p, h in self.state.items() if p.startswith(ahead)}

    def written(self, block: str) -> float:
        """When a block was written last; 0 when it is empty."""
        return max((h.at for h in self.held(block).values()), default=0.0)

    def stage(self, name: str) -> StageNow:
        """How a stage is doing."""
        return self.stages.get(name, IDLE)

    def begin(self, job: str) -> None:
        """A run of the world is queued under this name: what becomes of it is heard."""
        self.job, self.failure = job, ""
        self.stages.clear()
        self.news += 1

    # what is heard

    def hear(self, event: Event, blob: bytes = b"") -> None:
        """Take in one event; those that say nothing of a world are passed over."""
        if event.event == "Preview":
            if event.kind == "image" and event.place:
                self._pictures[event.place] = blob
            return  # what fills the place is told next
        if event.event == "StageTold":
            self._stage(event)
        elif event.event == "TurnFinished":
            self._turned(event)
        elif event.event == "WorldStood":
            self._stood(event)
        elif event.event == "SnapshotsListed":
            self.snapshots, self.folder = event.snapshots, event.folder
        elif event.event == "JobFinished" and event.job.job == self.job:
            self._ended("")
        elif event.event == "JobFailed" and event.job.job == self.job:
            self._ended(event.message)
        elif event.event == "JobsListed" and self.job not in {job.job for job in event.jobs}:
            self._ended(self.failure)  # it was cancelled before it began
        elif event.event == "Died" and self.job:
            self._ended("")  # how it died is said over the whole window
        else:
            return
        self.news += 1

    def _ended(self, failure: str) -> None:
        self.job, self.failure = "", failure
        if self.running:
            self.stages[self.running] = IDLE
            self.running = ""

    def _stage(self, event: StageTold) -> None:
        if event.turn != self.turn or event.job != self.job:
            self.stages.clear()
        self.turn, self.job, self.failure = event.turn, event.job, ""
        now = monotonic()
        if event.what == "started":
            self.running = event.stage
            self.stages[event.stage] = StageNow("running", since=now)
            if self._develops(event.stage):
                self._acted = self.action
                self.state.clear()
                self._pictures.clear()
            return
        self.running = ""
        if event.what == "skipped":
            self.stages[event.stage] = StageNow("skipped", 0.0, event.empty, event.filled, now)
            return
        self.stages[event.stage] = StageNow("done", event.seconds, since=now)
        self._wrote(event, now)

    def _wrote(self, event: StageTold, now: float) -> None:
        state = {p: t for p, t in event.values.items() if not p.startswith(f"{CONTENT}.")}
        for place, text in event.values.items():
            if place in state:
                self.state[place] = Held(text, self._pictures.get(place, b""), now)
            else:
                self.content[place.partition(".")[2]] = text
        if self._develops(event.stage) or not self.exhibits:
            self._hang(event.turn)
        elif any(p.startswith("artefacts.") and p in self.exhibits[-1].words for p in state):
            self._hang(event.turn)  # made once more: the earlier one stays in the gallery
            state = {place: held.text for place, held in self.state.items()}
        self._add(state)

    def _turned(self, event: TurnFinished) -> None:
        self.turns, self.content = event.turn + 1, dict(event.content)
        self.state = {place: self._same(place, text) for place, text in event.state.items()}

    def _same(self, place: str, text: str) -> Held:
        old, picture = self.state.get(place), self._pictures.get(place, b"")
        if old is not None and (old.text, old.picture) == (text, picture):
            return old
        return Held(text, picture, monotonic())

    def _stood(self, event: WorldStood) -> None:
        self.turns, self.content = event.turns, dict(event.content)
        self.state = {place: self._same(place, text) for place, text in event.state.items()}
        self.turn = max(event.turns - 1, 0)
        if not event.state:
            return
        last = self.exhibits[-1] if self.exhibits else None
        pictures = {p: h.picture for p, h in self.state.items() if h.picture}
        if last is None or last.pictures != pictures or last.turn != self.turn:
            self._hang(self.turn)
        self._add(dict(event.state))

    def _hang(self, turn: int) -> None:
        self._number += 1
        self.exhibits.append(Exhibit(self._number, turn, self._acted))
        del self.exhibits[:-MOST]

    def _add(self, words: Mapping[str, str]) -> None:
        last = self.exhibits[-1]
        pictures = {p: self.state[p].picture for p in words if self.state[p].picture}
        self.exhibits[-1] = replace(
            last, words={**last.words, **words}, pictures={**last.pictures, **pictures}
        )

    def _develops(self, stage: str) -> bool:
        found = self.contract.stage(stage) if self.contract is not None else None
        return found is not None and found.does == "development"
