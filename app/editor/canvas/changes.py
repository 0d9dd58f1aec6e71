"""The edits that gestures mean: wiring, inserting, removing with the path kept, placing, folding."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

from app.editor.canvas.arrangement import Decor, fold, moved_paths, place, reroute
from app.editor.canvas.camera import Point, Rect, around
from app.editor.canvas.facts import Facts
from app.editor.canvas.fitting import Side, refusal
from app.editor.canvas.scene import Scene
from app.editor.places import TOP, inside
from app.editor.suiting import filled
from graphs.spec.catalogue import BlockType
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire, join
from graphs.spec.edits import (
    AddNode,
    Connect,
    Disconnect,
    Edit,
    Group,
    Many,
    RemoveNodes,
    SetLayout,
    SetLevel,
    Ungroup,
)
from graphs.spec.levels import GRAPH, LEVELS
from graphs.spec.reserved import RESERVED

COLOURS = 6  # that a theme has for frames


def as_one(edits: Iterable[Edit], text: str = "") -> Edit | None:
    """Several edits as one step; None when there are none."""
    found = tuple(edits)
    if not found:
        return None
    return found[0] if len(found) == 1 and not text else Many(edits=found, text=text)


def connect(scene: Facts, source: Pin, target: Pin) -> Edit:
    """Draw a wire; it takes the place of another where the port takes one only.

    Settings at its ends that have no value yet get the one that fits.
    """
    port = scene.port(target, "in")
    single = port is None or port.many == "single"
    wired = Connect(wire=Wire(source, target), at=scene.place.at, replace=single)
    settings = filled(scene, source, target)
    return Many(edits=(wired, *settings), text=wired.label) if settings else wired


def joined(scene: Facts, pin: Pin, side: Side, other: Pin) -> Edit:
    """Draw a wire between two ports, from whichever is the output."""
    return connect(scene, pin, other) if side == "out" else connect(scene, other, pin)


def rewire(scene: Scene, old: Wire, source: Pin, target: Pin) -> Edit | None:
    """Lead a wire elsewhere."""
    if (source, target) == old:
        return None
    gone = Disconnect(wire=old, at=scene.place.at)
    return Many(edits=(gone, connect(scene, source, target)), text=f"Rewire {old}")


def cut(scene: Scene, wires: Iterable[Wire]) -> Edit | None:
    """Take wires away."""
    gone = [Disconnect(wire=wire, at=scene.place.at) for wire in wires]
    return as_one(gone, f"Cut {len(gone)} wires" if len(gone) > 1 else "")


def insertion(scene: Facts, name: str, wire: Wire) -> Edit | None:
    """Put a free node into a wire: its first fitting input takes it, its first output goes on."""
    if scene.wires_of(name) or name in (wire.source.node, wire.target.node):
        return None
    inputs, outputs = scene.ports(name)
    into = next((p for p in inputs if not refusal(scene, wire.source, Pin(name, p))), None)
    out = next((p for p in outputs if not refusal(scene, Pin(name, p), wire.target)), None)
    if into is None or out is None:
        return None
    at = scene.place.at
    edits = (
        Disconnect(wire=wire, at=at),
        connect(scene, wire.source, Pin(name, into)),
        connect(scene, Pin(name, out), wire.target),
    )
    return Many(edits=edits, text=f"Insert {name} into {wire.source.node} → {wire.target.node}")


def removal(scene: Scene, names: Iterable[str], keep_path: bool = True) -> Edit | None:
    """Take nodes out. With `keep_path` what fed them feeds what they fed, where the types fit."""
    gone = [name for name in names if name in scene]
    if not gone:
        return None
    removed = RemoveNodes(names=tuple(gone), at=scene.place.at)
    if not keep_path:
        return removed
    bridges = [
        Connect(wire=wire, at=scene.place.at, replace=False) for wire in bridged(scene, set(gone))
    ]
    return Many(edits=(removed, *bridges), text=removed.label) if bridges else removed


def bridged(scene: Scene, gone: set[str]) -> list[Wire]:
    """The wires that keep the path when nodes go: from what their main input came from, at last."""
    main = {name: _main_source(scene, name) for name in gone}
    found = []
    for name in sorted(gone):
        source: Pin | None = main[name]
        seen = {name}
        while source is not None and source.node in gone and source.node not in seen:
            seen.add(source.node)
            source = main[source.node]
        if source is None or source.node in gone:
            continue
        for wire in scene.wires_of(name):
            if wire.source.node == name and wire.target.node not in gone:
                port = scene.port(wire.target, "in")
                first = next(iter(scene.ports(name)[1]), "")
                if port is not None and wire.source.port == first:
                    bridge = Wire(source, wire.target)
                    if not refusal(scene, *bridge):
                        found.append(bridge)
    return found


def _main_source(scene: Scene, name: str) -> Pin | None:
    """What feeds the first wired input of a node."""
    into = {w.target.port: w.source for w in scene.wires_of(name) if w.target.node == name}
    return next((into[p] for p in scene.ports(name)[0] if p in into), None)


def moved(scene: Scene, places: Mapping[str, Point], decor: Iterable[Decor] = ()) -> Edit | None:
    """Put nodes, frames and notes somewhere. The first time in a body all nodes get their place."""
    where = {**scene.given(), **places}
    edits: list[Edit] = [
        place(scene.document, join(scene.place.at, name), at) for name, at in where.items()
    ]
    edits += [
        reroute(scene.place.at, wire, points) for wire, points in scene.routes_given(places).items()
    ]
    edits += [item.edit() for item in decor]
    names = sorted(places)
    if len(edits) == 1:
        return edits[0]  # steps in a row may become one
    many = f"Move {len(names)} nodes" if len(names) > 1 else f"Move {names[0]}" if names else "Move"
    return as_one(edits, many)


def tidied(scene: Scene, names: Iterable[str] | None = None) -> Edit | None:
    """Put all nodes, or these, where the layout would; these stay where they are as a whole."""
    scene.settle()
    tidy = scene.tidy(names)
    dx = dy = 0.0
    if names is not None and (box := around(scene.rects(tidy.places).values())) is not None:
        dx, dy = box.x, box.y
    at = scene.place.at
    edits: list[Edit] = [
        place(scene.document, join(at, n), Point(p.x + dx, p.y + dy))
        for n, p in tidy.places.items()
    ]
    for view in scene.wires():
        if {end.node for end in view.wire} <= tidy.places.keys():
            points = tidy.routes.get(view.wire, ())
            if points or view.via:
                ways = [Point(p.x + dx, p.y + dy) for p in points]
                edits.append(reroute(at, view.wire, ways))
    return as_one(edits, "Arrange")


def folds(scene: Scene, names: Iterable[str]) -> Edit | None:
    """Fold these nodes, or open them when all are folded."""
    cards = [scene.card(name) for name in names if name in scene]
    closed = not all(card.folded for card in cards)
    edits = [
        fold(scene.document, join(scene.place.at, card.name), closed, card.at)
        for card in cards
        if card.folded != closed
    ]
    return as_one(edits, f"{'Fold' if closed else 'Unfold'} {len(edits)} nodes" if edits else "")


def bent(scene: Scene, wire: Wire, points: Iterable[Point]) -> Edit:
    """Lead a wire through points; through none, straight."""
    edit = reroute(scene.place.at, wire, points)
    return Many(edits=(edit,), text=f"{'Bend' if edit.value else 'Straighten'} {wire}")


def kept(item: Decor, what: str) -> Edit:
    """Keep a frame or note as it is now; `what` was done with it, in a word."""
    return Many(edits=(item.edit(),), text=f"{what} the {item.kind}")


def added(
    scene: Scene,
    kind: BlockType,
    at: Point,
    pin: Pin | None = None,
    side: Side = "out",
    port: str = "",
) -> tuple[str, Edit]:
    """Add a node of a type and, from a wire that ended there, wire it. Its name comes first."""
    name = free_name(scene.body, kind.name.rpartition("/")[2])
    body = GraphSpec(level=GRAPH) if kind.control else None
    add = AddNode(name=name, node=NodeSpec(type=kind.name, body=body), at=scene.place.at)
    edits: list[Edit] = [add, place(scene.document, join(scene.place.at, name), at)]
    if pin is not None and port:
        there = Facts(scene.catalogue)
        there.look(add(scene.document), scene.place)
        there.believe(scene.inspection)
        edits.append(joined(there, pin, side, Pin(name, port)))
    return name, Many(edits=tuple(edits), text=f"Add {name}")


def grouped(scene: Scene, names: Iterable[str], level: str = GRAPH) -> tuple[str, Edit]:
    """Put nodes into one, in their middle. Its name comes first. Raises: EditError.

    The whole document rises to the level that may hold such a node, where one can.
    """
    chosen = sorted(names)
    into = free_name(scene.body, level)
    rects = scene.rects(chosen).values()
    x = sum(r.centre.x for r in rects) / max(len(rects), 1)
    y = sum(r.centre.y for r in rects) / max(len(rects), 1)
    group = Group(names=tuple(chosen), into=into, at=scene.place.at, level=level)
    middle = place(scene.document, join(scene.place.at, into), Point(x - 100, y - 60))
    risen = _risen(scene, set(chosen), level)
    return into, Many(edits=(*risen, group, middle), text=group.label)


def _risen(scene: Scene, names: set[str], level: str) -> list[Edit]:
    """The level of the whole is one that holds a group of this level, and what else there is."""
    body = scene.body
    if scene.place != TOP or level in LEVELS[body.level].holds:
        return []
    held = {level, *(scene.block(name).level for name in body.nodes if name not in names)}
    above = next((name for name, row in LEVELS.items() if held <= row.holds), None)
    return [SetLevel(at="", level=above)] if above is not None else []


def ungrouped(scene: Scene, name: str) -> Edit:
    """Take a group apart; what was in it stands around where it stood. Raises: EditError."""
    edit = Ungroup(name=name, at=scene.place.at)
    after = edit(scene.document)
    now = moved_paths(scene.document, after)
    inner, place_inside = Scene(scene.catalogue), inside(scene.document, scene.place, name)
    if place_inside is None:
        return edit
    inner.show(scene.document, place_inside)
    box, group = inner.bounds, scene.card(name).rect
    if box is None:
        return edit
    dx, dy = group.centre.x - box.centre.x, group.centre.y - box.centre.y
    edits: list[Edit] = [edit]
    for rect_name, rect in inner.rects().items():
        path = now.get(join(place_inside.at, rect_name))
        if path is not None:
            edits.append(place(after, path, Point(rect.x + dx, rect.y + dy)))
    return Many(edits=tuple(edits), text=edit.label)


def framed(rects: Iterable[Rect]) -> Rect | None:
    """The box of a frame around cards, with room for its title."""
    found = list(rects)
    if not found:
        return None
    left, top = min(r.x for r in found) - 24, min(r.y for r in found) - 56
    right, low = max(r.right for r in found) + 24, max(r.bottom for r in found) + 24
    return Rect(left, top, right - left, low - top)


def resized(item: Decor, right: float, bottom: float) -> Decor:
    """A frame or note with its lower right corner there, not smaller than can be read."""
    box = Rect(item.box.x, item.box.y, max(right - item.box.x, 120), max(bottom - item.box.y, 64))
    return replace(item, box=box)


def free_name(body: GraphSpec, wanted: str) -> str:
    """A name for a node that is like the wanted one, and free.

    >>> free_name(GraphSpec(), "Conv2d"), free_name(GraphSpec(), "CrossEntropyLoss")
    ('conv2d', 'cross_entropy_loss')
    """
    plain = _plain(wanted)
    return _free(f"{plain}_1" if plain in RESERVED else plain, body.nodes)


def free_definition(document: Document, wanted: str) -> str:
    """A name for a definition that is like the wanted one, and free."""
    return _free(_plain(wanted), document.definitions)


def _plain(wanted: str) -> str:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", wanted).lower()
    return re.sub(r"[^a-z0-9_]", "_", snake).lstrip("_0123456789")[:56] or "node"


def _free(plain: str, taken: Container[str]) -> str:
    stem = re.sub(r"_\d+$", "", plain)
    name, number = plain, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name


def gone(item: Decor) -> Edit:
    """Take a frame or note away."""
    gone = SetLayout(key=item.key, value=None)
    return Many(edits=(gone,), text=f"Remove the {item.kind}")


def recoloured(item: Decor) -> Edit:
    """Give a frame the next colour."""
    return kept(replace(item, colour=(item.colour + 1) % COLOURS), "Colour")
