"""What flows around a world: five state blocks with slots, and what each stage does to them.

A block is filled when it has a value in any slot. A stage says which blocks it needs, which of its
ports read which slots, and which slots its ports write; order, skipping, update and drop are the
world's business (see live.world).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt, StringConstraints

Kind = Literal["tensor", "text", "image", "audio", "json"]
Slot = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
BLOCKS = ("intent", "configuration", "artefacts", "description", "events")  # numbered 1 to 5
ACTION, CONTENT = "action", "content"


def _place(text: str) -> str:
    block, _, slot = text.partition(".")
    if text == ACTION or (block in (*BLOCKS, CONTENT) and slot.isidentifier()):
        return text
    raise ValueError(
        f"a place is 'action', 'content.KEY' or 'BLOCK.SLOT' with one of {', '.join(BLOCKS)}, got {text!r}"
    )


Place = Annotated[str, AfterValidator(_place)]
Naming = Annotated[str, StringConstraints(pattern=r"^[^/\\{}]*\{turn(:0?\d+d?)?\}[^/\\{}]*$")]
BlockName = Literal["intent", "configuration", "artefacts", "description", "events"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Transition(_Data):
    """What a stage does to the state of its world.

    `needs`: it runs only if all these blocks are filled and those that it writes did not come filled
    from before; else it is skipped and the state passes unchanged. `reads`: exposed inputs and the
    places that they are filled from. `writes`: places and the exposed outputs that fill them. An
    "update" needs all five blocks and writes content; a "development" always runs, and starts a new
    state.
    """

    does: Literal["transition", "update", "development"] = "transition"
    needs: tuple[BlockName, ...] = ()
    reads: Mapping[str, Place] = Field(default_factory=dict)
    writes: Mapping[Place, str] = Field(default_factory=dict)

    @property
    def fills(self) -> tuple[str, ...]:
        """The state blocks that it writes, in order."""
        written = {place.partition(".")[0] for place in self.writes}
        return tuple(block for block in BLOCKS if block in written)


class Storage(_Data):
    """Where snapshots of a world go, what they are called, and how many are kept."""

    directory: str = "snapshots"
    naming: Naming = "turn_{turn:06d}"
    keep: NonNegativeInt = Field(default=20, description="the last so many; 0 keeps all")


class Cycle(_Data):
    """A world's own facts: the order of its stages, the schema of its state, its first content."""

    stages: tuple[str, ...] = ()
    state: Mapping[BlockName, Mapping[Slot, Kind]] = Field(default_factory=dict)
    content: Mapping[Slot, Any] = Field(default_factory=dict)
    storage: Storage = Storage()
    metadata: Mapping[str, Any] = Field(default_factory=dict)
