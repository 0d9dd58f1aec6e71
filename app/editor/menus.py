"""The menu bar and the menus under the cursor, from the table of actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.editor.actions import Action, Actions
from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import N_, _
from app.editor.studio import Studio, Topic
from app.editor.theme import Look

Offer = tuple[str, str, Callable[[], object]]  # label, icon, what it does
BLANK = "\u2003"  # as wide as an icon
TOPICS: tuple[Topic, ...] = (
    "document", "selection", "place", "theme", "opened", "saved", "jobs", "plan",
)  # fmt: skip
MENUS = (
    N_("File"), N_("Edit"), N_("Node"), N_("Arrange"), N_("Run"), N_("World"), N_("View"), N_("Help"),
)  # fmt: skip
INNER = (N_("Theme"), N_("Panels"))  # menus inside them


def menu_words(menu: str) -> str:
    """Where an action stands, as people read it: "View › Theme"."""
    return " › ".join(_(part) for part in menu.split("/") if part)


class Menus:
    """Rows of the table as menus; what cannot be done now is grey."""

    def __init__(self, studio: Studio, actions: Actions, look: Look) -> None:
        """Inside the window that is being built."""
        self.studio, self.actions = studio, actions
        self._menus: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._under_cursor: int | None = None
        self._down = False  # whether a menu of the bar was open when the last frame was drawn
        self._news = -1
        with dpg.theme() as padded, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, look.px(10), look.px(8))
        with dpg.menu_bar():
            for name in MENUS:
                self._menus[name] = dpg.add_menu(label=_(name))
                dpg.bind_item_theme(self._menus[name], padded)
        for action in actions:
            self.add(action)

    def add(self, action: Action) -> None:
        """An action that names a menu stands in it."""
        first, *rest = action.menu.split("/")
        if first not in self._menus:
            return
        parent = self._menus[first]
        for depth, label in enumerate(rest, start=1):
            key = "/".join([first, *rest[:depth]])
            if key not in self._menus:
                self._menus[key] = dpg.add_menu(
                    label=f"{ICONS['chevron-right']}   {_(label)}", parent=parent
                )
            parent = self._menus[key]
        if action.line:
            dpg.add_separator(parent=parent)
        self._rows[action.name] = self._row(action, parent)

    def frame(self) -> None:
        """Grey and tick anew when something happened."""
        self._down = any(dpg.is_item_focused(menu) for menu in self._menus.values())
        news = sum(self.studio.news[topic] for topic in TOPICS) + self.actions.done
        if news == self._news:
            return
        self._news = news
        for name, row in self._rows.items():
            action = self.actions[name]
            dpg.configure_item(
                row, enabled=self.actions.can(name), shortcut=self.actions.keys(name)
            )
            if action.ticked is not None:
                dpg.set_value(row, action.ticked(self.actions.desk))

    def pop(self, names: tuple[str, ...], at: Point) -> None:
        """A menu of these actions at a point of the window; "" is a line."""
        self.close()
        with dpg.window(
            popup=True, no_saved_settings=True, pos=[int(at.x), int(at.y)]
        ) as self._under_cursor:
            for name in names:
                if name:
                    self._row(self.actions[name], 0, self.actions.can(name))
                else:
                    dpg.add_separator()

    def offer(self, rows: Iterable[Offer], at: Point) -> None:
        """A menu of what only a panel knows of, at a point of the window; nothing where it is empty."""
        self.close()
        found = list(rows)
        if not found:
            return
        with dpg.window(
            popup=True, no_saved_settings=True, pos=[int(at.x), int(at.y)], autosize=True,
            min_size=[60, 20],
        ) as self._under_cursor:  # fmt: skip
            for label, icon, do in found:
                dpg.add_menu_item(
                    label=f"{ICONS[icon]}   {label}", user_data=do,
                    callback=lambda _s, _a, do: do(),
                )  # fmt: skip

    def escape(self) -> bool:
        """A menu that is open closes, one of the bar by itself; whether there was one."""
        return self.close() or self._down

    def close(self) -> bool:
        """Take the menu under the cursor away; whether there was one to be seen."""
        popup, self._under_cursor = self._under_cursor, None
        if popup is None or not dpg.does_item_exist(popup):
            return False
        seen = bool(dpg.is_item_shown(popup))
        dpg.delete_item(popup)
        return seen

    def _row(self, action: Action, parent: int, enabled: bool = True) -> int:
        return int(
            dpg.add_menu_item(
                label=f"{ICONS.get(action.icon, BLANK)}   {action.label}", enabled=enabled,
                shortcut=self.actions.keys(action.name), check=action.ticked is not None,
                callback=self._chosen, user_data=action.name, parent=parent,
            )
        )  # fmt: skip

    def _chosen(self, _: int, __: object, name: str) -> None:
        self.actions.run(name)
