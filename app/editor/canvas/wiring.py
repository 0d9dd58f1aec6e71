"""Wires in the hand: drawn with the mouse, led elsewhere, or with keys alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

from app.editor.canvas import changes
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.fitting import OTHER, Side, offers
from app.editor.canvas.hands import Ghost, Hand, Overlay
from app.editor.canvas.hitting import card_at
from app.editor.canvas.inputs import Mouse
from app.editor.language import _
from app.editor.studio import Search, Selection, Studio
from graphs.spec.document import Pin, Wire

CATCH = 28.0  # pixels from which a wire jumps to a port


class Drawing(Hand):
    """A wire with one end at a port and one in the hand. `old` is the wire that was taken up."""

    edges = True

    def __init__(
        self, studio: Studio, start: Mouse, pin: Pin, side: Side, old: Wire | None = None
    ) -> None:
        super().__init__(studio, start)
        self.pin, self.side, self.old = pin, side, old
        self.refusals = offers(studio.scene, pin, side)
        self.target: Pin | None = None
        self.refused: Pin | None = None
        self.spot = studio.board.camera.to_world(*start.at)

    def drag(self, mouse: Mouse) -> None:
        """Look for the nearest port that fits; over a card, for its best."""
        self.spot = self.world.to_world(*mouse.at)
        reach = CATCH / self.world.zoom
        near = self._near(Rect(self.spot.x, self.spot.y, 0, 0).grown(reach), reach)
        self.target = next((pin for pin in near if not self.refusals[pin]), None)
        self.refused = near[0] if near and self.target is None else None
        if self.target is None and not near and (card := card_at(self.studio, self.spot)):
            self._over(card.name)

    def _near(self, area: Rect, reach: float) -> list[Pin]:
        """The ports around, the closest first."""
        scene, found = self.studio.scene, []
        for name in scene.grid.within(area):
            card = scene.card(name)
            for port in card.inputs if self.side == "out" else card.outputs:
                pin = Pin(name, port.name)
                end = card.end(OTHER[self.side], port.name)
                if end is None or pin not in self.refusals or pin == self.pin:
                    continue
                gap = hypot(end.x - self.spot.x, end.y - self.spot.y)
                if gap <= reach:
                    found.append((gap, pin))
        return [pin for _, pin in sorted(found)]

    def _over(self, name: str) -> None:
        """The cursor is on a card, not near a port: a free one that fits, else any that does."""
        card = self.studio.scene.card(name)
        ports = card.inputs if self.side == "out" else card.outputs
        pins = [(port, Pin(name, port.name)) for port in ports]
        known = [(port, pin) for port, pin in pins if pin in self.refusals]
        fitting = [(port.wired, pin) for port, pin in known if not self.refusals[pin]]
        if fitting:
            self.target = min(fitting, key=lambda item: item[0])[1]
        elif known and name != self.pin.node:
            self.refused = known[0][1]

    def release(self, mouse: Mouse) -> None:
        """Draw it, lead it elsewhere, take it out, or let a block be searched for."""
        studio, scene = self.studio, self.studio.scene
        if not self.dragged:
            studio.select(Selection(frozenset({self.pin.node})))
            return
        if self.target is not None:
            if self.old is None:
                studio.do(changes.joined(scene, self.pin, self.side, self.target))
                return
            a, b = (self.pin, self.target) if self.side == "out" else (self.target, self.pin)
            studio.do(changes.rewire(scene, self.old, a, b))
        elif self.refused is not None:
            studio.say(f"{self.refused}: {self.refusals[self.refused]}", "warning")
        elif self.old is not None:
            studio.do(changes.cut(scene, [self.old]))
        elif card_at(studio, self.spot) is None:
            studio.request(Search(self.spot, self.pin, self.side))

    def overlay(self) -> Overlay:
        """The wire, what cannot take it, and why the nearest cannot."""
        if not self.dragged:
            return Overlay()
        scene = self.studio.scene
        fixed = scene.card(self.pin.node).end(self.side, self.pin.port) or self.spot
        loose, words = self.spot, ""
        if self.target is not None:
            loose = scene.card(self.target.node).end(OTHER[self.side], self.target.port) or loose
            words = str(self.target)
        elif self.refused is not None:
            words = self.refusals[self.refused]
        port = scene.port(self.pin, self.side)
        start, end = (fixed, loose) if self.side == "out" else (loose, fixed)
        state = "fits" if self.target else "refused" if self.refused else "open"
        ghost = Ghost(start, end, port.kind if port else "any", state)  # type: ignore[arg-type]
        return Overlay(
            ghost=ghost,
            refusals=self.refusals,
            target=self.target,
            words=words,
            bad=self.refused is not None,
            doomed=frozenset({self.old}) if self.old is not None else frozenset(),
        )


@dataclass
class KeyWiring:
    """Wiring with keys: first the port, then what it goes to; arrows choose, Enter takes."""

    studio: Studio
    node: str
    side: Side
    place: int = 0
    pin: Pin | None = None
    targets: tuple[Pin, ...] = ()

    @classmethod
    def started(cls, studio: Studio, side: Side) -> KeyWiring | None:
        """From the chosen node; None when not one is chosen or it has no port there."""
        chosen = studio.selection.nodes
        if len(chosen) != 1:
            studio.say(_("Choose one node to wire from"), "warning")
            return None
        made = cls(studio, next(iter(chosen)), side)
        if not made.ports:
            told = _("{node} has no outputs") if side == "out" else _("{node} has no inputs")
            studio.say(told.format(node=made.node), "warning")
            return None
        if len(made.ports) == 1:
            made.take()
        return made if made.pin is None or made.targets else None

    @property
    def ports(self) -> list[Pin]:
        """What the first step chooses among."""
        card = self.studio.scene.card(self.node)
        own = card.outputs if self.side == "out" else card.inputs
        return [Pin(self.node, port.name) for port in own]

    @property
    def now(self) -> Pin:
        """The port that is chosen at this step."""
        among = self.targets if self.pin is not None else self.ports
        return among[self.place % len(among)]

    def step(self, by: int) -> None:
        """The next, or the one before."""
        among = self.targets if self.pin is not None else self.ports
        self.place = (self.place + by) % len(among)

    def take(self) -> bool:
        """Take what is chosen; whether the wire is done."""
        if self.pin is not None:
            self.studio.do(changes.joined(self.studio.scene, self.pin, self.side, self.now))
            return True
        self.pin, self.place = self.now, 0
        self.targets = self._fitting(self.pin)
        if not self.targets:
            self.studio.say(_("Nothing here fits {pin}").format(pin=self.pin), "warning")
            return True
        return False

    def _fitting(self, pin: Pin) -> tuple[Pin, ...]:
        """What fits, free ports before wired ones, the nearest first."""
        scene = self.studio.scene
        start = self._end(pin, self.side)
        found = []
        for other, why in offers(scene, pin, self.side).items():
            if why:
                continue
            end = self._end(other, OTHER[self.side])
            card = scene.card(other.node)
            own = card.inputs if self.side == "out" else card.outputs
            wired = any(p.wired for p in own if p.name == other.port)
            found.append((wired, hypot(end.x - start.x, end.y - start.y), other))
        return tuple(pin for _, _, pin in sorted(found))

    def _end(self, pin: Pin, side: Side) -> Point:
        card = self.studio.scene.card(pin.node)
        return card.end(side, pin.port) or card.rect.centre

    def overlay(self) -> Overlay:
        """The wire as it would be, and which keys do what."""
        if self.pin is None:
            words = f"{self.now}   {_('↑ ↓ port   Enter take   Esc leave')}"
            return Overlay(target=self.now, words=words)
        start, end = self._end(self.pin, self.side), self._end(self.now, OTHER[self.side])
        if self.side == "in":
            start, end = end, start
        port = self.studio.scene.port(self.pin, self.side)
        source, target = (self.pin, self.now) if self.side == "out" else (self.now, self.pin)
        place = _("{number} of {count}").format(number=self.place + 1, count=len(self.targets))
        words = f"{source} → {target}   {place}   Enter   Esc"
        ghost = Ghost(start, end, port.kind if port else "any", "fits")
        return Overlay(ghost=ghost, target=self.now, words=words)
