"""What is under a point of the canvas, the topmost first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.editor.canvas.arrangement import Decor
from app.editor.canvas.boxes import PORT
from app.editor.canvas.camera import Minimap, Point, Rect, minimap
from app.editor.canvas.cards import Card
from app.editor.canvas.fitting import Side
from app.editor.canvas.scene import WireView
from app.editor.studio import Studio
from graphs.spec.document import Pin

What = Literal[
    "nothing", "minimap", "port", "chip", "fold", "card", "knee", "wire", "decor", "corner"
]
TITLE_BAND = 36.0
CORNER = 16.0
TEXT_FROM, PORTS_FROM, PARTS_FROM, SHAPES_FROM = 0.3, 0.45, 0.5, 0.6  # zooms from which they show


@dataclass(frozen=True)
class Hit:
    """One thing on the canvas. `knee` is the number of a point on a wire."""

    what: What = "nothing"
    name: str = ""
    pin: Pin | None = None
    side: Side = "out"
    wire: WireView | None = None
    knee: int = 0
    decor: Decor | None = None


MISSED = Hit()


def hit(studio: Studio, x: float, y: float) -> Hit:
    """What is at a point of the screen."""
    board = studio.board
    small = map_of(studio)
    if small is not None and small.box.holds(x, y):
        return Hit("minimap")
    spot, zoom = board.camera.to_world(x, y), board.camera.zoom
    if zoom >= PORTS_FROM and (port := _port(studio, spot, max(PORT + 5, 10 / zoom))):
        return port
    if (card := card_at(studio, spot)) is not None:
        return _part(card, spot, zoom)
    for view in studio.scene.wires_within(Rect(*spot, 0, 0).grown(9 / zoom)):
        for place, knee in enumerate(view.via):
            if max(abs(knee.x - spot.x), abs(knee.y - spot.y)) * zoom <= 8:
                return Hit("knee", wire=view, knee=place)
    if (item := _decor(studio, spot, "note")) is not None:
        return item
    number = studio.scene.curves.nearest(*spot, within=7 / zoom)
    wire = studio.scene.wire(number) if number is not None else None
    if wire is not None:
        return Hit("wire", wire=wire)
    return _decor(studio, spot, "frame") or MISSED


def map_of(studio: Studio) -> Minimap | None:
    """The minimap, None while all is seen anyway or the view is too small for one."""
    board, bounds = studio.board, studio.scene.bounds
    if not board.minimap or board.width < 480 or board.height < 320 or bounds is None:
        return None
    if board.view.covers(bounds):
        return None
    return minimap(bounds, board.width, board.height)


def card_at(studio: Studio, spot: Point) -> Card | None:
    """The topmost card that holds a point of the world; chosen ones lie on top."""
    names = studio.scene.grid.at(*spot)
    if not names:
        return None
    chosen = studio.selection.nodes
    order = {name: i for i, name in enumerate(studio.scene.names)}
    return studio.scene.card(max(names, key=lambda n: (n in chosen, order[n])))


def _port(studio: Studio, spot: Point, reach: float) -> Hit | None:
    around = Rect(spot.x, spot.y, 0, 0).grown(reach)
    best: tuple[float, Hit] | None = None
    for name in studio.scene.grid.within(around):
        card = studio.scene.card(name)
        if card.folded:
            continue
        sides: tuple[Side, ...] = ("in", "out")
        for side in sides:
            for port in card.inputs if side == "in" else card.outputs:
                end = card.end(side, port.name)
                if end is None:
                    continue
                gap = max(abs(end.x - spot.x), abs(end.y - spot.y))
                if gap <= reach and (best is None or gap < best[0]):
                    best = gap, Hit("port", name, Pin(name, port.name), side)
    return best[1] if best is not None else None


def _part(card: Card, spot: Point, zoom: float) -> Hit:
    x, y = spot.x - card.at.x, spot.y - card.at.y
    if zoom >= PARTS_FROM:
        if card.box.chip is not None and card.box.chip.holds(x, y):
            return Hit("chip", card.name)
        if card.box.fold.holds(x, y):
            return Hit("fold", card.name)
    return Hit("card", card.name)


def _decor(studio: Studio, spot: Point, kind: str) -> Hit | None:
    for item in reversed(studio.scene.decor):
        if item.kind != kind or not item.box.holds(*spot):
            continue
        if spot.x >= item.box.right - CORNER and spot.y >= item.box.bottom - CORNER:
            return Hit("corner", decor=item)
        if kind == "note" or spot.y <= item.box.y + TITLE_BAND:
            return Hit("decor", decor=item)
    return None
