"""A card: all that is drawn of one node, as a value, so that what did not change is not drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.editor import terms
from app.editor.canvas.activity import QUIET, Doing, Look
from app.editor.canvas.boxes import Box, Form, measured
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.chips import Chip
from app.editor.icons import ICONS
from app.editor.language import _, ngettext
from graphs.spec import shapes
from graphs.spec.catalogue import PortType
from graphs.spec.document import NodeSpec
from graphs.spec.levels import BLOCK
from graphs.spec.problems import Problem
from graphs.spec.settings import overridden
from graphs.spec.shapes import Shape

LONGEST = 26
WAITING = ("unfed",)  # problems that every node has until it is wired
ORIGIN, EMPTY = Point(0, 0), measured(Form(""))
OUTSIDE, LINKED = ICONS["external-link"], ICONS["link-2"]


@dataclass(frozen=True)
class Port:
    """A port as it is drawn; `wired` also when it is shown outside, under the name `exposed`."""

    name: str
    kind: str
    shape: str = ""
    required: bool = True
    wired: bool = False
    exposed: str = ""
    problem: str = ""
    waiting: bool = False
    many: str = "single"

    @property
    def title(self) -> str:
        """Its name, and under which it is seen outside."""
        if not self.exposed:
            return self.name
        outer = "" if self.exposed == self.name else f" {self.exposed}"
        return f"{self.name} {OUTSIDE}{outer}"


@dataclass(frozen=True)
class Card:
    """A node as it is drawn. `path` is where it runs; `kind` its block type."""

    name: str
    path: str
    title: str
    kind: str
    category: str
    line: str = ""
    level: str = BLOCK
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    chip: Chip | None = None
    doing: Doing = QUIET
    problems: tuple[Problem, ...] = ()
    inner_problems: int = 0
    uses: str = ""
    tied: str = ""
    unknown: bool = False
    enterable: bool = False
    viewer: bool = False  # it is there to show something: there is room for it from the start
    folded: bool = False
    at: Point = ORIGIN
    box: Box = EMPTY

    @property
    def rect(self) -> Rect:
        """Where it is in the world."""
        return self.box.rect(self.at)

    @property
    def failed(self) -> bool:
        """Whether something is wrong with it or inside it, more than that a wire is to come."""
        wrong = any(p.code not in WAITING for p in self.problems)
        return wrong or bool(self.inner_problems) or self.doing.state == "error"

    @property
    def waiting(self) -> bool:
        """Whether all that it lacks is a wire."""
        return bool(self.problems) and not self.failed

    def end(self, side: str, port: str) -> Point | None:
        """Where the wires of a port end in the world."""
        ports, ends = (
            (self.inputs, self.box.inputs) if side == "in" else (self.outputs, self.box.outputs)
        )
        for own, place in zip(ports, ends, strict=True):
            if own.name == port:
                return Point(self.at.x + place.x, self.at.y + place.y)
        return None


def form(card: Card) -> Form:
    """What decides a card's size."""
    look = card.doing.look
    return Form(
        title=card.title,
        line="" if card.folded else card.line,
        chip=card.chip.text if card.chip else "",
        inputs=tuple((p.title, "" if p.wired else p.shape) for p in card.inputs),
        outputs=tuple((p.title, p.shape) for p in card.outputs),
        foot=bool(card.doing.parameters) or card.doing.seconds is not None or bool(value(look)),
        picture=card.viewer or pictured(card, look),
        folded=card.folded,
        enterable=card.enterable,
    )


def pictured(card: Card, look: Look | None) -> bool:
    """Whether a preview needs room: a picture, a curve, a histogram, or what a node says in words."""
    if look is None:
        return False
    speaks = any(port.kind == "text" for port in card.outputs)
    return look.kind in ("image", "plot", "tensor") or (look.kind == "text" and speaks)


def value(look: Look | None) -> str:
    """The number that came out, as it stands at the foot of a card; "" where it was none.

    >>> value(Look("number", {"value": 0.21344})), value(None)
    ('0.2134', '')
    """
    found = look.data.get("value") if look is not None and look.kind == "number" else None
    return f"{found:.4g}" if isinstance(found, int | float) else ""


def said(shape: Shape | None) -> str:
    """A shape in few letters: "b×64×8×8"; nothing where nothing is known.

    >>> said(("b", 64, 8, 8)), said(("...",))
    ('b×64×8×8', '')
    """
    if shape is None or shape in (shapes.UNKNOWN, shapes.FREE):
        return ""
    if not shape:
        return "scalar"
    axes = ["?" if a == shapes.ANY else "…" if a == shapes.REST else str(a) for a in shape]
    text = "×".join(axes)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def sizes(told: str) -> str:
    """The shape in what the engine says of a tensor.

    >>> sizes("float32 (32, 10)"), sizes("float32 ()"), sizes("text")
    ('32×10', 'scalar', '')
    """
    _, found, inside = told.removesuffix(")").partition(" (")
    if not found:
        return ""
    axes = [axis.strip() for axis in inside.split(",")]
    return said(tuple(int(a) for a in axes if a)) if all(a.isdigit() or not a for a in axes) else ""


def port(
    kind: PortType,
    config: Mapping[str, Any],
    *,
    shape: Shape | None = None,
    told: str = "",
    wired: bool = False,
    exposed: str = "",
    problem: Problem | None = None,
) -> Port:
    """A port with the shape that is known, or with what it asks for.

    `told` is what the engine found to come out, "float32 (32, 10)", where nothing is known before.
    """
    if shape is None:
        shape = shapes.produce(shapes.axes(kind.dims), {}, config)
    return Port(
        name=kind.name,
        kind=kind.kind,
        shape=said(shape) or sizes(told),
        required=kind.required,
        wired=wired or bool(exposed),
        exposed=exposed,
        problem=terms.sentence(problem.message) if problem is not None else "",
        waiting=problem is not None and problem.code in WAITING,
        many=kind.many,
    )


def line(node: NodeSpec, kind: str, config: Mapping[str, object]) -> str:
    """What stands under a title: what the node is, and the settings that somebody made."""
    if node.tied_to:
        return f"{LINKED} {_('shares {path}').format(path=node.tied_to)}"
    if node.uses:
        said = f"{LINKED} {_('instance of {name}').format(name=node.uses)}"
        count = len(overridden(node))
        words = ngettext("{count} override", "{count} overrides", count).format(count=count)
        return f"{said} · {words}" if count else said
    short = kind.rpartition("/")[2]
    level = node.body.level if node.body is not None else ""
    parts = [terms.kind(level) if level and short == "graph" else short]
    for name, value in config.items():
        parts.append(f"{name.replace('_', ' ')} {_brief(value)}")
    if node.body is not None:
        count = len(node.body.nodes)
        parts.append(ngettext("{count} node", "{count} nodes", count).format(count=count))
    return " · ".join(parts)


def _brief(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return "×".join(map(_brief, value)) if len(value) <= 4 else f"{len(value)} values"
    text = str(value)
    return text if len(text) <= 16 else f"{text[:15]}…"


def counted(number: int) -> str:
    """A count as people read it.

    >>> counted(950), counted(12_345), counted(7_000_000)
    ('950', '12.3 K', '7 M')
    """
    value = float(number)
    for unit in ("", " K", " M", " B", " T"):
        if value < 999.5 or unit == " T":
            return f"{value:.3g}{unit}" if unit else str(number)
        value /= 1000
    raise AssertionError("the last unit takes all")


def lasted(seconds: float) -> str:
    """A time as people read it.

    >>> lasted(0.00042), lasted(0.25), lasted(75)
    ('0.42 ms', '250 ms', '1 m 15 s')
    """
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    return f"{int(seconds // 60)} m {int(seconds % 60)} s"
