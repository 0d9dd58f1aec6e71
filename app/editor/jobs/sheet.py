"""What will train, as the rows and the words of a sheet. Plain data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.editor.canvas.cards import counted
from app.editor.language import _, ngettext
from graphs.spec.plan import Mode

if TYPE_CHECKING:
    from app.engine.events import Explained, Inspected, TrainedFacts


@dataclass(frozen=True)
class Row:
    """A parameter that trains; `steps` says when, "" always."""

    node: str
    parameter: str
    count: int
    mode: Mode
    lr: float
    weight_decay: float
    steps: str


@dataclass(frozen=True)
class Sheet:
    """The rows by node, what they come to, and what LoRA passes over and why."""

    rows: tuple[Row, ...]
    summary: str
    skipped: tuple[str, ...]
    training: int
    whole: int


def sheet(explained: Explained, inspected: Inspected | None) -> Sheet:
    """The sheet of a plan; with what was inspected it says of how much that is a part."""
    rows = tuple(_row(facts) for facts in explained.rows)
    training = sum(row.count for row in rows)
    whole = inspected.nodes[""].parameters if inspected is not None and "" in inspected.nodes else 0
    skipped = tuple(f"{path}: {why}" for path, why in explained.skipped)
    return Sheet(rows, _summary(explained, training, whole), skipped, training, whole)


def _row(facts: TrainedFacts) -> Row:
    steps = ""
    if facts.from_step or facts.until_step is not None:
        until = facts.until_step if facts.until_step is not None else "…"
        steps = f"{facts.from_step} – {until}"
    shared = f"  = {', '.join(facts.shared_with)}" if facts.shared_with else ""
    return Row(
        facts.node, f"{facts.parameter}{shared}", facts.count, facts.mode, facts.lr,
        facts.weight_decay, steps,
    )  # fmt: skip


def _summary(explained: Explained, training: int, whole: int) -> str:
    if not explained.rows:
        return _("Nothing would train: every node is frozen under this plan")
    nodes = len({row.node for row in explained.rows})
    words = ngettext("{count} node", "{count} nodes", nodes).format(count=nodes)
    text = _("{numbers} parameters in {nodes} train").format(numbers=counted(training), nodes=words)
    modes = Counter(explained.modes.values())
    if whole > training:
        text += "  ·  " + _("{share:.1%} of {whole}").format(
            share=training / whole, whole=counted(whole)
        )
    if modes["frozen"]:
        frozen = ngettext("{count} node is frozen", "{count} nodes are frozen", modes["frozen"])
        text += "  ·  " + frozen.format(count=modes["frozen"])
    return text
