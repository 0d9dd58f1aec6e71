"""World: a Graph whose stages turn in a fixed cycle around a state.

Its body is an ordinary graph: sources, losses and the stages' exposed ports are wired in it, and that
is where stages train. A turn does not follow those wires: it fills the stages' ports from the state.
A turn is a function from (state, content) to (state, content): whatever goes wrong in it, what came in
is as before.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import torch
from torch import Tensor

from graphs.live.context import Run
from graphs.live.graph import Body, Graph
from graphs.spec.problems import WorldloomError, near
from graphs.spec.state import ACTION, BLOCKS, CONTENT, Cycle, Transition

State = Mapping[str, Mapping[str, Any]]  # block -> slot -> value; an empty block is left out
Content = Mapping[str, Any]
Detach = Literal["stage", "turn", "never"]  # where gradients end


@dataclass(frozen=True)
class StageSkipped:
    """A stage's condition did not hold; the state passed unchanged.

    `empty` are blocks that it needs, `filled` blocks that it would write and that came filled.
    """

    turn: int
    stage: str
    empty: tuple[str, ...] = ()
    filled: tuple[str, ...] = ()


@dataclass(frozen=True)
class StageStarted:
    """A stage is about to run."""

    turn: int
    stage: str


@dataclass(frozen=True)
class StageFinished:
    """A stage ran; `outputs` are its exposed ports, `wrote` the places that it filled."""

    turn: int
    stage: str
    seconds: float
    wrote: tuple[str, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class TurnFinished:
    """The cycle has come round: the state after its last stage, and the world's content."""

    turn: int
    state: State
    content: Content
    updated: bool


@dataclass(frozen=True)
class StagesFinished:
    """Single stages ran by hand: the state and content after them; no turn was counted."""

    turn: int
    state: State
    content: Content


WorldEvent = StageSkipped | StageStarted | StageFinished | TurnFinished | StagesFinished


class StateError(WorldloomError):
    """A state does not fit the world's schema, or a stage did not give what it should write."""


class World(Graph):
    """Stages in a fixed cycle around a state of five blocks.

    Shapes: those of the exposed ports; the state's by the schema.
    """

    control = "world"

    def __init__(self, body: Body) -> None:
        """Read the cycle and each stage's transition from the document."""
        super().__init__(body)
        self.cycle = body.spec.cycle or Cycle()
        self.transitions: dict[str, Transition] = {
            name: (body.spec.nodes[name].body.transition or Transition())  # type: ignore[union-attr]
            for name in self.cycle.stages
        }

    def first_content(self) -> dict[str, Any]:
        """A copy of the content that a new world starts with."""
        return {key: _copied(value) for key, value in self.cycle.content.items()}

    def accept(self, state: State | None) -> dict[str, dict[str, Any]]:
        """The state without empty slots and blocks.

        Raises: StateError for a block or slot that the schema does not have, or a value of another
        kind.
        """
        given = {
            b: {s: v for s, v in slots.items() if v is not None}
            for b, slots in (state or {}).items()
        }
        for block, slots in given.items():
            if block not in BLOCKS:
                raise StateError(
                    f"state: there is no block {block!r}{near(block, BLOCKS)}; there are {', '.join(BLOCKS)}"
                )
            schema = self.cycle.state.get(block, {})  # type: ignore[call-overload]
            for slot, value in slots.items():
                if slot not in schema:
                    known = ", ".join(schema) or "none"
                    raise StateError(
                        f"state block {block!r}: there is no slot {slot!r}{near(slot, schema)}; "
                        f"it has {known}"
                    )
                if fault := _unfit(value, schema[slot]):
                    raise StateError(f"state block {block!r}, slot {slot!r}: {fault}")
        return {block: slots for block, slots in given.items() if slots}

    def turn(
        self,
        number: int,
        state: State,
        content: Content,
        action: Any = None,
        run: Run | None = None,
        grad: bool = False,
        detach: Detach = "stage",
    ) -> Iterator[WorldEvent]:
        """One whole cycle as events, the last of which holds the new state and content.

        `action` reaches development only. With `grad` tensors keep their graph; what goes into the
        state is cut off after each stage, so that each learns from its own outputs alone, or after
        the turn, or never. Content is always cut off.

        Raises: StateError, RunError; the state and content that came in are unchanged then.
        """
        now: dict[str, dict[str, Any]] = {b: dict(slots) for b, slots in state.items()}
        came = set(now)  # blocks that were filled before any stage of this life wrote
        world, ran = dict(content), set[str]()
        for event in self._round(
            self.cycle.stages, number, now, came, world, action, run, grad, detach
        ):
            if isinstance(event, StageFinished):
                ran.add(self.transitions[event.stage].does)
            yield event
        yield TurnFinished(number, _cut(now) if detach == "turn" else now, world, "update" in ran)

    def stages(
        self,
        names: Sequence[str],
        number: int,
        state: State,
        content: Content,
        action: Any = None,
        run: Run | None = None,
    ) -> Iterator[WorldEvent]:
        """These stages alone, in the cycle's order, on a state as it stands.

        What they need must be filled, as in a turn; what they write is written over.
        Raises: StateError for a name that is no stage of the cycle; RunError.
        """
        for name in names:
            if name not in self.cycle.stages:
                known = ", ".join(self.cycle.stages) or "none"
                raise StateError(
                    f"there is no stage {name!r}{near(name, self.cycle.stages)}; there are: {known}"
                )
        now: dict[str, dict[str, Any]] = {b: dict(slots) for b, slots in state.items()}
        world = dict(content)
        order = [name for name in self.cycle.stages if name in names]
        yield from self._round(order, number, now, set(), world, action, run, False, "stage")
        yield StagesFinished(number, now, world)

    def _round(
        self,
        order: Sequence[str],
        number: int,
        now: dict[str, dict[str, Any]],
        came: set[str],
        world: dict[str, Any],
        action: Any,
        run: Run | None,
        grad: bool,
        detach: Detach,
    ) -> Iterator[StageSkipped | StageStarted | StageFinished]:
        """Stages one after the other; `now`, `came` and `world` become what they make of them."""
        for name in order:
            transition = self.transitions[name]
            if transition.does == "development":
                now.clear()  # what no update applied is dropped here
                came.clear()
            needs = BLOCKS if transition.does == "update" else transition.needs
            empty = tuple(block for block in needs if not now.get(block))
            filled = tuple(block for block in transition.fills if block in came)
            if empty or filled:
                yield StageSkipped(number, name, empty, filled)
                continue
            yield StageStarted(number, name)
            start = time.perf_counter()
            given = self._read(name, transition, now, world, action)
            with torch.set_grad_enabled(grad):
                outputs = self.child(name)(run=run.at(name) if run else None, **given)
            wrote = self._write(name, transition, outputs, now, world, detach == "stage")
            yield StageFinished(number, name, time.perf_counter() - start, wrote, outputs)

    def _read(
        self, name: str, transition: Transition, state: State, content: Content, action: Any
    ) -> dict[str, Any]:
        inputs = self.child(name).ports()[0]
        given: dict[str, Any] = {}
        for port, place in transition.reads.items():
            block, _, slot = place.partition(".")
            if place == ACTION:
                value = action if transition.does == "development" else None
            elif block == CONTENT:
                value = content.get(slot)
            else:
                value = state.get(block, {}).get(slot)
            if value is not None:
                given[port] = value
            elif inputs[port].required:
                raise StateError(
                    f"stage {name!r}, port {port!r}: it reads {place!r}, which is empty; "
                    "fill it, or make the port optional"
                )
        return given

    def _write(
        self,
        name: str,
        transition: Transition,
        outputs: Mapping[str, Any],
        state: dict[str, dict[str, Any]],
        content: dict[str, Any],
        detach: bool,
    ) -> tuple[str, ...]:
        for place, port in transition.writes.items():
            block, _, slot = place.partition(".")
            value = outputs.get(port)
            if value is None:
                continue
            if block == CONTENT:
                content[slot] = _cut(value)
                continue
            kind = self.cycle.state.get(block, {}).get(slot, "json")  # type: ignore[call-overload]
            if fault := _unfit(value, kind):
                raise StateError(f"stage {name!r}, port {port!r}, which writes {place!r}: {fault}")
            state.setdefault(block, {})[slot] = _cut(value) if detach else value
        return tuple(transition.writes)


def _unfit(value: Any, kind: str) -> str:
    tensor = isinstance(value, Tensor)
    texts = isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(v, str) for v in value)
    )
    if kind in ("tensor", "image", "audio") and not tensor:
        return f"expected a tensor for kind {kind!r}, got {type(value).__name__}"
    if kind == "image" and value.dim() not in (3, 4):
        return f"expected an image (c, h, w) or (b, c, h, w), got shape {tuple(value.shape)}"
    if kind == "audio" and value.dim() not in (1, 2, 3):
        return f"expected audio (t,), (c, t) or (b, c, t), got shape {tuple(value.shape)}"
    if kind == "text" and not texts:
        return f"expected text or a list of texts, got {type(value).__name__}"
    if kind == "json" and tensor:
        return "expected plain data, got a tensor"
    return ""


def _cut(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach()
    if isinstance(value, dict):
        return {k: _cut(v) for k, v in value.items()}
    return [_cut(v) for v in value] if isinstance(value, list) else value


def _copied(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.clone()
    if isinstance(value, Mapping):
        return {k: _copied(v) for k, v in value.items()}
    return [_copied(v) for v in value] if isinstance(value, list | tuple) else value


def turns(
    world: World,
    state: State | None = None,
    action: Any = None,
    num_steps: int = 1,
    *,
    content: Content | None = None,
    first: int = 0,
    run: Run | None = None,
    grad: bool = False,
    detach: Detach = "stage",
) -> Iterator[WorldEvent]:
    """Whole turns as a stream of events; to stop is not to ask for the next one.

    Without a state the first turn starts in development. The action goes to the development of
    every turn of this call. Turns are numbered from `first`; each has its own random streams.
    Raises: StateError before anything runs when the state does not fit.
    """
    if num_steps < 1:
        raise ValueError(f"num_steps: expected 1 or more, got {num_steps}")
    now: State = world.accept(state)
    held: Content = world.first_content() if content is None else content
    for number in range(first, first + num_steps):
        where = Run(position=number) if run is None else replace(run, position=number)
        for event in world.turn(number, now, held, action, where, grad, detach):
            if isinstance(event, TurnFinished):
                now, held = event.state, event.content
            yield event
