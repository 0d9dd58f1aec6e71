"""The tensors of a node on a sheet, as the engine told them, and which of them the plan trains."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from app.editor.canvas.cards import counted
from app.editor.inspector.rows import Fact, Row, Section, Tensors, Words
from app.editor.language import _
from app.editor.places import resolved as running
from app.editor.rules import resolved
from graphs.spec.document import GRAPH_TYPE, GraphSpec, join
from graphs.spec.patterns import matches, reach
from graphs.spec.plan import Plan, Rule

if TYPE_CHECKING:
    from app.engine.events import TensorFacts, TensorsListed

Line = tuple[str, str, str, str]


class Learning:
    """Whether a plan trains a tensor of a node, from the rules alone."""

    def __init__(self, root: GraphSpec, plan: Plan) -> None:
        self.root, self.plan = root, plan
        self._rules: dict[str, Rule | None] = {}

    def trains(self, path: str, of: TensorFacts) -> bool:
        """The rule of the node in which the tensor is decides; an adapter learns by LoRA alone."""
        node, here, names = running(self.root, path), path, of.name.split(".")
        body = self.root if not path else node.body if node is not None else None
        while body is not None and names[0] in body.nodes:
            inner = body.nodes[names[0]]
            here, names = inner.tied_to or join(here, names[0]), names[1:]
            node = running(self.root, here) or inner
            body = node.body
        kind = (node.type if node is not None else "") or GRAPH_TYPE
        rule = self._rule(here, kind)
        if rule is None or rule.mode == "frozen" or of.kind == "buffer":
            return False
        if (rule.mode == "lora") != (of.kind == "adapter"):
            return False
        name = ".".join(names)
        return rule.mode != "partial" or any(matches(p, name) for p in rule.parameters)

    def _rule(self, path: str, kind: str) -> Rule | None:
        if path not in self._rules:
            only = self.plan.only
            may = not only or any(reach(pattern, path) >= 0 for pattern in only)
            self._rules[path] = resolved(self.plan, path, kind).rule if may else None
        return self._rules[path]


def tensor_section(
    told: TensorsListed | None, parameters: int | None, learning: Learning | None = None
) -> Section:
    """The tensors of a node; nothing where it holds none or nobody counted yet."""
    rows: list[Row] = []
    if parameters:
        rows.append(Fact(_("Count"), _exact(parameters)))
    if told is not None and told.tensors:
        trained = [t for t in told.tensors if learning and learning.trains(told.path, t)]
        if learning is not None and not told.left_out:
            count = _exact(sum(prod(t.shape) for t in trained))
            text = _("{count} in {tensors} of {all} tensors")
            said = text.format(count=count, tensors=len(trained), all=len(told.tensors))
            help = _("By the rules of the chosen plan; adapters are made when a training begins")
            rows.append(Fact(_("Trains"), said if trained else _("none"), help=help))
        names = frozenset(t.name for t in trained)
        rows.append(Tensors(tuple(map(_line, told.tensors)), names))
        if told.left_out:
            rows.append(Words(_("and {count} more").format(count=told.left_out), "faint"))
    return Section("tensors", _("Parameters"), tuple(rows), open=False)


def _exact(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _line(facts: TensorFacts) -> Line:
    shape = "×".join(map(str, facts.shape)) or _("one number")
    kinds = {"buffer": _("Kept with the weights, but not trained"), "adapter": _("Of an adapter")}
    notes = [kinds[facts.kind]] if facts.kind in kinds else []
    if facts.shared:
        notes.append(_("Shared by several nodes"))
    if facts.dtype != "float32":
        shape = f"{shape} {facts.dtype}"
    return facts.name, shape, counted(prod(facts.shape)), "\n".join(notes)
