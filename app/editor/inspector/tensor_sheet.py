"""The tensors of a node on a sheet, as the engine told them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from app.editor.canvas.cards import counted
from app.editor.inspector.rows import Fact, Row, Section, Tensors, Words
from app.editor.language import _

if TYPE_CHECKING:
    from app.engine.events import TensorFacts, TensorsListed

Line = tuple[str, str, str, str]
Held = tuple[tuple[Line, ...], int]  # a line for each tensor, and how many more there are


def held(event: TensorsListed) -> Held:
    """What the engine told, as lines."""
    return tuple(map(_line, event.tensors)), event.left_out


def tensor_section(told: Held | None, parameters: int | None) -> Section:
    """The tensors of a node; nothing where it holds none or nobody counted yet."""
    rows: list[Row] = []
    if parameters:
        rows.append(Fact(_("Count"), f"{parameters:,}".replace(",", "\u202f")))
    if told is not None and told[0]:
        rows.append(Tensors(told[0]))
        if told[1]:
            rows.append(Words(_("and {count} more").format(count=told[1]), "faint"))
    return Section("tensors", _("Parameters"), tuple(rows), open=False)


def _line(facts: TensorFacts) -> Line:
    shape = "×".join(map(str, facts.shape)) or _("one number")
    kinds = {"buffer": _("Kept with the weights, but not trained"), "adapter": _("Of an adapter")}
    notes = [kinds[facts.kind]] if facts.kind in kinds else []
    if facts.shared:
        notes.append(_("Shared by several nodes"))
    if facts.dtype != "float32":
        shape = f"{shape} {facts.dtype}"
    return facts.name, shape, counted(prod(facts.shape)), "\n".join(notes)
