"""The shell: menu, breadcrumb, the canvas in the middle, areas for panels around it, the status bar.

One frame: take mouse and keys in, let the studio and the panels look at the news, bring the canvas up
to date, draw. Everything happens on this one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

from app.editor.actions import Action, Actions, Desk, table
from app.editor.areas import AREAS, Area, Areas, Panel, PanelView
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.changes import added
from app.editor.canvas.fitting import matching
from app.editor.canvas.gestures import Gestures
from app.editor.canvas.inputs import Mouse
from app.editor.canvas.painter import Painter
from app.editor.chooser import Asker, Choice, Chooser
from app.editor.colours import THEMES
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.places import trail
from app.editor.pointer import Key, Pointer, typing
from app.editor.studio import Ask, Menu, Palette, Search, Selection, Studio
from app.editor.theme import Look
from graphs.spec.catalogue import BlockType

MENU = 30.0
LEVEL_ICONS = {"graph": "workflow", "pipeline": "git-merge", "stage": "square-stack", "world": "globe"}
MENUS = ("File", "Edit", "Node", "Arrange", "View")


class Shell:
    """The one window."""

    def __init__(self, studio: Studio, look: Look) -> None:
        self.studio, self.look = studio, look
        self.gestures = Gestures(studio)
        desk = Desk(studio, self.gestures, dpg.get_clipboard_text, dpg.set_clipboard_text)
        self.actions = Actions(desk, table())
        self.areas = Areas()
        self.popup: Chooser | Asker | None = None
        self.busy = 0.0  # seconds that the last frame took on this thread, without waiting
        self._pointer = Pointer()
        self._views: dict[str, PanelView] = {}
        self._tabs: dict[str, int] = {}
        self._items: dict[str, int] = {}
        self._split: Area | None = None
        self._seen: dict[str, int] = {}
        self._size = (0, 0)
        self._menus: dict[str, int] = {}
        self._menu_rows: dict[str, int] = {}
        self._menu_window: int | None = None
        self._before: list[Callable[[], None]] = []
        self._build()
        look.wear(THEMES[studio.theme])

    # what panels use

    def add_panel(self, panel: Panel) -> None:
        """A panel registers itself; it is built when it is first seen."""
        self.areas.add(panel)
        action = Action(
            f"panel {panel.name}", panel.title, lambda _: self.toggle(panel.name), "View/Panels", "",
            icon=panel.icon, ticked=lambda _: panel.name in self.areas.shown,
        )  # fmt: skip
        self.add_actions([action])
        self._relaid()

    def add_actions(self, rows: Iterable[Action]) -> None:
        """More things to do: they stand in menus, in the palette and have shortcuts at once."""
        found = list(rows)
        self.actions.add(found)
        for row in found:
            self._menu_row(row)

    def each_frame(self, do: Callable[[], None]) -> None:
        """Do this once a frame, before anything is drawn; the engine is listened to so."""
        self._before.append(do)

    @property
    def toolbar(self) -> int:
        """The group at the right of the bar, where controls may be put."""
        return self._items["tools"]

    def toggle(self, name: str) -> None:
        """Show a panel, or hide it."""
        self.areas.shown ^= {name}
        self._relaid()

    def dock(self, name: str, area: Area) -> None:
        """Put a panel into another area."""
        self.areas.places[name] = area
        self._relaid()

    # building

    def _build(self) -> None:
        with dpg.theme() as bare, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, 0, 0)
            dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 0)
        with dpg.window(tag="shell", no_scrollbar=True, no_scroll_with_mouse=True):
            with dpg.menu_bar():
                for name in MENUS:
                    self._menus[name] = dpg.add_menu(label=name)
            self._items["bar"] = dpg.add_child_window(no_scrollbar=True, border=False)
            self._items["canvas"] = dpg.add_child_window(
                no_scrollbar=True, no_scroll_with_mouse=True, border=False
            )
            for area in AREAS:
                self._items[area] = dpg.add_child_window(border=False, show=False)
            self._items["status"] = dpg.add_child_window(no_scrollbar=True, border=False)
        for item in ("shell", self._items["canvas"]):
            dpg.bind_item_theme(item, bare)
        self._build_bar()
        self._build_status()
        for action in self.actions:
            self._menu_row(action)
        self.painter = Painter(self.studio, self.look, self._items["canvas"])
        dpg.set_primary_window("shell", True)

    def _build_bar(self) -> None:
        with dpg.group(horizontal=True, parent=self._items["bar"], pos=[12, 7]):
            self._items["trail"] = dpg.add_group(horizontal=True)
        with dpg.group(horizontal=True, parent=self._items["bar"]) as right:
            self._items["bar_right"] = right
            self._items["tools"] = dpg.add_group(horizontal=True)
            dpg.add_text(ICONS["graduation-cap"])
            self._items["plan"] = dpg.add_combo(
                width=150, callback=lambda _, name: self.studio.choose_plan(name)
            )
            with dpg.tooltip(self._items["plan"]):
                dpg.add_text("The plan whose train modes the chips show")

    def _build_status(self) -> None:
        with dpg.group(horizontal=True, parent=self._items["status"], pos=[12, 4]):
            self._items["notice"] = dpg.add_text("")
        with dpg.group(horizontal=True, parent=self._items["status"]) as right:
            self._items["facts_row"] = right
            self._items["facts"] = dpg.add_text("")
            self._items["problems"] = dpg.add_button(
                label="", small=True, callback=lambda: self.toggle("problems")
            )

    def _menu_row(self, action: Action) -> None:
        if not action.menu:
            return
        first, *rest = action.menu.split("/")
        parent = self._menus.get(first)
        if parent is None:
            return
        for depth in range(len(rest)):
            key = "/".join([first, *rest[: depth + 1]])
            if key not in self._menus:
                self._menus[key] = dpg.add_menu(label=rest[depth], parent=parent)
            parent = self._menus[key]
        icon = ICONS.get(action.icon, " ")
        row = dpg.add_menu_item(
            label=f"{icon}   {action.label}", shortcut=self.actions.keys(action.name),
            check=action.ticked is not None, parent=parent,
            callback=lambda: self.actions.run(action.name),
        )  # fmt: skip
        self._menu_rows[action.name] = row

    # a frame

    def frame(self) -> None:
        """One turn of the loop, without waiting for the next picture."""
        start = perf_counter()
        dpg.run_callbacks(dpg.get_callback_queue())
        for do in self._before:
            do()
        self._lay_out()
        self._take_in()
        self.studio.frame()
        self.gestures.tick()
        self._ask()
        self._refresh()
        for name, view in self._views.items():
            if name in self.areas.shown:
                view.frame()
        self.painter.frame(self.gestures.overlay(), resting=self.gestures.hand is None)
        self.busy = perf_counter() - start

    def run(self) -> None:
        """Frames until the window is closed."""
        while dpg.is_dearpygui_running() and not self.studio.closing:
            self.frame()
            dpg.render_dearpygui_frame()

    def _take_in(self) -> None:
        canvas = self._rects["canvas"]
        over = bool(dpg.is_item_hovered(self.painter.list)) and self.popup is None
        for event in self._pointer.taken():
            if isinstance(event, Key):
                self._key(event)
                continue
            if event.what == "press" and self._popped(event):
                continue
            if self._splitting(event):
                continue
            here = Mouse(
                event.what, event.x - canvas.x, event.y - canvas.y, event.button, event.held, event.turn
            )
            if over or self.gestures.hand is not None:
                if event.what == "press":
                    dpg.focus_item(self._items["canvas"])
                self.gestures.mouse(here)
            elif event.what == "move":
                self.studio.board.cursor = here.at
                self.gestures.leave()

    def _popped(self, event: Mouse) -> bool:
        """Whether a press belongs to a popup; past it, the popup goes and nothing else happens."""
        if self.popup is None or not self.popup.open:
            return False
        self.popup.clicked_past()
        return True

    def _key(self, event: Key) -> None:
        if self.popup is not None and self.popup.open:
            self.popup.key(event.keys)
            return
        if typing():
            return
        if not self.gestures.key(event.keys):
            self.actions.press(event.keys)

    def _splitting(self, event: Mouse) -> bool:
        """Whether the mouse is at a border between an area and the canvas, and what it does there."""
        if event.what == "press" and event.button == "left" and self.gestures.hand is None:
            for area in AREAS:
                border = self.areas.border(area, self._rects)
                if border is not None and border.holds(event.x, event.y):
                    self._split, self._from = area, event.at
                    return True
        if self._split is None:
            return False
        if event.what == "release":
            self._split = None
        elif event.what == "move":
            dx, dy = event.x - self._from.x, event.y - self._from.y
            by = {"left": dx, "right": -dx, "bottom": -dy}[self._split]
            self._from = event.at
            self.areas.resize(self._split, by)
            self._size = (0, 0)
        return True

    def _ask(self) -> None:
        """What the canvas and the actions asked the window for."""
        if self.popup is not None:
            if self.popup.open:
                self.popup.frame()
            else:
                self.popup = None
        for request in self.studio.requests:
            if self.popup is not None:
                self.popup.close()
            match request:
                case Search():
                    self.popup = self._search(request)
                case Palette():
                    self.popup = self._palette()
                case Ask():
                    at = self._corner(340, 120 + 24 * request.lines)
                    self.popup = Asker(
                        self.look, at, request.title, request.value, request.accept, request.lines
                    )
                case Menu():
                    self._menu(request)
        self.studio.requests.clear()

    def _corner(self, wide: float, high: float, spot: Point | None = None) -> Point:
        """Where a little window goes: at the cursor, or a place on the canvas, all of it seen."""
        canvas = self._rects["canvas"]
        spot = spot or self.studio.board.cursor
        x = min(max(spot.x, 8), max(canvas.width - wide - 8, 8))
        y = min(max(spot.y, 8), max(canvas.height - high - 8, 8))
        return Point(canvas.x + x, canvas.y + y)

    def _search(self, request: Search) -> Chooser:
        studio, scene = self.studio, self.studio.scene
        fitting: dict[str, tuple[BlockType, str]]
        if request.pin is None:
            fitting = {kind.name: (kind, "") for kind in studio.catalogue.types.values()}
            hint = "Add a node: name or what it does"
        else:
            port = scene.port(request.pin, request.side)
            shape = scene.shape(request.pin) if request.side == "out" else None
            found = matching(studio.catalogue, port, shape, request.side) if port else ()
            fitting = {kind.name: (kind, name) for kind, name in found}
            hint = f"What fits {request.pin}"
        choices = [
            Choice(kind.name, kind.name.rpartition("/")[2], kind.category, kind.summary)
            for kind, _ in sorted(fitting.values(), key=lambda item: item[0].name.lower())
        ]

        def take(name: str) -> None:
            kind, port_name = fitting[name]
            node, edit = added(scene, kind, request.at, request.pin, request.side, port_name)
            if studio.do(edit):
                studio.select(Selection(frozenset({node})))

        at = self._corner(450, 440, studio.board.camera.to_screen(*request.at))
        return Chooser(self.look, at, hint, choices, take)

    def _palette(self) -> Chooser:
        rows = [action for action in self.actions if self.actions.can(action.name)]
        choices = [
            Choice(a.name, a.label, self.actions.keys(a.name), a.menu.replace("/", " › "),
                   ICONS.get(a.icon, " "))
            for a in rows
        ]  # fmt: skip
        canvas = self._rects["canvas"]
        at = Point(canvas.x + max((canvas.width - 440) / 2, 8), canvas.y + 60)
        return Chooser(self.look, at, "Do…", choices, self._run)

    def _run(self, name: str) -> None:
        self.actions.run(name)

    def _menu(self, request: Menu) -> None:
        if self._menu_window is not None and dpg.does_item_exist(self._menu_window):
            dpg.delete_item(self._menu_window)
        canvas, cursor = self._rects["canvas"], self.studio.board.cursor
        with dpg.window(
            popup=True, no_saved_settings=True, pos=[canvas.x + cursor.x, canvas.y + cursor.y]
        ) as self._menu_window:
            for name in request.actions:
                if not name:
                    dpg.add_separator()
                    continue
                action = self.actions[name]
                dpg.add_menu_item(
                    label=f"{ICONS.get(action.icon, ' ')}   {action.label}",
                    shortcut=self.actions.keys(name), enabled=self.actions.can(name),
                    callback=lambda _, __, name: self.actions.run(name), user_data=name,
                )  # fmt: skip

    # what stands around the canvas

    def _relaid(self) -> None:
        """Panels came, went or moved: build those that are seen where they are seen."""
        for area in AREAS:
            dpg.delete_item(self._items[area], children_only=True)
            panels = self.areas.held(area)
            if not panels:
                continue
            bar = dpg.add_tab_bar(parent=self._items[area])
            for panel in panels:
                icon = f"{ICONS[panel.icon]}  " if panel.icon in ICONS else ""
                tab = dpg.add_tab(label=f"{icon}{panel.title}", parent=bar)
                self._tabs[panel.name] = tab
                self._views[panel.name] = panel.build(self, tab)
        self._views = {n: v for n, v in self._views.items() if n in self.areas.shown}
        self._size = (0, 0)

    def _lay_out(self) -> None:
        size = (dpg.get_viewport_client_width(), dpg.get_viewport_client_height())
        if size == self._size:
            return
        self._size = size
        self._rects = self.areas.rects(*map(float, size), MENU * self.look.scale)
        for name in ("bar", "canvas", *AREAS, "status"):
            rect = self._rects.get(name)
            shown = rect is not None
            rect = rect or Rect(0, 0, 1, 1)
            dpg.configure_item(
                self._items[name], pos=[int(rect.x), int(rect.y)], width=int(rect.width),
                height=int(rect.height), show=shown,
            )  # fmt: skip
        canvas = self._rects["canvas"]
        self.studio.resize(canvas.width, canvas.height)

    def _to_the_right(self) -> None:
        """Rows that end at the right edge: their width is known a frame after they were filled."""
        for row, top in (("bar_right", 6), ("facts_row", 3)):
            wide = dpg.get_item_rect_size(self._items[row])[0]
            left = max(int(self._size[0] - wide - 14), 300)
            if self._seen.get(row) != left:
                self._seen[row] = left
                dpg.configure_item(self._items[row], pos=[left, top])

    def _refresh(self) -> None:
        """Bring up to date what the news say is old."""
        self._to_the_right()
        news, studio = self.studio.news, self.studio
        if self._new("theme"):
            self.look.wear(THEMES[studio.theme])
        if self._new("place", "document"):
            self._show_trail()
            dpg.set_viewport_title(_title(studio))
        if self._new("plan", "document", as_="plan box"):
            plans = list(studio.document.plans)
            dpg.configure_item(self._items["plan"], items=plans, show=bool(plans))
            dpg.set_value(self._items["plan"], studio.plan_name)
        if self._new("notice"):
            tone = {"info": "quiet", "warning": "warning", "error": "bad"}[studio.notice.level]
            dpg.configure_item(self._items["notice"], color=getattr(self.look.theme, tone))
            dpg.set_value(self._items["notice"], studio.notice.text.replace("\n", "  "))
        if self._new("checked", "document", "selection", "theme", as_="facts"):
            self._show_facts()
        zoom = f"{studio.board.camera.zoom:.0%}"
        if zoom != self._seen.get("zoom"):
            self._seen["zoom"] = zoom  # type: ignore[assignment]
            self._show_facts()
        if any(news[topic] != self._seen.get(f"menu {topic}") for topic in ("document", "selection")):
            for topic in ("document", "selection"):
                self._seen[f"menu {topic}"] = news[topic]  # type: ignore[index]
            self._enable()

    def _new(self, *topics: Any, as_: str = "") -> bool:
        """Whether there is news of these since this was asked last."""
        count = sum(self.studio.news[topic] for topic in topics)
        key = as_ or " ".join(topics)
        old, self._seen[key] = self._seen.get(key), count
        return old != count

    def _enable(self) -> None:
        for name, row in self._menu_rows.items():
            action = self.actions[name]
            dpg.configure_item(row, enabled=action.can(self.actions.desk))
            if action.ticked is not None:
                dpg.set_value(row, action.ticked(self.actions.desk))

    def _show_trail(self) -> None:
        group, studio = self._items["trail"], self.studio
        dpg.delete_item(group, children_only=True)
        steps = trail(studio.document, studio.place)
        for number, (place, label, level) in enumerate(steps):
            if number:
                dpg.add_text(ICONS["chevron-right"], parent=group, color=self.look.theme.faint)
            text = f"{ICONS[LEVEL_ICONS.get(level, 'box')]}  {label}"
            if place == studio.place:
                dpg.bind_item_font(dpg.add_text(text, parent=group), self.look.font("strong"))
            else:
                dpg.add_button(
                    label=text, small=True, parent=group, user_data=place,
                    callback=lambda _, __, place: studio.go(place),
                )  # fmt: skip

    def _show_facts(self) -> None:
        studio, theme = self.studio, self.look.theme
        chosen = len(studio.selection.nodes)
        words = [f"{len(studio.scene.names)} nodes", f"{studio.board.camera.zoom:.0%}"]
        if chosen:
            words.insert(0, f"{chosen} chosen")
        dpg.set_value(self._items["facts"], "   ".join(words))
        dpg.configure_item(self._items["facts"], color=theme.faint)
        problems = studio.scene.inspection.problems
        wrong = sum(p.severity == "error" for p in problems)
        icon = ICONS["circle-check" if not problems else "circle-x" if wrong else "triangle-alert"]
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        label = f"{icon}  {count if problems else 'No problems'}"
        dpg.configure_item(self._items["problems"], label=label)


def _title(studio: Studio) -> str:
    name = studio.document.title or (studio.path.stem if studio.path else "Untitled")
    return f"{'• ' if studio.open.dirty else ''}{name} – Worldloom"
