"""Promoted settings on a sheet: forms of inner nodes that stand on the graph around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.editor.inspector import forms
from app.editor.inspector.fields import Field, free, spoken
from app.editor.inspector.rows import Row, Section, Words
from app.editor.inspector.schema import fields_of
from app.editor.inspector.targets import PromotedOn
from app.editor.language import _
from app.editor.places import Place
from app.editor.studio import Studio
from graphs.spec.document import GRAPH_TYPE, GraphSpec, join
from graphs.spec.settings import Standing, standing


def promoted_section(
    studio: Studio, body: GraphSpec | None, place: Place | None, path: str, name: str = ""
) -> Section:
    """What a body promotes. `name` is its node in the body that is shown, "" when it is that body."""
    rows = tuple(_rows(studio, body, place, path, name)) if body is not None and place else ()
    return Section("promoted", _("Promoted settings"), rows)


def _rows(studio: Studio, body: GraphSpec, place: Place, path: str, name: str) -> Iterator[Row]:
    # An instance shows what its definition promotes, and sets it for itself alone.
    node = studio.scene.body.nodes.get(name)
    base = join(studio.place.at, name) if node is not None and node.uses else place.at
    shown = tuple((label, join(base, setting)) for label, setting in body.promoted.items())
    target = PromotedOn(shown, place.at)
    for label, setting in shown:
        inner, _dot, key = setting.rpartition(".")
        found = standing(studio.document, inner)
        if found is None:
            text = _("{name} shows {setting}, which does not exist")
            yield Words(text.format(name=label, setting=body.promoted[label]), "warning",
                        "triangle-alert")  # fmt: skip
            continue
        entry = _entry(studio, label, key, found, target)
        yield replace(entry, place=f"{name}.{body.promoted[label]}" if name else "")


def _entry(
    studio: Studio, label: str, key: str, found: Standing, target: PromotedOn
) -> forms.Entry:
    """The line of one inner setting under the name that it has here."""
    kind = studio.catalogue.find(found.node.type or GRAPH_TYPE)
    of = (
        next((f for f in fields_of(kind.config) if f.name == key), free(key)) if kind else free(key)
    )
    named: Field = replace(of, name=label, label=spoken(label))
    over = found.override is not None
    values = {label: found.config[key]} if key in found.config else {}
    said = {label: found.override[key]} if found.override and key in found.override else {}
    below = {label: found.below[key]} if key in found.below else {}
    [entry, *_rest] = forms.entries(
        [named], values, target, said if over else None, below if over else None
    )
    return entry
