"""Every way to change a document: frozen data, each a pure function from one document to the next.

Undo is keeping the document before. `edit_to_json` and `edit_from_json` carry edits between
processes and into histories.
"""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import rebuild_dataclass

from graphs.spec.document import Document
from graphs.spec.edits.bodies import SetCycle, SetLevel, SetLoops, SetRole, SetTransition
from graphs.spec.edits.grouping import Group
from graphs.spec.edits.moving import MoveNodes
from graphs.spec.edits.nodes import AddNode, Configure, Relabel, RemoveNodes, RenameNode
from graphs.spec.edits.promoting import Demote, Promote
from graphs.spec.edits.reuse import AddDefinition, Define, Detach, OverrideConfig, Undefine
from graphs.spec.edits.sharing import Tie, Untie
from graphs.spec.edits.training import RemovePlan, SetMode, SetPlan
from graphs.spec.edits.ungrouping import Ungroup
from graphs.spec.edits.whole import Many, SetDescription, SetLayout, SetTitle
from graphs.spec.edits.wiring import Connect, Disconnect, Expose, Hide

__all__ = [
    "AddDefinition",
    "AddNode",
    "Configure",
    "Connect",
    "Define",
    "Demote",
    "Detach",
    "Disconnect",
    "Edit",
    "Expose",
    "Group",
    "Hide",
    "Many",
    "MoveNodes",
    "OverrideConfig",
    "Promote",
    "Relabel",
    "RemoveNodes",
    "RemovePlan",
    "RenameNode",
    "SetCycle",
    "SetDescription",
    "SetLayout",
    "SetLevel",
    "SetLoops",
    "SetMode",
    "SetPlan",
    "SetRole",
    "SetTitle",
    "SetTransition",
    "Tie",
    "Undefine",
    "Ungroup",
    "Untie",
    "apply",
    "edit_from_json",
    "edit_to_json",
]

Edit = Annotated[
    AddDefinition
    | AddNode
    | Configure
    | Connect
    | Define
    | Demote
    | Detach
    | Disconnect
    | Expose
    | Group
    | Hide
    | Many
    | MoveNodes
    | OverrideConfig
    | Promote
    | Relabel
    | RemoveNodes
    | RemovePlan
    | RenameNode
    | SetCycle
    | SetDescription
    | SetLayout
    | SetLevel
    | SetLoops
    | SetMode
    | SetPlan
    | SetRole
    | SetTitle
    | SetTransition
    | Tie
    | Undefine
    | Ungroup
    | Untie,
    Field(discriminator="edit"),
]

rebuild_dataclass(Many, force=True, _types_namespace={"Edit": Edit})  # type: ignore[arg-type]
_ADAPTER: TypeAdapter[Edit] = TypeAdapter(Edit)


def apply(document: Document, edit: Edit) -> Document:
    """The document after an edit; what the edit does not touch is the same object.

    Raises: EditError, saying where, what was expected and what to do; nothing has changed then.
    """
    return edit(document)


def edit_to_json(edit: Edit) -> str:
    """The edit as JSON, the same bytes for the same edit."""
    return json.dumps(_ADAPTER.dump_python(edit, mode="json"), sort_keys=True)


def edit_from_json(text: str | bytes) -> Edit:
    """The edit that `edit_to_json` wrote.

    Raises: pydantic.ValidationError when it is none.
    """
    return _ADAPTER.validate_json(text)
