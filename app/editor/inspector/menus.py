"""The menu of a setting: set it back, show it on the graph around it, or show it there no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.editor.inspector.forms import Entry
from app.editor.inspector.targets import PromotedOn
from app.editor.language import _
from app.editor.menus import Offer
from app.editor.places import body_of
from app.editor.studio import Studio
from graphs.spec.document import GraphSpec
from graphs.spec.edits import Demote, Promote

if TYPE_CHECKING:
    from app.editor.inspector.lines import Form


def choices(studio: Studio, form: Form, entry: Entry) -> Iterator[Offer]:
    """What can be done with a setting."""
    if entry.mark:
        yield _("Set back"), "undo-2", lambda: form.reset(entry)
    body = body_of(studio.document, studio.place) or GraphSpec()
    if entry.place and "." in entry.place:
        shown = next((n for n, s in body.promoted.items() if s == entry.place), None)
        at = studio.place.at
        if shown is None:
            name = free_label(entry.name, set(body.promoted))
            edit = Promote(name=name, setting=entry.place, at=at)
            yield _("Show on the graph around it"), "arrow-up", lambda: studio.do(edit)
        else:
            gone = Demote(name=shown, at=at)
            yield _("Show on the graph around it no more"), "arrow-down", lambda: studio.do(gone)
    if isinstance(entry.target, PromotedOn):
        own = Demote(name=entry.name, at=entry.target.at)
        yield _("Show here no more"), "x", lambda: studio.do(own)


def free_label(key: str, taken: set[str]) -> str:
    """A name for a promoted setting that is like the setting's own, and free.

    >>> free_label("d_in", {"d_in"}), free_label("Size", set())
    ('d_in_2', 'size')
    """
    plain = key.lower().lstrip("_0123456789") or "setting"
    name, number = plain, 2
    while name in taken:
        name, number = f"{plain}_{number}", number + 1
    return name
