"""A thing of the palette: what there is to say of it before it is dragged, and finding it by letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.editor import terms
from app.editor.fuzzy import ranked
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.document import Document, NodeSpec

Kind = Literal["block", "template", "saved", "definition"]
ORDER = ("data", "layers", "tensor", "control", "learning", "view")  # then what others bring


@dataclass(frozen=True)
class Thing:
    """One row of the palette. `key` names it for good, also in a person's settings."""

    key: str
    kind: Kind
    title: str
    category: str
    summary: str = ""
    doc: str = ""
    inputs: tuple[PortType, ...] = ()
    outputs: tuple[PortType, ...] = ()
    path: Path | None = None

    @property
    def name(self) -> str:
        """What it is called where it is from: a block type, a definition, a file."""
        return self.key.partition(":")[2]

    @property
    def said(self) -> tuple[str, ...]:
        """What is read when somebody looks for it, its title first."""
        ports = " ".join(f"{p.name} {p.kind} {p.dims}" for p in (*self.inputs, *self.outputs))
        return (self.title, self.category, self.summary, ports, self.doc, self.name)


def blocks(catalogue: Catalogue) -> list[Thing]:
    """Every block type, by its short name."""
    kinds = (kind for kind in catalogue.types.values() if kind.category)
    return sorted(map(_block, kinds), key=lambda thing: thing.title.lower())


def _block(kind: BlockType) -> Thing:
    return Thing(
        key=f"block:{kind.name}",
        kind="block",
        title=kind.name.rpartition("/")[2],
        category=kind.category,
        summary=kind.summary,
        doc=kind.doc,
        inputs=tuple(kind.inputs.values()),
        outputs=tuple(kind.outputs.values()),
    )


def definitions(document: Document) -> list[Thing]:
    """What the open document defines: each may be used once more."""
    return [
        Thing(f"definition:{name}", "definition", node.label or name, _level(node), _holds(node))
        for name, node in document.definitions.items()
    ]


def _level(node: NodeSpec) -> str:
    return node.level if node.body is not None else ""


def _holds(node: NodeSpec) -> str:
    if node.body is None:
        return node.type
    return f"{terms.kind(node.body.level)} · {', '.join(list(node.body.nodes)[:6])}"


def categories(things: Iterable[Thing]) -> dict[str, list[Thing]]:
    """Things by category: first where data comes from, last what nobody ordered."""
    found: dict[str, list[Thing]] = {}
    for thing in things:
        found.setdefault(thing.category, []).append(thing)
    place = {name: number for number, name in enumerate(ORDER)}
    names = sorted(found, key=lambda name: (place.get(name, len(place)), name))
    return {name: found[name] for name in names}


def found(query: str, things: Sequence[Thing]) -> list[Thing]:
    """The things that fit a query, the best first."""
    return ranked(query, [(thing, thing.said) for thing in things])
