"""Block types that need no torch, documents made of them, and hands that use the canvas."""

from __future__ import annotations

from itertools import pairwise

from app.editor.actions import Actions, Desk
from app.editor.acts.table import table
from app.editor.canvas.camera import Point
from app.editor.canvas.gestures import Gestures
from app.editor.canvas.inputs import FREE, Button, Held, Mouse
from app.editor.filing import Filing
from app.editor.studio import Studio
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire, pin
from graphs.spec.plan import Plan, Rule

WIDTH, HEIGHT = 1200.0, 800.0


def ports(**kinds: str) -> dict[str, PortType]:
    """Ports by name: "tensor b 4", with a "*" where several wires are summed."""
    found = {}
    for name, text in kinds.items():
        kind, _, dims = text.removesuffix("*").partition(" ")
        many = "sum" if text.endswith("*") else "single"
        found[name] = PortType(name=name, kind=kind, dims=dims, many=many)
    return found


def integer(**defaults: int) -> dict[str, object]:
    fields = {n: {"type": "integer", "default": v} for n, v in defaults.items()}
    return {"type": "object", "properties": fields, "additionalProperties": False}


TYPES = [
    BlockType(name="toy/Source", category="data", outputs=ports(out="tensor b 4"), source=True),
    BlockType(
        name="toy/Linear", category="layers", config=integer(d_in=4, d_out=4),
        summary="an affine map",
        inputs=ports(x="tensor ... d_in"), outputs=ports(out="tensor ... d_out"),
    ),
    BlockType(
        name="toy/Add", category="tensor", inputs=ports(x="tensor ...*"),
        outputs=ports(out="tensor ..."),
    ),
    BlockType(
        name="toy/Loss", category="learning", role="loss",
        inputs=ports(x="tensor ...", target="tensor ..."), outputs=ports(out="tensor ()"),
    ),
    BlockType(name="toy/Say", category="view", inputs=ports(x="text"), outputs=ports(out="text")),
    BlockType(name="linear", inputs=ports(x="tensor b 4"), outputs=ports(out="tensor b 5")),
    BlockType(name="relu", inputs=ports(x="tensor ..."), outputs=ports(out="tensor ...")),
    BlockType(name="graph", category="control", control="graph"),
]  # fmt: skip
CATALOGUE = Catalogue(types={kind.name: kind for kind in TYPES})


def chain(*names: str, plans: bool = True, spacing: float = 320.0) -> Document:
    """A source, then linear maps in a row, with places far enough apart."""
    nodes = {"source": NodeSpec(type="toy/Source")}
    nodes |= {name: NodeSpec(type="toy/Linear") for name in names}
    order = list(nodes)
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in pairwise(order)]
    layout = {name: {"x": i * spacing, "y": 0} for i, name in enumerate(order)}
    rules = {"main": Plan(rules=(Rule(where="**"),))} if plans else {}
    return Document(root=GraphSpec(nodes=nodes, wires=wires), layout=layout, plans=rules)


def studio(document: Document) -> Studio:
    """A studio with a checked document and a view that shows it at zoom 1."""
    made = Studio(document, CATALOGUE)
    made.resize(WIDTH, HEIGHT)
    made.check_now()
    made.board.minimap = False
    bounds = made.scene.bounds
    x, y = (bounds.x, bounds.y) if bounds else (0.0, 0.0)
    made.board.camera = type(made.board.camera)(x - 100, y - 200, 1.0)
    return made


class Hands:
    """Mouse and keys as a person uses them: by what is seen, never by numbers."""

    def __init__(self, made: Studio) -> None:
        self.studio = made
        self.gestures = Gestures(made)
        self.clipboard = ""
        desk = Desk(
            made, self.gestures, lambda told: told(self.clipboard), self._copy, Filing(made)
        )
        self.actions = Actions(desk, table())

    def _copy(self, text: str) -> None:
        self.clipboard = text

    # where things are on the screen

    def card(self, name: str) -> Point:
        """A free spot of a card: its lower edge, in the middle."""
        rect = self.studio.scene.card(name).rect
        return self.seen(Point(rect.centre.x, rect.bottom - 5))

    def port(self, text: str, side: str) -> Point:
        spot = pin(text)
        end = self.studio.scene.card(spot.node).end(side, spot.port)
        assert end is not None, f"there is no port {text}"
        return self.seen(end)

    def chip(self, name: str) -> Point:
        card = self.studio.scene.card(name)
        assert card.box.chip is not None, f"{name} has no chip"
        return self.seen(Point(*card.box.chip.moved(*card.at).centre))

    def on_wire(self, text: str) -> Point:
        view = next(v for v in self.studio.scene.wires() if str(v.wire) == text)
        a, b = view.curve[0][0], view.curve[-1][3]
        return self.seen(Point((a.x + b.x) / 2, (a.y + b.y) / 2))

    def seen(self, spot: Point) -> Point:
        return self.studio.board.camera.to_screen(*spot)

    # what hands do

    def press(self, at: Point, button: Button = "left", held: Held = FREE) -> None:
        self.move(at, held)
        self.gestures.mouse(Mouse("press", *at, button=button, held=held))

    def move(self, at: Point, held: Held = FREE) -> None:
        self.gestures.mouse(Mouse("move", *at, held=held))

    def release(self, at: Point, button: Button = "left", held: Held = FREE) -> None:
        self.gestures.mouse(Mouse("release", *at, button=button, held=held))
        self.studio.check_now()

    def click(self, at: Point, button: Button = "left", held: Held = FREE) -> None:
        self.press(at, button, held)
        self.release(at, button, held)

    def double(self, at: Point) -> None:
        self.click(at)
        self.press(at)
        self.gestures.mouse(Mouse("double", *at))
        self.release(at)

    def drag(self, start: Point, *ways: Point, button: Button = "left", held: Held = FREE) -> None:
        self.press(start, button, held)
        self.glide(start, *ways, held=held)
        self.release(ways[-1], button, held)

    def glide(self, start: Point, *ways: Point, held: Held = FREE) -> None:
        for a, b in zip((start, *ways[:-1]), ways, strict=True):
            for share in (0.25, 0.5, 0.75, 1.0):
                spot = Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
                self.move(spot, held)

    def wheel(self, at: Point, turn: float, held: Held = FREE) -> None:
        self.gestures.mouse(Mouse("wheel", *at, held=held, turn=turn))

    def keys(self, *combinations: str) -> None:
        for each in combinations:
            if not self.gestures.key(each):
                self.actions.press(each)
        self.studio.check_now()

    # what there is

    @property
    def wires(self) -> list[str]:
        return [str(w) for w in self.studio.scene.body.wires]

    @property
    def nodes(self) -> list[str]:
        return sorted(self.studio.scene.body.nodes)

    @property
    def chosen(self) -> list[str]:
        return sorted(self.studio.selection.nodes)


def hands(document: Document) -> Hands:
    """Hands on a studio with this document."""
    return Hands(studio(document))


def without_places(document: Document) -> Document:
    """The document, as if nobody had said where nodes stand."""
    return document.model_copy(update={"layout": {}})


def at(x: float, y: float) -> Point:
    """A point of the screen."""
    return Point(x, y)
