"""The window in which shortcuts are given anew: every action, found by a few letters or by its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.actions import Action
from app.editor.dialogs.dialog import Dialog
from app.editor.fuzzy import ranked
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.menus import menu_words
from app.editor.wishes import Answer

if TYPE_CHECKING:
    from app.editor.shell import Shell

HIGH = 400.0
KEYS = 170.0  # how wide the buttons with keys are


class Shortcuts(Dialog):
    """Press an action's keys to give it others; the action that loses them is named."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell.look, _("Keyboard shortcuts"), 720)
        self.shell, self.actions = shell, shell.actions
        self._query = ""
        self._waiting = ""  # the action that is given keys now
        self._field = dpg.add_input_text(
            hint=_("Find an action, or write keys"), width=self.wide, parent=self.body
        )
        self._list = int(
            dpg.add_child_window(height=self.px(HIGH), width=self.wide, parent=self.body)
        )
        self._said = dpg.add_text("", parent=self.body, color=shell.look.theme.quiet)
        dpg.focus_item(self._field)
        self._tell(_("Click the keys of an action, then press others. Delete takes them away."))
        self.buttons(Answer(_("Done")), Answer(_("Reset all"), self._reset_all))
        self._keys = {"Escape": lambda: None}
        self._fill()

    def frame(self) -> None:
        """Once a frame: look at what is written."""
        super().frame()
        query = str(dpg.get_value(self._field)) if self.open else self._query
        if query != self._query:
            self._query = query
            self._fill()

    def key(self, name: str) -> bool:
        """The keys that are given to an action; Escape gives up."""
        if not self._waiting:
            return super().key(name)
        waiting, self._waiting = self._waiting, ""
        if name == "Escape":
            self._tell("")
        elif name in ("Delete", "Backspace"):
            self.actions.bind(waiting, "")
            self._tell(_("{action} has no shortcut now").format(action=self._label(waiting)))
        else:
            self._bind(waiting, name)
        self._fill()
        return True

    def _bind(self, name: str, keys: str) -> None:
        loser = self.actions.bind(name, keys)
        words = _("{keys} is {action} now").format(keys=keys, action=self._label(name))
        if loser:
            words += "; " + _("{action} lost it").format(action=self._label(loser))
        self._tell(words, bool(loser))

    def _fill(self) -> None:
        dpg.delete_item(self._list, children_only=True)
        rows = [
            (row, (row.label, self.actions.keys(row.name), menu_words(row.menu)))
            for row in self.actions
        ]
        with dpg.table(
            parent=self._list, header_row=False, policy=dpg.mvTable_SizingFixedFit,
            row_background=True,
        ):  # fmt: skip
            dpg.add_table_column(width_stretch=True)
            for _column in range(3):
                dpg.add_table_column()
            for row in ranked(self._query, rows):
                self._row(row)

    def _row(self, row: Action) -> None:
        keys, default = self.actions.keys(row.name), self.actions.default(row.name)
        waiting = row.name == self._waiting
        with dpg.table_row():
            sign = ICONS.get(row.icon, "\u2003")
            dpg.add_text(f"{sign}   {row.label}")
            dpg.add_text(menu_words(row.menu), color=self.look.theme.faint)
            item = dpg.add_button(
                label=_("press keys…") if waiting else keys or "–", width=self.px(KEYS),
                callback=self._wait, user_data=row.name,
            )  # fmt: skip
            if waiting:
                dpg.bind_item_theme(item, self.look.button("accent"))
            reset = dpg.add_button(
                label=ICONS["undo-2"], callback=self._reset, user_data=row.name,
                show=keys != default,
            )  # fmt: skip
            with dpg.tooltip(reset):
                dpg.add_text(_("Back to {keys}").format(keys=default or "–"))

    def _wait(self, _sender: Any, _value: Any, name: str) -> None:
        self._waiting = name
        dpg.focus_item(self._list)
        self._tell(_("Press the keys for {action}, or Esc").format(action=self._label(name)))
        self._fill()

    def _reset(self, _sender: Any, _value: Any, name: str) -> None:
        self._bind(name, self.actions.default(name))
        self._fill()

    def _reset_all(self) -> None:
        self.actions.rebind({row.name: self.actions.default(row.name) for row in self.actions})
        self.shell.studio.say(_("Every action has its first shortcut again"))

    def _label(self, name: str) -> str:
        return f"“{self.actions[name].label.rstrip('…')}”"

    def _tell(self, words: str, lost: bool = False) -> None:
        theme = self.look.theme
        dpg.set_value(self._said, words)
        dpg.configure_item(self._said, color=theme.warning if lost else theme.quiet)
