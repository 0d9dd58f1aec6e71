"""Plays of the world's room and of variants, with a real engine that turns the digits world."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from app.editor.variants.panel import VariantsPanel, add_variants
from app.editor.world.controls import HIGH
from app.editor.world.ring import Spot
from app.editor.world.view import WorldView
from app.editor.world.visit import Visit
from graphs.store.template_file import read_template
from tests.window.playbill import play
from tests.window.stage import Stage, under

WORLD = Path(__file__).parents[2] / "assets" / "templates" / "digits-world.json"
PATIENCE = 120.0  # seconds that an engine has for anything


class Room:
    """A stage with the digits world, its engine and the hands that know the room."""

    def __init__(self, folder: Path) -> None:
        from graphs.live.registry import Registry  # the engine's blocks, all of them

        self.s = Stage(read_template(WORLD).document(), folder, Registry.installed().catalogue())
        self.visit = Visit(self.s.shell)
        self.s.shell.each_frame(self.visit.frame)
        self.s.shell.engine.start()
        self.until(lambda: self.s.shell.engine.ready)
        self.told = self.visit.told

    def until(self, come: Callable[[], object]) -> None:
        """Let the window live until something has come."""
        end = monotonic() + PATIENCE
        while not come():
            assert monotonic() < end, f"it did not come; {self.s.studio.notice}"
            self.s.frames(1)
            sleep(0.005)

    @property
    def view(self) -> WorldView:
        assert self.visit.view is not None
        return self.visit.view

    def press(self, item: int) -> None:
        """Click a widget."""
        (left, top), (wide, high) = dpg.get_item_rect_min(item), dpg.get_item_rect_size(item)
        self.s.point(left + wide / 2, top + high / 2)
        self.s.down()
        self.s.up()

    def to(self, at: Point) -> None:
        """The mouse goes to a point of the picture."""
        room = self.s.shell.docks.rects["middle"]
        self.s.point(room.x + at.x, room.y + HIGH + at.y)

    def spot(self, what: str, name: str) -> Spot:
        ring = self.view.ring
        assert ring is not None
        return next(s for s in ring.spots() if (s.what, s.name) == (what, name))

    def close(self) -> None:
        self.s.shell.engine.close()
        self.s.close()


@play
def world(folder: Path) -> None:
    """Turn: the ring lights and a picture hangs; play and pause; look closely; enter a stage."""
    r = Room(folder)
    r.s.frames(10)
    assert r.visit.seen
    r.s.picture("world-before")
    r.press(r.view.controls.action)
    r.s.write("more sevens")
    r.press(r.view.controls.once)
    r.until(lambda: r.told.turns == 1 and not r.told.job)
    r.s.picture("world-turned")
    filled = [block for block in r.told.contract.blocks if r.told.filled(block)]
    assert filled == ["intent", "configuration", "artefacts"]
    [exhibit] = r.told.exhibits
    assert exhibit.picture
    assert exhibit.action == "more sevens"
    assert r.told.stage("author").empty == ("intent", "configuration", "artefacts", "description")
    r.to(r.spot("block", "artefacts").at)
    r.s.frames(8)
    assert r.view.look.spot is not None
    r.s.picture("world-hover")
    card = r.view.hanging(dpg.get_item_width(r.view.list), dpg.get_item_height(r.view.list)).rect(0)
    r.to(card.centre)
    r.s.down()
    r.s.up()
    assert r.view.look.large == exhibit.number
    r.s.picture("world-close-up")
    r.s.keys("Escape")
    assert r.view.look.large is None
    r.s.keys("Space")
    r.until(lambda: r.told.turns >= 2)
    r.s.frames(2)
    drawn = set(under(r.view.list))
    r.until(lambda: r.told.turns >= 4)
    assert drawn & set(under(r.view.list)), "what shows the same stays as it was drawn"
    r.s.picture("world-plays")
    r.press(r.view.controls.play)
    r.until(lambda: not r.told.job)
    assert r.told.exhibits[0].says("description")
    assert r.told.exhibits[0].says("events")
    r.press(r.view.controls.state)
    r.s.frames(8)
    hanging = r.view.hanging(dpg.get_item_width(r.view.list), dpg.get_item_height(r.view.list))
    assert r.view.look.offset == hanging.most, "the newest is in sight, also in a smaller room"
    r.s.picture("world-state")
    r.press(r.view.controls.state)
    r.to(r.spot("stage", "creator").at)
    r.s.frames(20)
    r.s.tool("click", "--repeat", "2", "--delay", "20", "1")
    r.s.frames(6)
    assert r.s.studio.place.path == "creator"
    assert not r.visit.seen
    r.s.keys("Backspace")
    r.s.frames(6)
    assert r.visit.seen
    assert len(r.told.exhibits) >= 2
    r.close()


@play
def killed_world(folder: Path) -> None:
    """The engine is killed while the world plays: what hangs stays, and after a restart it turns again."""
    r = Room(folder)
    work = r.s.shell.work
    assert work is not None
    r.press(r.view.controls.play)
    r.until(lambda: r.told.turns >= 3)
    hung = len(r.told.exhibits)
    process = r.s.shell.engine.client.process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    r.until(lambda: "restart" in work.calm.buttons)
    r.s.frames(10)
    r.s.picture("world-killed")
    assert not r.view.turning.turns
    assert not r.told.running
    assert len(r.told.exhibits) >= hung
    r.s.press(work.calm.buttons["restart"])
    r.until(lambda: r.s.shell.engine.ready)
    r.until(lambda: r.s.shell.engine.heard.inspected is not None)
    r.s.frames(10)
    assert work.calm.window is None
    assert not r.told.failure
    assert r.told.turns == 0, "the new engine has not turned it, and the ring says so"
    assert len(r.told.exhibits) >= hung
    hung = len(r.told.exhibits)
    r.press(r.view.controls.once)
    r.until(lambda: r.told.turns == 1 and not r.told.job)
    assert len(r.told.exhibits) == hung + 1
    r.s.picture("world-after-restart")
    r.close()


@play
def variants(folder: Path) -> None:
    """A light world is added and drawn to a half; the base is switched on; it is removed."""
    r = Room(folder)
    desk = add_variants(r.s.shell)
    r.s.shell.docks.toggle("variants")
    r.s.frames(6)
    panel = r.s.shell.docks.view("variants")
    assert isinstance(panel, VariantsPanel)
    r.press(panel.add)
    r.s.frames(4)
    r.s.picture("variants-form")
    assert panel.adding is not None
    r.press(panel.adding.ok)
    listed = r.s.shell.engine.heard.variants
    r.until(lambda: "light" in listed.of and "light" in panel.rows)
    assert listed.of["light"].weight == 1
    r.s.frames(6)
    slider = panel.rows["light"].slider
    assert slider is not None
    (left, top), (wide, high) = dpg.get_item_rect_min(slider), dpg.get_item_rect_size(slider)
    y = top + high / 2
    r.s.point(left + wide - 6, y)
    r.s.down()
    for share in (0.9, 0.75, 0.5):
        r.s.point(left + wide * share, y)
    r.s.up()
    r.until(lambda: 0.4 < listed.of["light"].weight < 0.6)
    assert abs(dpg.get_value(panel.rows["light"].slider) - listed.of["light"].weight) < 0.02
    r.s.picture("variants-mixed")
    r.press(panel.rows[""].switch)
    r.until(lambda: listed.of["light"].weight == 0)
    assert desk.mixing.alone == ""
    desk.remove("light")
    r.s.frames(8)
    r.s.picture("variants-remove")
    r.s.keys("Enter")
    r.until(lambda: not listed.of)
    r.close()
