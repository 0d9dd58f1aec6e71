"""How nodes train, on a sheet: the rule of the chosen plan that holds for them, and one of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from app.editor.canvas.chips import Chip, word
from app.editor.inspector import forms
from app.editor.inspector.acts import ClearRule, Jump, MakePlan
from app.editor.inspector.fields import Field
from app.editor.inspector.rows import Button, Buttons, Fact, Row, Section, Words
from app.editor.inspector.schema import fields_of_model
from app.editor.inspector.targets import RuleOf
from app.editor.language import _
from app.editor.places import resolved as running
from app.editor.rules import Resolved, differing, resolved
from app.editor.studio import Studio
from graphs.spec.document import NodeSpec
from graphs.spec.edits import SetPlan
from graphs.spec.plan import Mode, Plan, Rule

MOST = 8  # nodes that train otherwise which are named
WHEN = ("from_step", "until_step")
PACE = ("lr", "weight_decay", "schedule")
OF_MODE: Mapping[str, tuple[str, ...]] = {
    "train": (*PACE, *WHEN),
    "frozen": WHEN,
    "lora": ("method", "rank", "alpha", "dropout", "targets", *PACE, *WHEN),
    "partial": ("parameters", *PACE, *WHEN),
}
OF_SCHEDULE: Mapping[str, tuple[str, ...]] = {
    "linear": ("final",),
    "cosine": ("final",),
    "exponential": ("final",),
    "step": ("every", "gamma"),
}
Held = tuple[tuple[str, str], ...]  # paths of the expanded root with the types of their blocks


def training_section(studio: Studio, held: Held) -> Section:
    """The rules for these nodes."""
    plan = studio.plan
    if plan is None:
        make = MakePlan("main", SetPlan(name="main", plan=Plan()))
        rows: tuple[Row, ...] = (
            Words(_("No plan says yet what learns."), "faint"),
            Buttons((Button(_("Make a plan"), "plus", make),)),
        )
    else:
        rows = tuple(_rows(studio, plan, held))
    return Section("training", _("Training"), rows)


def rule_fields() -> dict[str, Field]:
    """The fields of a rule by name, the modes in words."""
    found = {each.name: each for each in fields_of_model(Rule)}
    words = {str(mode): word(mode) for mode in get_args(Mode)}
    found["mode"] = replace(found["mode"], words=words)
    found["schedule"] = schedule_field(found["schedule"])
    return found


def schedule_field(of: Field) -> Field:
    """The field of a schedule, which shows what its kind heeds."""
    return replace(of, by="kind", cases=OF_SCHEDULE)


def said(rule: Rule | None) -> dict[str, Any]:
    """What a rule says; without one a node is frozen."""
    return (rule or Rule(mode="frozen")).model_dump(mode="json")


def _rows(studio: Studio, plan: Plan, held: Held) -> Iterator[Row]:
    found, name = [resolved(plan, path, kind) for path, kind in held], studio.plan_name
    target = RuleOf(held, name)
    own = [each for each in found if each.own]
    yield _told(found, name)
    fields = rule_fields()
    modes = {each.mode for each in found}
    shown = ["mode", *(OF_MODE[modes.pop()] if len(modes) == 1 else ())]
    values = [said(each.rule) for each in found]
    for key in shown:
        several = {repr(each[key]) for each in values}
        first = {key: values[0][key]}
        for entry in forms.entries([fields[key]], first, target):
            one = replace(entry, inherited=not own, mark=entry.mark if own else "")
            yield replace(one, mixed=len(several) > 1)
            if len(several) > 1:
                break
    if own:
        text = _("Clear its own rule") if len(held) == 1 else _("Clear their own rules")
        yield Buttons((Button(text, "undo-2", ClearRule(target)),))
    if len(held) == 1:
        yield from _inside(studio, plan, held[0][0], found[0].mode)


def _inside(studio: Studio, plan: Plan, path: str, mode: str) -> Iterator[Row]:
    """The nodes inside that train otherwise, each with the way to it."""
    root = studio.scene.inspection.root
    node = running(root, path) if path else NodeSpec(body=root)
    if node is None or node.body is None:
        return
    known = studio.scene.activity
    others = [
        (inner, rule) for inner, rule in differing(plan, path, mode, node.body)
        if known.of(inner).parameters != 0
    ]  # fmt: skip
    if others:
        yield Words(_("Inside it these train otherwise:"))
    for inner, each in others[:MOST]:
        rank = each.rule.rank if each.rule is not None and each.mode == "lora" else 0
        text = Chip(each.mode, each.own, rank=rank).text
        yield Fact(inner.removeprefix(f"{path}."), text, Jump(inner))
    if len(others) > MOST:
        yield Words(_("and {count} more").format(count=len(others) - MOST), "faint")


def _told(found: list[Resolved], plan: str) -> Words:
    """Where the rule comes from, in words."""
    first = found[0]
    if len(found) > 1:
        own = sum(each.own for each in found)
        text = _("{own} of {all} have a rule of their own in {plan}")
        return Words(text.format(own=own, all=len(found), plan=plan))
    if first.rule is None:
        return Words(_("No rule of {plan} reaches it, so it is frozen").format(plan=plan), "faint")
    if first.own:
        return Words(_("Its own rule in {plan}").format(plan=plan), "accent", "pin")
    types = f" ({', '.join(first.rule.types)})" if first.rule.types else ""
    text = _("As rule {number} of {plan} says for {where}{types}")
    return Words(
        text.format(number=first.number, plan=plan, where=first.rule.where, types=types), "quiet"
    )
