"""The sheet of a plan: everything about a training but the nodes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from app.editor import terms
from app.editor.inspector import forms
from app.editor.inspector.acts import Do, MakePlan
from app.editor.inspector.fields import Field
from app.editor.inspector.rows import Button, Buttons, Row, Section, Sheet, Title, Words
from app.editor.inspector.schema import fields_of_model
from app.editor.inspector.targets import PlanNamed
from app.editor.inspector.training_sheet import OF_MODE, rule_fields, schedule_field
from app.editor.language import _, ngettext
from app.editor.studio import Studio
from graphs.spec.check import block_types
from graphs.spec.edits import RemovePlan, SetPlan
from graphs.spec.plan import Loss, Plan
from graphs.spec.plan_check import SCALARS

OPTIMISERS = ("AdamW", "Adam", "SGD", "RMSprop", "Adagrad", "NAdam", "RAdam", "Adamax", "Adadelta")
MOST = 200  # names that are offered
NAME = {"type": "string", "format": "line", "pattern": "^[a-z][a-z0-9_]*$"}


@dataclass(frozen=True)
class Part:
    """Some settings of a plan under one heading."""

    key: str
    title: str
    names: tuple[str, ...]
    open: bool = True


def parts() -> tuple[Part, ...]:
    """The headings of the form; what none of them names stands under the last."""
    named = (
        Part("length", _("Length"), ("steps", "seed")),
        Part("losses", _("Losses"), ("losses",)),
        Part("optimiser", _("Optimiser"), ("optimiser", "accumulate", "clip_norm", "ema")),
        Part("schedule", _("Learning rate over time"), ("schedule",)),
        Part("data", _("Data"), ("data",)),
        Part("rules", _("Rules"), ("rules", "only"), False),
        Part("validation", _("Validation"), ("validation", "stopping"), False),
        Part("keep", _("Checkpoints"), ("keep",), False),
        Part("turns", _("Turns of a world"), ("turns",), False),
        Part(
            "speed",
            _("Speed and memory"),
            ("precision", "compile", "recompute", "cache_frozen"),
            False,
        ),
        Part("settings", _("Node settings while it runs"), ("settings",), False),
        Part("log", _("Written down at every step"), ("log",), False),
    )
    told = {"description", *(name for part in named for name in part.names)}
    rest = tuple(name for name in Plan.model_fields if name not in told)
    return (*named, Part("more", _("More"), rest, False)) if rest else named


def plan_sheet(studio: Studio) -> Sheet:
    """The chosen plan, or how to make one."""
    plan, name = studio.plan, studio.plan_name
    if plan is None:
        rows: tuple[Row, ...] = (
            Title(_("No plan"), "graduation-cap", "learning"),
            Words(_("A plan says what learns, from what, and for how long.")),
            Buttons((_new(studio),)),
        )
        return (Section("head", "", rows),)
    fields = _known(studio, {each.name: each for each in fields_of_model(Plan)})
    values, target = plan.model_dump(mode="json"), PlanNamed(name)
    sections = [Section("head", "", tuple(_head(studio, plan, name)))]
    for part in parts():
        rows = tuple(_entries([fields[n] for n in part.names], values, target))
        sections.append(Section(part.key, part.title, rows, part.open))
    return tuple(sections)


def _head(studio: Studio, plan: Plan, name: str) -> Iterator[Row]:
    count = ngettext("{count} step", "{count} steps", plan.steps).format(count=plan.steps)
    yield Title(name, "graduation-cap", "learning", count)
    yield Buttons(
        (
            _new(studio),
            Button(_("Duplicate"), "copy", _copy(studio, plan, name)),
            Button(_("Delete"), "trash-2", Do(RemovePlan(name=name))),
        )
    )
    for problem in studio.scene.inspection.problems:
        if problem.path == f"plans.{name}":
            bad = problem.severity == "error"
            yield Words(
                terms.sentence(problem.message),
                "bad" if bad else "warning",
                "circle-x" if bad else "triangle-alert",
            )
    target = PlanNamed(name)
    yield forms.Entry(
        ("name",), Field("name", "text", _("Name"), NAME), name, target, label=_("Name")
    )
    about = Field("description", "text", _("Description"), {"type": "string", "format": "lines"},
                  has_default=True, default="")  # fmt: skip
    yield from forms.entries((about,), {"description": plan.description}, target)


def _new(studio: Studio) -> Button:
    """A plan that makes every loss of the document small, as most first plans do."""
    name, kinds = _free(studio, "plan"), studio.catalogue.types
    losses = tuple(
        Loss(port=f"{path}.{port}")
        for path, kind in block_types(studio.scene.inspection.root)
        if kind in kinds and kinds[kind].role == "loss"
        for port in kinds[kind].outputs
    )
    return Button(_("New"), "plus", MakePlan(name, SetPlan(name=name, plan=Plan(losses=losses))))


def _copy(studio: Studio, plan: Plan, name: str) -> MakePlan:
    new = _free(studio, name)
    return MakePlan(new, SetPlan(name=new, plan=plan))


def _free(studio: Studio, wanted: str) -> str:
    name, number = wanted, 2
    while name in studio.document.plans:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _entries(
    fields: list[Field], values: dict[str, Any], target: PlanNamed
) -> Iterator[forms.Entry]:
    """The lines; a group that is always there needs no line, what is alone no indentation."""
    for entry in forms.entries(fields, {f.name: values[f.name] for f in fields}, target):
        if entry.depth == 0 and entry.field.kind == "group" and not entry.field.nullable:
            continue
        top = next(f for f in fields if f.name == entry.name)
        bare = (top.kind == "group" and not top.nullable) or (len(fields) == 1 and entry.depth)
        yield replace(entry, depth=entry.depth - 1) if bare else entry


def _known(studio: Studio, fields: dict[str, Field]) -> dict[str, Field]:
    """The fields with what may be meant: ports for losses, nodes for patterns, optimisers by name."""
    found = studio.scene.inspection
    outputs = [
        f"{path}.{port.name}" for path, ports in found.outputs.items() for port in ports.values()
        if port.kind in SCALARS and port.dims in ("", "()")
    ]  # fmt: skip
    scalars = (*studio.document.root.outputs, *outputs)[:MOST]
    nodes = tuple(found.outputs)[:MOST]
    made = dict(fields)
    made["losses"] = _hinted(fields["losses"], {"port": scalars})
    made["optimiser"] = _hinted(fields["optimiser"], {"name": OPTIMISERS})
    rule = rule_fields()
    item = replace(fields["rules"].inner[0], inner=tuple(rule.values()), by="mode", cases=OF_MODE)
    made["schedule"] = schedule_field(fields["schedule"])
    item = _hinted(item, {"where": ("**", *nodes)})
    made["rules"] = replace(fields["rules"], inner=(item,))
    made["settings"] = replace(fields["settings"], hints=nodes)
    inner = replace(fields["log"].inner[0], hints=scalars)
    made["log"] = replace(fields["log"], inner=(inner,))
    measured = tuple(loss.port for loss in studio.plan.losses) if studio.plan else ()
    made["stopping"] = _hinted(fields["stopping"], {"watch": ("loss", *measured)})
    return made


def _hinted(of: Field, hints: dict[str, tuple[str, ...]]) -> Field:
    """The group, or the items that are groups, with hints for some of its fields."""
    if of.kind == "items":
        return replace(of, inner=(_hinted(of.inner[0], hints),))
    inner = tuple(replace(f, hints=hints[f.name]) if f.name in hints else f for f in of.inner)
    return replace(of, inner=inner)
