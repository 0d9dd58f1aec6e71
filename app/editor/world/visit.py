"""When the world's room is seen: at the top of a document whose root is a world, until it is left.

One for each window; what was told of the world outlives the room's widgets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.actions import Action
from app.editor.areas import Panel
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.places import TOP
from app.editor.world.contract import contract_of
from app.editor.world.turning import Turning
from app.editor.world.view import WorldView

if TYPE_CHECKING:
    from app.editor.shell import Shell

NAME = "world"


class Visit:
    """Shows and hides the room, and tells what it shows."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.told = shell.engine.heard.world
        self.turning = Turning(shell, self.told)
        self.view: WorldView | None = None
        self.wanted = False
        self._seen = (-1, -1)
        self._asked = False
        shell.docks.add(Panel(NAME, _("World"), "middle", self._build, "orbit", open=False))
        shell.add_actions(
            [
                Action("world", _("World or graph"), lambda _d: self.toggle(), "View",
                       "Ctrl+Shift+W", lambda _d: self.told.contract is not None, "orbit",
                       lambda _d: self.seen),
                Action("turn", _("Turn the world once"), lambda _d: self.turning.turn(), "World",
                       "F9", lambda _d: self.can and not self.turning.turns, "step-forward"),
                Action("play world", _("Play or pause the world"), lambda _d: self.turning.play(),
                       "World", "Shift+F9", lambda _d: self.can, "play"),
                Action("begin anew", _("Fresh start"), lambda _d: self.turning.begin_anew(), "World",
                       "", lambda _d: self.can and not self.turning.turns, "refresh-cw"),
                Action("save gallery", _("Save the gallery as a picture…"),
                       lambda _d: self.view.save_sheet() if self.view else None, "World", "",
                       lambda _d: self.seen and bool(self.told.exhibits), "file-image"),
            ]
        )  # fmt: skip
        with dpg.group(horizontal=True, parent=shell.toolbar, horizontal_spacing=2) as self._tabs:
            self._graph = dpg.add_button(
                label=f"{ICONS['workflow']}  {_('Graph')}", callback=lambda: self.show(False)
            )
            self._world = dpg.add_button(
                label=f"{ICONS['orbit']}  {_('World')}", callback=lambda: self.show(True)
            )

    @property
    def can(self) -> bool:
        """Whether there is a world to turn."""
        return self.told.contract is not None

    @property
    def seen(self) -> bool:
        """Whether the room is on the screen."""
        return NAME in self.shell.docks.areas.shown

    def toggle(self) -> None:
        """The room, or the graph."""
        self.show(not self.seen)

    def show(self, room: bool) -> None:
        """The room from now on, or the graph; from inside a stage it is gone to the top for."""
        self.wanted = room
        if room and self.shell.studio.place != TOP:
            self.shell.studio.go(TOP)

    def frame(self) -> None:
        """Once a frame: follow the document, and where people look."""
        studio = self.shell.studio
        news = (studio.news["document"], studio.news["opened"])
        if news != self._seen:
            opened = news[1] != self._seen[1]
            self._seen = news
            self.told.know(contract_of(studio.document))
            if opened:
                self.wanted = self.told.contract is not None
                self._asked = False
        self._ask_where()
        wanted = self.wanted and self.can and studio.place == TOP
        if wanted != self.seen:
            self.shell.docks.toggle(NAME)
            if not wanted:
                self.view = None
        self._tell_tabs()

    def _ask_where(self) -> None:
        """An engine that has just come tells where its world stands."""
        ready = self.shell.engine.ready
        if not ready:
            self._asked = False
        elif self.can and not self._asked:
            from app.engine.commands import AskWorld

            self._asked = True
            self.shell.engine.ask(AskWorld())

    def _tell_tabs(self) -> None:
        shown = bool(dpg.is_item_shown(self._tabs))
        if shown != self.can:
            dpg.configure_item(self._tabs, show=self.can)
        for item, on in ((self._graph, not self.seen), (self._world, self.seen)):
            tone = self.shell.look.words("text" if on else "faint")
            dpg.bind_item_theme(item, tone)

    def _build(self, shell: Shell, parent: int) -> WorldView:
        self.view = WorldView(shell, parent, self)
        return self.view
