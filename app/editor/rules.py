"""What a plan says of one node: the rule that holds for it, whether it is its own, and how to change it.

The chip on a node and the inspector make the same edits with this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphs.spec.document import GRAPH_TYPE, GraphSpec, join
from graphs.spec.edits import Edit, Many, SetMode, SetPlan
from graphs.spec.patterns import winner
from graphs.spec.plan import Mode, Plan, Rule

EVERY = ("**",)  # parameters that train where nobody said which


@dataclass(frozen=True)
class Resolved:
    """The rule that holds for a node, None when none reaches it. `own`: it names this very node."""

    rule: Rule | None
    own: bool = False
    number: int = 0  # among the rules of the plan, from 1

    @property
    def mode(self) -> Mode:
        """What the node does."""
        return self.rule.mode if self.rule is not None else "frozen"


def resolved(plan: Plan, path: str, kind: str) -> Resolved:
    """What holds for the node at a path of the expanded root."""
    rule = winner(plan.rules, path, kind)
    if rule is None:
        return Resolved(None)
    number = next(n for n, each in enumerate(plan.rules, start=1) if each is rule)
    return Resolved(rule, names(rule, path), number)


def names(rule: Rule, path: str) -> bool:
    """Whether a rule is about exactly this node and what is inside it."""
    return not rule.types and stem(rule.where) == (path or "**")


def own_rule(plan: Plan, path: str) -> Rule | None:
    """The last rule that names this very node."""
    return next((rule for rule in reversed(plan.rules) if names(rule, path)), None)


def ruled(
    plan_name: str, plan: Plan, path: str, base: Rule | None, values: Mapping[str, Any]
) -> Edit:
    """Say something of a node by a rule of its own: else it is what it was, or what `base` says.

    Raises: pydantic.ValidationError when there is no such rule.
    """
    own = own_rule(plan, path)
    start = own or (base or Rule(mode="frozen")).model_copy(
        update={
            "where": path or "**",
            "types": (),
            "exclude": (),
            "from_step": 0,
            "until_step": None,
        }
    )
    rule = Rule.model_validate(settled({**start.model_dump(), **values}))
    if own is None or _window(own) == _window(rule):
        return SetMode(where=rule.where, rule=rule, plan=plan_name)
    rules = tuple(rule if each is own else each for each in plan.rules)
    return SetPlan(name=plan_name, plan=plan.model_copy(update={"rules": rules}))


def settled(said: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule says, with the parameters that its mode needs: all where nobody said which."""
    named = said.get("parameters") or EVERY
    return {**said, "parameters": named if said.get("mode") == "partial" else ()}


def cleared(plan_name: str, plan: Plan, path: str) -> Edit | None:
    """Let what is around a node hold for it; None when it has no rule of its own."""
    wheres = dict.fromkeys(rule.where for rule in plan.rules if names(rule, path))
    edits = [SetMode(where=where, rule=None, plan=plan_name) for where in wheres]
    return Many(edits=tuple(edits)) if len(edits) > 1 else edits[0] if edits else None


def differing(plan: Plan, path: str, mode: str, body: GraphSpec) -> Iterator[tuple[str, Resolved]]:
    """The nodes inside one that have another mode than what is around them, with what holds for each.

    A shared block is left out: it is told where it is.
    """
    for name in _told_apart(plan.rules, path, body):
        node = body.nodes[name]
        if node.tied_to:
            continue
        here = join(path, name)
        found = resolved(plan, here, node.type or GRAPH_TYPE)
        if found.mode != mode:
            yield here, found
        if node.body is not None:
            yield from differing(plan, here, found.mode, node.body)


def _told_apart(rules: Iterable[Rule], path: str, body: GraphSpec) -> list[str]:
    """The nodes of a body that some rule may name, or name something inside; all where one may any."""
    inner, named = f"{path}." if path else "", set()
    for rule in rules:
        if rule.types:
            return list(body.nodes)
        for said in (rule.where, *rule.exclude):
            first, _, rest = said.removeprefix(inner).partition(".")
            if not said.startswith(inner):
                first, rest = ("*", "") if "*" in said.removesuffix("**") else ("", "")
            if "*" in first and (first, rest) != ("**", ""):
                return list(body.nodes)
            named.add(first)
    return [name for name in body.nodes if name in named]


def stem(where: str) -> str:
    """The node that a pattern names, when it names one."""
    while where.endswith(".**"):
        where = where[:-3]
    return where


def _window(rule: Rule) -> tuple[int, int | None]:
    return rule.from_step, rule.until_step
