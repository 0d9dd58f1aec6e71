"""What the canvas asks the window for: a block to be found, a text to be written, a menu, an action."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.editor import terms, windows
from app.editor.canvas.art import CATEGORY_ICONS
from app.editor.canvas.camera import Point
from app.editor.canvas.changes import added
from app.editor.canvas.fitting import matching
from app.editor.chooser import WIDE, Asker, Choice, Chooser
from app.editor.dialogs.dialog import Dialog, QuestionDialog
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.library.stock import RECENT
from app.editor.menus import BLANK, menu_words
from app.editor.studio import Ask, Menu, Palette, Request, Search, Selection
from app.editor.wishes import Choose, Draw, Pick, Question, Show
from graphs.spec.catalogue import BlockType

if TYPE_CHECKING:
    from app.editor.canvas_picture import CanvasPicture
    from app.editor.shell import Shell

HIGH = 440.0  # of a chooser
Window = Chooser | Asker | Dialog


class Requests:
    """Answers them one after the other; one popup is open at most."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.studio = shell, shell.studio
        self.picture: CanvasPicture | None = None
        self.popup: Window | None = None

    @property
    def open(self) -> bool:
        """Whether a popup takes the keys and the mouse."""
        return self.popup is not None and self.popup.open

    def frame(self) -> None:
        """Answer what was asked since the last frame."""
        if self.popup is not None and self.popup.open:
            self.popup.frame()
        if self.picture is not None:
            self.picture.frame()
        asked, self.studio.requests = self.studio.requests, []
        for request in asked:
            if self.popup is not None:
                self.popup.close()
            self.popup = self._answered(request)

    def _answered(self, request: Request) -> Window | None:
        match request:
            case Search():
                return self._search(request)
            case Palette():
                return self._palette()
            case Ask():
                px = self.shell.look.px
                at = self._corner(px(340), px(100 + 24 * request.lines))
                return Asker(
                    self.shell.look, at, request.title, request.value, request.accept, request.lines
                )
            case Question():
                return QuestionDialog(self.shell.look, request)
            case Pick():
                from app.editor.dialogs.picker import Picker

                return Picker(self.shell.look, request)
            case Choose():
                return self._choose(request)
            case Draw():
                self._draw(request.path)
                return None
            case Show():
                return windows.built(request.window, self.shell)
            case Menu():
                self.shell.menus.pop(request.actions, request.at or self._corner(0, 0))
                return None

    def _draw(self, path: Path) -> None:
        from app.editor.canvas_picture import CanvasPicture

        if "middle" in self.shell.docks.rects:
            self.studio.say(_("Look at a canvas first"), "warning")
        elif self.picture is None or self.picture.done:
            self.picture = CanvasPicture(self.shell, path)

    def _choose(self, request: Choose) -> Chooser:
        rows = [
            Choice(row.name, row.title, row.right, row.about, ICONS.get(row.icon, ""))
            for row in request.rows
        ]
        return Chooser(self.shell.look, self._top(), request.hint, rows, request.take)

    def _top(self) -> Point:
        """Where a list goes that belongs to no place: high in the middle."""
        canvas = self.shell.docks.rects["canvas"]
        return Point(
            canvas.x + max((canvas.width - self.shell.look.px(WIDE)) / 2, 8), canvas.y + 48
        )

    def _corner(self, wide: float, high: float, spot: Point | None = None) -> Point:
        """Where a little window goes: at the cursor, or a place on the canvas, all of it seen."""
        canvas = self.shell.docks.rects["canvas"]
        spot = spot or self.studio.board.cursor
        x = min(max(spot.x, 8), max(canvas.width - wide - 8, 8))
        y = min(max(spot.y, 8), max(canvas.height - high - 8, 8))
        return Point(canvas.x + x, canvas.y + y)

    def _search(self, request: Search) -> Chooser:
        """All block types, or those that fit a wire; what is taken stands there and is wired."""
        studio, scene = self.studio, self.studio.scene
        if request.pin is None:
            fitting = {kind.name: "" for kind in studio.catalogue.types.values()}
            hint = _("Add a node: its name, or what it does")
        else:
            port = scene.port(request.pin, request.side)
            shape = scene.shape(request.pin) if request.side == "out" else None
            found = matching(studio.catalogue, port, shape, request.side) if port else ()
            fitting = {kind.name: name for kind, name in found}
            hint = _("What fits {pin}").format(pin=request.pin)
        choices = [self._kind(studio.catalogue.types[name]) for name in self._ordered(fitting)]

        def take(name: str) -> None:
            kind = studio.catalogue.types[name]
            node, edit = added(scene, kind, request.at, request.pin, request.side, fitting[name])
            if studio.do(edit):
                studio.select(Selection(frozenset({node})))
                self.shell.settings.used(f"block:{name}")

        px = self.shell.look.px
        at = self._corner(px(WIDE + 10), px(HIGH), studio.board.camera.to_screen(*request.at))
        return Chooser(self.shell.look, at, hint, choices, take)

    def _ordered(self, names: Iterable[str]) -> list[str]:
        """Block types, first those that were used last."""
        used = [key.removeprefix("block:") for key in self.shell.settings.value.used]
        place = {name: number for number, name in enumerate(used[:RECENT])}
        return sorted(names, key=lambda n: (place.get(n, RECENT), n.rpartition("/")[2].lower()))

    def _kind(self, kind: BlockType) -> Choice:
        icon = ICONS[CATEGORY_ICONS.get(kind.category, "box")]
        short = kind.name.rpartition("/")[2]
        return Choice(kind.name, short, terms.kind(kind.category), kind.summary, icon)

    def _palette(self) -> Chooser:
        actions = self.shell.actions
        choices = [
            Choice(row.name, row.label, actions.keys(row.name), menu_words(row.menu),
                   ICONS.get(row.icon, BLANK))
            for row in actions
            if actions.can(row.name) and not row.pointed
        ]  # fmt: skip
        return Chooser(self.shell.look, self._top(), _("Do…"), choices, self._run)

    def _run(self, name: str) -> None:
        self.shell.actions.run(name)
