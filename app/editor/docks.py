"""The window's areas on the screen: their child windows, the panels in them, the borders that are drawn.

A panel behind another has its tab and nothing else: it is built when it first comes to the front, so
that the window need not wait for what nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.editor import fonts
from app.editor.areas import AREAS, EDGES, Area, Areas, HandledPanel, Panel, PanelView
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.inputs import Mouse
from app.editor.gui import dpg
from app.editor.icons import ICONS

if TYPE_CHECKING:
    from app.editor.shell import Shell

MENU = 30.0  # how high the menu bar is


class Docks:
    """Puts the parts of the window where the areas say."""

    def __init__(self, shell: Shell) -> None:
        """Inside the window that is being built."""
        self.shell = shell
        self.areas = Areas(unit=shell.look.unit)
        self.rects: dict[str, Rect] = self.areas.rects(640, 480, MENU)
        self.items: dict[str, int] = {}
        self._views: dict[str, PanelView] = {}
        self._tabs: dict[str, tuple[int, int]] = {}  # panel -> its tab bar and its tab
        self._tips: dict[int, int] = {}  # tab -> what is said of it
        self._tip = 0
        self._handled: list[HandledPanel] = []
        self._built: dict[Area, list[str]] = {area: [] for area in AREAS}
        self._size = (0, 0)
        self._drawn: Area | None = None
        self._from = Point(0, 0)
        with dpg.theme() as padded, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, shell.look.px(8), shell.look.px(2))
        for name in ("bar", "canvas", *AREAS, "status"):
            self.items[name] = dpg.add_child_window(
                no_scrollbar=name not in EDGES, no_scroll_with_mouse=name == "canvas",
                border=False, show=name not in AREAS, always_use_window_padding=name in AREAS,
            )  # fmt: skip
            if name in AREAS:
                dpg.bind_item_theme(self.items[name], padded)

    def add(self, panel: Panel) -> None:
        """A panel is there, and has its tab if it is open."""
        self.areas.add(panel)
        self._build()

    def toggle(self, name: str) -> None:
        """Show a panel, before the others of its area, or hide it."""
        if name in self.areas.shown:
            self.areas.shown.remove(name)
            self._build()
        else:
            self.show((name,), name)

    def focus(self, name: str) -> None:
        """A panel is seen, before the others of its area, and its field takes the keys."""
        if name not in self.areas.shown:
            self.toggle(name)
        bar, tab = self._tabs[name]
        dpg.set_value(bar, tab)
        view = self.view(name)
        if isinstance(view, HandledPanel):
            view.focus()

    def view(self, name: str) -> PanelView:
        """A panel that has a tab, built now if nobody saw it yet. Raises: KeyError when it has none."""
        if name not in self._views:
            self._views[name] = self.areas.panels[name].build(self.shell, self._tabs[name][1])
            self._note_handled()
        return self._views[name]

    def key(self, keys: str) -> bool:
        """A key for a panel that is written in; whether it was taken."""
        return any(view.key(keys) for view in self._handled)

    def show(self, names: Iterable[str], front: str, size: float = 0.0) -> None:
        """These panels are seen, one in front of the others of its area, which has this size at least."""
        area = self.areas.places.get(front, "middle")
        if area in EDGES and size > getattr(self.areas.sizes, area):
            self.areas.resize(area, size - getattr(self.areas.sizes, area))
        self.areas.shown |= {name for name in names if name in self.areas.panels}
        self._build()
        if front in self._tabs:
            bar, tab = self._tabs[front]
            dpg.set_value(bar, tab)

    def dock(self, name: str, area: Area) -> None:
        """Put a panel into another area."""
        self.areas.places[name] = area
        self._build()

    def arrange(self) -> None:
        """Areas and panels are as the table says, which somebody changed."""
        self._build()

    def close(self) -> None:
        """The views let go of what they hold."""
        for view in self._handled:
            view.close()
        self._handled = []

    def frame(self) -> None:
        """Follow the size of the window, and let the panels look at the news."""
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if size != self._size:
            self._size = size
            self._lay_out(*size)
        self._show_tip()
        for name in [name for area in AREAS if (name := self._front(area))]:
            self.view(name).frame()

    def _front(self, area: Area) -> str:
        """The panel that is seen in an area, "" where none is."""
        held = self._built[area]
        if area == "middle" or not held:
            return held[-1] if held else ""
        chosen = dpg.get_value(self._tabs[held[0]][0])  # nothing before the first picture of it
        return next((name for name in held if self._tabs[name][1] == chosen), held[0])

    def _show_tip(self) -> None:
        """Of the tab that the mouse is on. Dear PyGui would show it over all of the tab's panel too."""
        over = next((tip for tab, tip in self._tips.items() if dpg.is_item_hovered(tab)), 0)
        if over != self._tip:
            for item in {over, self._tip} - {0}:
                if dpg.does_item_exist(item):
                    dpg.configure_item(item, show=item == over)
            self._tip = over

    @property
    def width(self) -> int:
        """How wide the window is inside."""
        return self._size[0]

    @property
    def covered(self) -> bool:
        """Whether a panel in the middle covers the canvas."""
        return bool(self._built["middle"])

    def mouse(self, event: Mouse) -> bool:
        """Draw a border, or let a panel have it; whether the event was for one."""
        if event.what == "press" and event.button == "left":
            for area in EDGES:
                border = self.areas.border(area, self.rects)
                if border is not None and border.holds(event.x, event.y):
                    self._drawn, self._from = area, event.at
                    return True
        if self._drawn is None:
            took = [view.mouse(event) for view in self._handled]  # a move is news to all of them
            return any(took)
        if event.what == "release":
            self._drawn = None
        elif event.what == "move":
            dx, dy = event.x - self._from.x, event.y - self._from.y
            self._from = event.at
            self.areas.resize(self._drawn, {"left": dx, "right": -dx, "bottom": -dy}[self._drawn])
            self._size = (0, 0)
        return True

    def _build(self) -> None:
        """Build anew what areas hold, where it is not what they held.

        All that goes is gone before anything comes: a panel may move from one area to another.
        """
        wanted = {area: self.areas.held(area) for area in AREAS}
        wanted["middle"] = wanted["middle"][-1:]  # the one that came last, without a tab
        changed = [a for a in AREAS if [p.name for p in wanted[a]] != self._built[a]]
        for area in changed:
            dpg.delete_item(self.items[area], children_only=True)
            self._tips = {t: tip for t, tip in self._tips.items() if dpg.does_item_exist(t)}
            for gone in self._built[area]:
                view = self._views.pop(gone, None)
                if isinstance(view, HandledPanel):
                    view.close()
                self._tabs.pop(gone, None)
            self._built[area] = [panel.name for panel in wanted[area]]
        for area in changed:
            panels = wanted[area]
            if not panels:
                continue
            if area == "middle":
                self._views[panels[0].name] = panels[0].build(self.shell, self.items[area])
                continue
            # Without an item before it the first tab takes the width of the area that holds it.
            dpg.add_spacer(width=1, height=1, parent=self.items[area])
            bar = dpg.add_tab_bar(parent=self.items[area])
            for panel in panels:
                tab = int(dpg.add_tab(label=panel.title, parent=bar))
                with dpg.tooltip(tab, delay=0.4, show=False) as tip:
                    dpg.add_text(panel.title)
                self._tips[tab] = int(tip)
                self._tabs[panel.name] = int(bar), tab
        self._note_handled()
        self._size = (0, 0)

    def _note_handled(self) -> None:
        views = self._views.values()
        self._handled = [view for view in views if isinstance(view, HandledPanel)]

    def _label_tabs(self, area: Area, wide: float) -> None:
        """Icons and words where there is room for both, else words, else icons."""
        panels, look = self.areas.held(area), self.shell.look
        words = sum(fonts.width(panel.title, look.text) + look.px(26) for panel in panels)
        both = words + len(panels) * look.px(26)
        room = wide - look.px(16)
        for panel in panels:
            icon = ICONS.get(panel.icon, "")
            label = f"{icon}  {panel.title}" if icon and both <= room else panel.title
            label = icon if icon and words > room else label
            dpg.configure_item(self._tabs[panel.name][1], label=label)

    def _lay_out(self, width: int, height: int) -> None:
        self.rects = self.areas.rects(width, height, MENU * self.shell.look.unit)
        for name, item in self.items.items():
            rect = self.rects.get(name, Rect(0, 0, 1, 1))
            dpg.configure_item(
                item, pos=[int(rect.x), int(rect.y)], width=int(rect.width),
                height=int(rect.height),
                show=name in self.rects and not (name == "canvas" and self.covered),
            )  # fmt: skip
            if name in EDGES and name in self.rects:
                self._label_tabs(name, rect.width)
        canvas = self.rects["canvas"]
        self.shell.studio.resize(canvas.width, canvas.height)
