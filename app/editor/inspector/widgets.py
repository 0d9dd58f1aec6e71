"""The widgets of a form, one class for each kind of field. What they show is set, never asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.editor import terms
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.forms import Entry
from app.editor.inspector.texts import Code, File, Folder, Lines, Text
from app.editor.inspector.widget import FULL, Widget
from app.editor.inspector.writing import figure
from app.editor.language import _

SLIDES = 10_000  # integers between two ends that a slider can tell apart


class Nothing(Widget):
    """There is no value, and none is needed."""

    def _build(self, entry: Entry) -> None:
        about = entry.field.help
        text = terms.help(about) if 0 < len(about) < 32 else _("none")
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
            dpg.set_value(box, option in (entry.value or ()) and not entry.mixed)

    def _ticked(self) -> None:
        self.line.write([option for option, box in self._boxes.items() if dpg.get_value(box)])


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
            self.item = int(
                dpg.add_combo(
                    items=unused, default_value=_("Add…"), width=FULL, callback=self._named
                )
            )
            return
        label = f"{ICONS['plus']}  {_('Add')}"
        self.item = int(dpg.add_button(label=label, small=True, callback=self._add))

    def _add(self) -> None:
        value, inner = self.line.entry.value, self.of.inner[0]
        if self.of.kind == "items":
            self.line.write([*(value or ()), inner.another(value or ())])
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
    "json lines": Code,
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
