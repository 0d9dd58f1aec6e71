"""Making a card from what is known of its node."""

from __future__ import annotations

from dataclasses import replace

from app.editor.canvas.arrangement import folded
from app.editor.canvas.boxes import measured
from app.editor.canvas.camera import Point
from app.editor.canvas.cards import Card, Port, form, line, port
from app.editor.canvas.chips import Chip, chip
from app.editor.canvas.facts import Facts
from app.editor.language import _
from app.editor.places import inside
from graphs.spec.catalogue import BlockType
from graphs.spec.document import GRAPH_TYPE, NodeSpec, Pin, Wire
from graphs.spec.plan import Plan
from graphs.spec.problems import Problem

# Before the engine has counted parameters: a block with one of these settings may have some.
LEARNING = (
    "d_in", "d_out", "width", "channels", "channels_in", "channels_out", "heads", "classes", "hidden",
    "vocabulary", "layers", "positions",
)  # fmt: skip
TAUGHT_NOTHING = ("loss", "metric", "viewer", "writer")


def card(facts: Facts, name: str, at: Point) -> Card:
    """The card of a node that stands there."""
    node, block, known = facts.body.nodes[name], facts.block(name), facts.kind(name)
    kind, problems = block.type or GRAPH_TYPE, facts.problems(name)
    doing = facts.activity.of(facts.path(name))
    unknown = known is None and bool(facts.catalogue.types)
    made = Card(
        name=name,
        path=facts.path(name),
        title=node.label or name.replace("_", " "),
        kind=kind,
        category=category_of(block, known, unknown),
        line=line(node, kind, block.config),
        level=block.level,
        inputs=_inputs(facts, name, problems),
        outputs=_outputs(facts, name, problems),
        chip=mode_of(facts.plan, node, block, known, doing.parameters, facts.path(name)),
        doing=doing,
        problems=problems,
        inner_problems=facts.inner_problems(name) if block.body and not node.tied_to else 0,
        uses=node.uses,
        tied=node.tied_to,
        unknown=unknown,
        viewer=known is not None and known.role == "viewer",
        enterable=inside(facts.document, facts.place, name) is not None,
        folded=folded(facts.document, facts.key(name)),
        at=at,
    )
    return replace(made, box=measured(form(made)))


def category_of(block: NodeSpec, known: BlockType | None, unknown: bool) -> str:
    """Which colour and icon a node has: its level's, or its type's category's."""
    if block.body is not None:
        return block.level
    return "unknown" if unknown else known.category if known is not None else ""


def _inputs(facts: Facts, name: str, problems: tuple[Problem, ...]) -> tuple[Port, ...]:
    """The inputs with what arrives; a wire to a port that is not there shows, to be taken out."""
    into: dict[str, Wire] = {
        w.target.port: w for w in facts.wires_of(name) if w.target.node == name
    }
    exposed, config = facts.exposed(name, "in"), facts.config(name)
    wrong = {p.port: p for p in problems if p.port}
    known = facts.ports(name)[0]
    made = [
        port(
            own, config,
            shape=facts.shape(into[own.name].source) if own.name in into else None,
            wired=own.name in into, exposed=exposed.get(own.name, ""),
            problem=wrong.get(own.name),
        )
        for own in known.values()
    ]  # fmt: skip
    return (*made, *(_lost(name) for name in into if name not in known))


def _outputs(facts: Facts, name: str, problems: tuple[Problem, ...]) -> tuple[Port, ...]:
    used = {w.source.port for w in facts.wires_of(name) if w.source.node == name}
    exposed, config = facts.exposed(name, "out"), facts.config(name)
    wrong = {p.port: p for p in problems if p.port}
    known, told = facts.ports(name)[1], facts.activity.of(facts.path(name)).shapes
    made = [
        port(
            own, config, shape=facts.shape(Pin(name, own.name)), told=told.get(own.name, ""),
            wired=own.name in used, exposed=exposed.get(own.name, ""), problem=wrong.get(own.name),
        )
        for own in known.values()
    ]  # fmt: skip
    return (*made, *(_lost(name) for name in sorted(used) if name not in known))


def _lost(name: str) -> Port:
    return Port(name, "any", wired=True, problem=_("there is no such port"))


def mode_of(
    plan: Plan | None,
    node: NodeSpec,
    block: NodeSpec,
    known: BlockType | None,
    parameters: int | None,
    path: str,
) -> Chip | None:
    """How it trains; nothing on what has nothing to train."""
    if plan is None or parameters == 0:
        return None
    if parameters is None and block.body is None and not _may_learn(known):
        return None
    return chip(plan, node.tied_to or path, block.type or GRAPH_TYPE, block.body)


def _may_learn(known: BlockType | None) -> bool:
    if known is None or known.source or known.role in TAUGHT_NOTHING:
        return False
    return any(word in known.config.get("properties", {}) for word in LEARNING)
