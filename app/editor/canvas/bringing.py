"""A hand that brings something new onto the canvas: a ghost of its card follows the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.editor.canvas import changes, making
from app.editor.canvas.aligning import snapped
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.facts import Facts
from app.editor.canvas.hands import NOTHING_SHOWN, REACH, Hand, Overlay
from app.editor.canvas.inputs import Mouse
from app.editor.canvas.scene import WireView
from app.editor.language import _
from app.editor.library.bundle import Bundle, moved
from app.editor.library.putting import put
from app.editor.studio import Selection, Studio
from graphs.spec.check import inspect
from graphs.spec.document import Document, GraphSpec, join
from graphs.spec.edits import Edit, Many
from graphs.spec.problems import EditError

GRIP = 17.0  # where the hand holds the card, from its top


class Bringing(Hand):
    """From a panel to a place: let go over a wire it goes in, outside the canvas nothing happens."""

    def __init__(
        self, studio: Studio, start: Mouse, bundle: Bundle, then: Callable[[], None]
    ) -> None:
        """`then` is called once it is there."""
        super().__init__(studio, start)
        self.bundle, self.then = bundle, then
        self.refused = ""
        self.dragged = True
        self.facts, self.name = _trial(studio, bundle)
        if self.name:
            self.card = making.card(self.facts, self.name, Point(0, 0))
        else:
            self.refused = _why(studio, bundle)
        self.at: Point | None = None
        self.guides: tuple[tuple[bool, float, float, float], ...] = ()
        self.into: WireView | None = None

    def drag(self, mouse: Mouse) -> None:
        """The ghost is under the hand, snapped unless alt is held."""
        board = self.studio.board
        self.at, self.into, self.guides = None, None, ()
        if not (0 <= mouse.x <= board.width and 0 <= mouse.y <= board.height) or self.refused:
            return
        spot, box = board.camera.to_world(*mouse.at), self.card.box
        rect = Rect(spot.x - box.width / 2, spot.y - GRIP, box.width, box.height)
        if board.snap and not mouse.held.alt:
            rect = self._snapped(rect)
        self.at = Point(rect.x, rect.y)
        self.into = self._wire_below(rect)

    def _snapped(self, rect: Rect) -> Rect:
        scene = self.studio.scene
        others = scene.rects(scene.grid.within(rect.grown(600))).values()
        snap = snapped(rect, others, REACH / self.world.zoom)
        self.guides = snap.guides
        return rect.moved(snap.dx, snap.dy)

    def _wire_below(self, rect: Rect) -> WireView | None:
        scene = self.studio.scene
        number = scene.curves.nearest(*rect.centre, within=rect.height / 2)
        view = scene.wire(number) if number is not None else None
        if view is None or changes.insertion(self.facts, self.name, view.wire) is None:
            return None
        return view

    def release(self, mouse: Mouse) -> None:
        """Put it there."""
        self.drag(mouse)
        if self.refused:
            self.studio.say(self.refused, "warning")
        elif self.at is not None:
            wire = self.into.wire if self.into is not None else None
            edit = changes.insertion(self.facts, self.name, wire) if wire is not None else None
            if landed(self.studio, self.bundle, self.at, edit):
                self.then()

    def overlay(self) -> Overlay:
        """The ghost, the lines that it shares, the wire that takes it, or why it cannot be here."""
        if self.refused:
            return Overlay(words=self.refused.split("\n")[0], bad=True)
        if self.at is None:
            return NOTHING_SHOWN
        return Overlay(
            card=replace(self.card, at=self.at),
            guides=self.guides,
            into=self.into.wire if self.into is not None else None,
            words=_("Insert here") if self.into is not None else "",
        )


def landed(studio: Studio, bundle: Bundle, at: Point, then: Edit | None = None) -> str:
    """The node that was put there and is chosen, in one step with what follows; "" when it was not."""
    try:
        name, edit = put(studio.document, studio.place, bundle, at)
    except EditError as error:
        studio.say(str(error), "error")
        return ""
    if then is not None:
        edit = Many(edits=(*edit.edits, then), text=then.label)
    if not studio.do(edit):
        return ""
    studio.select(Selection(frozenset({name})))
    return name


def _trial(studio: Studio, bundle: Bundle) -> tuple[Facts, str]:
    """What would be known if it were there already; no name where it cannot be."""
    facts = Facts(studio.catalogue)
    try:
        name, edit = put(studio.document, studio.place, bundle, Point(0, 0))
        document = edit(studio.document)
    except EditError:
        return facts, ""
    facts.plan = studio.plan
    facts.look(document, studio.place)
    facts.believe(studio.scene.inspection)
    node = facts.body.nodes[name]
    if node.body is not None or node.uses:
        within = bundle.within(facts.body.level)
        alone = Document(
            root=GraphSpec(nodes={name: node if node.uses else moved(within.node, name)}),
            definitions=document.definitions,
        )
        own, known = inspect(alone, studio.catalogue, plans=False), studio.scene.inspection
        path = studio.place.path
        nodes = {**known.root.nodes, **({} if path else own.root.nodes)}
        facts.believe(
            replace(
                known,
                root=known.root.model_copy(update={"nodes": nodes}),
                inputs={**known.inputs, join(path, name): own.inputs.get(name, {})},
                outputs={**known.outputs, join(path, name): own.outputs.get(name, {})},
                problems=[],
            )
        )
    return facts, name


def _why(studio: Studio, bundle: Bundle) -> str:
    try:
        put(studio.document, studio.place, bundle, Point(0, 0))
    except EditError as error:
        return str(error)
    return _("It cannot be here")
