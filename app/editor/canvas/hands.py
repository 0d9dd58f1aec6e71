"""What a hand is doing while a button is down: each gesture is one class, from press to release.

A hand reads the studio, shows what it would do in its overlay, and makes its edit when let go. Giving
it up changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from app.editor.canvas import changes
from app.editor.canvas.aligning import snapped
from app.editor.canvas.arrangement import Decor
from app.editor.canvas.camera import Camera, Minimap, Point, Rect, around, between
from app.editor.canvas.cards import Card
from app.editor.canvas.hitting import MISSED, Hit
from app.editor.canvas.inputs import Held, Mouse
from app.editor.canvas.scene import WireView
from app.editor.language import _, ngettext
from app.editor.studio import Selection, Studio
from graphs.spec.document import Pin, Wire

SLACK = 4.0  # pixels that a hand may shake in a click
REACH = 8.0  # pixels from which things snap


@dataclass(frozen=True)
class Ghost:
    """A wire that is not there yet, between two points of the world."""

    start: Point
    end: Point
    kind: str
    state: Literal["open", "fits", "refused"]


@dataclass(frozen=True)
class Overlay:
    """What is drawn over the canvas while something is being done."""

    hover: Hit = MISSED
    marquee: Rect | None = None
    guides: tuple[tuple[bool, float, float, float], ...] = ()
    ghost: Ghost | None = None
    refusals: Mapping[Pin, str] | None = None  # what a wire cannot end at, and why
    target: Pin | None = None
    stroke: tuple[Point, Point] | None = None
    doomed: frozenset[Wire] = frozenset()
    into: Wire | None = None  # the wire that a node is about to be put into
    decor: tuple[Decor, ...] = ()  # as they are while dragged
    knees: Mapping[Wire, tuple[Point, ...]] = field(default_factory=dict)
    card: Card | None = None  # of a node that is not there yet
    words: str = ""
    bad: bool = False


NOTHING_SHOWN = Overlay()


class Hand:
    """A gesture under way. `edges` says whether the view follows the cursor over its edge."""

    edges = False

    def __init__(self, studio: Studio, start: Mouse) -> None:
        self.studio = studio
        self.start = start
        self.dragged = False

    def move(self, mouse: Mouse) -> None:
        """The mouse is there now."""
        gap = max(abs(mouse.x - self.start.x), abs(mouse.y - self.start.y))
        self.dragged = self.dragged or gap >= SLACK
        if self.dragged:
            self.drag(mouse)

    def drag(self, mouse: Mouse) -> None:
        """The same, once it is no click any more."""

    def release(self, mouse: Mouse) -> None:
        """The button is up: do it."""

    def cancel(self) -> None:
        """Give it up."""

    def overlay(self) -> Overlay:
        """What to show of it."""
        return NOTHING_SHOWN

    @property
    def world(self) -> Camera:
        """The camera as it is now."""
        return self.studio.board.camera


class Panning(Hand):
    """The view moves with the hand."""

    def __init__(self, studio: Studio, start: Mouse) -> None:
        super().__init__(studio, start)
        self.last = start

    def drag(self, mouse: Mouse) -> None:
        """Move the view as far as the mouse went."""
        board = self.studio.board
        board.camera = board.camera.panned(mouse.x - self.last.x, mouse.y - self.last.y)
        self.last = mouse


class MapMoving(Hand):
    """The view goes where the minimap is pressed."""

    def __init__(self, studio: Studio, start: Mouse, small: Minimap) -> None:
        super().__init__(studio, start)
        self.small = small
        self._look(start)

    def move(self, mouse: Mouse) -> None:
        """Look there."""
        self._look(mouse)

    def _look(self, mouse: Mouse) -> None:
        board = self.studio.board
        spot = self.small.to_world(mouse.x, mouse.y)
        board.camera = board.camera.centred(*spot, board.width, board.height)


class Marquee(Hand):
    """A box is drawn, and what it touches is chosen; with shift beside what was."""

    edges = True

    def __init__(self, studio: Studio, start: Mouse) -> None:
        super().__init__(studio, start)
        self.before = studio.selection if start.held.shift else Selection()
        self.from_ = self.world.to_world(*start.at)
        self.box: Rect | None = None
        if not start.held.shift:
            studio.select(Selection())

    def drag(self, mouse: Mouse) -> None:
        """Choose what the box touches now; frames only when it covers them."""
        box = self.box = between(self.from_, self.world.to_world(*mouse.at))
        scene = self.studio.scene
        decor = {
            d.key for d in scene.decor
            if (box.covers(d.box) if d.kind == "frame" else box.meets(d.box))
        }  # fmt: skip
        nodes = self.before.nodes | set(scene.grid.within(box))
        self.studio.select(
            Selection(frozenset(nodes), self.before.wires, self.before.decor | decor)
        )

    def cancel(self) -> None:
        """Choose what was chosen."""
        self.studio.select(self.before)

    def overlay(self) -> Overlay:
        """The box."""
        return Overlay(marquee=self.box)


class Carrying(Hand):
    """Nodes, frames and notes are carried elsewhere; a free node let go over a wire goes into it."""

    edges = True

    def __init__(self, studio: Studio, start: Mouse, grabbed: str) -> None:
        super().__init__(studio, start)
        scene, chosen = studio.scene, studio.selection
        self.decor = [d for d in scene.decor if d.key in chosen.decor]
        held = set(chosen.nodes)
        for frame in (d for d in self.decor if d.kind == "frame"):
            inside = scene.grid.within(frame.box)
            held |= {n for n in inside if frame.box.covers(scene.card(n).rect)}
        self.rects = scene.rects(held)
        self.grabbed = grabbed
        self.from_ = self.world.to_world(*start.at)
        self.shift = Point(0, 0)
        self.guides: tuple[tuple[bool, float, float, float], ...] = ()
        self.into: WireView | None = None

    def drag(self, mouse: Mouse) -> None:
        """Draw them where the hand is, snapped unless alt is held."""
        spot = self.world.to_world(*mouse.at)
        dx, dy = spot.x - self.from_.x, spot.y - self.from_.y
        scene, board = self.studio.scene, self.studio.board
        self.guides = ()
        if board.snap and not mouse.held.alt:
            dx, dy = self._snap(dx, dy)
        self.shift = Point(dx, dy)
        scene.lift({n: Point(r.x + dx, r.y + dy) for n, r in self.rects.items()})
        scene.settle_within(board.view)
        self.into = self._wire_below()

    def _snap(self, dx: float, dy: float) -> tuple[float, float]:
        board, scene = self.studio.board, self.studio.scene
        lead = self.rects.get(self.grabbed) or around(
            [*self.rects.values(), *(d.box for d in self.decor)]
        )
        if lead is None:
            return dx, dy
        box = lead.moved(dx, dy)
        near = box.grown(600)
        others = [r for n, r in scene.rects(scene.grid.within(near)).items() if n not in self.rects]
        snap = snapped(box, others, REACH / board.camera.zoom)
        self.guides = snap.guides
        return dx + snap.dx, dy + snap.dy

    def _wire_below(self) -> WireView | None:
        if len(self.rects) != 1:
            return None
        scene, (name, rect) = self.studio.scene, next(iter(self.rects.items()))
        if scene.wires_of(name):
            return None
        centre = rect.moved(*self.shift).centre
        number = scene.curves.nearest(*centre, within=rect.height / 2)
        view = scene.wire(number) if number is not None else None
        if view is None or changes.insertion(scene, name, view.wire) is None:
            return None
        return view

    def release(self, mouse: Mouse) -> None:
        """Put them there; a click on one of several chosen ones chooses it alone."""
        scene = self.studio.scene
        if not self.dragged:
            if self.grabbed and not (mouse.held.shift or mouse.held.ctrl):
                self.studio.select(Selection(frozenset({self.grabbed})))
            return
        places = {n: Point(r.x + self.shift.x, r.y + self.shift.y) for n, r in self.rects.items()}
        edits = [changes.moved(scene, places, [d.moved(*self.shift) for d in self.decor])]
        if self.into is not None:
            edits.append(changes.insertion(scene, next(iter(self.rects)), self.into.wire))
        done = [edit for edit in edits if edit is not None]
        self.studio.do(changes.as_one(done, done[-1].label if done else ""))
        scene.lift({})

    def cancel(self) -> None:
        """Put them back."""
        self.studio.scene.lift({})

    def overlay(self) -> Overlay:
        """The lines that they share with others, and the wire that takes them."""
        if not self.dragged:
            return NOTHING_SHOWN
        return Overlay(
            guides=self.guides,
            into=self.into.wire if self.into is not None else None,
            decor=tuple(d.moved(*self.shift) for d in self.decor),
            words="Insert here" if self.into is not None else "",
        )


class Sizing(Hand):
    """The lower right corner of a frame or note is drawn elsewhere."""

    def __init__(self, studio: Studio, start: Mouse, item: Decor) -> None:
        super().__init__(studio, start)
        self.item = self.made = item

    def drag(self, mouse: Mouse) -> None:
        """The corner is under the hand, on the grid."""
        spot = self.world.to_world(*mouse.at)
        self.made = changes.resized(self.item, round(spot.x / 8) * 8, round(spot.y / 8) * 8)

    def release(self, mouse: Mouse) -> None:
        """Keep the size."""
        if self.made != self.item:
            self.studio.do(changes.kept(self.made, "Resize"))

    def overlay(self) -> Overlay:
        """The box as it would be."""
        return Overlay(decor=(self.made,))


class Bending(Hand):
    """A point of a wire is drawn elsewhere; drawn onto its neighbour it goes."""

    def __init__(
        self, studio: Studio, start: Mouse, view: WireView, knee: int, new: bool = False
    ) -> None:
        super().__init__(studio, start)
        self.view, self.knee = view, knee
        self.points = list(view.via)
        if new:
            self.points.insert(knee, self.world.to_world(*start.at))

    def drag(self, mouse: Mouse) -> None:
        """The point is under the hand."""
        self.points[self.knee] = self.world.to_world(*mouse.at)

    def release(self, mouse: Mouse) -> None:
        """Lead the wire so."""
        if not self.dragged:
            self.studio.select(Selection(wires=frozenset({self.view.wire})))
            return
        spot = self.points[self.knee]
        others = [p for i, p in enumerate(self.points) if i != self.knee]
        close = any(abs(p.x - spot.x) + abs(p.y - spot.y) < 16 for p in others)
        kept = others if close else self.points
        self.studio.do(changes.bent(self.studio.scene, self.view.wire, kept))

    def overlay(self) -> Overlay:
        """The wire as it would be led."""
        if not self.dragged:
            return NOTHING_SHOWN
        return Overlay(knees={self.view.wire: tuple(self.points)})


class Cutting(Hand):
    """A stroke is drawn, and the wires that it crosses are cut."""

    def __init__(self, studio: Studio, start: Mouse) -> None:
        super().__init__(studio, start)
        self.from_ = self.to = self.world.to_world(*start.at)
        self.wires: frozenset[Wire] = frozenset()

    def drag(self, mouse: Mouse) -> None:
        """Find what the stroke crosses now."""
        scene = self.studio.scene
        self.to = self.world.to_world(*mouse.at)
        views = (scene.wire(n) for n in scene.curves.crossed(self.from_, self.to))
        self.wires = frozenset(view.wire for view in views if view is not None)

    def release(self, mouse: Mouse) -> None:
        """Cut."""
        self.studio.do(changes.cut(self.studio.scene, sorted(self.wires)))

    def overlay(self) -> Overlay:
        """The stroke and what it cuts."""
        count = len(self.wires)
        told = ngettext("Cut {count} wire", "Cut {count} wires", count).format(count=count)
        words = told if count else _("Cut")
        return Overlay(stroke=(self.from_, self.to), doomed=self.wires, words=words)


def chosen(selection: Selection, hit: Hit, held: Held) -> Selection:
    """What is chosen after a press on something: it alone, or beside the rest, or no more."""
    more = held.shift or held.ctrl
    key = hit.decor.key if hit.decor is not None else ""
    if hit.name:
        inside = hit.name in selection.nodes
        if more:
            return replace(selection, nodes=selection.nodes ^ {hit.name})
        return selection if inside else Selection(frozenset({hit.name}))
    if key:
        if more:
            return replace(selection, decor=selection.decor ^ {key})
        return selection if key in selection.decor else Selection(decor=frozenset({key}))
    if hit.wire is not None:
        wire = hit.wire.wire
        if more:
            return replace(selection, wires=selection.wires ^ {wire})
        return Selection(wires=frozenset({wire}))
    return selection
