"""Edits of plans: what trains, how, and from what."""

from __future__ import annotations

from typing import Literal

from pydantic.dataclasses import dataclass

from graphs.spec.document import Document, Name
from graphs.spec.edits.places import refuse
from graphs.spec.edits.values import STRICT, Act
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import near


@dataclass(frozen=True, config=STRICT)
class SetMode(Act):
    """Make this the last word of a plan about exactly this pattern; None takes what it said away.

    A rule for all steps replaces every rule with the same pattern and types; one for some steps
    only replaces those for the same steps.
    """

    where: str
    rule: Rule | None
    plan: Name
    edit: Literal["SetMode"] = "SetMode"

    def __call__(self, document: Document) -> Document:
        """The plan must exist. The rule goes last, so that it wins among equals."""
        plan = existing(document, self.plan)
        if self.rule is None:
            rules = tuple(r for r in plan.rules if r.where != self.where)
        else:
            rule = self.rule.model_copy(update={"where": self.where})
            rules = (*(r for r in plan.rules if not _replaces(rule, r)), rule)
        if rules == plan.rules:
            return document
        changed = plan.model_copy(update={"rules": rules})
        return document.model_copy(update={"plans": {**document.plans, self.plan: changed}})

    @property
    def target(self) -> tuple[str, ...]:
        """The pattern in its plan."""
        return (self.edit, self.plan, self.where)

    def _says(self) -> str:
        mode = self.rule.mode if self.rule else "what is around it"
        return f"Set {self.where} to {mode} in {self.plan}"


@dataclass(frozen=True, config=STRICT)
class SetPlan(Act):
    """Write a whole plan, new or in place of the old one."""

    name: Name
    plan: Plan
    edit: Literal["SetPlan"] = "SetPlan"

    def __call__(self, document: Document) -> Document:
        """The document with this plan."""
        return document.model_copy(update={"plans": {**document.plans, self.name: self.plan}})

    @property
    def target(self) -> tuple[str, ...]:
        """The plan."""
        return (self.edit, self.name)

    def _says(self) -> str:
        return f"Set plan {self.name}"


@dataclass(frozen=True, config=STRICT)
class RemovePlan(Act):
    """Take a plan away."""

    name: Name
    edit: Literal["RemovePlan"] = "RemovePlan"

    def __call__(self, document: Document) -> Document:
        """The plan must exist."""
        existing(document, self.name)
        plans = {n: p for n, p in document.plans.items() if n != self.name}
        return document.model_copy(update={"plans": plans})

    def _says(self) -> str:
        return f"Remove plan {self.name}"


def existing(document: Document, name: str) -> Plan:
    """The plan of this name.

    Raises: EditError with near names when there is none.
    """
    plan = document.plans.get(name)
    if plan is None:
        known = near(name, document.plans)
        do = "set a plan first" if not document.plans else f"there are {', '.join(document.plans)}"
        refuse(f"plans.{name}", f"there is no plan {name!r}{known}", do)
    return plan


def _replaces(new: Rule, old: Rule) -> bool:
    if (new.where, new.types) != (old.where, old.types):
        return False
    always = new.from_step == 0 and new.until_step is None
    return always or (new.from_step, new.until_step) == (old.from_step, old.until_step)
