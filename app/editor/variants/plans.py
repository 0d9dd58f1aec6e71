"""Which plans make a light world, and a new one that adapts everything."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphs.spec.plan import Plan, Rule


def light_plans(plans: Mapping[str, Plan]) -> list[str]:
    """The plans that have a LoRA rule, in their order."""
    return [name for name, plan in plans.items() if any(rule.mode == "lora" for rule in plan.rules)]


def everywhere(rank: int, like: Plan | None) -> Plan:
    """LoRA on everything that takes it, learning what `like` learns and from what it learns."""
    rules = (Rule(mode="lora", rank=rank, alpha=2.0 * rank),)
    if like is None:
        return Plan(rules=rules)
    return like.model_copy(update={"rules": rules, "only": (), "description": ""})


def plan_name(variant: str, taken: Mapping[str, Plan]) -> str:
    """A name for the plan of a variant that no plan has.

    >>> plan_name("By night", {})
    'by_night'
    """
    stem = re.sub(r"[^a-z0-9_]+", "_", variant.lower()).strip("_")
    stem = stem if stem and stem[0].isalpha() else f"light_{stem}".rstrip("_")
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name


def fresh_name(taken: Mapping[str, object]) -> str:
    """A name for a variant that none has.

    >>> fresh_name({"light": 0})
    'light-2'
    """
    name, number = "light", 1
    while name in taken:
        number += 1
        name = f"light-{number}"
    return name


def plan_of(variant: str, made: Mapping[str, str], plans: Mapping[str, Plan]) -> str:
    """The plan that a variant learns by: the one it was added with, or that is called like it."""
    light = light_plans(plans)
    for name in (made.get(variant, ""), variant):
        if name in light:
            return name
    return ""
