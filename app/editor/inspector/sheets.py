"""Which sheet is shown: of one node, of several, or of the body that people look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.editor import terms
from app.editor.bars import LEVEL_ICONS
from app.editor.inspector import forms
from app.editor.inspector.acts import Go, Scope
from app.editor.inspector.fields import Field
from app.editor.inspector.level_sheet import level_section
from app.editor.inspector.node_sheet import node_sheet, problem_rows, tensors_of
from app.editor.inspector.port_sheet import exposed_section
from app.editor.inspector.promoted_sheet import promoted_section
from app.editor.inspector.rows import Button, Buttons, Row, Section, Sheet, Title, Words
from app.editor.inspector.schema import fields_of
from app.editor.inspector.targets import BodyAt, SettingsOf
from app.editor.inspector.training_sheet import training_section
from app.editor.language import _, ngettext
from app.editor.places import body_of, holder, trail
from app.editor.studio import Studio
from graphs.spec.document import GRAPH_TYPE, GraphSpec, join
from graphs.spec.settings import standing

if TYPE_CHECKING:
    from app.engine.events import TensorsListed

LINE = {"type": "string", "format": "line"}


def sheet(studio: Studio, scope: Scope, tensors: Mapping[str, TensorsListed]) -> Sheet:
    """What is to be shown now. `tensors` are those of nodes that the engine told of, by path."""
    chosen = sorted(name for name in studio.selection.nodes if name in studio.scene)
    if len(chosen) == 1:
        known = tensors.get(studio.scene.path(chosen[0]))
        return node_sheet(studio, chosen[0], scope, known)
    if chosen:
        return several_sheet(studio, chosen, scope)
    return body_sheet(studio, tensors.get(studio.place.path))


def several_sheet(studio: Studio, names: list[str], scope: Scope) -> Sheet:
    """What several nodes have in common."""
    scene = studio.scene
    kinds: dict[str, int] = {}
    for name in names:
        kind = (scene.block(name).type or GRAPH_TYPE).rpartition("/")[2]
        kinds[kind] = kinds.get(kind, 0) + 1
    under = ", ".join(f"{count} × {kind}" if count > 1 else kind for kind, count in kinds.items())
    text = ngettext("{count} node", "{count} nodes", len(names)).format(count=len(names))
    problems = [p for name in names for p in scene.problems(name)]
    head: list[Row] = [Title(text, "boxes", "graph", under)]
    if problems:
        said = ngettext("{count} problem", "{count} problems", len(problems))
        head.append(Words(said.format(count=len(problems)), "bad", "circle-x"))
    held = tuple(
        (scene.body.nodes[name].tied_to or scene.path(name), scene.block(name).type or GRAPH_TYPE)
        for name in names
    )
    return (
        Section("head", "", tuple(head)),
        Section("settings", _("Settings in common"), tuple(_common(studio, names, scope))),
        training_section(studio, tuple(dict.fromkeys(held))),
    )


def _common(studio: Studio, names: list[str], scope: Scope) -> Iterator[Row]:
    place = studio.place
    base = place.path if scope.here and place.at.startswith("@") else place.at
    paths = tuple(join(base, name) for name in names)
    found = [standing(studio.document, path) for path in paths]
    if not all(found):
        return
    known = {kind.name: kind for name in names if (kind := studio.scene.kind(name)) is not None}
    by_kind = {n: {f.name: f for f in fields_of(kind.config)} for n, kind in known.items()}
    kinds = [studio.scene.kind(name) for name in names]
    per_node = [by_kind[kind.name] if kind is not None else {} for kind in kinds]
    first, *others = [by_kind[name] for name in by_kind] if all(kinds) else [{}]
    configs: list[Mapping[str, Any]] = [each.config for each in found if each is not None]
    for name, of in first.items():
        rest = [fields.get(name) for fields in others]
        if not all(r is not None and _alike(r, of) for r in rest):
            continue
        values = [c.get(name, f[name].default) for c, f in zip(configs, per_node, strict=True)]
        mixed = any(forms.differs(values[0], value) for value in values)
        given = {name: values[0]} if any(name in config for config in configs) else {}
        for entry in forms.entries([of], given, SettingsOf(paths)):
            if mixed:
                yield replace(entry, mixed=True, mark="own")
                break
            yield entry


def _alike(a: Field, b: Field) -> bool:
    return (a.kind, a.options, a.nullable, a.size) == (b.kind, b.options, b.nullable, b.size)


def body_sheet(studio: Studio, tensors: TensorsListed | None) -> Sheet:
    """The body that people look at, as a whole; `tensors` None when nobody knows them."""
    place = studio.place
    body = body_of(studio.document, place) or GraphSpec()
    steps = trail(studio.document, place)
    label = steps[-1][1]
    count = ngettext("{count} node", "{count} nodes", len(body.nodes)).format(count=len(body.nodes))
    icon = LEVEL_ICONS.get(body.level, "box")
    head: list[Row] = [Title(label, icon, body.level, f"{terms.kind(body.level)} · {count}")]
    if place.path:
        head.append(Buttons((Button(_("Leave"), "log-out", Go(holder(studio.document, place))),)))
    else:
        head += _named(studio)
    if place.at.startswith("@"):
        text = _("This is the definition {name}: what is changed here changes in every instance.")
        head.append(Words(text.format(name=place.at.partition(".")[0][1:]), "warning", "link"))
    found = studio.scene.inspection.problems
    head += problem_rows([p for p in found if p.path == place.path])
    kind = GRAPH_TYPE
    if place.path and (node := standing(studio.document, place.path)) is not None:
        kind = node.node.type or GRAPH_TYPE
    return (
        Section("head", "", tuple(head)),
        promoted_section(studio, body, place, place.path),
        *level_section(studio, body, place.at, place.path),
        exposed_section(studio, body, place.at, place.path),
        training_section(studio, ((place.path, kind),)),
        tensors_of(studio, place.path, tensors),
    )


def _named(studio: Studio) -> Iterator[Row]:
    document, target = studio.document, BodyAt("")
    fields = (
        Field("title", "text", _("Title"), LINE, has_default=True, default=""),
        Field("description", "text", _("Description"), {**LINE, "format": "lines"},
              has_default=True, default=""),
    )  # fmt: skip
    values = {"title": document.title, "description": document.description}
    yield from forms.entries(fields, values, target)
