"""Edits of the document as a whole: title, layout, and several edits as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic.dataclasses import dataclass

from graphs.spec.document import Document
from graphs.spec.edits.nodes import same
from graphs.spec.edits.values import STRICT, Act, Plain

if TYPE_CHECKING:
    from graphs.spec.edits import Edit


@dataclass(frozen=True, config=STRICT)
class SetLayout(Act):
    """Keep something of the editor's own under a key; None takes the key away."""

    key: str
    value: Plain
    edit: Literal["SetLayout"] = "SetLayout"

    def __call__(self, document: Document) -> Document:
        """The core never reads it."""
        layout = {k: v for k, v in document.layout.items() if k != self.key}
        if self.value is not None:
            layout[self.key] = self.value
        if same(layout, document.layout):
            return document
        return document.model_copy(update={"layout": layout})

    @property
    def target(self) -> tuple[str, ...]:
        """The key."""
        return (self.edit, self.key)

    def _says(self) -> str:
        return f"Arrange {self.key}"


@dataclass(frozen=True, config=STRICT)
class SetTitle(Act):
    """Name the document for people."""

    title: str
    edit: Literal["SetTitle"] = "SetTitle"

    def __call__(self, document: Document) -> Document:
        """The document with this title."""
        if document.title == self.title:
            return document
        return document.model_copy(update={"title": self.title})

    @property
    def target(self) -> tuple[str, ...]:
        """The title."""
        return (self.edit,)

    def _says(self) -> str:
        return f"Title {self.title!r}"


@dataclass(frozen=True, config=STRICT)
class SetDescription(Act):
    """Say what the document is for."""

    text: str
    edit: Literal["SetDescription"] = "SetDescription"

    def __call__(self, document: Document) -> Document:
        """The document with this description."""
        if document.description == self.text:
            return document
        return document.model_copy(update={"description": self.text})

    @property
    def target(self) -> tuple[str, ...]:
        """The description."""
        return (self.edit,)

    def _says(self) -> str:
        return "Change the description"


@dataclass(frozen=True, config=STRICT)
class Many(Act):
    """Several edits as one: all of them, or none."""

    edits: tuple[Edit, ...]
    text: str = ""
    edit: Literal["Many"] = "Many"

    def __call__(self, document: Document) -> Document:
        """Each works on what the one before made."""
        for edit in self.edits:
            document = edit(document)
        return document

    @property
    def target(self) -> tuple[str, ...]:
        """All that its edits set, when each says it."""
        parts = [edit.target for edit in self.edits]
        return (self.edit, *(word for part in parts for word in part)) if all(parts) else ()

    def _says(self) -> str:
        first = self.edits[0].label if self.edits else "Nothing"
        more = f" and {len(self.edits) - 1} more" if len(self.edits) > 1 else ""
        return self.text or first + more
