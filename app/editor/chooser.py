"""Little windows over the canvas: one to find a thing by a few letters, one to write a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.editor.canvas.camera import Point
from app.editor.fonts import legible
from app.editor.fuzzy import ranked
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.theme import Look

WIDE, ROWS, ROW, MOST = 440.0, 11, 26.0, 80


@dataclass(frozen=True)
class Choice:
    """A row: what it is called, what stands at its right, and what is said of it when it is chosen."""

    name: str
    title: str
    right: str = ""
    about: str = ""
    icon: str = ""


class Popup:
    """A window that is there until it is done with or clicked past."""

    def __init__(self, look: Look, at: Point, wide: float) -> None:
        self.look = look
        self.open = True
        wide = look.px(wide)
        self.window = int(
            dpg.add_window(
                no_title_bar=True, no_resize=True, no_move=True, no_scrollbar=True, autosize=True,
                pos=[int(at.x), int(at.y)], width=wide, min_size=[wide, look.px(40)],
                no_saved_settings=True,
            )
        )  # fmt: skip

    def key(self, name: str) -> bool:
        """A key; whether it was taken."""
        if name == "Escape":
            self.close()
            return True
        return False

    def clicked_past(self) -> None:
        """The mouse was pressed: outside, the window goes."""
        x, y = dpg.get_mouse_pos(local=False)
        left, top = dpg.get_item_pos(self.window)
        wide, high = dpg.get_item_rect_size(self.window)
        if not (left <= x <= left + wide and top <= y <= top + high):
            self.close()

    def close(self) -> None:
        """Take it away."""
        if self.open:
            self.open = False
            dpg.delete_item(self.window)


class Chooser(Popup):
    """Write a few letters, go up and down, take with Enter or a click."""

    def __init__(
        self,
        look: Look,
        at: Point,
        hint: str,
        choices: Sequence[Choice],
        take: Callable[[str], None],
    ) -> None:
        super().__init__(look, at, WIDE)
        self._choices, self._take = choices, take
        self._found: list[Choice] = []
        self._rows: list[int] = []
        self._place = 0
        self._query = ""
        with dpg.group(parent=self.window):
            self._field = dpg.add_input_text(hint=hint, width=look.px(WIDE - 20))
            self._list = dpg.add_child_window(
                height=look.px(ROWS * ROW), width=look.px(WIDE - 20), border=False
            )
            self._about = dpg.add_text("", wrap=look.px(WIDE - 28), color=look.theme.quiet)
        dpg.focus_item(self._field)
        self._fill("")

    def frame(self) -> None:
        """Look at what is written; once a frame."""
        query = str(dpg.get_value(self._field))
        if query != self._query:
            self._fill(query)

    def key(self, name: str) -> bool:
        """Arrows choose, Enter takes, Escape leaves."""
        match name:
            case "Down" | "Tab":
                self._go(self._place + 1)
            case "Up":
                self._go(self._place - 1)
            case "Enter":
                self._done(self._place)
            case _:
                return super().key(name)
        return True

    def _fill(self, query: str) -> None:
        self._query = query
        things = [(c, (c.title, c.right, c.about)) for c in self._choices]
        self._found = ranked(query, things)
        dpg.delete_item(self._list, children_only=True)
        theme = self.look.theme
        self._rows = []
        shown = self._found[:MOST]
        with dpg.table(parent=self._list, header_row=False, pad_outerX=True):
            dpg.add_table_column(init_width_or_weight=3)
            dpg.add_table_column(init_width_or_weight=1)
            for number, choice in enumerate(shown):
                label = f"{choice.icon}  {choice.title}" if choice.icon else choice.title
                with dpg.table_row():
                    row = dpg.add_selectable(
                        label=f"{label}##{number}", span_columns=True,
                        callback=self._clicked, user_data=number,
                    )  # fmt: skip
                    dpg.add_selectable(label=choice.right, enabled=False)
                self._rows.append(int(row))
        if not shown:
            dpg.add_text(_("Nothing fits"), parent=self._list, color=theme.faint)
        dpg.configure_item(
            self._list, height=self.look.px(min(max(len(shown), 1), ROWS) * ROW + 10)
        )
        self._go(0)

    def _clicked(self, _: Any, __: Any, number: int) -> None:
        self._done(number)

    def _go(self, place: int) -> None:
        if not self._rows:
            dpg.set_value(self._about, "")
            return
        self._place = place % len(self._rows)
        for number, row in enumerate(self._rows):
            dpg.set_value(row, number == self._place)
        dpg.set_value(self._about, legible(self._found[self._place].about))
        row = self.look.px(ROW)
        top, seen = self._place * row, dpg.get_y_scroll(self._list)
        if top < seen or top + row > seen + ROWS * row:
            dpg.set_y_scroll(self._list, max(0.0, top - ROWS * row / 2))

    def _done(self, number: int) -> None:
        if number < len(self._found):
            name = self._found[number].name
            self.close()
            self._take(name)


class Asker(Popup):
    """Write a text; Enter takes it (Ctrl+Enter where it has several lines)."""

    def __init__(
        self,
        look: Look,
        at: Point,
        title: str,
        value: str,
        accept: Callable[[str], None],
        lines: int = 1,
    ) -> None:
        super().__init__(look, at, 320)
        self._accept, self._lines = accept, lines
        with dpg.group(parent=self.window):
            dpg.add_text(title, color=look.theme.quiet)
            more = {"multiline": True, "height": look.px(24 * lines)} if lines > 1 else {}
            self._field = dpg.add_input_text(
                default_value=value, width=look.px(300), auto_select_all=lines == 1, **more
            )
            hint = (
                _("Ctrl+Enter keeps it, Esc leaves it")
                if lines > 1
                else _("Enter keeps it, Esc leaves it")
            )
            dpg.add_text(hint, color=look.theme.faint)
        dpg.focus_item(self._field)

    def frame(self) -> None:
        """Nothing changes by itself."""

    def key(self, name: str) -> bool:
        """Enter keeps the text."""
        if name in ("Enter", "Ctrl+Enter") and (self._lines == 1 or name == "Ctrl+Enter"):
            text = str(dpg.get_value(self._field))
            self.close()
            self._accept(text)
            return True
        return super().key(name)
