"""A line of a form on the screen: its label, its widget, its mark, and why what was written is not fit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from app.editor import terms
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.drawing import columns
from app.editor.inspector.fields import Field, free
from app.editor.inspector.forms import NESTED, Entry
from app.editor.inspector.targets import SettingsOf
from app.editor.inspector.widget import Widget
from app.editor.inspector.widgets import WIDGETS
from app.editor.inspector.writing import Unreadable, read, written
from app.editor.language import _
from app.editor.theme import Look
from graphs.spec.configs import describe

NOWHERE = SettingsOf(())
INDENT = 12
BESIDE, BELOW, KEY = 16, 40, 10  # letters that a field shows beside its label, below it, as a name
BUTTON = 4  # letters for which a button at the right leaves no room
SILENT = ("colour", "flags", "tuple")  # that cannot say by themselves that values are mixed
WRITTEN = ("text", "list", "json", "file", "folder")


class Form(Protocol):
    """What lines tell of what people do, and what they share."""

    look: Look

    def commit(self, entry: Entry, value: Any, merge: bool) -> str:
        """A value was written; else why it is not taken."""

    def reset(self, entry: Entry) -> None:
        """It shall be what it is when nobody says it."""

    def take_out(self, entry: Entry) -> None:
        """A member of several shall go."""

    def move(self, entry: Entry, by: int) -> None:
        """A member shall stand elsewhere among the others."""

    def rename(self, entry: Entry, name: str) -> None:
        """A member shall be known by another name."""

    def menu(self, entry: Entry) -> None:
        """What else can be done with it."""

    def offer(self, item: int, menu: Callable[[], None]) -> None:
        """A click with the right button on this item shows a menu."""

    def pick(self, now: str, folders: bool, accept: Callable[[Path], None]) -> None:
        """A file or a folder shall be picked, first looked for where `now` is."""

    def watch(self, item: int, typed: Callable[[], None] | None) -> None:
        """Keep the focus of this item, and say when something was typed into it."""


@dataclass(frozen=True)
class Shape:
    """What of an entry decides how its line is built; the rest is brought up to date in place."""

    entry: Entry
    kind: str
    wide: bool


def shape(entry: Entry) -> Shape:
    """The shape of an entry's line."""
    bare = replace(
        entry, value=None, whole=None, mark="", problem="", inherited=False, place="",
        target=NOWHERE,
    )  # fmt: skip
    return Shape(bare, widget_of(entry), is_wide(entry))


def widget_of(entry: Entry) -> str:
    """The kind of widget that can show the value."""
    of = entry.field
    if entry.mixed:
        return (
            "toggle" if of.kind == "toggle" else "json" if of.kind in ("group", "map") else of.kind
        )
    if of.nullable and entry.value is None:
        return "none"
    kind = of.kind if of.fits(entry.value) else "json"
    if kind == "json":
        return "json lines" if len(written(of, entry.value)) > BESIDE else kind
    if kind == "text" and not of.hints:
        wanted = of.schema.get("format")
        long = "\n" in entry.value or (len(entry.value) > BELOW and wanted != "line")
        return "lines" if long or wanted == "lines" else kind
    return kind


def is_wide(entry: Entry) -> bool:
    """Whether the widget needs the whole width, and so stands below its label."""
    kind = widget_of(entry)
    if "lines" in kind:
        return True
    if kind not in WRITTEN or entry.mixed:
        return False
    if entry.member == "pair" and len(entry.label) > KEY:
        return True
    button = bool(entry.field.hints) or kind in ("file", "folder")
    return len(written(entry.field, entry.value)) > BESIDE - BUTTON * button


class Line:
    """A row in a table of three columns; a wide one is a table and a widget below it."""

    def __init__(self, form: Form, entry: Entry) -> None:
        """Inside the table that is being filled, a wide one where the table would be."""
        self.form, self.entry = form, entry
        self.refused = ""
        wide = is_wide(entry)
        with columns(form.look, 1) if wide else nullcontext(), dpg.table_row():
            with dpg.group():
                self._label()
            if not wide:
                with dpg.group():
                    self._fill()
            self._tail()
        if wide:
            under = self._indent + form.look.px(INDENT) * (entry.member == "pair")
            with dpg.group(indent=under):
                self._fill()
        self._show(first=True)

    def _fill(self) -> None:
        entry, kind = self.entry, widget_of(self.entry)
        with dpg.group(horizontal=True):
            self._switch = self._nullable() if entry.field.nullable else 0
            self.widget: Widget = WIDGETS[kind](self, _read_as(entry, kind))
        if entry.mixed and kind in SILENT:
            dpg.add_text(_("mixed"), color=self.form.look.theme.faint)
        self._reason = dpg.add_text("", wrap=0, show=False)

    @property
    def _indent(self) -> int:
        return self.form.look.px(INDENT * self.entry.depth)

    # what people do

    def write(self, value: Any, merge: bool = False) -> None:
        """A widget has this value now."""
        self.refused = self.form.commit(self.entry, value, merge)
        self._show()

    def write_text(self, text: str, of: Field) -> None:
        """A widget has this text now, which says a value of a field."""
        try:
            value = read(of, text)
        except Unreadable as error:
            self.refused = str(error)
            self._show()
            return
        self.write(value)

    def update(self, entry: Entry) -> None:
        """The entry is this now, of the same shape."""
        changed = (entry.target, entry.value) != (self.entry.target, self.entry.value)
        if entry == self.entry:
            return
        self.entry = entry
        if changed:
            self.refused = ""
        self.widget.show(entry)
        self._show()

    def settle(self) -> None:
        """Show what could not be shown while it was written into."""
        self.widget.settle(self.entry)

    # how it looks

    def _label(self) -> None:
        entry = self.entry
        if entry.member == "pair":
            with dpg.group(indent=self._indent):
                item = dpg.add_input_text(default_value=entry.label, width=-1)
            self.form.watch(item, lambda: self.form.rename(self.entry, str(dpg.get_value(item))))
            self._text = 0
            return
        with dpg.group(horizontal=True, indent=self._indent):
            self._text = int(dpg.add_text(terms.setting(entry.label or entry.field.label), wrap=0))
            if entry.member == "item":
                self._arrows()
        with dpg.tooltip(self._text, delay=0.4):
            dpg.add_text(about(entry), wrap=self.form.look.px(320))
        self.form.offer(self._text, lambda: self.form.menu(self.entry))

    def _arrows(self) -> None:
        ways = (
            (-1, "chevron-up", int(self.entry.path[-1]) > 0),
            (1, "chevron-down", not self.entry.last),
        )
        for by, icon, can in ways:
            button = dpg.add_button(
                label=ICONS[icon], small=True, user_data=by,
                callback=lambda _s, _a, by: self.form.move(self.entry, by),
            )  # fmt: skip
            dpg.bind_item_theme(button, self.form.look.words("quiet" if can else "line"))

    def _nullable(self) -> int:
        def switched(_: int, on: bool) -> None:
            self.write(replace(self.entry.field, nullable=False).blank() if on else None)

        return int(
            dpg.add_checkbox(default_value=self.entry.value is not None, callback=switched)
        )  # fmt: skip

    def _tail(self) -> None:
        self._reset = 0
        entry = self.entry
        if entry.member:
            gone = dpg.add_button(
                label=ICONS["x"], small=True, callback=lambda: self.form.take_out(self.entry)
            )
            dpg.bind_item_theme(gone, self.form.look.words("quiet"))
            with dpg.tooltip(gone, delay=0.4):
                dpg.add_text(_("Take it out"))
            return
        self._reset = int(
            dpg.add_button(
                label=ICONS["undo-2"], small=True, callback=lambda: self.form.reset(self.entry)
            )
        )
        dpg.bind_item_theme(self._reset, self.form.look.words("accent"))
        with dpg.tooltip(self._reset, delay=0.4) as self._tip:
            self._why = dpg.add_text("")

    def _show(self, first: bool = False) -> None:
        entry, theme = self.entry, self.form.look.theme
        reason = self.refused or entry.problem
        dpg.configure_item(self._reason, show=bool(reason), color=theme.bad)
        if reason:
            dpg.set_value(self._reason, terms.sentence(reason))
        self.widget.blush(bool(reason))
        if self._text:
            tone = theme.bad if reason else theme.text if entry.mark else theme.quiet
            heads = entry.field.kind in NESTED and entry.value is not None
            if heads and not reason:
                tone = theme.text
            dpg.configure_item(self._text, color=theme.faint if entry.inherited else tone)
            strong = entry.mark or heads
            dpg.bind_item_font(self._text, self.form.look.font("strong" if strong else "text"))
        if self._reset:
            for item in (self._reset, self._tip):  # without its item a tip is of the one before
                dpg.configure_item(item, show=bool(entry.mark))
            dpg.set_value(self._why, _why(entry))
            if entry.mark:
                name = "warning" if entry.mark == "override" else "accent"
                dpg.bind_item_theme(self._reset, self.form.look.words(name))


def about(entry: Entry) -> str:
    """What is said of a setting when the mouse rests on it."""
    of = entry.field
    said = [terms.help(of.help)] if of.help else []
    limits = describe(of.schema) if of.schema and of.kind not in NESTED else ""
    path = ".".join(map(str, entry.path))
    said.append(f"{path}: {limits}" if limits else path)
    if of.has_default and of.kind != "group":
        said.append(_("default {value}").format(value=_short(of.default)))
    if entry.place:
        said.append(_("Right-click for more"))
    return "\n".join(said)


def _why(entry: Entry) -> str:
    if entry.mark == "override":
        return _("An override of this instance: give it back to the definition")
    if entry.field.has_default:
        return _("Reset to {value}").format(value=_short(entry.field.default))
    return _("Take it away")


def _short(value: Any) -> str:
    text = _("none") if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _read_as(entry: Entry, kind: str) -> Field:
    """The field as its widget reads what is written."""
    return free(entry.field.name) if kind.startswith("json") else entry.field
