"""The shell: menu, breadcrumb, the canvas in the middle, areas for panels around it, the status bar.

One frame: take mouse and keys in, let the studio and the panels look at the news, bring the canvas up
to date. Everything happens on this one thread.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from app.editor.actions import Action, Actions, Desk
from app.editor.acts.table import table
from app.editor.areas import Area, Panel
from app.editor.bars import Bars
from app.editor.canvas.gestures import Gestures
from app.editor.canvas.inputs import Mouse
from app.editor.canvas.painter import Painter
from app.editor.colours import THEMES
from app.editor.docks import Docks
from app.editor.engine_link import EngineLink
from app.editor.filing import Filing
from app.editor.gui import dpg
from app.editor.menus import Menus
from app.editor.pointer import Key, Pointer
from app.editor.recovery import Autosave, Draft
from app.editor.requests import Requests
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.system_clipboard import SystemClipboard
from app.editor.theme import Look

if TYPE_CHECKING:
    from app.editor.jobs.work import Work

CANVAS = ("", "Edit", "Node", "Arrange")  # menus of what is done to a canvas that is seen


class Shell:
    """The one window. Panels are given it: what they may use comes first."""

    def __init__(
        self,
        studio: Studio,
        look: Look,
        engine: EngineLink | None = None,
        settings: SettingsFile | None = None,
    ) -> None:
        """`engine` need not be started yet; without one there is one that never is. Without
        `settings` there are the defaults, and nothing is kept.
        """
        self.studio, self.look = studio, look
        self.engine = engine or EngineLink(studio)
        self.settings = settings or SettingsFile()
        self.files = Filing(studio, self.settings, self.engine)
        self.drafts: list[Draft] = []  # what was left by programs that are gone
        self.autosave: Autosave | None = None
        self.gestures = Gestures(studio)
        self.clipboard = SystemClipboard()
        desk = Desk(studio, self.gestures, self.clipboard.read, self.clipboard.write, self.files)
        self.actions = Actions(desk, table())
        self.work: Work | None = None  # running and training, once the window has them
        self.busy = 0.0  # seconds that the last frame took on this thread, without waiting
        self.pointer = Pointer()
        self._before: list[Callable[[], None]] = []
        self._theme = -1
        with dpg.theme() as bare, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
            dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 0)
        self.rebuild = (
            False  # whether another window shall take its place, in another language or size
        )
        with dpg.window(no_scrollbar=True, no_scroll_with_mouse=True) as window:
            self.menus = Menus(studio, self.actions, look)
            self.docks = Docks(self)
        for item in (window, self.docks.items["canvas"]):
            dpg.bind_item_theme(item, bare)
        self.bars = Bars(self)
        self.requests = Requests(self)
        self.painter = Painter(studio, look, self.docks.items["canvas"])
        self._window = int(window)
        dpg.set_primary_window(window, True)

    def add_panel(self, panel: Panel) -> None:
        """A panel registers itself; View › Panels shows and hides it."""
        self.docks.add(panel)
        row = Action(
            f"panel {panel.name}", panel.title, lambda _: self.docks.toggle(panel.name),
            "View/Panels", icon=panel.icon,
            ticked=lambda _: panel.name in self.docks.areas.shown,
        )  # fmt: skip
        self.add_actions([row])

    def add_actions(self, rows: Iterable[Action]) -> None:
        """More things to do: in menus, in the palette, and by their shortcuts at once."""
        found = list(rows)
        self.actions.add(found)
        for row in found:
            self.menus.add(row)

    def each_frame(self, do: Callable[[], None]) -> None:
        """Do this once a frame, after the engine was listened to and before anything is drawn."""
        self._before.append(do)

    def dock(self, name: str, area: Area) -> None:
        """Put a panel into another area."""
        self.docks.dock(name, area)

    @property
    def toolbar(self) -> int:
        """The group at the right of the upper bar, where controls may be put."""
        return self.bars.tools

    def frame(self) -> None:
        """One turn of the loop, without waiting for the next picture."""
        start = perf_counter()
        dpg.run_callbacks(dpg.get_callback_queue())
        self.engine.frame()
        for do in self._before:
            do()
        if self.studio.news["theme"] != self._theme:
            self._theme = self.studio.news["theme"]
            self.look.wear(THEMES[self.studio.theme])
        self.docks.frame()
        self._take_in()
        self.clipboard.frame()
        self.studio.frame()
        self._autosave()
        self.gestures.tick()
        self.requests.frame()
        self.menus.frame()
        self.bars.frame()
        self.painter.frame(self.gestures.overlay(), resting=self.gestures.hand is None)
        self.busy = perf_counter() - start

    def run(self) -> None:
        """Frames until the window is closed, or another shall take its place."""
        gc.freeze()  # what is there now lives as long as the window: looking at it again stops frames
        while dpg.is_dearpygui_running() and not (self.studio.closing or self.rebuild):
            self.frame()
            dpg.render_dearpygui_frame()

    def close(self) -> None:
        """The window's items go; the studio, the engine and what is kept stay for another window."""
        self.docks.close()
        if self.work is not None:
            self.work.close()
        self.pointer.close()
        self.clipboard.close()
        if self.requests.popup is not None:
            self.requests.popup.close()
        dpg.delete_item(self._window)

    def _autosave(self) -> None:
        if self.autosave is not None and self.settings.value.autosave:
            studio = self.studio
            self.autosave.frame(studio.document, studio.path, studio.open.dirty)

    def _take_in(self) -> None:
        over = bool(dpg.is_item_hovered(self.painter.list)) and not self.requests.open
        for event in self.pointer.taken():
            if isinstance(event, Key):
                self._key(event)
            elif event.what == "press" and self.requests.open and self.requests.popup is not None:
                self.requests.popup.clicked_past()
            elif self.gestures.hand is not None or not self.docks.mouse(event):
                self._mouse(event, over)

    def _mouse(self, event: Mouse, over: bool) -> None:
        if self.docks.covered:
            return
        canvas = self.docks.rects["canvas"]
        here = replace(event, x=event.x - canvas.x, y=event.y - canvas.y)
        if over or self.gestures.hand is not None:
            if event.what == "press":
                dpg.focus_item(self.docks.items["canvas"])
            self.gestures.mouse(here)
        elif event.what == "move":
            self.studio.board.cursor = here.at
            self.gestures.leave()

    def _key(self, event: Key) -> None:
        if self.requests.open and self.requests.popup is not None:
            self.requests.popup.key(event.keys)
        elif (
            self.docks.key(event.keys)
            or (event.keys == "Escape" and self.menus.escape())
            or self.pointer.typing
        ):
            return
        elif self.docks.covered:
            self.actions.press(event.keys, hidden=CANVAS)
        elif not self.gestures.key(event.keys):
            self.actions.press(event.keys)
