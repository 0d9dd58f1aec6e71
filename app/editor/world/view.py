"""The world's room on the screen: the ring and the gallery on one drawlist, controls above, a drawer aside.

It draws what was told, and asks; nothing about the world is kept here but where people look.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.inputs import Mouse
from app.editor.canvas.pen import Pen
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.pointer import typing
from app.editor.studio import Selection
from app.editor.wishes import Kind, Pick
from app.editor.world.close_up import CloseUp, laid
from app.editor.world.contract import WorldContract
from app.editor.world.controls import HIGH, Controls
from app.editor.world.drawer import WIDE, Drawer
from app.editor.world.gallery_art import GalleryArt
from app.editor.world.hovering import Hovering
from app.editor.world.panes import Panes
from app.editor.world.ring import Ring, Spot
from app.editor.world.ring_art import FLASH, RingArt
from app.editor.world.room import Hanging, Hung, divided
from app.editor.world.sheet import sheet_path, write_sheet
from app.editor.world.textures import Textures
from graphs.spec.problems import FileError

if TYPE_CHECKING:
    from app.editor.shell import Shell
    from app.editor.world.visit import Visit

NOWHERE = Point(-1, -1)
BEAT = 1 / 40  # seconds between two pictures of what moves
TURN = 90.0  # pixels that one notch of the wheel moves the gallery


@dataclass
class Looking:
    """Where people look: how far the gallery is moved, what is under the cursor, what is seen large."""

    offset: float = 0.0
    wall: bool = False
    drawer: bool = False
    at: Point = NOWHERE
    spot: Spot | None = None
    exhibit: int | None = None  # the place of the card under the cursor
    large: int | None = None  # the number of the exhibit that is seen large


class WorldView:
    """The panel in the middle. Built when it is shown, and again when it is shown again."""

    def __init__(self, shell: Shell, parent: int, visit: Visit) -> None:
        self.shell, self.visit = shell, visit
        self.look = Looking()
        self.told, self.turning = visit.told, visit.turning
        self.ring: Ring | None = None
        self._most = 0.0  # how far the gallery could be moved in the last frame
        self._seen_at = 0.0  # the time that is seen of what moves
        self._menu: int | None = None
        with dpg.theme() as tight, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
            dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, 0, 0)
        with dpg.theme() as padded, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, shell.look.px(14), shell.look.px(10))
        dpg.bind_item_theme(parent, tight)
        self._top = dpg.add_child_window(
            parent=parent, height=shell.look.px(HIGH), border=False, no_scrollbar=True,
            always_use_window_padding=True,
        )  # fmt: skip
        dpg.bind_item_theme(self._top, padded)
        views = {"wall": self.toggle_wall, "state": self.toggle_drawer, "sheet": self.save_sheet}
        self.controls = Controls(shell.look, self._top, self.turning, views)
        with dpg.group(horizontal=True, parent=parent):
            self.list = int(dpg.add_drawlist(100, 100))
            self._aside = dpg.add_child_window(
                width=shell.look.px(WIDE), border=False, show=False, always_use_window_padding=True
            )
        dpg.bind_item_theme(self._aside, padded)
        self._textures = textures = Textures()
        self.drawer = Drawer(shell.look, self._aside, self.turning, textures)
        ring, gallery, over = (int(dpg.add_draw_node(parent=self.list)) for _part in range(3))
        self._ring_panes, self._over = Panes(shell.look, ring), Panes(shell.look, over)
        self._ring_art = RingArt(self._ring_panes, textures)
        self._gallery_art = GalleryArt(shell.look, gallery, textures)
        self._hovering = Hovering(self._over.pen, textures)
        self._close_up = CloseUp(self._over.pen, textures)

    # once a frame

    def frame(self) -> None:
        """Bring up to date what changed, or what moves."""
        world = self.told.contract
        if world is None:
            return
        room = self.shell.docks.rects["middle"]
        width, height = self._size(room)
        self.turning.hear()
        self.controls.frame(room.width, self.told.failure)
        if self.look.drawer:
            self.drawer.frame(world)
        self._follow(width, height)
        self._draw(world, width, height, monotonic())

    def hanging(self, width: float, height: float) -> Hanging:
        """Where the exhibits hang now."""
        area = divided(width, height, self.look.wall).gallery
        hung: Hung = "wall" if self.look.wall else "strip"
        return Hanging(area, len(self.told.exhibits), hung, self.look.offset)

    def _size(self, room: Rect) -> tuple[float, float]:
        """The size of the drawlist, which follows the room. Units: pixels at scale 1."""
        px = self.shell.look.px
        aside = px(WIDE) if self.look.drawer else 0
        width, height = max(int(room.width - aside), 50), max(int(room.height - px(HIGH)), 50)
        if (width, height) != (dpg.get_item_width(self.list), dpg.get_item_height(self.list)):
            dpg.configure_item(self.list, width=width, height=height)
            dpg.configure_item(self._aside, height=height, show=self.look.drawer)
        return self._drawn

    @property
    def _drawn(self) -> tuple[float, float]:
        unit = self.shell.look.unit
        return dpg.get_item_width(self.list) / unit, dpg.get_item_height(self.list) / unit

    def _follow(self, width: float, height: float) -> None:
        """The newest exhibit stays in sight for whoever has not gone back to earlier ones."""
        hanging = self.hanging(width, height)
        step = hanging.card.width if hanging.hung == "strip" else hanging.card.height
        if hanging.most != self._most and self.look.offset >= self._most - step:
            self.look.offset = hanging.most
        self._most = hanging.most
        self.look.offset = min(max(self.look.offset, 0.0), hanging.most)

    def _moving(self, now: float) -> bool:
        latest = max((held.at for held in self.told.state.values()), default=0.0)
        return not self.look.wall and (bool(self.told.job) or now - latest < FLASH + 0.1)

    def _draw(self, world: WorldContract, width: float, height: float, now: float) -> None:
        """Each part that shows something else; what moves, so often as eyes can tell."""
        look, told = self.look, self.told
        room = divided(width, height, look.wall)
        if room.ring.height:
            self._draw_ring(world, room.ring, now)
        else:
            self._ring_panes.keep(())
        self._gallery_art.draw(told.exhibits, self.hanging(width, height), look.exhibit)
        place, at = self._place(), look.at if look.spot else None
        theme = self.shell.look.theme.name
        if self._over.anew("over", told.news, width, height, theme, place, look.spot, at):
            if place is not None:
                said = _("{place} of {count}").format(place=place + 1, count=len(told.exhibits))
                self._close_up.draw(told.exhibits[place], width, height, said)
            elif look.spot is not None:
                self._hovering.draw(world, told, look.spot, look.at, Rect(0, 0, width, height))
        self._textures.trim()

    def _draw_ring(self, world: WorldContract, room: Rect, now: float) -> None:
        if self._moving(now) and now - self._seen_at >= BEAT:
            self._seen_at = now
        inside = Rect(room.x + 8, room.y + 4, room.width - 16, room.height - 10)
        chosen = self.shell.studio.selection.nodes
        self.ring = self._ring_art.draw(
            world, self.told, inside, self.look.spot, chosen, self._seen_at
        )
        if self._ring_panes.anew("failure", self.told.failure) and self.told.failure:
            self._failed(self._ring_panes.pen, room)

    def _failed(self, pen: Pen, ring: Rect) -> None:
        """Why the last run came to nothing."""
        theme = pen.theme
        text = fonts.fit(self.told.failure.replace("\n", "  "), ring.width - 80, 14)
        wide = fonts.width(text, 14) + 28
        box = Rect(ring.x + 14, ring.bottom - 40, wide, 28)
        pen.rect(box, theme.bad.over(theme.window, 0.16), theme.bad, round_=6)
        pen.text(Point(box.x + 14, box.y + 6), text, 14, theme.text)

    # hands

    def mouse(self, event: Mouse) -> bool:
        """A mouse event, in the window's pixels; whether it was over the picture."""
        if not dpg.is_item_hovered(self.list) or self.shell.requests.open:
            if event.what == "move":
                self._point(NOWHERE)
            return False
        room = self.shell.docks.rects["middle"]
        unit = self.shell.look.unit
        at = Point((event.x - room.x) / unit, (event.y - room.y) / unit - HIGH)
        self._point(at)
        if event.what == "wheel":
            self.scroll(-event.turn * TURN)
        elif self.look.large is not None:
            if event.what == "press":
                self._past(at)
        elif event.what == "press":
            self._press(event, at)
        elif event.what == "double" and self.look.spot and self.look.spot.what == "stage":
            self.shell.studio.enter(self.look.spot.name)
        return True

    def focus(self) -> None:
        """What is said to the world takes the keys."""
        dpg.focus_item(self.controls.action)

    def close(self) -> None:
        """Its widgets go; the textures with them."""
        self._textures.close()

    def key(self, keys: str) -> bool:
        """A key; whether it was for the room."""
        look = self.look
        if typing():
            return False
        if keys == "Escape" and look.large is not None:
            look.large = None
            return True
        if keys == "Escape" and look.wall:
            self.toggle_wall()
            return True
        if keys in ("Left", "Right"):
            step = 1 if keys == "Right" else -1
            if look.large is not None:
                self._turn_page(step)
            else:
                self.scroll(step * 4 * TURN)
            return True
        if keys == "Space":
            self.turning.play()
            return True
        return False

    def scroll(self, by: float) -> None:
        """Move the gallery."""
        most = self.hanging(*self._drawn).most
        self.look.offset = min(max(self.look.offset + by, 0.0), most)

    def toggle_wall(self) -> None:
        """The gallery alone, or the ring with it."""
        self.look.wall = not self.look.wall
        self.look.offset, self.look.exhibit, self.look.spot = 1e9, None, None

    def toggle_drawer(self) -> None:
        """The state in full, or not."""
        self.look.drawer = not self.look.drawer
        dpg.configure_item(self._aside, show=self.look.drawer)

    def save_sheet(self) -> None:
        """Ask where to, and write the gallery as one picture."""
        studio, exhibits = self.shell.studio, list(self.told.exhibits)
        if not any(exhibit.picture for exhibit in exhibits):
            studio.say(_("There is no picture in the gallery yet"), "warning")
            return

        def accept(path: Path) -> None:
            try:
                path = write_sheet(path, studio.document.title, exhibits)
            except (OSError, FileError) as error:
                studio.say(str(error), "error")
            else:
                studio.say(_("Saved {path}").format(path=path))

        place = sheet_path(studio.path)
        pick = Pick(
            _("Save the gallery as a picture"), _("Save"), (Kind(_("Pictures"), (".png",)),),
            accept, True, place.name, place.parent,
        )  # fmt: skip
        studio.request(pick)

    def _point(self, at: Point) -> None:
        """What is under the cursor."""
        look = self.look
        look.at = at
        look.spot = look.exhibit = None
        if at.x < 0 or look.large is not None:
            return
        look.exhibit = self.hanging(*self._drawn).hit(*at)
        if look.exhibit is None and self.ring is not None and not look.wall:
            look.spot = self.ring.hit(*at)

    def _press(self, event: Mouse, at: Point) -> None:
        look = self.look
        if look.exhibit is not None:
            look.large = self.told.exhibits[look.exhibit].number
        elif look.spot is not None and look.spot.what == "stage":
            self.shell.studio.select(Selection(frozenset({look.spot.name})))
            if event.button == "right":
                self._stage_menu(look.spot.name)
        elif look.spot is not None and not look.drawer:
            self.toggle_drawer()

    def _stage_menu(self, name: str) -> None:
        if self._menu is not None and dpg.does_item_exist(self._menu):
            dpg.delete_item(self._menu)
        with dpg.window(popup=True, no_saved_settings=True) as self._menu:
            dpg.add_menu_item(
                label=f"{ICONS['play']}   {_('Run this stage only')}",
                enabled=not self.turning.turns, callback=lambda: self.turning.stages((name,)),
            )  # fmt: skip
            dpg.add_menu_item(
                label=f"{ICONS['log-in']}   {_('Enter')}",
                callback=lambda: self.shell.studio.enter(name),
            )

    def _past(self, at: Point) -> None:
        """A press beside the sheet takes it away; on its halves it turns the page."""
        sheet, picture, _words = laid(*self._drawn)
        if not sheet.holds(*at):
            self.look.large = None
        elif picture.holds(*at):
            self._turn_page(1 if at.x > picture.centre.x else -1)

    def _place(self) -> int | None:
        """Where the exhibit hangs that is seen large."""
        for place, exhibit in enumerate(self.told.exhibits):
            if exhibit.number == self.look.large:
                return place
        return None

    def _turn_page(self, step: int) -> None:
        place = self._place()
        if place is not None:
            next_ = min(max(place + step, 0), len(self.told.exhibits) - 1)
            self.look.large = self.told.exhibits[next_].number
