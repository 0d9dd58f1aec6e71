"""The catalogue: every block type's ports and config schema as data, so that documents can be
checked, drawn and edited where no block can be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Many = Literal["single", "sum", "concat", "list", "dict", "first"]
Control = Literal["", "graph", "repeat", "choose", "each", "residual"]


class PortType(BaseModel):
    """A typed input or output.

    `kind` is "tensor", "text", "number", "any", ...; `dims` an axis pattern such as "b t d_in",
    "" for any. `many` says what several wires into this input become; "single" refuses them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    kind: str = "any"
    dims: str = ""
    required: bool = True
    many: Many = "single"

    def __str__(self) -> str:
        return f'{self.kind} "{self.dims}"' if self.dims else self.kind


class BlockType(BaseModel):
    """What there is to know of a block type without importing it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    category: str = ""
    summary: str = ""
    doc: str = ""
    config: Mapping[str, Any] = Field(default_factory=dict, description="JSON schema")
    inputs: Mapping[str, PortType] = Field(default_factory=dict)
    outputs: Mapping[str, PortType] = Field(default_factory=dict)
    control: Control = Field(default="", description="how a composite runs its body; '' is a leaf")
    role: str = ""
    effects: tuple[str, ...] = Field(default=(), description="declared side effects")
    source: bool = Field(default=False, description="reads rows of data")
    stops_gradient: bool = Field(default=False, description="nothing upstream learns through it")
    replaces: tuple[str, ...] = ()


class Catalogue(BaseModel):
    """All block types by name, and the packs that could not be loaded with their errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    types: Mapping[str, BlockType] = Field(default_factory=dict)
    broken: Mapping[str, str] = Field(default_factory=dict)

    def find(self, name: str) -> BlockType | None:
        """The type of this name or of a former name, or None."""
        return self.types.get(name) or self.types.get(self.renames().get(name, ""))

    def renames(self) -> dict[str, str]:
        """Former names and what they are called now."""
        return {old: t.name for t in self.types.values() for old in t.replaces}
