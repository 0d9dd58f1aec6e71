"""What a level promises, on a sheet: its place among levels, its loops, and what it does to a state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.editor import terms
from app.editor.inspector import forms
from app.editor.inspector.fields import Field
from app.editor.inspector.rows import Row, Section, Words
from app.editor.inspector.schema import fields_of_model
from app.editor.inspector.targets import BodyAt
from app.editor.language import _, ngettext
from app.editor.studio import Studio
from graphs.spec.document import GraphSpec
from graphs.spec.levels import LEVELS, STAGE
from graphs.spec.roles import ROLES
from graphs.spec.state import ACTION, BLOCKS, CONTENT, Cycle, Transition

CHOICE = {"type": "string"}


def level_section(studio: Studio, body: GraphSpec | None, at: str, path: str) -> Iterator[Section]:
    """The contract of a body: level, role and loops; of a stage its transition, of a world its cycle."""
    if body is None:
        return
    target, row = BodyAt(at), LEVELS[body.level]
    yield Section("level", _("Level"), tuple(_level(body, target)))
    if row.transition or body.transition is not None:
        yield Section("transition", _("What it does to the state"),
                      tuple(_transition(studio, body, target, path)))  # fmt: skip
    if row.cycle or body.cycle is not None:
        yield Section("cycle", _("Cycle and state"), tuple(_cycle(body, target)))


def _level(body: GraphSpec, target: BodyAt) -> Iterator[Row]:
    level = Field("level", "choice", _("Level"), CHOICE, options=tuple(LEVELS),
                  words={name: terms.kind(name) for name in LEVELS})  # fmt: skip
    role = Field(
        "role", "choice", _("Role"), CHOICE, has_default=True, default="",
        options=("", *ROLES), words={"": _("none"), **{r: terms.role(r) for r in ROLES}},
        help="\n".join(f"{terms.role(n)}: {terms.role(r.meaning)}" for n, r in ROLES.items()),
    )  # fmt: skip
    loops = Field(
        "loops", "whole", _("Loops"), {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
        help=_("How often cycles of its wires run"), has_default=True, nullable=True, low=1,
    )  # fmt: skip
    yield Words(terms.meaning(body.level), "faint")
    values = {"level": body.level, "role": body.role, "loops": body.loops}
    yield from forms.entries((level, role, loops), values, target)


def _transition(studio: Studio, body: GraphSpec, target: BodyAt, path: str) -> Iterator[Row]:
    now = body.transition or Transition()
    yield Words(condition(now), "quiet", "git-branch")
    world = _around(studio, path)
    fields = {each.name: each for each in fields_of_model(Transition)}
    places = places_of(world)
    fields["needs"] = replace(fields["needs"], kind="flags", options=BLOCKS)
    fields["reads"] = _mapped(fields["reads"], tuple(body.inputs), (*places, ACTION))
    fields["writes"] = _mapped(fields["writes"], places, tuple(body.outputs))
    yield from forms.entries(fields.values(), now.model_dump(mode="json"), target)


def condition(of: Transition) -> str:
    """When a stage runs, in words."""
    needs = ", ".join(of.needs)
    match of.does:
        case "update":
            return _("Runs when all five state blocks are filled, and writes content.")
        case "development":
            return _("Runs at every turn, and starts a new state.")
    if not needs and not of.fills:
        return _("Runs at every turn.")
    fills = ", ".join(of.fills)
    if not needs:
        return _("Runs when {fills} came empty.").format(fills=fills)
    if not fills:
        text = ngettext(
            "Runs when {needs} is filled.", "Runs when {needs} are filled.", len(of.needs)
        )
        return text.format(needs=needs)
    text = ngettext(
        "Runs when {needs} is filled and {fills} came empty; else it is skipped.",
        "Runs when {needs} are filled and {fills} came empty; else it is skipped.",
        len(of.needs),
    )
    return text.format(needs=needs, fills=fills)


def places_of(world: GraphSpec | None) -> tuple[str, ...]:
    """The places of a world's state and content."""
    cycle = world.cycle if world is not None and world.cycle is not None else Cycle()
    state = [f"{block}.{slot}" for block, slots in cycle.state.items() for slot in slots]
    return (*state, *(f"{CONTENT}.{key}" for key in cycle.content))


def _around(studio: Studio, path: str) -> GraphSpec | None:
    """The world that a stage is in."""
    root = studio.scene.inspection.root
    found = root if root.cycle is not None else studio.document.root
    names = path.split(".")[:-1] if path else []
    body = found
    for name in names:
        node = body.nodes.get(name)
        if node is None or node.body is None:
            break
        body = node.body
    return body if body.cycle is not None else found


def _mapped(of: Field, keys: tuple[str, ...], values: tuple[str, ...]) -> Field:
    """A field by name whose keys and values are best these."""
    inner = replace(of.inner[0], hints=values)
    return replace(of, inner=(inner,), hints=keys)


def _cycle(body: GraphSpec, target: BodyAt) -> Iterator[Row]:
    now = body.cycle or Cycle()
    fields = {each.name: each for each in fields_of_model(Cycle)}
    stages = tuple(n for n, node in body.nodes.items() if node.level == STAGE)
    gone = sorted(set(now.stages) - set(stages))
    stage = Field("item", "choice", "", CHOICE, options=(*stages, *gone), distinct=True)
    fields["stages"] = replace(fields["stages"], kind="items", inner=(stage,),
                               help=_("The order in which they run"))  # fmt: skip
    fields["state"] = replace(fields["state"], hints=BLOCKS,
                              help=_("Five blocks with slots, which stages read and fill"))  # fmt: skip
    yield from forms.entries(fields.values(), now.model_dump(mode="json"), target)
