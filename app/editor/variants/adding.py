"""The form for a new light world: its name, and the plan whose LoRA rules it is made by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.theme import Look
from app.editor.variants.plans import fresh_name, light_plans
from graphs.spec.plan import Plan

Add = Callable[[str, str, int, str], None]  # name, plan or "", rank, the plan to learn like


class Adding:
    """Opened in the panel; it is gone when something was added or it was given up."""

    def __init__(
        self, look: Look, parent: int, plans: Mapping[str, Plan], taken: Mapping[str, Any], add: Add
    ) -> None:
        self.look, self._add, self._plans = look, add, plans
        self._new = _("New plan: LoRA everywhere")
        light = light_plans(plans)
        quiet = look.theme.quiet
        with dpg.child_window(parent=parent, border=True, auto_resize_y=True) as self.box:
            dpg.add_text(_("Name"), color=quiet)
            self.name = dpg.add_input_text(default_value=fresh_name(taken), width=-1)
            dpg.add_text(_("Its plan"), color=quiet)
            choices = [*light, self._new]
            self.plan = dpg.add_combo(
                choices, default_value=choices[0], width=-1, callback=self._chosen
            )
            with dpg.group(show=not light) as self._more:
                dpg.add_text(_("Rank: more learns more and weighs more"), color=quiet)
                self.rank = dpg.add_slider_int(default_value=8, min_value=1, max_value=64, width=-1)
                dpg.add_text(_("Learns what this plan learns"), color=quiet)
                names = list(plans)
                self.like = dpg.add_combo(names, default_value=names[0] if names else "", width=-1)
            with dpg.group(horizontal=True):
                self.ok = dpg.add_button(label=f"{ICONS['plus']}  {_('Add')}", callback=self.done)
                dpg.bind_item_theme(self.ok, look.button("accent"))
                dpg.add_button(label=_("Cancel"), callback=self.close)
        dpg.focus_item(self.name)
        self.open = True

    def done(self) -> None:
        """Add what is written."""
        name = str(dpg.get_value(self.name)).strip()
        plan = str(dpg.get_value(self.plan))
        rank, like = int(dpg.get_value(self.rank)), str(dpg.get_value(self.like))
        self.close()
        self._add(name, "" if plan == self._new else plan, rank, like)

    def close(self) -> None:
        """Give it up."""
        if self.open:
            self.open = False
            dpg.delete_item(self.box)

    def _chosen(self, _sender: Any, value: str) -> None:
        dpg.configure_item(self._more, show=value == self._new)
