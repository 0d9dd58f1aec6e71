"""Targets: what a line of a form sets. Each makes one edit, so that each change is one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from app.editor.language import _
from app.editor.places import Place, body_of
from app.editor.rules import cleared, resolved, ruled, settled
from app.editor.studio import Selection, Studio
from graphs.spec.document import GraphSpec
from graphs.spec.edits import (
    Edit,
    Many,
    Relabel,
    RemovePlan,
    RenameNode,
    SetCycle,
    SetDescription,
    SetLevel,
    SetLoops,
    SetPlan,
    SetRole,
    SetTitle,
    SetTransition,
)
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import EditError
from graphs.spec.settings import setting_edit
from graphs.spec.state import Cycle, Transition


class Target(Protocol):
    """Something with settings."""

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """A setting has this value now; else why not. With `merge` it is the same step as before."""

    def reset(self, studio: Studio, name: str) -> str:
        """A setting is what it is when nobody says it; else why not."""


def done(studio: Studio, make: Callable[[], Edit | None], merge: bool = False) -> str:
    """Make an edit; why it was refused, "" when it was not."""
    try:
        edit = make()
    except ValidationError as error:
        return _reason(error)
    except EditError as error:
        return str(error)
    if edit is None or studio.do(edit, merge=merge):
        return ""
    return studio.notice.text


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def as_one(edits: list[Edit], text: str) -> Edit | None:
    """Several edits as one step, which may grow while something is dragged."""
    if not edits:
        return None
    return edits[0] if len(edits) == 1 else Many(edits=tuple(edits), text=text)


@dataclass(frozen=True)
class SettingsOf:
    """The config of nodes, by where they are written or, for one instance only, where they run."""

    paths: tuple[str, ...]

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """All of them have it."""
        return done(studio, lambda: self._edit(studio, {name: value}, ()), merge)

    def reset(self, studio: Studio, name: str) -> str:
        """All of them have the default, or what their definition says."""
        return done(studio, lambda: self._edit(studio, {}, (name,)))

    def _edit(self, studio: Studio, values: dict[str, Any], unset: tuple[str, ...]) -> Edit | None:
        edits: list[Edit] = [
            setting_edit(studio.document, path, values, unset) for path in self.paths
        ]
        named = ", ".join([*values, *unset])
        return as_one(edits, f"Set {named} of {len(edits)} nodes")


@dataclass(frozen=True)
class PromotedOn:
    """The promoted settings of the body at `at`: their names and the paths of what they set."""

    shown: tuple[tuple[str, str], ...]
    at: str

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """The inner node has it."""
        path, _, key = dict(self.shown)[name].rpartition(".")
        return SettingsOf((path,)).write(studio, key, value, merge)

    def reset(self, studio: Studio, name: str) -> str:
        """The inner node has its default."""
        path, _, key = dict(self.shown)[name].rpartition(".")
        return SettingsOf((path,)).reset(studio, key)


@dataclass(frozen=True)
class IdentityOf:
    """A node's name and label."""

    name: str
    at: str

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """The node is called so, and stays chosen."""
        now = self._now(studio)
        if name == "label":
            return done(studio, lambda: Relabel(name=now, text=str(value), at=self.at))
        reason = done(studio, lambda: RenameNode(name=now, new=str(value), at=self.at))
        if not reason and value in studio.scene:
            studio.select(Selection(frozenset({str(value)})))
        return reason

    def reset(self, studio: Studio, name: str) -> str:
        """It has no label."""
        return self.write(studio, "label", "") if name == "label" else _("a node has a name")

    def _now(self, studio: Studio) -> str:
        """Its present name: a new one may just have been given while the label is written."""
        body = body_of(studio.document, Place(self.at)) or GraphSpec()
        chosen = sorted(studio.selection.nodes)
        return chosen[0] if self.name not in body.nodes and len(chosen) == 1 else self.name


@dataclass(frozen=True)
class BodyAt:
    """The facts of a body: role, loops, what its stage does, how its world turns, of all the title."""

    at: str

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """The body has this fact."""
        return done(studio, lambda: self._edit(studio, name, value), merge)

    def reset(self, studio: Studio, name: str) -> str:
        """The body has what a new one has."""
        blank = Cycle.model_fields | Transition.model_fields
        known = blank.get(name)
        plain: Any = known.get_default(call_default_factory=True) if known is not None else None
        empty = {"role": "", "title": "", "description": ""}
        return self.write(studio, name, empty.get(name, plain))

    def _edit(self, studio: Studio, name: str, value: Any) -> Edit:
        body = self._body(studio)
        match name:
            case "title":
                return SetTitle(title=str(value))
            case "description":
                return SetDescription(text=str(value))
            case "level":
                return SetLevel(at=self.at, level=str(value))
            case "role":
                return SetRole(at=self.at, role=str(value))
            case "loops":
                return SetLoops(at=self.at, loops=value)
        if name in Transition.model_fields:
            now = (body.transition or Transition()).model_dump(mode="json")
            return SetTransition(
                at=self.at, transition=Transition.model_validate({**now, name: value})
            )
        now = (body.cycle or Cycle()).model_dump(mode="json")
        return SetCycle(at=self.at, cycle=Cycle.model_validate({**now, name: value}))

    def _body(self, studio: Studio) -> GraphSpec:
        return body_of(studio.document, Place(self.at)) or GraphSpec()


@dataclass(frozen=True)
class RuleOf:
    """The rule of a plan for these nodes themselves, by where they run. Told, it is their own."""

    paths: tuple[tuple[str, str], ...]  # with the type of their block
    plan: str

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """Each has a rule of its own that says so, and else what held for it."""
        return done(studio, lambda: self._edit(studio, {name: value}), merge)

    def reset(self, studio: Studio, name: str) -> str:
        """Their own rules say of this what a new rule says."""
        plain = Rule.model_fields[name].get_default(call_default_factory=True)
        return self.write(studio, name, plain)

    def clear(self, studio: Studio) -> str:
        """They have no rule of their own."""

        def make() -> Edit | None:
            plan = studio.document.plans[self.plan]
            edits: list[Edit] = [
                edit for path, _ in self.paths if (edit := cleared(self.plan, plan, path))
            ]
            return as_one(edits, f"Clear the rules of {len(edits)} nodes")

        return done(studio, make)

    def _edit(self, studio: Studio, values: Mapping[str, Any]) -> Edit | None:
        plan = studio.document.plans[self.plan]
        edits: list[Edit] = [
            ruled(self.plan, plan, path, resolved(plan, path, kind).rule, values)
            for path, kind in self.paths
        ]
        return as_one(edits, f"Set how {len(edits)} nodes train")


@dataclass(frozen=True)
class PlanNamed:
    """A plan as a whole, and its name."""

    plan: str

    def write(self, studio: Studio, name: str, value: Any, merge: bool = False) -> str:
        """The plan says so."""
        if name == "name":
            return self._rename(studio, str(value))

        def make() -> Edit:
            now = studio.document.plans[self.plan].model_dump(mode="json")
            said = list(map(settled, value)) if name == "rules" else value
            return SetPlan(name=self.plan, plan=Plan.model_validate({**now, name: said}))

        return done(studio, make, merge)

    def reset(self, studio: Studio, name: str) -> str:
        """The plan says of this what a new plan says."""
        plain = Plan.model_fields[name].get_default(call_default_factory=True)
        return self.write(studio, name, plain)

    def _rename(self, studio: Studio, new: str) -> str:
        plans = studio.document.plans
        if new == self.plan:
            return ""
        if new in plans:
            return _("there is a plan {name} already").format(name=new)
        made = done(
            studio,
            lambda: Many(
                edits=(SetPlan(name=new, plan=plans[self.plan]), RemovePlan(name=self.plan)),
                text=f"Rename plan {self.plan} to {new}",
            ),
        )
        if not made:
            studio.choose_plan(new)
        return made
