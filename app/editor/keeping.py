"""Settings and the window they are of: put on at the start, and kept whenever people change them.

The window is the truth for what it shows (theme, panels, sizes, shortcuts); settings are its memory.
"""

from __future__ import annotations

from app.editor.areas import Sizes
from app.editor.gui import dpg
from app.editor.settings import PanelPlace, Settings
from app.editor.shell import Shell
from app.editor.studio import Studio


def prefer(studio: Studio, settings: Settings) -> None:
    """The studio is as the person likes it."""
    studio.theme = settings.theme
    studio.board.snap, studio.board.minimap = settings.snap, settings.minimap
    studio.news["theme"] += 1


class Keeping:
    """Keeps one window's layout and looks. Made when all panels have registered themselves."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.settings = shell, shell.settings
        self._arrange(self.settings.value)
        self._seen: object = None
        shell.each_frame(self.frame)

    def frame(self) -> None:
        """Keep what is otherwise than it was."""
        studio, docks = self.shell.studio, self.shell.docks
        size = (dpg.get_viewport_width(), dpg.get_viewport_height())
        areas = docks.areas
        key = (
            studio.theme, studio.board.snap, studio.board.minimap, size, areas.sizes,
            frozenset(areas.shown), tuple(areas.places.items()), self.shell.actions.binding,
        )  # fmt: skip
        if key == self._seen:
            return
        first, self._seen = self._seen is None, key
        if not first:
            self._keep(size)

    def _keep(self, size: tuple[int, int]) -> None:
        studio, areas = self.shell.studio, self.shell.docks.areas
        sizes = {"left": areas.sizes.left, "right": areas.sizes.right, "bottom": areas.sizes.bottom}
        window = self.settings.value.window.model_copy(update=sizes)
        if size[0] >= 640 and size[1] >= 420:
            window = window.model_copy(update={"width": size[0], "height": size[1]})
        bound = self.shell.actions.bound()
        default = self.shell.actions.default
        known = {name: keys for name, keys in bound.items() if keys != default(name)}
        others = {n: k for n, k in self.settings.value.shortcuts.items() if n not in bound}
        panels = {
            name: PanelPlace(area=area, shown=name in areas.shown)
            for name, area in areas.places.items()
            if area != "middle"  # what covers the canvas comes and goes by itself
        }
        self.settings.change(
            theme=studio.theme, snap=studio.board.snap, minimap=studio.board.minimap,
            window=window, shortcuts={**others, **known},
            panels={**self.settings.value.panels, **panels},
        )  # fmt: skip

    def _arrange(self, settings: Settings) -> None:
        window, areas = settings.window, self.shell.docks.areas
        areas.sizes = Sizes(window.left, window.right, window.bottom)
        for name, place in settings.panels.items():
            if name in areas.panels and areas.places[name] != "middle":
                areas.places[name] = place.area
                (areas.shown.add if place.shown else areas.shown.discard)(name)
        self.shell.docks.arrange()
        actions = self.shell.actions
        made = {row.name: actions.default(row.name) for row in actions}
        actions.rebind({**made, **settings.shortcuts})
