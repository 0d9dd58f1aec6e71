"""The chip on a node: how it trains under a plan, and whether it says so itself or inherits it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graphs.spec.document import GRAPH_TYPE, GraphSpec, join
from graphs.spec.edits import SetMode
from graphs.spec.patterns import winner
from graphs.spec.plan import Mode, Plan, Rule

CYCLE: tuple[Mode, ...] = ("train", "frozen", "lora")
WORDS: dict[Mode, str] = {
    "train": "Train",
    "frozen": "Frozen",
    "lora": "LoRA",
    "partial": "Part",
}


@dataclass(frozen=True)
class Chip:
    """A mode resolved for a node. `own`: a rule names this very node; `mixed`: not all inside is so."""

    mode: Mode
    own: bool
    mixed: bool = False
    rank: int = 0

    @property
    def text(self) -> str:
        """What stands on the chip."""
        rank = f" {self.rank}" if self.mode == "lora" and self.rank else ""
        return f"{WORDS[self.mode]}{rank}{'*' if self.mixed else ''}"


def chip(plan: Plan, path: str, kind: str, inside: GraphSpec | None = None) -> Chip:
    """The chip of the node at a path of the expanded root; `inside` is its body."""
    rule = winner(plan.rules, path, kind)
    mode: Mode = rule.mode if rule is not None else "frozen"
    own = rule is not None and not rule.types and _stem(rule.where) == path
    rank = rule.rank if rule is not None and rule.mode == "lora" else 0
    mixed = inside is not None and _mixed(plan, path, mode, inside)
    return Chip(mode, own, mixed, rank)


def next_mode(plan_name: str, plan: Plan, path: str, now: Chip) -> SetMode:
    """The edit of a click on the chip: the next mode, and after the last what is around it.

    What is around it comes round so that every mode that can be inherited is reached again.
    """
    if not now.own:
        start = CYCLE.index(now.mode) if now.mode in CYCLE else -1
        mode = CYCLE[(start + 1) % len(CYCLE)]
        return SetMode(where=path, rule=Rule(mode=mode), plan=plan_name)
    where = next(r.where for r in reversed(plan.rules) if not r.types and _stem(r.where) == path)
    at = CYCLE.index(now.mode) if now.mode in CYCLE else len(CYCLE) - 1
    if at + 1 < len(CYCLE):
        return SetMode(where=where, rule=Rule(mode=CYCLE[at + 1]), plan=plan_name)
    return SetMode(where=where, rule=None, plan=plan_name)


def _stem(where: str) -> str:
    """The node that a pattern names, when it names one."""
    while where.endswith(".**"):
        where = where[:-3]
    return where


def _mixed(plan: Plan, path: str, mode: Mode, body: GraphSpec) -> bool:
    """Whether a node with no body inside it has another mode."""
    if not any(_may_reach(rule, path) for rule in plan.rules):
        return False
    return any(
        (rule.mode if rule is not None else "frozen") != mode
        for rule in (winner(plan.rules, p, kind) for p, kind in _leaves(body, path))
    )


def _may_reach(rule: Rule, path: str) -> bool:
    """Whether a rule can tell the nodes inside a node apart."""
    names = (rule.where, *rule.exclude)
    return bool(rule.types) or any(
        name.startswith(f"{path}.") or "*" in name.removesuffix("**") for name in names
    )


def _leaves(body: GraphSpec, path: str) -> Iterable[tuple[str, str]]:
    for name, node in body.nodes.items():
        if node.body is None:
            yield join(path, name), node.type or GRAPH_TYPE
        else:
            yield from _leaves(node.body, join(path, name))
