"""Gestures: the state machine from mouse and keys to edits. Pure: it is fed events and needs no window.

| where | left drag | double | right |
|---|---|---|---|
| nothing | choose by a box (alt: cut wires) | search for a block | menu; drag moves the view |
| card | carry; over a wire a free one goes in | enter, or name it | menu |
| output, input | draw a wire; a wired input is rewired | | menu |
| wire | bend; near its end rewire (alt: cut) | a point to lead it by | menu |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.editor import terms
from app.editor.canvas import changes
from app.editor.canvas.arrangement import Decor
from app.editor.canvas.bringing import Bringing
from app.editor.canvas.camera import Point
from app.editor.canvas.chips import next_mode
from app.editor.canvas.hands import (
    Bending,
    Carrying,
    Cutting,
    Hand,
    MapMoving,
    Marquee,
    Overlay,
    Panning,
    Sizing,
    chosen,
)
from app.editor.canvas.hitting import MISSED, Hit, hit, map_of
from app.editor.canvas.inputs import Held, Mouse
from app.editor.canvas.scene import WireView
from app.editor.canvas.wiring import Drawing, KeyWiring
from app.editor.language import _
from app.editor.library.bundle import Bundle
from app.editor.studio import Ask, Menu, Search, Selection, Studio
from graphs.spec.edits import Relabel

STEP = 1.15  # how much a click of the wheel zooms
END = 26.0  # pixels of a wire's end that rewire it
EDGE, PULL = 28.0, 14.0  # pixels from the edge at which the view follows, and how far a frame
MENUS: dict[str, tuple[str, ...]] = {
    "nothing": ("search", "paste", "", "add note", "arrange all", "", "select all", "fit all"),
    "card": (
        "enter", "rename", "fold", "", "copy", "duplicate", "delete", "", "group", "ungroup", "frame", "",
        "wire from", "wire to", "cycle mode", "", "define",
    ),
    "instance": (
        "enter", "edit definition", "detach", "", "rename", "fold", "copy", "duplicate", "delete", "",
        "group", "frame", "", "wire from", "wire to", "cycle mode",
    ),
    "several": (
        "fold", "copy", "duplicate", "delete", "", "group", "group pipeline", "group stage", "frame",
        "cycle mode", "", "arrange",
        "align left", "align centre", "align right", "align top", "align middle", "align bottom",
        "distribute across", "distribute down",
    ),
    "wire": ("add knee", "straighten", "", "delete"),
    "decor": ("rename", "next colour", "delete"),
}  # fmt: skip


class Gestures:
    """What the mouse and the keys do on the canvas."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.hand: Hand | None = None
        self.keys: KeyWiring | None = None
        self.hover: Hit = MISSED
        self._last = Mouse("move", -1, -1)
        self._twice = False
        self.menus = dict(MENUS)  # which panels may lengthen

    # mouse

    def mouse(self, mouse: Mouse) -> None:
        """Take in one thing that the mouse does."""
        self._last = mouse
        self.studio.board.cursor = mouse.at
        match mouse.what:
            case "move":
                self._move(mouse)
            case "press":
                self._press(mouse)
            case "release":
                self._release(mouse)
            case "double":
                self._twice = mouse.button == "left"  # done at the release: it may become a drag
            case "wheel":
                self._wheel(mouse)

    def leave(self) -> None:
        """The mouse is no more over the canvas."""
        self.hover = MISSED

    def tick(self) -> None:
        """Once a frame: at the edge the view follows what is carried."""
        if self.hand is None or not self.hand.edges or not self.hand.dragged:
            return
        board, m = self.studio.board, self._last
        dx = PULL * ((m.x < EDGE) - (m.x > board.width - EDGE))
        dy = PULL * ((m.y < EDGE) - (m.y > board.height - EDGE))
        if dx or dy:
            board.camera = board.camera.panned(dx, dy)
            self.hand.move(replace(m, what="move"))

    def _move(self, mouse: Mouse) -> None:
        if self.hand is not None:
            self.hand.move(mouse)
        else:
            self.hover = hit(self.studio, *mouse.at)

    def _press(self, mouse: Mouse) -> None:
        if self.hand is not None:
            return
        self.keys = None
        self.studio.scene.settle_within(self.studio.board.view)
        under = self.hover = hit(self.studio, *mouse.at)
        if mouse.button != "left" or mouse.held.space:
            right_cut = mouse.button == "right" and mouse.held.ctrl
            self.hand = (Cutting if right_cut else Panning)(self.studio, mouse)
        else:
            self.hand = self._grab(mouse, under)

    def _grab(self, mouse: Mouse, under: Hit) -> Hand | None:
        """What a press of the left button begins."""
        studio = self.studio
        small = map_of(studio)
        match under:
            case Hit(what="wire") | Hit(what="knee") if mouse.held.alt:
                return Cutting(studio, mouse)
            case Hit(what="minimap") if small is not None:
                return MapMoving(studio, mouse, small)
            case Hit(what="port", pin=pin) if pin is not None:
                return self._from_port(mouse, under)
            case Hit(what="chip"):
                self.cycle(under.name)
                return None
            case Hit(what="fold"):
                studio.do(changes.folds(studio.scene, [under.name]))
                return None
            case Hit(what="card") | Hit(what="decor"):
                studio.select(chosen(studio.selection, under, mouse.held))
                return Carrying(studio, mouse, under.name)
            case Hit(what="corner", decor=item) if item is not None:
                return Sizing(studio, mouse, item)
            case Hit(what="knee", wire=view) if view is not None:
                return Bending(studio, mouse, view, under.knee)
            case Hit(what="wire", wire=view) if view is not None:
                studio.select(chosen(studio.selection, under, mouse.held))
                return self._from_wire(mouse, view)
        return Cutting(studio, mouse) if mouse.held.alt else Marquee(studio, mouse)

    def _from_port(self, mouse: Mouse, under: Hit) -> Hand | None:
        assert under.pin is not None
        studio, pin = self.studio, under.pin
        into = [w for w in studio.scene.wires_of(pin.node) if w.target == pin]
        if under.side == "in" and into and not mouse.held.shift:
            return Drawing(studio, mouse, into[-1].source, "out", into[-1])
        return Drawing(studio, mouse, pin, under.side)

    def _from_wire(self, mouse: Mouse, view: WireView) -> Hand:
        """Near an end the wire is taken up there, elsewhere it is bent."""
        studio, wire = self.studio, view.wire
        start, end = (
            studio.board.camera.to_screen(*p) for p in (view.curve[0][0], view.curve[-1][3])
        )
        if _gap(end, mouse.at) <= END:
            return Drawing(studio, mouse, wire.source, "out", wire)
        if _gap(start, mouse.at) <= END:
            return Drawing(studio, mouse, wire.target, "in", wire)
        return Bending(studio, mouse, view, self._stretch(view, mouse.at), new=True)

    def _stretch(self, view: WireView, at: Point) -> int:
        """Which stretch between a wire's points the cursor is on."""
        spot = self.studio.board.camera.to_world(*at)
        gaps = [
            min(_gap(spot, Point(*(a + (b - a) * t for a, b in zip(p[0], p[3], strict=True))))
                for t in (0.1, 0.3, 0.5, 0.7, 0.9))
            for p in view.curve
        ]  # fmt: skip
        return gaps.index(min(gaps))

    def _release(self, mouse: Mouse) -> None:
        hand, self.hand = self.hand, None
        if hand is None or mouse.button != hand.start.button:
            self.hand = hand
            return
        hand.move(mouse)
        twice, self._twice = self._twice, False
        if twice and not hand.dragged:
            hand.cancel()
            self._double(mouse)
            return
        hand.release(mouse)
        if mouse.button == "right" and not hand.dragged:
            self._menu(mouse)
        self.hover = hit(self.studio, *mouse.at)

    def _menu(self, mouse: Mouse) -> None:
        under = hit(self.studio, *mouse.at)
        kind = {"port": "card", "chip": "card", "fold": "card", "corner": "decor", "knee": "wire"}
        what = kind.get(under.what, under.what)
        if what != "nothing" and what in self.menus:
            self.studio.select(chosen(self.studio.selection, under, Held()))
        if what == "card":
            self.studio.request(Menu(self.menu_of(under.name)))
        elif what in self.menus:
            self.studio.request(Menu(self.menus[what]))

    def menu_of(self, name: str) -> tuple[str, ...]:
        """What can be done with a node, or with all that are chosen with it, by names of actions."""
        chosen = self.studio.selection.nodes
        if name in chosen and len(chosen) > 1:
            return self.menus["several"]
        node = self.studio.scene.body.nodes.get(name)
        return self.menus["instance" if node is not None and node.uses else "card"]

    def _wheel(self, mouse: Mouse) -> None:
        board = self.studio.board
        if mouse.held.shift:
            board.camera = board.camera.panned(mouse.turn * 60, 0)
        elif mouse.held.ctrl:
            board.camera = board.camera.panned(0, mouse.turn * 60)
        else:
            board.camera = board.camera.zoomed(STEP**mouse.turn, mouse.at)
        if self.hand is not None:
            self.hand.move(replace(mouse, what="move"))

    def _double(self, mouse: Mouse) -> None:
        studio, under = self.studio, hit(self.studio, *mouse.at)
        match under:
            case Hit(what="card"):
                if not studio.enter(under.name):
                    self.rename(under.name)
            case Hit(what="wire") | Hit(what="knee"):
                self.add_knee(mouse.at)
            case Hit(what="decor", decor=item) if item is not None:
                studio.select(Selection(decor=frozenset({item.key})))
                self.rename("")
            case Hit(what="nothing"):
                studio.request(Search(studio.board.camera.to_world(*mouse.at)))

    def bring(self, bundle: Bundle, start: Mouse, then: Callable[[], None]) -> None:
        """Something is drawn onto the canvas out of a panel; `then` is called once it is there."""
        self.cancel()
        self.hand = Bringing(self.studio, start, bundle, then)

    # what menus and keys also do

    def cancel(self) -> bool:
        """Give up what is under way; whether there was anything."""
        if self.hand is not None:
            self.hand.cancel()
            self.hand = None
            return True
        if self.keys is not None:
            self.keys = None
            return True
        return False

    def escape(self) -> None:
        """Give up what is under way, else choose nothing, else look at the body around."""
        if self.cancel():
            return
        if self.studio.selection:
            self.studio.select(Selection())
        elif not self.studio.leave():
            self.studio.say(_("This is the top"))

    def wire_by_keys(self, side: str) -> None:
        """Begin to wire from the chosen node with keys alone."""
        self.keys = KeyWiring.started(self.studio, "in" if side == "in" else "out")

    def key(self, name: str) -> bool:
        """A key while wiring with keys; whether it was taken."""
        if self.keys is None:
            return False
        match name:
            case "Escape":
                self.keys = None
            case "Enter" | "Right" | "Space":
                if self.keys.take():
                    self.keys = None
            case "Down" | "Tab":
                self.keys.step(1)
            case "Up" | "Shift+Tab":
                self.keys.step(-1)
            case _:
                return False
        return True

    def cycle(self, name: str) -> None:
        """The next train mode of a node, under the plan that is shown."""
        studio, card = self.studio, self.studio.scene.card(name)
        if studio.plan is None or card.chip is None:
            studio.say(_("There is no plan that says how it trains"), "warning")
            return
        path = card.tied or card.path
        studio.do(next_mode(studio.plan_name, studio.plan, path, card.chip, card.kind))

    def rename(self, name: str) -> None:
        """Let a label be written: of a node, or of the chosen frame or note."""
        studio, scene = self.studio, self.studio.scene
        if name:
            write = partial(_labelled, studio, name, studio.place.at)
            studio.request(Ask(_("Label"), scene.card(name).title, write))
            return
        for item in scene.decor:
            if item.key in studio.selection.decor:
                lines = 1 if item.kind == "frame" else 6
                write = partial(_written, studio, item)
                studio.request(
                    Ask(_("Frame") if item.kind == "frame" else _("Note"), item.text, write, lines)
                )
                return

    def add_knee(self, at: Point | None = None) -> None:
        """A point to lead the wire under the cursor by."""
        studio = self.studio
        where = at or studio.board.cursor
        under = hit(studio, *where)
        view = under.wire
        if view is None:
            view = next((v for w in studio.selection.wires if (v := studio.scene.view_of(w))), None)
        if view is not None:
            points = list(view.via)
            points.insert(self._stretch(view, where), studio.board.camera.to_world(*where))
            studio.do(changes.bent(studio.scene, view.wire, points))

    # what is shown

    def overlay(self) -> Overlay:
        """What to draw over the canvas."""
        if self.hand is not None:
            return self.hand.overlay()
        if self.keys is not None:
            return self.keys.overlay()
        return Overlay(hover=self.hover, words=self._tip())

    def _tip(self) -> str:
        """What is to be known of what is under the cursor."""
        scene, under = self.studio.scene, self.hover
        if under.what == "port" and under.pin is not None and under.name in scene:
            card = scene.card(under.name)
            ports = card.inputs if under.side == "in" else card.outputs
            port = next((p for p in ports if p.name == under.pin.port), None)
            kind = scene.port(under.pin, under.side)
            if port is None:
                return ""
            shape = f"  {port.shape}" if port.shape else ""
            asks = (
                "\n" + _("takes {kind}").format(kind=kind)
                if kind and under.side == "in" and kind.dims
                else ""
            )
            return f"{port.name}: {port.kind}{shape}{asks}" + (
                f"\n{port.problem}" if port.problem else ""
            )
        if under.what == "wire" and under.wire is not None:
            shape = f"  {under.wire.shape}" if under.wire.shape else ""
            return f"{under.wire.wire.source} → {under.wire.wire.target}{shape}"
        if under.what == "chip" and under.name in scene:
            return self._mode_tip(under.name)
        if under.what in ("card", "fold") and under.name in scene:
            card = scene.card(under.name)
            if card.doing.error:
                return card.doing.error
            return "\n".join(terms.sentence(p.message) for p in card.problems[:4])
        return ""

    def _mode_tip(self, name: str) -> str:
        card = self.studio.scene.card(name)
        if card.chip is None:
            return ""
        how = _("its own rule") if card.chip.own else _("inherited")
        mixed = "; " + _("not all inside is the same") if card.chip.mixed else ""
        told = _("{mode} in plan {plan}: {how}").format(
            mode=card.chip.text.rstrip("*"), plan=self.studio.plan_name, how=how
        )
        return told + mixed


def _gap(a: Point, b: Point) -> float:
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)


def _labelled(studio: Studio, name: str, at: str, text: str) -> None:
    studio.do(Relabel(name=name, text="" if text == name else text, at=at))


def _written(studio: Studio, item: Decor, text: str) -> None:
    studio.do(changes.kept(replace(item, text=text), "Write"))
