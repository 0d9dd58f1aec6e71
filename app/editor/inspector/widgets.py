"""The widgets of a form, one class for each kind of field. What they show is set, never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.fields import Field
from app.editor.inspector.forms import Entry
from app.editor.inspector.writing import figure, written
from app.editor.language import _

if TYPE_CHECKING:
    from app.editor.inspector.lines import Line

FULL = -1  # as wide as the column
ARROW = 34
TALL = 66  # of several lines of text
SLIDES = 10_000  # integers between two ends that a slider can tell apart


class Widget:
    """Base: a widget that shows nothing and takes nothing."""

    item = 0

    def __init__(self, line: Line, of: Field) -> None:
        self.line, self.of = line, of
        self._late = False
        self._red = False
        self._build(line.entry)

    def _build(self, entry: Entry) -> None:
        """Put the items where the line is being built."""

    def _put(self, entry: Entry) -> None:
        """Show the value."""

    def show(self, entry: Entry) -> None:
        """Show the value, but not while people write into it: then when they are done."""
        if self.item and dpg.is_item_active(self.item):
            self._late = True
        else:
            self._put(entry)

    def settle(self, entry: Entry) -> None:
        """Show what came while people wrote."""
        if self._late and not dpg.is_item_active(self.item):
            self._late = False
            if not self.line.refused:
                self._put(entry)

    def _px(self, size: float) -> int:
        return self.line.form.look.px(size)

    def blush(self, red: bool) -> None:
        """Have a red edge, or none."""
        if self.item and red != self._red:
            self._red = red
            dpg.bind_item_theme(self.item, self.line.form.look.edge("bad") if red else 0)


class Nothing(Widget):
    """There is no value, and none is needed."""

    def _build(self, entry: Entry) -> None:
        text = entry.field.help if 0 < len(entry.field.help) < 32 else _("none")
        dpg.add_text(text, color=self.line.form.look.theme.faint, wrap=0)


class Toggle(Widget):
    """A box to tick."""

    def _build(self, entry: Entry) -> None:
        with dpg.group(horizontal=True):
            self.item = int(dpg.add_checkbox(callback=lambda _s, on: self.line.write(on)))
            if entry.mixed:
                dpg.add_text(_("mixed"), color=self.line.form.look.theme.faint)
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        dpg.set_value(self.item, bool(entry.value) and not entry.mixed)


class Number(Widget):
    """A number: between two ends a slider, else one that is dragged; two clicks let it be typed."""

    def _build(self, entry: Entry) -> None:
        of, whole = self.of, self.of.kind == "whole"
        more: dict[str, Any] = {}
        slides = of.bounded and (not whole or (of.high or 0) - (of.low or 0) <= SLIDES)
        if whole:
            make = dpg.add_slider_int if slides else dpg.add_drag_int
            if not slides:
                more["speed"] = 0.2
        else:
            make = dpg.add_slider_double if slides else dpg.add_drag_double
            more["format"] = "%.6g"
            if not slides:
                more["speed"] = 0.01
        if entry.mixed:
            more["format"] = _("mixed")
        if slides:
            more |= {"min_value": _end(of.low, whole), "max_value": _end(of.high, whole)}
        elif whole and (of.low is not None or of.high is not None):
            low = of.low if of.low is not None else -(2**31) + 1
            high = of.high if of.high is not None else 2**31 - 1
            more |= {"min_value": int(low), "max_value": int(high), "clamped": True}
        self._drags = "speed" in more and not whole
        self.item = int(make(width=FULL, callback=self._changed, **more))
        self.line.form.watch(self.item, None)
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        value = _figure(entry.value)
        if self._drags:
            dpg.configure_item(self.item, speed=max(abs(value) * 0.01, 1e-5))
        dpg.set_value(self.item, int(value) if self.of.kind == "whole" else float(value))

    def _changed(self, _: int, value: float) -> None:
        now = self.line.entry.value
        if self.of.kind == "number" and not isinstance(now, bool) and now == value:
            return
        self.line.write(int(value) if self.of.kind == "whole" else float(f"{value:.12g}"), True)


class Tuple(Widget):
    """A few numbers side by side."""

    def _build(self, entry: Entry) -> None:
        whole = self.of.inner[0].kind == "whole"
        make = dpg.add_drag_intx if whole else dpg.add_drag_doublex
        more = {} if whole else {"format": "%.5g"}
        self.item = int(
            make(size=self.of.size, width=FULL, speed=0.1 if whole else 0.01,
                 callback=self._changed, **more)
        )  # fmt: skip
        self.line.form.watch(self.item, None)
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        if entry.value is not None:
            dpg.set_value(self.item, list(entry.value))

    def _changed(self, _: int, values: Any) -> None:
        whole = self.of.inner[0].kind == "whole"
        taken = list(values)[: self.of.size]
        self.line.write([int(v) if whole else float(f"{v:.12g}") for v in taken], True)


class Choice(Widget):
    """One of several."""

    def _build(self, entry: Entry) -> None:
        self._words = {self._said(option): option for option in self.of.options}
        self.item = int(
            dpg.add_combo(
                items=list(self._words), width=FULL, callback=self._chosen,
            )
        )  # fmt: skip
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        dpg.set_value(self.item, _("mixed") if entry.mixed else self._said(entry.value))

    def _said(self, option: Any) -> str:
        return self.of.words.get(str(option), figure(option))

    def _chosen(self, _: int, text: str) -> None:
        self.line.write(self._words[text])


class Flags(Widget):
    """Some of several, each with a box to tick."""

    def _build(self, entry: Entry) -> None:
        self._boxes: dict[Any, int] = {}
        with dpg.group():
            for option in self.of.options:
                self._boxes[option] = int(
                    dpg.add_checkbox(
                        label=self.of.words.get(str(option), figure(option)), callback=self._ticked,
                            )
                )  # fmt: skip
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        for option, box in self._boxes.items():
            dpg.set_value(box, option in (entry.value or ()))

    def _ticked(self) -> None:
        self.line.write([option for option, box in self._boxes.items() if dpg.get_value(box)])


class Text(Widget):
    """A line to write into, which is taken when it is left; with what may be meant beside it."""

    lines = 1

    def _build(self, entry: Entry) -> None:
        hints = list(self.of.hints)
        more: dict[str, Any] = (
            {"multiline": True, "height": self._px(TALL)} if self.lines > 1 else {}
        )
        if entry.mixed:
            more["hint"] = _("mixed")
        with dpg.group(horizontal=True, horizontal_spacing=2):
            self.item = int(
                dpg.add_input_text(width=-self._px(ARROW) if hints or self.beside else FULL, **more)
            )
            if hints:
                dpg.add_combo(items=hints, no_preview=True, popup_align_left=True,
                              callback=self._hinted)  # fmt: skip
            if self.beside:
                self._add_beside()
        self.line.form.watch(self.item, self._typed)
        self._put(entry)

    beside = ""  # the icon of a button at its right

    def _add_beside(self) -> None:
        """A button at the right."""

    def _put(self, entry: Entry) -> None:
        dpg.set_value(self.item, "" if entry.mixed else written(self.of, entry.value))

    def _typed(self) -> None:
        text = str(dpg.get_value(self.item))
        entry = self.line.entry
        if text == ("" if entry.mixed else written(self.of, entry.value)):
            if self.line.refused:
                self.line.write(entry.value)  # it is what it was: nothing is wrong with it any more
            return
        self.line.write_text(text, self.of)

    def _hinted(self, _: int, text: str) -> None:
        self.line.write_text(text, self.of)


class Lines(Text):
    """Several lines of text."""

    lines = 3


class File(Text):
    """The path of a file, with a dialog."""

    beside = "folder-open"
    folder = False

    def _add_beside(self) -> None:
        button = dpg.add_button(label=ICONS[self.beside], callback=self._ask)
        with dpg.tooltip(button, delay=0.4):
            dpg.add_text(_("Choose a folder") if self.folder else _("Choose a file"))

    def _ask(self) -> None:
        from app.editor.inspector.file_dialog import ask

        now = self.line.entry.value
        ask(now if isinstance(now, str) else "", self.folder, self.line.write)


class Folder(File):
    """The path of a folder, with a dialog."""

    folder = True


class Colour(Widget):
    """A colour and its picker."""

    def _build(self, entry: Entry) -> None:
        self.item = int(
            dpg.add_color_edit(
                no_alpha=True, no_inputs=False, display_mode=dpg.mvColorEdit_hex, width=FULL,
                callback=self._changed,
            )
        )  # fmt: skip
        self._put(entry)

    def _put(self, entry: Entry) -> None:
        plain = str(entry.value or "#000000").removeprefix("#")
        dpg.set_value(self.item, [*bytes.fromhex(plain), 255])

    def _changed(self, _: int, value: Any) -> None:
        scale = 255 if max(value) <= 1.0 else 1
        red, green, blue = (round(part * scale) for part in value[:3])
        self.line.write(f"#{red:02x}{green:02x}{blue:02x}", True)


class Members(Widget):
    """Several things in lines of their own: here is only how one more is added."""

    def _build(self, entry: Entry) -> None:
        unused = [key for key in self.of.hints if key not in (entry.value or ())]
        if self.of.kind == "map" and unused:
            dpg.add_combo(items=unused, default_value=_("Add…"), width=FULL, callback=self._named)
            return
        dpg.add_button(label=f"{ICONS['plus']}  {_('Add')}", small=True, callback=self._add)

    def _add(self) -> None:
        value, inner = self.line.entry.value, self.of.inner[0]
        if self.of.kind == "items":
            self.line.write([*(value or ()), inner.blank()])
        else:
            number = 1
            while f"name_{number}" in (value or {}):
                number += 1
            self._named(0, f"name_{number}")

    def _named(self, _: int, key: str) -> None:
        inner = self.of.inner[0]
        value = inner.hints[0] if inner.hints else inner.blank()
        self.line.write({**(self.line.entry.value or {}), key: value})


WIDGETS: Mapping[str, type[Widget]] = {
    "none": Nothing,
    "toggle": Toggle,
    "whole": Number,
    "number": Number,
    "tuple": Tuple,
    "choice": Choice,
    "flags": Flags,
    "text": Text,
    "lines": Lines,
    "list": Text,
    "json": Text,
    "file": File,
    "folder": Folder,
    "colour": Colour,
    "group": Widget,
    "items": Members,
    "map": Members,
}


def _figure(value: Any) -> float:
    return value if isinstance(value, int | float) else 0


def _end(value: float | None, whole: bool) -> float:
    return int(value or 0) if whole else float(value or 0)
