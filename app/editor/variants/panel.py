"""The panel of variants: a row for each with its switch, its slider and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.editor.areas import Panel
from app.editor.canvas.cards import counted
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.variants.adding import Adding
from app.editor.variants.desk import VariantDesk

if TYPE_CHECKING:
    from app.editor.shell import Shell

FLOAT = 4  # bytes of a number


def size_in_words(parameters: int) -> str:
    """How many parameters, and how much they weigh in a file.

    >>> size_in_words(32_874)
    '32.9 K parameters, 128 KB'
    """
    size = parameters * FLOAT
    weight = f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(size / 2**10, 1):.0f} KB"
    return _("{count} parameters, {weight}").format(count=counted(parameters), weight=weight)


class VariantsPanel:
    """Widgets, made anew when the variants are others; sliders are only set."""

    def __init__(self, shell: Shell, parent: int, desk: VariantDesk) -> None:
        self.shell, self.desk = shell, desk
        self.adding: Adding | None = None
        self.rows: dict[str, Row] = {}
        self._seen: tuple[object, ...] = ()
        self._listed: tuple[object, ...] = ()
        px = shell.look.px
        dpg.add_spacer(height=px(4), parent=parent)
        with dpg.group(horizontal=True, parent=parent):
            self.add = dpg.add_button(label=f"{ICONS['plus']}  {_('Add')}", callback=self.open_form)
            self.take = dpg.add_button(
                label=f"{ICONS['download']}  {_('Import')}", callback=desk.take_in
            )
            self.merge = dpg.add_button(
                label=f"{ICONS['merge']}  {_('Merge')}", callback=desk.merge
            )
        tips = {
            self.add: _("A new light world: adapters on this base, which stays as it is"),
            self.take: _("A .world file with adapters that were made for this base"),
            self.merge: _("Fold the mixture into the base"),
        }
        for item, text in tips.items():
            with dpg.tooltip(item, delay=0.4):
                dpg.add_text(text)
        self._form = dpg.add_group(parent=parent)
        self._said = dpg.add_text("", parent=parent, wrap=px(280), show=False)
        dpg.add_spacer(height=px(2), parent=parent)
        self._list = dpg.add_child_window(parent=parent, border=False)

    def frame(self) -> None:
        """Follow the desk."""
        desk, theme = self.desk, self.shell.look.theme
        variants = self.shell.engine.heard.variants
        now = (desk.news, theme.name)
        if now != self._seen:
            self._seen = now
            text, tone = (desk.refusal, theme.bad) if desk.refusal else (desk.waiting, theme.quiet)
            dpg.configure_item(self._said, show=bool(text), color=tone)
            dpg.set_value(self._said, text)
            dpg.configure_item(self.merge, enabled=bool(variants.of))
        rows = (theme.name, *((n, f.parameters, f.exportable) for n, f in variants.of.items()))
        if rows != self._listed:  # never for another weight: its slider may be drawn just now
            self._listed = rows
            self._make()
        self._follow()

    def open_form(self) -> None:
        """The form for a new variant, or away with it."""
        if self.adding is not None and self.adding.open:
            self.adding.close()
            return
        plans = self.shell.studio.document.plans
        taken = self.shell.engine.heard.variants.of
        self.adding = Adding(self.shell.look, self._form, plans, taken, self.desk.add)

    def _make(self) -> None:
        """A row for the base and for each variant."""
        dpg.delete_item(self._list, children_only=True)
        self.rows = {}
        variants = self.shell.engine.heard.variants.of
        theme = self.shell.look.theme
        if not variants:
            text = _("Light worlds of this base: adapters that change what it does, small enough to "
                     "send. Add one, train it, and mix it in.")  # fmt: skip
            dpg.add_text(text, parent=self._list, wrap=self.shell.look.px(280), color=theme.quiet)
            return
        self.rows[""] = Row(self, "", _("The base alone"))
        for name, facts in variants.items():
            self.rows[name] = Row(self, name, name, facts.parameters, facts.exportable)

    def _follow(self) -> None:
        alone = self.desk.mixing.alone
        for name, row in self.rows.items():
            row.follow(alone == name, self.desk.mixing.weight(name), self.desk.lesson(name))


class Row:
    """One variant, or with "" the base."""

    def __init__(
        self, panel: VariantsPanel, name: str, title: str, parameters: int = 0, out: bool = False
    ) -> None:
        self.name, self.desk, self.look = name, panel.desk, panel.shell.look
        self._on: bool | None = None
        self._lesson_told = ""
        theme, parent = self.look.theme, panel._list
        with dpg.group(parent=parent):
            with dpg.group(horizontal=True):
                self.switch = dpg.add_button(callback=self._switch)
                with dpg.tooltip(self.switch, delay=0.4):
                    dpg.add_text(_("This alone"))
                head = dpg.add_text(title)
                dpg.bind_item_font(head, self.look.font("strong"))
                if name:
                    dpg.add_text(size_in_words(parameters), color=theme.quiet)
            self.slider: int | None = None
            if name:
                with dpg.group(horizontal=True):
                    self.slider = dpg.add_slider_float(
                        min_value=0.0, max_value=1.0, format="%.2f", width=self.look.px(150),
                        callback=self._slide, clamped=True,
                    )  # fmt: skip
                    self.train = self._button("graduation-cap", self._offer(), self.desk.train)
                    self._button("upload", _("Export as a light world"), self.desk.export, out)
                    self._button("trash-2", _("Remove"), self.desk.remove)
            self._learns = int(dpg.add_text("", color=theme.quiet, show=False))
            dpg.add_spacer(height=self.look.px(6))

    def follow(self, alone: bool, weight: float, lesson: str) -> None:
        """The switch and the slider are as the mixture is, and what it learns is told."""
        if lesson != self._lesson_told:
            self._lesson_told = lesson
            dpg.configure_item(self._learns, show=bool(lesson))
            dpg.set_value(self._learns, lesson)
        if alone != self._on:
            self._on = alone
            icon = ICONS["circle-dot" if alone else "circle"]
            dpg.configure_item(self.switch, label=f"{icon}##{self.name}")
            dpg.bind_item_theme(self.switch, self.look.words("accent" if alone else "faint"))
        if self.slider is not None and not dpg.is_item_active(self.slider):
            dpg.set_value(self.slider, weight)

    def _offer(self) -> str:
        plan = self.desk.plan_of(self.name)
        return _("Train it by {plan}").format(plan=plan) if plan else _("Train it by a plan")

    def _switch(self) -> None:
        self.desk.mixing.switch(self.name)

    def _slide(self, _sender: Any, weight: float) -> None:
        self.desk.mixing.slide(self.name, weight)

    def _button(self, icon: str, tip: str, do: Any, enabled: bool = True) -> int:
        item = dpg.add_button(
            label=ICONS[icon], callback=lambda: do(self.name), enabled=enabled, show=enabled
        )
        with dpg.tooltip(item, delay=0.4):
            dpg.add_text(tip)
        return int(item)


def variants_panel(desk: VariantDesk) -> Panel:
    """The panel before it is built."""
    return Panel(
        "variants", _("Variants"), "right",
        lambda shell, parent: VariantsPanel(shell, parent, desk), "blend", open=False,
    )  # fmt: skip


def add_variants(shell: Shell) -> VariantDesk:
    """The window has the panel of variants."""
    desk = VariantDesk(shell)
    shell.add_panel(variants_panel(desk))
    shell.each_frame(desk.frame)
    return desk
