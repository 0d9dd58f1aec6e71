"""The colour and the sign of each state block and stage, the same wherever they are seen."""

from __future__ import annotations

from collections.abc import Mapping

from app.editor.colours import Colour, Theme
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.world.contract import Stage

_TONES: Mapping[str, int] = {  # places in a theme's frames
    "intent": 2,
    "configuration": 4,
    "artefacts": 3,
    "description": 0,
    "events": 1,
}
_BLOCKS: Mapping[str, str] = {
    "intent": "lightbulb",
    "configuration": "sliders-horizontal",
    "artefacts": "image",
    "description": "message-square",
    "events": "book-open",
}
_FILLERS: Mapping[str, str] = {
    "intent": "sparkles",
    "configuration": "ruler",
    "artefacts": "palette",
    "description": "brain",
    "events": "notebook-pen",
}
_DOES: Mapping[str, str] = {"update": "globe", "development": "sunrise"}


def tone(theme: Theme, block: str) -> Colour:
    """The colour of a state block."""
    return theme.frames[_TONES.get(block, 5)]


def block_icon(block: str) -> str:
    """The sign of a state block."""
    return ICONS[_BLOCKS.get(block, "box")]


def stage_icon(stage: Stage) -> str:
    """The sign of a stage: by what it does, or what it fills."""
    first = stage.fills[0] if stage.fills else ""
    return ICONS[_DOES.get(stage.does) or _FILLERS.get(first, "square-stack")]


def block_name(block: str) -> str:
    """What people call a state block."""
    names = {
        "intent": _("Intent"),
        "configuration": _("Configuration"),
        "artefacts": _("Artefacts"),
        "description": _("Description"),
        "events": _("Events"),
    }
    return names.get(block, block.capitalize())
