"""The calm bar: over the canvas when the engine is gone, with what happened and what can be done.

The document and its history are the studio's and are all there; only steps since the last checkpoint
are lost, which the bar says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.jobs.fall import Fall
from app.editor.language import _

if TYPE_CHECKING:
    from app.editor.jobs.work import Work
    from app.editor.shell import Shell

EDGE = 16
LINES = 8  # of the log that are shown


class CalmBar:
    """There while the engine is gone, unless it was put away."""

    def __init__(self, shell: Shell, work: Work) -> None:
        self.shell, self.work = shell, work
        self.window: int | None = None
        self.buttons: dict[str, int] = {}
        self._key: tuple[object, ...] = ()
        self._details = False
        self._away: object = None

    def frame(self) -> None:
        """Show it, keep it over the canvas, or take it away."""
        fall = self.work.fall()
        if fall is None or fall is self._away:
            self.close()
            return
        canvas = self.shell.docks.rects["canvas"]
        key = (fall, self._details, self.shell.look.theme.name, round(canvas.width))
        if key != self._key or self.window is None:
            self.close()
            self._key = key
            self._build(fall, int(canvas.width) - 2 * EDGE)
        if self.window is not None:
            dpg.configure_item(self.window, pos=[int(canvas.x) + EDGE, int(canvas.y) + EDGE])

    def _build(self, fall: Fall, wide: int) -> None:
        theme, look = self.shell.look.theme, self.shell.look
        with dpg.theme() as worn, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_color(
                dpg.mvThemeCol_WindowBg, list(theme.warning.over(theme.window, 0.12))
            )
            dpg.add_theme_color(dpg.mvThemeCol_Border, list(theme.warning.over(theme.line, 0.6)))
            dpg.add_theme_style(dpg.mvStyleVar_WindowPadding, look.px(16), look.px(12))
        with dpg.window(
            no_title_bar=True, no_resize=True, no_move=True, autosize=True, no_saved_settings=True,
            min_size=[min(wide, 720), 20], no_focus_on_appearing=True,
        ) as self.window:  # fmt: skip
            with dpg.group(horizontal=True):
                dpg.add_text(ICONS["unplug"], color=theme.warning)
                head = dpg.add_text(fall.title)
                dpg.bind_item_font(head, look.font("strong"))
            dpg.add_text(fall.text, wrap=min(wide, 720) - 40, color=theme.quiet)
            with dpg.group(horizontal=True):
                if fall.job:
                    label = _("Go on from step {step}").format(step=fall.step)
                    self._button("resume", f"{ICONS['rotate-cw']}  {label}", self._resume, True)
                self._button("restart", _("Restart the engine"), self._restart, not fall.job)
                if fall.log:
                    label = _("Hide the log") if self._details else _("What it printed last")
                    self._button("details", label, self._detail, False)
                self._button("away", _("Later"), self._later, False)
            if self._details:
                for line in fall.log.splitlines()[-LINES:]:
                    dpg.add_text(line[:160], color=theme.quiet)
        dpg.bind_item_theme(self.window, worn)

    def _button(self, name: str, label: str, do: Any, first: bool) -> None:
        made = int(dpg.add_button(label=label, callback=do))
        if first:
            dpg.bind_item_theme(made, self.shell.look.button("accent"))
        self.buttons[name] = made

    def close(self) -> None:
        """Take it away."""
        if self.window is not None:
            dpg.delete_item(self.window)
            self.window, self.buttons = None, {}

    def _restart(self, *_: Any) -> None:
        self.work.link.restart()

    def _resume(self, *_: Any) -> None:
        self.work.revive()

    def _detail(self, *_: Any) -> None:
        self._details = not self._details

    def _later(self, *_: Any) -> None:
        self._away = self.work.fall()
