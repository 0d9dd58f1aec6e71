"""The row above the ring: what the world is told, turn, play, how often, snapshots."""

from __future__ import annotations

from collections.abc import Callable

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.theme import Look
from app.editor.world.turning import Turning

HIGH = 48.0
ROOMY = 820.0  # a room so wide has room for the words of the buttons
WIDE, NARROW = 260, 90  # of the box for what the world is told


class Controls:
    """Widgets in a row; they are brought up to date once a frame."""

    def __init__(
        self, look: Look, parent: int, turning: Turning, views: dict[str, Callable[[], None]]
    ) -> None:
        """`views` are what the buttons at the right do: "wall", "state" and "sheet"."""
        self.look, self.turning = look, turning
        self._shown: tuple[object, ...] = ()
        with dpg.theme() as framed, dpg.theme_component(dpg.mvAll):
            dpg.add_theme_style(dpg.mvStyleVar_FrameBorderSize, 1)
        with dpg.group(horizontal=True, parent=parent, horizontal_spacing=look.px(8)) as self.left:
            self.action = dpg.add_input_text(
                hint=_("Say something…"), width=look.px(WIDE), on_enter=True,
                callback=self._act,
            )  # fmt: skip
            self._tip(self.action, _("Development hears it in every turn until you change it"))
            self.once = dpg.add_button(callback=lambda: self._do(turning.turn))
            self.play = dpg.add_button(callback=lambda: self._do(turning.play))
            self.count = dpg.add_input_int(
                default_value=5, width=look.px(92), min_value=1, min_clamped=True, step=1
            )
            self.many = dpg.add_button(callback=self._many)
            self._tip(self.once, _("Turn the world once"))
            self._tip(self.play, _("Play or pause the world"))
            self._tip(self.many, _("Turn the world so many times"))
            self.fresh = dpg.add_button(
                label=ICONS["refresh-cw"], callback=lambda: turning.begin_anew()
            )
            self._tip(self.fresh, _("Fresh start: the next turn begins with nothing"))
            self.keep = dpg.add_checkbox(
                label=_("Keep"), callback=lambda _s, on: setattr(turning, "keep", bool(on))
            )
            self._tip(self.keep, _("Keep a snapshot after each turn"))
            self.snapshots = dpg.add_button(
                label=ICONS["history"], callback=self.turning.list_snapshots
            )
            self._tip(self.snapshots, _("Go back to a snapshot"))
        with dpg.group(horizontal=True, parent=parent, horizontal_spacing=look.px(6)) as self.right:
            self.sheet = dpg.add_button(label=ICONS["file-image"], callback=views["sheet"])
            self._tip(self.sheet, _("Save the gallery as one picture"))
            self.wall = dpg.add_button(label=ICONS["layout-grid"], callback=views["wall"])
            self._tip(self.wall, _("The gallery alone, as a wall"))
            self.state = dpg.add_button(label=ICONS["panel-right"], callback=views["state"])
            self._tip(self.state, _("The state in full"))
        for item in (self.action, self.count, self.keep):
            dpg.bind_item_theme(item, framed)

    def frame(self, width: float, failure: str) -> None:
        """Follow what the world does, and the width of the room."""
        turning, told = self.turning, self.turning.told
        wide = dpg.get_item_rect_size(self.right)[0] or 130
        others = dpg.get_item_rect_size(self.left)[0] - dpg.get_item_width(self.action)
        now = (turning.turns, turning.ending, turning.asked, turning.fresh, int(width), int(wide),
               int(others), self.look.theme.name)  # fmt: skip
        if now == self._shown:
            return
        if not self._shown or self._shown[-1] != now[-1]:
            dpg.bind_item_theme(self.play, self.look.button("accent"))
        self._shown = now
        px = self.look.px
        dpg.configure_item(self.right, pos=[int(width - wide - px(14)), px(10)])
        room = int(width - wide - others - px(44))  # the box gives way to the buttons
        dpg.configure_item(self.action, width=min(max(room, px(NARROW)), px(WIDE)))
        self._label(words=width >= px(ROOMY))
        for item in (self.once, self.count, self.many, self.fresh, self.snapshots):
            dpg.configure_item(item, enabled=not turning.turns)
        if dpg.get_value(self.action).strip() != told.action and not dpg.is_item_active(
            self.action
        ):
            dpg.set_value(self.action, told.action)

    def _label(self, words: bool) -> None:
        """Buttons with words where there is room for them, else with their signs alone."""
        state = ("hourglass", _("Ending…")) if self.turning.ending else ("play", _("Play"))
        if self.turning.turns and not self.turning.ending:
            state = "pause", _("Pause")
        for item, (icon, text) in (
            (self.once, ("step-forward", _("Turn"))), (self.play, state),
            (self.many, ("repeat", _("turns"))),
        ):  # fmt: skip
            dpg.configure_item(item, label=f"{ICONS[icon]}  {text}" if words else ICONS[icon])
        dpg.configure_item(self.play, width=self.look.px(104 if words else 40))

    def typed(self) -> str:
        """What stands in the field now."""
        return str(dpg.get_value(self.action)).strip()

    def _do(self, do: Callable[[], None]) -> None:
        """First what stands in the field is heard, also without Enter."""
        self._act()
        do()

    def _many(self) -> None:
        self._act()
        self.turning.turn(max(int(dpg.get_value(self.count)), 1))

    def _act(self) -> None:
        if self.typed() != self.turning.told.action:
            self.turning.act(self.typed())

    def _tip(self, item: int, text: str) -> None:
        with dpg.tooltip(item, delay=0.4):
            dpg.add_text(text)
