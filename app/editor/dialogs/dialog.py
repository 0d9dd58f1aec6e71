"""A window in the middle that must be answered: a title, what it holds, and buttons at its right end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.editor.fonts import width
from app.editor.gui import dpg
from app.editor.theme import Look
from app.editor.wishes import Answer, Question

EDGE = 22  # between its border and what it holds
AWAY = -4000  # where it is until its size is known


class Dialog:
    """One at most is open. What it holds is put under `body`, the buttons by `buttons`."""

    def __init__(self, look: Look, title: str, wide: float) -> None:
        self.look, self.open = look, True
        self.wide = look.px(wide)
        self._placed: tuple[int, ...] = ()
        self._keys: dict[str, Callable[[], None]] = {}
        with dpg.theme() as roomy, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, look.px(EDGE), look.px(EDGE - 4))
            dpg.add_theme_style(dpg.mvStyleVar_WindowRounding, look.px(10))
        self._theme = int(roomy)
        self.window = int(
            dpg.add_window(
                modal=True, no_title_bar=True, no_resize=True, no_move=True, no_scrollbar=True,
                autosize=True, pos=[AWAY, AWAY], min_size=[self.wide + 2 * look.px(EDGE), 60],
                no_saved_settings=True, no_open_over_existing_popup=False,
            )
        )  # fmt: skip
        dpg.bind_item_theme(self.window, roomy)
        head = dpg.add_text(title, parent=self.window, wrap=self.wide)
        dpg.bind_item_font(head, look.font("title"))
        dpg.add_spacer(height=self.px(2), parent=self.window)
        self.body = int(dpg.add_group(parent=self.window))

    def px(self, size: float) -> int:
        """So many pixels at the scale of the interface."""
        return self.look.px(size)

    def buttons(self, *answers: Answer, accent: bool = True) -> None:
        """A row of buttons that ends at the right; the first is Enter's, the last Escape's."""
        dpg.add_spacer(height=self.px(8), parent=self.window)
        row = dpg.add_group(horizontal=True, parent=self.window)
        used = sum(self._wide(answer) + self.px(8) for answer in answers)
        dpg.add_spacer(width=max(self.wide - used, 1), parent=row)
        for answer in reversed(answers):
            self._button(answer, row, accent and answer is answers[0])
        if answers:
            self._keys = {"Enter": answers[0].do, "Escape": answers[-1].do}

    def frame(self) -> None:
        """Once a frame: it stays in the middle, whatever its size."""
        size = dpg.get_item_rect_size(self.window)
        room = dpg.get_viewport_client_width(), dpg.get_viewport_client_height()
        key = (*size, *room)
        if size[0] > 0 and key != self._placed:
            self._placed = key
            left, top = ((whole - part) // 2 for whole, part in zip(room, size, strict=True))
            dpg.configure_item(self.window, pos=[max(left, 0), max(min(top, room[1] // 6), 0)])

    def key(self, name: str) -> bool:
        """Enter takes the first answer, Escape the last."""
        do = self._keys.get(name)
        if do is not None:
            self.close()
            do()
        return do is not None

    def clicked_past(self) -> None:
        """It must be answered: it stays."""

    def close(self) -> None:
        """Take it away."""
        if self.open:
            self.open = False
            dpg.delete_item(self.window)
            dpg.delete_item(self._theme)

    def _wide(self, answer: Answer) -> int:
        text = width(answer.label, self.look.text)
        return int(max(text + self.px(34), self.px(92)))

    def _button(self, answer: Answer, row: Any, first: bool) -> None:
        item = dpg.add_button(
            label=answer.label, parent=row, width=self._wide(answer), height=self.px(32),
            callback=self._pressed, user_data=answer,
        )  # fmt: skip
        if first or answer.bad:
            dpg.bind_item_theme(item, self.look.button("bad" if answer.bad else "accent"))

    def _pressed(self, _: Any, __: Any, answer: Answer) -> None:
        self.close()
        answer.do()


class QuestionDialog(Dialog):
    """A text and its answers."""

    def __init__(self, look: Look, question: Question) -> None:
        super().__init__(look, question.title, 440)
        dpg.add_text(question.text, parent=self.body, wrap=self.wide, color=look.theme.quiet)
        self.buttons(*question.answers)
