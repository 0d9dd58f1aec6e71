"""What a document says of its world, read for drawing: the stages in order and what each does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graphs.spec.document import Document
from graphs.spec.state import ACTION, BLOCKS, CONTENT, Transition

Does = Literal["transition", "update", "development"]


@dataclass(frozen=True)
class Stage:
    """One stage: its node's name and label, what it does, what it reads and fills."""

    name: str
    label: str
    does: Does = "transition"
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()  # places, as "intent.text"
    fills: tuple[str, ...] = ()  # blocks


@dataclass(frozen=True)
class WorldContract:
    """A world as it is drawn. `slots` are the kinds of each block's slots."""

    stages: tuple[Stage, ...]
    slots: Mapping[str, Mapping[str, str]]
    content: tuple[str, ...]

    @property
    def blocks(self) -> tuple[str, ...]:
        """The state blocks that can hold anything, in canon's order."""
        return tuple(block for block in BLOCKS if self.slots.get(block))

    def stage(self, name: str) -> Stage | None:
        """One stage by name."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def kind(self, place: str) -> str:
        """What a place holds: text, image, tensor..."""
        block, _, slot = place.partition(".")
        return "json" if block == CONTENT else self.slots.get(block, {}).get(slot, "json")

    @property
    def hears(self) -> bool:
        """Whether a stage reads the action."""
        return any(ACTION in stage.reads for stage in self.stages)

    @property
    def makers(self) -> tuple[str, ...]:
        """The stages that make something of a new intent: those after development, in order."""
        names = [stage.name for stage in self.stages]
        developed = [n for n, stage in enumerate(self.stages) if stage.does == "development"]
        return tuple(names[developed[-1] + 1 :]) if developed else ()


def contract_of(document: Document) -> WorldContract | None:
    """The world of a document; None where its root turns no stages."""
    root = document.root
    if root.level != "world" or root.cycle is None or not root.cycle.stages:
        return None
    stages = []
    for name in root.cycle.stages:
        node = root.nodes.get(name)
        if node is None:
            continue  # a problem says so
        does = (node.body.transition if node.body else None) or Transition()
        stages.append(
            Stage(
                name,
                _short(node.label or name.replace("_", " ").capitalize()),
                does.does,
                BLOCKS if does.does == "update" else does.needs,
                tuple(does.reads.values()),
                does.fills,
            )
        )
    slots = {str(block): dict(kinds) for block, kinds in root.cycle.state.items()}
    return WorldContract(tuple(stages), slots, tuple(root.cycle.content))


def _short(label: str) -> str:
    """ "Environment: update" is "Update" on a ring.

    >>> _short("Environment: update")
    'Update'
    """
    last = label.rpartition(":")[2].strip() or label
    return last[:1].upper() + last[1:]
