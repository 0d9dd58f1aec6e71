"""The chip on a node: how it trains under a plan, and whether it says so itself or inherits it."""

from __future__ import annotations

from dataclasses import dataclass

from app.editor.language import p_
from app.editor.rules import cleared, differing, names, ruled
from graphs.spec.document import GraphSpec
from graphs.spec.edits import Edit, Many
from graphs.spec.patterns import winner
from graphs.spec.plan import Mode, Plan

CYCLE: tuple[Mode, ...] = ("train", "frozen", "lora")


def word(mode: Mode) -> str:
    """A mode as people read it on a chip."""
    words = {
        "train": p_("mode", "Train"), "frozen": p_("mode", "Frozen"),
        "lora": p_("mode", "LoRA"), "partial": p_("mode", "Part"),
    }  # fmt: skip
    return words[mode]


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
        return f"{word(self.mode)}{rank}{'*' if self.mixed else ''}"


def chip(plan: Plan, path: str, kind: str, inside: GraphSpec | None = None) -> Chip:
    """The chip of the node at a path of the expanded root; `inside` is its body."""
    rule = winner(plan.rules, path, kind)
    mode: Mode = rule.mode if rule is not None else "frozen"
    own = rule is not None and names(rule, path)
    rank = rule.rank if rule is not None and rule.mode == "lora" else 0
    mixed = inside is not None and any(differing(plan, path, mode, inside))
    return Chip(mode, own, mixed, rank)


def next_mode(plan_name: str, plan: Plan, path: str, now: Chip, kind: str = "") -> Edit:
    """The edit of a click on the chip: the next mode, and after the last what is around it.

    What is around it comes round so that every mode that can be inherited is reached again.
    """
    at = CYCLE.index(now.mode) if now.mode in CYCLE else -1
    if now.own:
        at = at if at >= 0 else len(CYCLE) - 1
        if at + 1 == len(CYCLE):
            return cleared(plan_name, plan, path) or Many(edits=())
    mode = CYCLE[(at + 1) % len(CYCLE)]
    return ruled(plan_name, plan, path, winner(plan.rules, path, kind), {"mode": mode})
