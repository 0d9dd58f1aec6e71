"""The buttons of running and training, at the right of the upper bar, with how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.jobs import words
from app.editor.jobs.conduct import Conduct
from app.editor.studio import Topic

if TYPE_CHECKING:
    from app.editor.shell import Shell

BUTTONS = ("run", "train", "pause", "step", "stop")
WIDE = 150  # of the progress bar


class JobsBar:
    """A button an action; grey while it cannot be done, with the reason in its tip."""

    def __init__(self, shell: Shell, conduct: Conduct) -> None:
        self.shell, self.conduct = shell, conduct
        self.buttons: dict[str, int] = {}
        self._tips: dict[str, int] = {}
        self._seen: tuple[object, ...] = ()
        self._far: tuple[float, str] | tuple[()] = ()
        with dpg.group(horizontal=True, parent=shell.toolbar, horizontal_spacing=shell.look.px(2)):
            self.progress = int(
                dpg.add_progress_bar(
                    width=shell.look.px(WIDE), height=shell.look.px(26), show=False
                )
            )
            for name in BUTTONS:
                self._button(name)
            dpg.add_spacer(width=shell.look.px(10))

    @property
    def words(self) -> str:
        """How far it is, for the title of the window; "" while nothing runs."""
        return self._far[1] if self._far else ""

    def frame(self) -> None:
        """Bring up to date what became old."""
        studio = self.shell.studio
        topics: tuple[Topic, ...] = (
            "jobs", "document", "selection", "plan", "opened", "saved", "place",
        )  # fmt: skip
        news = (studio.news[topic] for topic in topics)
        seen = (*news, studio.path, self.shell.look.theme.name)  # the theme that is worn already
        if seen != self._seen:
            self._seen = seen
            for name in BUTTONS:
                self._show(name)
        self._progress()

    def _button(self, name: str) -> None:
        row = self.shell.actions[name]
        made = int(dpg.add_button(label=ICONS[row.icon], user_data=name, callback=self._pressed))
        with dpg.tooltip(made):
            self._tips[name] = int(dpg.add_text(row.label))
        self.buttons[name] = made

    def _pressed(self, _: int, __: object, name: str) -> None:
        self.shell.actions.run(name)

    def _show(self, name: str) -> None:
        row, look = self.shell.actions[name], self.shell.look
        reason = row.why(self.shell.actions.desk) if row.why is not None else ""
        icon = "play" if name == "pause" and self.conduct.paused else row.icon
        tone = (
            "faint"
            if reason
            else {"run": "good", "train": "accent", "stop": "bad"}.get(name, "text")
        )
        dpg.configure_item(self.buttons[name], label=ICONS[icon])
        dpg.bind_item_theme(self.buttons[name], look.words(tone))
        keys = self.shell.actions.keys(name)
        tip = f"{row.label}    {keys}"
        dpg.set_value(self._tips[name], f"{tip}\n{reason}" if reason else tip)

    def _progress(self) -> None:
        active, run = self.conduct.active, self.conduct.run_of_active
        if active is None:
            if self._far:
                self._far = ()
                dpg.configure_item(self.progress, show=False)
            return
        share = words.share(active.step, active.steps)
        left = words.left(run.seconds_left) if run is not None and active.state == "running" else ""
        text = f"{share:.0%}  {left}" if active.steps else active.title
        if active.state == "paused":
            text = f"{ICONS['pause']}  {share:.0%}"
        far = (round(share, 3), text)
        if far != self._far:
            self._far = far
            dpg.configure_item(self.progress, show=True, overlay=text)
            dpg.set_value(self.progress, share)
