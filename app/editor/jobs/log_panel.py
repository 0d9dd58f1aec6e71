"""The log: what the engine and the studio said, newest last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.gui import dpg

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell

MOST = 300  # lines that are seen
AT_ONCE = 40  # lines that a frame adds


class LogPanel:
    """Lines are added as they come; the list follows its end while it is seen."""

    def __init__(self, shell: Shell, parent: int, work: Work) -> None:
        self.shell, self.log = shell, work.link.heard.log
        self.root = int(dpg.add_child_window(parent=parent, border=False))
        with dpg.theme() as close, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_ItemSpacing, shell.look.px(10), shell.look.px(3))
        dpg.bind_item_theme(self.root, close)
        self._rows: list[int] = []
        self._shown = max(self.log.news - MOST, 0)
        self._theme = shell.look.theme.name

    def frame(self) -> None:
        """Add what was said since the last time."""
        if self._theme != self.shell.look.theme.name:
            self._theme = self.shell.look.theme.name
            dpg.delete_item(self.root, children_only=True)
            self._rows, self._shown = [], max(self.log.news - MOST, 0)
        new = min(self.log.news - self._shown, len(self.log.lines))
        if new <= 0:
            return
        theme, mono = self.shell.look.theme, self.shell.look.font("mono")
        end = dpg.get_y_scroll(self.root) >= dpg.get_y_scroll_max(self.root) - 4
        lines = list(self.log.lines)[-new:][:AT_ONCE]
        self._shown = self.log.news - new + len(lines)
        for line in lines:
            tone = {"info": theme.text, "warning": theme.warning, "error": theme.bad}[line.level]
            with dpg.group(horizontal=True, parent=self.root) as row:
                dpg.bind_item_font(dpg.add_text(line.time, color=theme.faint), mono)
                dpg.add_text(line.text, color=tone, wrap=0)
            self._rows.append(int(row))
        for old in self._rows[:-MOST]:
            dpg.delete_item(old)
        self._rows = self._rows[-MOST:]
        if end:
            dpg.set_y_scroll(self.root, -1.0)
