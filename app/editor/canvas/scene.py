"""The scene: what is drawn of one body. Events say what became old; cards are made when asked for.

It keeps no truth: the document, what check found, the plan and what the engine says are given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.editor.canvas import making
from app.editor.canvas.activity import Activity
from app.editor.canvas.arrangement import Decor, decor, place_of, route
from app.editor.canvas.camera import Point, Rect, around
from app.editor.canvas.cards import Card
from app.editor.canvas.curves import Curves, Piece, pieces
from app.editor.canvas.facts import Facts
from app.editor.canvas.grid import Grid
from app.editor.canvas.layout import Arranged, Routes, arranged
from app.editor.places import TOP, Place
from graphs.spec import events as told
from graphs.spec.catalogue import Catalogue
from graphs.spec.check import Inspection
from graphs.spec.document import Document, GraphSpec, Wire, join
from graphs.spec.plan import Plan

NEAR_PLACE = 40.0
MANY = 100  # nodes of which there is news, from where on it is quicker to look at all again


@dataclass(frozen=True)
class WireView:
    """A wire as it is drawn: its curve in the world and the kind of what flows."""

    number: int
    wire: Wire
    curve: tuple[Piece, ...]
    via: tuple[Point, ...]
    kind: str
    shape: str
    problem: bool


class Scene(Facts):
    """One body, ready to be drawn and hit. Its owner tells it of every change."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        self.grid = Grid()
        self.curves = Curves()
        self.decor: list[Decor] = []
        self.revision = 0  # grows whenever anything is drawn otherwise
        self.arrangement = 0  # grows whenever something stands elsewhere, comes, goes, or fails
        self._cards: dict[str, Card] = {}
        self._dirty: set[str] = set()
        self._wires: dict[Wire, WireView] = {}
        self._numbers: dict[Wire, int] = {}
        self._by_number: dict[int, Wire] = {}
        self._given: dict[str, Point] = {}  # places that nobody said, kept while it is open
        self._given_routes: dict[str, Routes] = {}  # by body
        self._guessed = False  # whether they were made before anything was known of shapes
        self._lifted: dict[str, Point] = {}
        self._bounds: tuple[tuple[int, tuple[Decor, ...]], Rect | None] | None = None

    # what is given

    def show(self, document: Document, place: Place) -> None:
        """Show this body from now on."""
        self.look(document, place)
        self._all_new()

    def begin(self, document: Document) -> None:
        """Show the top of another document, of whose nodes nothing is known yet."""
        self.activity = Activity()
        self.believe(Inspection(GraphSpec()))
        self._given, self._given_routes, self._guessed = {}, {}, False
        self.show(document, TOP)

    def hear(self, document: Document, events: Iterable[told.Event]) -> None:
        """The document is this one now, by these events."""
        self.look(document, self.place)
        at, moved = self.place.at, False
        placed: set[str] = set()
        for event in events:
            match event:
                case told.NodeAdded() | told.NodeRemoved() | told.NodeChanged():
                    here = event.path.rpartition(".")[0] == at
                    moved |= here and not isinstance(event, told.NodeChanged)
                    self._touch(self._ancestor(event.path))
                case told.WireAdded() | told.WireRemoved() if event.at == at:
                    moved = True
                    for end in event.wire:
                        self._touch(join(at, end.node))
                case told.PortsChanged() | told.BodyChanged():
                    moved |= event.at == at
                    self._touch(self._ancestor(event.at))
                    if event.at == at:
                        self._dirty |= self._cards.keys()
                case told.LayoutChanged() | told.LayoutRemoved():
                    placed |= {self._arranged_anew(event.key)}
                case told.DefinitionChanged():
                    self._dirty |= self._cards.keys()
        if moved:
            self._nodes_anew()
        self._settle(placed)  # at once, wherever they were: they may come into view
        self.revision += 1

    def examine(self, inspection: Inspection, changed: Iterable[str] | None = None) -> None:
        """What check found; `changed` are the paths of which it says something else than before."""
        self.believe(inspection)
        if self._guessed:
            self._arrange_again()
        if changed is None:
            self._dirty |= self._cards.keys()
        else:
            for path in changed:
                self._touch(self._shown(path))
        self.revision += 1

    def choose(self, plan: Plan | None) -> None:
        """Chips say how nodes train under this plan."""
        self.plan = plan
        self._dirty |= self._cards.keys()
        self.revision += 1

    def know(self, catalogue: Catalogue) -> None:
        """These block types exist."""
        self.catalogue = catalogue
        self._all_new()

    def pulse(self) -> None:
        """Take in what the engine said since the last time."""
        changed = self.activity.taken()
        if len(changed) > min(len(self._cards), MANY):
            self._dirty |= self._cards.keys()
        else:
            for path in changed:
                self._touch(self._shown(path))
        self.revision += bool(changed)

    @property
    def running(self) -> list[str]:
        """The nodes here that run, or inside which something does."""
        keys = (self._shown(path) for path in self.activity.running)
        names = {key.rpartition(".")[2] for key in keys if key is not None}
        return [name for name in sorted(names) if name in self._cards]

    def lift(self, places: Mapping[str, Point]) -> None:
        """Draw these nodes there while they are dragged; the document knows nothing of it."""
        for name in self._lifted.keys() | places.keys():
            self._touch(join(self.place.at, name))
        self._lifted = dict(places)
        self.revision += 1

    # what is drawn

    @property
    def names(self) -> list[str]:
        """The nodes, the lowest first."""
        return list(self._cards)

    def __contains__(self, name: str) -> bool:
        return name in self._cards

    def card(self, name: str) -> Card:
        """The card of a node as it is now."""
        if name in self._dirty:
            self._settle({name})
        return self._cards[name]

    def cards(self) -> Iterator[Card]:
        """Every card."""
        self.settle()
        yield from self._cards.values()

    def known(self) -> Iterable[Card]:
        """Every card as it was made last."""
        return self._cards.values()

    def settle(self) -> None:
        """Make whatever is old anew."""
        if self._dirty:
            self._settle(set(self._dirty))

    def settle_within(self, rect: Rect) -> None:
        """Make what is old anew where people look."""
        if self._dirty:
            near = self._dirty & {*self.grid.within(rect), *self._lifted}
            self._settle(near)

    @property
    def bounds(self) -> Rect | None:
        """All that is drawn, None where nothing is."""
        key = self.arrangement, tuple(self.decor)
        if self._bounds is None or self._bounds[0] != key or self._lifted:
            rects = [*(c.rect for c in self._cards.values()), *(d.box for d in self.decor)]
            self._bounds = key, around(rects)
        return self._bounds[1]

    def rects(self, names: Iterable[str] | None = None) -> dict[str, Rect]:
        """Where cards are."""
        chosen = self._cards if names is None else [n for n in names if n in self._cards]
        return {name: self._cards[name].rect for name in chosen}

    def wires(self) -> Iterator[WireView]:
        """Every wire that has both its ends."""
        yield from self._wires.values()

    def wire(self, number: int) -> WireView | None:
        """A wire by its number."""
        wire = self._by_number.get(number)
        return self._wires.get(wire) if wire is not None else None

    def wires_within(self, rect: Rect) -> Iterator[WireView]:
        """The wires that may be seen in a rectangle."""
        for number in self.curves.within(rect):
            yield self._wires[self._by_number[number]]

    def view_of(self, wire: Wire) -> WireView | None:
        """A wire as it is drawn."""
        return self._wires.get(wire)

    # making cards

    def _all_new(self) -> None:
        self._cards, self._dirty, self._lifted = {}, set(), {}
        self._wires, self._numbers, self._by_number = {}, {}, {}
        self.grid, self.curves = Grid(), Curves()
        self.decor = decor(self.document, self.place.at)
        self._nodes_anew()
        self.revision += 1

    def _nodes_anew(self) -> None:
        """Nodes and wires came or went."""
        self.arrangement += 1
        body = self.body
        for name in [n for n in self._cards if n not in body.nodes]:
            del self._cards[name]
            self._dirty.discard(name)
            self.grid.drop(name)
        fresh = [name for name in body.nodes if name not in self._cards]
        for name in fresh:
            self._cards[name] = Card(name, join(self.place.path, name), name, "", "")
        self._place_fresh(fresh)
        left = set(body.wires)
        for wire in [w for w in self._wires if w not in left]:
            self._unwire(wire)
        self._settle({*fresh, *self._dirty})
        self._curve([wire for wire in body.wires if wire not in self._wires])

    def _place_fresh(self, fresh: list[str]) -> None:
        at = self.place.at
        lost = [
            n for n in fresh
            if place_of(self.document, join(at, n)) is None and join(at, n) not in self._given
        ]  # fmt: skip
        if not lost:
            return
        for name in fresh:
            self._cards[name] = making.card(self, name, self._stands(name))
        if len(lost) == len(self._cards):
            tidy = self.tidy()
            places, self._given_routes[at] = tidy.places, tidy.routes
            self._guessed = not self.inspection.outputs
        else:
            known = around(self._cards[n].rect for n in self._cards if n not in lost)
            below = Point(known.x, known.bottom + NEAR_PLACE) if known else Point(0, 0)
            places = {}
            for name in lost:
                places[name] = below
                below = Point(below.x + self._cards[name].box.width + NEAR_PLACE, below.y)
        for name, place in places.items():
            self._given[join(at, name)] = place

    def _arrange_again(self) -> None:
        """Cards were laid out before check had found their shapes, which makes them wider."""
        self._guessed = False
        if self.given().keys() == self._cards.keys():
            self._settle(set(self._cards))
            tidy = self.tidy()
            self._given_routes[self.place.at] = tidy.routes
            self._given |= {join(self.place.at, n): p for n, p in tidy.places.items()}
            self._settle(set(self._cards))

    def tidy(self, names: Iterable[str] | None = None) -> Arranged:
        """Where the layout would put these nodes, or all."""
        body = self.body
        if names is not None:
            chosen = set(names)
            body = body.model_copy(
                update={
                    "nodes": {n: node for n, node in body.nodes.items() if n in chosen},
                    "wires": tuple(w for w in body.wires if {e.node for e in w} <= chosen),
                }
            )
        cards = {name: self._cards[name] for name in body.nodes}
        sizes = {name: (c.box.width, c.box.height) for name, c in cards.items()}
        ports: dict[tuple[str, str, str], float] = {}
        for name, c in cards.items():
            sides = (("in", c.inputs, c.box.inputs), ("out", c.outputs, c.box.outputs))
            for side, own, ends in sides:
                ports |= {(name, side, p.name): e.y for p, e in zip(own, ends, strict=True)}
        return arranged(body, sizes, ports)

    def _settle(self, names: set[str]) -> None:
        """Make these cards and the wires at them anew."""
        wires: dict[Wire, None] = {}
        for name in names & self._cards.keys():
            card = making.card(self, name, self._stands(name))
            old = self._cards[name]
            if (card.at, card.box, card.inputs, card.outputs) != (
                old.at, old.box, old.inputs, old.outputs,
            ) or name not in self.grid:  # fmt: skip
                wires.update(dict.fromkeys(self.wires_of(name)))
            if (card.at, card.box, card.failed) != (old.at, old.box, old.failed):
                self.arrangement += 1
            self._cards[name] = card
            self.grid.put(name, card.rect)
        self._dirty -= names
        self._curve(wires)

    def _curve(self, wires: Iterable[Wire]) -> None:
        for wire in wires:
            source, target = (self._cards.get(end.node) for end in wire)
            if source is None or target is None:
                continue
            start, end = source.end("out", wire.source.port), target.end("in", wire.target.port)
            if start is None or end is None:
                self._unwire(wire)
                continue
            number = self._numbers.setdefault(wire, len(self._numbers))
            self._by_number[number] = wire
            via = route(self.document, self.place.at, wire) or self._route_given(wire)
            curve = tuple(pieces(start, end, via))
            out = next(p for p in source.outputs if p.name == wire.source.port)
            into = next(p for p in target.inputs if p.name == wire.target.port)
            view = WireView(number, wire, curve, via, out.kind, out.shape, bool(into.problem))
            self._wires[wire] = view
            self.curves.put(number, curve)

    def _route_given(self, wire: Wire) -> tuple[Point, ...]:
        """The way that the layout found, as long as both ends are where it put them."""
        paths = [join(self.place.at, end.node) for end in wire]
        still = all(path in self._given and place_of(self.document, path) is None for path in paths)
        free = not any(end.node in self._lifted for end in wire)
        routes = self._given_routes.get(self.place.at, {})
        return routes.get(wire, ()) if still and free else ()

    def _unwire(self, wire: Wire) -> None:
        view = self._wires.pop(wire, None)
        if view is not None:
            self.curves.drop(view.number)

    def _stands(self, name: str) -> Point:
        if name in self._lifted:
            return self._lifted[name]
        path = join(self.place.at, name)
        return place_of(self.document, path) or self._given.get(path) or Point(0, 0)

    def given(self) -> dict[str, Point]:
        """The places of nodes here that the document does not know yet."""
        if not self._given:
            return {}
        known = ((n, join(self.place.at, n)) for n in self._cards)
        return {
            n: self._given[path]
            for n, path in known
            if path in self._given and place_of(self.document, path) is None
        }

    def routes_given(self, moved: Iterable[str]) -> Routes:
        """The ways of wires that the document does not know yet and that none of these nodes end."""
        gone = set(moved)
        return {
            wire: points
            for wire in self._given_routes.get(self.place.at, {})
            if not {end.node for end in wire} & gone and (points := self._route_given(wire))
        }

    # what became old

    def _touch(self, path: str | None) -> None:
        if path is None:
            return
        holder, _, name = path.rpartition(".")
        if holder == self.place.at and name in self._cards:
            self._dirty.add(name)

    def _ancestor(self, path: str) -> str | None:
        """The node of this body that is or holds the one at a path."""
        at = self.place.at
        below = path.removeprefix(f"{at}.") if at else path
        if at and below == path:
            return None
        return join(at, below.partition(".")[0])

    def _shown(self, path: str) -> str | None:
        """The same for a path of the expanded root, as check and the engine name nodes."""
        own = self.place.path
        below = path.removeprefix(f"{own}.") if own else path
        if own and below == path:
            return None
        return join(self.place.at, below.partition(".")[0])

    def _arranged_anew(self, key: str) -> str:
        """Take in what stands elsewhere; the node that does, if it is one."""
        kind, _, rest = key.partition("/")
        at, _, last = (rest or key).rpartition("/" if rest else ".")
        if at != self.place.at:
            return ""
        if not rest:
            return last
        if kind == "wire":
            self._curve([w for w in self._wires if str(w) == last])
        else:
            self.decor = decor(self.document, at)
        return ""
