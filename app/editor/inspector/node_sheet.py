"""The sheet of one node: who it is, its settings, its ports, how it trains, what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from app.editor import terms
from app.editor.bars import LEVEL_ICONS
from app.editor.icons import ICONS
from app.editor.inspector import forms
from app.editor.inspector.acts import Do, Go, Jump, Narrow, Scope
from app.editor.inspector.fields import Field
from app.editor.inspector.level_sheet import level_section
from app.editor.inspector.port_sheet import port_section
from app.editor.inspector.promoted_sheet import promoted_section
from app.editor.inspector.rows import Button, Buttons, Fact, Row, Section, Sheet, Title, Words
from app.editor.inspector.schema import fields_of
from app.editor.inspector.targets import IdentityOf, SettingsOf
from app.editor.inspector.tensor_sheet import Learning, tensor_section
from app.editor.inspector.training_sheet import training_section
from app.editor.language import _, ngettext
from app.editor.places import Place, inside
from app.editor.studio import Studio
from app.editor.suiting import Mending
from graphs.spec.catalogue import BlockType
from graphs.spec.document import GRAPH_TYPE, NodeSpec, join
from graphs.spec.edits import Detach, Untie
from graphs.spec.problems import Problem
from graphs.spec.settings import Standing, overridden, standing

if TYPE_CHECKING:
    from app.engine.events import TensorsListed

LINE = {"type": "string", "format": "line"}


def node_sheet(studio: Studio, name: str, scope: Scope, tensors: TensorsListed | None) -> Sheet:
    """Everything about one node of the body that is shown; `tensors` None when nobody knows them."""
    scene, node = studio.scene, studio.scene.body.nodes[name]
    path = scene.path(name)
    block, kind = scene.block(name), scene.kind(name)
    place = inside(studio.document, studio.place, name)
    return (
        Section("head", "", (title(node, block, kind, name), *_who(studio, name, node, place))),
        settings_section(studio, name, node, kind, scope),
        promoted_section(studio, block.body, place, path, name),
        *level_section(studio, block.body, place.at if place else "", path),
        port_section(studio, name),
        training_section(studio, ((node.tied_to or path, block.type or GRAPH_TYPE),)),
        tensors_of(studio, path, tensors),
        documentation(kind),
    )


def tensors_of(studio: Studio, path: str, told: TensorsListed | None) -> Section:
    """The tensors of what runs at a path, and which of them the chosen plan trains."""
    learning = Learning(studio.scene.inspection.root, studio.plan) if studio.plan else None
    return tensor_section(told, studio.scene.activity.of(path).parameters, learning)


def title(node: NodeSpec, block: NodeSpec, kind: BlockType | None, name: str) -> Title:
    """What a node is called, and what it is."""
    typed = block.type or GRAPH_TYPE
    level = block.level if block.body is not None else ""
    category = level or (kind.category if kind is not None else "unknown")
    under = terms.kind(level) if level else typed.rpartition("/")[2]
    if not level and kind is not None and kind.category:
        under = f"{under} · {terms.kind(kind.category)}"
    elif level and typed != GRAPH_TYPE:
        under = f"{typed} · {terms.kind(level)}"
    icon = LEVEL_ICONS.get(level, "box") if kind is not None or level else "circle-help"
    return Title(node.label or name.replace("_", " "), icon, category, under)


def _who(studio: Studio, name: str, node: NodeSpec, place: Place | None) -> Iterator[Row]:
    kind = studio.scene.kind(name)
    if kind is None and studio.catalogue.types and not node.uses:
        typed = studio.scene.block(name).type
        yield Words(_("No pack has a block {type}").format(type=typed), "bad", "circle-x")
    elif kind is not None and kind.summary and not studio.scene.block(name).body:
        yield Words(kind.summary)
    yield from problem_rows(studio.scene.problems(name))
    yield from _mend(studio, name)
    if inner := studio.scene.inner_problems(name):
        text = ngettext("{count} problem inside", "{count} problems inside", inner)
        yield Words(text.format(count=inner), "bad", "circle-x")
    at = studio.place.at
    target = IdentityOf(name, at)
    yield forms.Entry(("name",), Field("name", "text", _("Name"), LINE), name, target, label=_("Name"),
                      mark="")  # fmt: skip
    yield forms.Entry(("label",), Field("label", "text", _("Label"), LINE), node.label, target,
                      label=_("Label"), mark="own" if node.label else "")  # fmt: skip
    if node.uses:
        go = Go(place) if place is not None else None
        yield Fact(_("Linked to"), node.uses, go, "accent",
                   _("What is changed there changes in every instance"))  # fmt: skip
        yield from _overrides(node, studio.scene.path(name))
        detach = Button(_("Detach"), "unlink", Do(Detach(name=name, at=at)),
                        _("Make it a copy of its own"))  # fmt: skip
        yield Buttons((detach,))
    if node.tied_to:
        yield Fact(_("Shares"), node.tied_to, Jump(node.tied_to), "accent",
                   _("The same block with the same weights, in two places"))  # fmt: skip
        yield Buttons((Button(_("Untie"), "unlink", Do(Untie(name=name, at=at)),
                              _("Give it a block of its own again")),))  # fmt: skip
    if kind is not None and kind.role and not studio.scene.block(name).body:
        yield Fact(_("Role"), terms.role(kind.role))
    if kind is not None and kind.effects:
        yield Fact(_("Does"), ", ".join(kind.effects), tone="warning")


def problem_rows(problems: tuple[Problem, ...] | list[Problem]) -> Iterator[Row]:
    """What is wrong, each with its port."""
    for problem in problems:
        bad = problem.severity == "error"
        where = f"{problem.port}: " if problem.port else ""
        yield Words(f"{where}{terms.sentence(problem.message)}", "bad" if bad else "warning",
                    "circle-x" if bad else "triangle-alert")  # fmt: skip


def _overrides(node: NodeSpec, path: str) -> Iterator[Row]:
    """What an instance says over its definition, each with the way to it."""
    for where, value in overridden(node).items():
        within = where.rpartition(".")[0]
        way = Jump(join(path, within)) if within else None
        yield Fact(where, str(value), way, "warning", _("An override of this instance"))


def _mend(studio: Studio, name: str) -> Iterator[Row]:
    """What would mend it, where that is known."""
    mending = Mending(studio.document, studio.scene.inspection, studio.catalogue)
    if (mend := mending.mend(studio.scene.path(name))) is not None:
        help_ = _("What comes in asks for it")
        yield Buttons((Button(mend.words, "wand-sparkles", Do(mend.edit), help_),))


def settings_section(
    studio: Studio, name: str, node: NodeSpec, kind: BlockType | None, scope: Scope
) -> Section:
    """The form of a node's own settings."""
    document, place = studio.document, studio.place
    linked = place.at.startswith("@")
    here = linked and scope.here
    where = join(place.path if here else place.at, name)
    found = standing(document, where) or Standing(node, node.config)
    rows: list[Row] = []
    if linked:
        rows.append(_whose(scope, place))
    fields = fields_of(kind.config) if kind is not None else ()
    target = SettingsOf((where,))
    over = found.override is not None
    rows += (
        _placed(studio, entry, name)
        for entry in forms.entries(
            fields, found.config, target, found.override, found.below if over else None
        )
    )
    return Section("settings", _("Settings"), tuple(rows if fields or found.config else ()))


def _placed(studio: Studio, entry: forms.Entry, name: str) -> forms.Entry:
    """The entry with its place for promotion, and a sign where the graph around shows it."""
    if len(entry.path) > 1:
        return entry
    place = f"{name}.{entry.name}"
    shown = place in studio.scene.body.promoted.values()
    sign = f"  {ICONS['arrow-up']}" if shown else ""
    return replace(entry, place=place, label=f"{entry.label}{sign}")


def _whose(scope: Scope, place: Place) -> Row:
    definition = place.at.partition(".")[0][1:]
    return Buttons(
        (
            Button(_("All instances"), "boxes", Narrow(scope, False), on=not scope.here,
                   help=_("Changes are made in the definition {name}").format(name=definition)),
            Button(_("This one only"), "box", Narrow(scope, True), on=scope.here,
                   help=_("Changes are overrides of {path} alone").format(path=place.path)),
        )
    )  # fmt: skip


def documentation(kind: BlockType | None) -> Section:
    """What the block's author wrote."""
    doc = kind.doc.strip() if kind is not None else ""
    return Section("doc", _("Documentation"), (Words(doc, "quiet"),) if doc else (), open=False)
