"""What is wrong with a world's cycle and its stages' transitions: unfilled places, missing ports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphs.spec.catalogue import PortType
from graphs.spec.document import GraphSpec, join
from graphs.spec.levels import LEVELS
from graphs.spec.problems import Problem, near
from graphs.spec.sentence import Sentence
from graphs.spec.state import ACTION, BLOCKS, CONTENT, Cycle, Transition

Ports = tuple[Mapping[str, PortType], Mapping[str, PortType]]


def level_problems(body: GraphSpec, path: str) -> Iterator[Problem]:
    """Loops, a transition or a cycle of stages at a level that has none."""
    row = LEVELS[body.level]
    if body.loops is not None and not row.loops:
        text = Sentence(
            "a {level} runs its nodes once, in order; loops belong into a graph inside it",
            level=body.level,
        )
        yield Problem(path, "level", text)
    if body.transition is not None and not row.transition:
        yield Problem(
            path,
            "level",
            Sentence("a {level} has no transition of a state; only a stage has", level=body.level),
        )
    if body.cycle is not None and not row.cycle:
        yield Problem(
            path,
            "level",
            Sentence("a {level} has no cycle of stages; only a world has", level=body.level),
        )


def world_problems(body: GraphSpec, path: str, ports: Mapping[str, Ports]) -> Iterator[Problem]:
    """The problems of a world's cycle; `ports` are those of its nodes, by name."""
    cycle = body.cycle or Cycle()
    stages: dict[str, Transition] = {}
    for name in cycle.stages:
        node = body.nodes.get(name)
        if node is None:
            yield Problem(
                path,
                "cycle-stage",
                Sentence(
                    "the cycle names {name!r}, which is no node{near}",
                    name=name,
                    near=near(name, body.nodes),
                ),
            )
        elif node.body is None or not LEVELS[node.level].transition:
            yield Problem(
                join(path, name),
                "cycle-stage",
                Sentence("is in the cycle and must be a stage, not a {level}", level=node.level),
            )
        elif name in stages:
            yield Problem(
                path, "cycle-stage", Sentence("the cycle names {name!r} twice", name=name)
            )
        else:
            stages[name] = node.body.transition or Transition()
    for name, node in body.nodes.items():
        if node.body is not None and node.body.transition is not None and name not in cycle.stages:
            yield Problem(
                join(path, name),
                "cycle-stage",
                Sentence("has a transition but is not in the world's cycle"),
            )
    written = {place for stage in stages.values() for place in stage.writes}
    for name, stage in stages.items():
        yield from _stage(join(path, name), stage, ports.get(name, ({}, {})), cycle, written)


def _stage(
    here: str, stage: Transition, ports: Ports, cycle: Cycle, written: set[str]
) -> Iterator[Problem]:
    for port, place in stage.reads.items():
        yield from _port(here, port, ports[0], Sentence("reads"), Sentence("input"))
        yield from _known(here, port, place, cycle)
        block = place.partition(".")[0]
        if block in BLOCKS and place not in written:
            yield Problem(
                here,
                "state-unwritten",
                Sentence("reads {place!r}, which no stage of the cycle writes", place=place),
                port,
            )
        if place == ACTION and stage.does != "development":
            yield Problem(
                here,
                "state-place",
                Sentence("reads the action, which goes to development only"),
                port,
            )
        if stage.does == "development" and block in BLOCKS:
            yield Problem(
                here,
                "state-place",
                Sentence("develops a new state, so it cannot read {place!r}", place=place),
                port,
            )
    for place, port in stage.writes.items():
        yield from _port(here, port, ports[1], Sentence("writes"), Sentence("output"))
        yield from _known(here, port, place, cycle)
        block = place.partition(".")[0]
        if stage.does == "update" and block != CONTENT:
            yield Problem(
                here,
                "state-place",
                Sentence("an update writes content, not {place!r}", place=place),
                port,
            )
        if stage.does == "development" and block != BLOCKS[0]:
            yield Problem(
                here,
                "state-place",
                Sentence(
                    "a development writes {intent} only, not {place!r}",
                    intent=BLOCKS[0],
                    place=place,
                ),
                port,
            )
        if stage.does == "transition" and block == CONTENT:
            yield Problem(
                here,
                "state-place",
                Sentence("only an update writes content, and this writes {place!r}", place=place),
                port,
            )


def _port(
    here: str, port: str, ports: Mapping[str, PortType], verb: str, word: str
) -> Iterator[Problem]:
    if port not in ports:
        yield Problem(
            here,
            "state-port",
            Sentence(
                "{verb} through {port!r}, which is no exposed {word}{near}",
                verb=verb,
                port=port,
                word=word,
                near=near(port, ports),
            ),
        )


def _known(here: str, port: str, place: str, cycle: Cycle) -> Iterator[Problem]:
    block, _, slot = place.partition(".")
    if block == CONTENT:
        schema: Mapping[str, object] = cycle.content
    elif block in BLOCKS:
        schema = cycle.state.get(block, {})  # type: ignore[call-overload]
    else:
        return
    if slot not in schema:
        known = ", ".join(schema) or "nothing"
        message = Sentence(
            "names {place!r}, but {block} holds {known}{near}",
            place=place,
            block=block,
            known=known,
            near=near(slot, schema),
        )
        yield Problem(here, "state-place", message, port)
