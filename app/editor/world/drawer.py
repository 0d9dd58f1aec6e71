"""The drawer at the right: every slot of the state and of the content in full, and the intent to edit."""

from __future__ import annotations

from app.editor.gui import dpg
from app.editor.heard.world import Held, WorldTold
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.theme import Look
from app.editor.world.contract import WorldContract
from app.editor.world.figures import said
from app.editor.world.signs import block_icon, block_name, tone
from app.editor.world.textures import Textures
from app.editor.world.turning import Turning

WIDE = 312.0
PICTURE, WRAP, INDENT = 132, WIDE - 84, 26


class Drawer:
    """Widgets, made anew when the state is another; what is being written is left alone."""

    def __init__(self, look: Look, parent: int, turning: Turning, textures: Textures) -> None:
        self.look, self.turning, self.textures = look, turning, textures
        self._seen: tuple[object, ...] = ()
        self._intent: int | None = None
        with dpg.group(parent=parent):
            self._top = dpg.add_group()
            self._rest = dpg.add_group()

    def frame(self, world: WorldContract) -> None:
        """Follow what was told."""
        told = self.turning.told
        now = (told.news, self.look.theme.name, self.turning.turns)
        if now == self._seen:
            return
        if not self._seen or self._seen[1] != now[1] or self._intent is None:
            self._make_intent(world)
        self._seen = now
        self._follow_intent(told)
        dpg.delete_item(self._rest, children_only=True)
        for number, block in enumerate(world.blocks, start=1):
            self._block(number, block, told.held(block), world)
        self._content(told)

    def _make_intent(self, world: WorldContract) -> None:
        """The field for an intent of one's own, where an intent is a text."""
        dpg.delete_item(self._top, children_only=True)
        self._intent = None
        if world.kind("intent.text") != "text" or not world.makers:
            return
        theme = self.look.theme
        dpg.add_text(_("An intent of your own"), parent=self._top, color=theme.quiet)
        self._intent = int(
            dpg.add_input_text(
                parent=self._top,
                width=self.look.px(WIDE - 36),
                multiline=True,
                height=self.look.px(56),
            )
        )
        self._make = dpg.add_button(
            label=f"{ICONS['wand-sparkles']}  {_('Make this')}", parent=self._top,
            callback=lambda: self.turning.stages(world.makers, self.written()),
        )  # fmt: skip
        with dpg.tooltip(self._make, delay=0.4):
            names = ", ".join(world.makers)
            dpg.add_text(_("Runs {stages} on this intent, and no other stage").format(stages=names))

    def written(self) -> str:
        """The intent that stands in the field."""
        return str(dpg.get_value(self._intent)).strip() if self._intent is not None else ""

    def _follow_intent(self, told: WorldTold) -> None:
        held = told.state.get("intent.text")
        if self._intent is None:
            return
        if held is not None and not dpg.is_item_active(self._intent):
            dpg.set_value(self._intent, held.text)
        dpg.configure_item(self._make, enabled=not self.turning.turns)

    def _block(self, number: int, block: str, held: dict[str, Held], world: WorldContract) -> None:
        theme = self.look.theme
        colour = tone(theme, block) if held else theme.faint
        dpg.add_spacer(height=self.look.px(4), parent=self._rest)
        title = f"{block_icon(block)}  {number}  {block_name(block)}"
        head = dpg.add_text(title, parent=self._rest, color=colour)
        dpg.bind_item_font(head, self.look.font("strong"))
        if not held:
            dpg.add_text(
                _("empty"), parent=self._rest, color=theme.faint, indent=self.look.px(INDENT)
            )
        for slot, value in held.items():
            self._slot(slot, value)

    def _slot(self, slot: str, held: Held) -> None:
        theme = self.look.theme
        made = self.textures.of(held.picture)
        if made is not None:
            texture, wide, high = made
            scale = self.look.px(PICTURE) / max(wide, high)
            dpg.add_image(texture, width=int(wide * scale), height=int(high * scale),
                          parent=self._rest, indent=self.look.px(INDENT))  # fmt: skip
            return
        with dpg.group(
            horizontal=True,
            parent=self._rest,
            indent=self.look.px(INDENT),
            horizontal_spacing=self.look.px(10),
        ):
            if slot != "text":
                dpg.add_text(slot, color=theme.quiet)
            dpg.add_text(said(held.text), wrap=self.look.px(WRAP))

    def _content(self, told: WorldTold) -> None:
        theme = self.look.theme
        dpg.add_spacer(height=self.look.px(4), parent=self._rest)
        head = dpg.add_text(f"{ICONS['globe']}  {_('World')}", parent=self._rest,
                            color=theme.category("world"))  # fmt: skip
        dpg.bind_item_font(head, self.look.font("strong"))
        for key, text in told.content.items():
            dpg.add_text(key, parent=self._rest, color=theme.quiet, indent=self.look.px(INDENT))
            dpg.add_text(
                said(text), parent=self._rest, wrap=self.look.px(WRAP), indent=self.look.px(INDENT)
            )
