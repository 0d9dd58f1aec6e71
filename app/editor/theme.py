"""The look of the window: the table of colours and the fonts, given to Dear PyGui."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from app.editor.colours import CLEAR, THEMES, Colour, Theme
from app.editor.fonts import FILES, Face, font_file
from app.editor.gui import dpg

TEXT = 17.0  # the size of the interface's text at scale 1
LARGER = 1.35  # how much larger titles are


class Look:
    """The fonts and the theme that are bound. One for the one context of the process."""

    def __init__(self, scale: float = 1.0, text: float = TEXT) -> None:
        """`text` is the size of the interface's text before it is scaled."""
        self.scale = scale
        self.text = round(text * scale)
        self.theme = THEMES["dark"]
        self._fonts: dict[Face | Literal["title"], int] = {}
        self._bound: int | None = None
        self._words: dict[tuple[str, str], int] = {}
        with dpg.font_registry():
            for face in FILES:
                self._fonts[face] = dpg.add_font(str(font_file(face)), self.text)
            title = str(font_file("strong"))
            self._fonts["title"] = dpg.add_font(title, round(self.text * LARGER))
        dpg.bind_font(self._fonts["text"])

    def font(self, face: Face | Literal["title"]) -> int:
        """Dear PyGui's number of a font; "title" is the strong one, larger."""
        return self._fonts[face]

    @property
    def unit(self) -> float:
        """How many pixels one is: what holds text grows with it, by scale or by size."""
        return self.text / TEXT

    def px(self, size: float) -> int:
        """So many pixels where one is a unit."""
        return round(size * self.unit)

    def wear(self, theme: Theme) -> None:
        """Give every item these colours."""
        self.theme = theme
        old, self._bound = self._bound, _made(theme, self.unit)
        dpg.bind_theme(self._bound)
        dpg.set_viewport_clear_color(list(theme.window))
        if old is not None:
            dpg.delete_item(old)

    def words(self, name: str) -> int:
        """A theme for an item whose words have a colour of the table, without ground and edge."""
        tone: Colour = getattr(self.theme, name)
        return self._special(name, {"Text": tone, "Button": CLEAR}, {"FrameBorderSize": (0,)})

    def link(self) -> int:
        """A theme for a button that reads as words that lead somewhere."""
        return self._special(
            "link",
            {"Text": self.theme.accent, "Button": CLEAR},
            {"FramePadding": (0, 1), "FrameBorderSize": (0,)},
        )

    def close(self) -> int:
        """A theme for lines that belong together."""
        return self._special("close", {}, {"ItemSpacing": (8, 1), "CellPadding": (4, 1)})

    def bubble(self) -> int:
        """A theme for what is said of an item in a window that has no margin."""
        return self._special("bubble", {}, {"WindowPadding": (10, 8)})

    def edge(self, name: str) -> int:
        """A theme for a field whose edge has a colour of the table."""
        tone: Colour = getattr(self.theme, name)
        return self._special(f"edge {name}", {"Border": tone}, {"FrameBorderSize": (1,)})

    def heading(self) -> int:
        """A theme for the heading of a part of a panel."""
        t = self.theme
        quiet = {
            "Header": t.raised.faint(0.55),
            "HeaderHovered": t.raised,
            "HeaderActive": t.raised,
        }
        return self._special("heading", quiet)

    def pressed(self) -> int:
        """A theme for a button that is on."""
        t = self.theme
        return self._special("pressed", {"Button": t.accent.faint(0.28), "Text": t.text})

    def _special(
        self,
        name: str,
        colours: Mapping[str, Colour],
        styles: Mapping[str, tuple[float, ...]] | None = None,
    ) -> int:
        key = self.theme.name, name
        if key not in self._words:
            with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
                for part, tone in colours.items():
                    dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{part}"), tone)
                for part, sizes in (styles or {}).items():
                    dpg.add_theme_style(getattr(dpg, f"mvStyleVar_{part}"), *sizes)
            self._words[key] = int(made)
        return self._words[key]

    def button(self, name: Literal["accent", "bad"]) -> int:
        """A theme for a button that stands out: what most people want, or what destroys something."""
        key = self.theme.name, f"button {name}"
        if key not in self._words:
            t = self.theme
            tone: Colour = getattr(t, name)
            filled = name == "accent"
            colours = {
                "Text": t.on_accent if filled else tone,
                "Button": tone if filled else tone.faint(0.14),
                "ButtonHovered": tone.over(t.text, 0.85) if filled else tone.faint(0.26),
                "ButtonActive": tone.over(t.window, 0.8) if filled else tone.faint(0.36),
            }
            with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
                for part, colour in colours.items():
                    dpg.add_theme_color(getattr(dpg, f"mvThemeCol_{part}"), colour)
            self._words[key] = int(made)
        return self._words[key]


def _made(t: Theme, unit: float) -> int:
    clear = CLEAR
    soft, strong = t.accent.faint(0.28), t.accent.faint(0.5)
    colours = {
        "Text": t.text, "TextDisabled": t.faint, "WindowBg": t.window, "ChildBg": clear,
        "PopupBg": t.window, "Border": t.line, "BorderShadow": clear, "FrameBg": t.field,
        "FrameBgHovered": t.raised, "FrameBgActive": t.raised, "TitleBg": t.window,
        "TitleBgActive": t.window, "TitleBgCollapsed": t.window, "MenuBarBg": t.window,
        "ScrollbarBg": clear, "ScrollbarGrab": t.line, "ScrollbarGrabHovered": t.faint,
        "ScrollbarGrabActive": t.quiet, "CheckMark": t.accent, "SliderGrab": t.accent,
        "SliderGrabActive": t.accent, "Button": t.raised, "ButtonHovered": soft,
        "ButtonActive": strong, "Header": soft, "HeaderHovered": t.raised, "HeaderActive": strong,
        "Separator": t.line, "SeparatorHovered": t.accent, "SeparatorActive": t.accent,
        "ResizeGrip": clear, "ResizeGripHovered": soft, "ResizeGripActive": strong,
        "Tab": t.window, "TabHovered": t.raised, "TabActive": t.raised, "TabUnfocused": t.window,
        "TabUnfocusedActive": t.raised, "TableHeaderBg": t.raised, "TableBorderStrong": t.line,
        "TableBorderLight": t.line, "TableRowBg": clear, "TableRowBgAlt": t.raised.faint(0.35),
        "TextSelectedBg": soft, "DragDropTarget": t.accent, "NavHighlight": t.accent,
        "ModalWindowDimBg": t.ground.faint(0.5), "PlotLines": t.accent,
        "PlotHistogram": t.accent.over(t.window, 0.45),  # words stand on it
    }  # fmt: skip
    sizes = {
        "WindowPadding": (10, 10), "FramePadding": (9, 5), "ItemSpacing": (8, 6),
        "ItemInnerSpacing": (6, 4), "WindowRounding": (8,), "ChildRounding": (0,),
        "FrameRounding": (5,), "PopupRounding": (8,), "GrabRounding": (4,), "TabRounding": (5,),
        "ScrollbarRounding": (6,), "ScrollbarSize": (11,), "WindowBorderSize": (1,),
        "ChildBorderSize": (0,), "PopupBorderSize": (1,), "FrameBorderSize": (int(t.thick > 1),),
    }  # fmt: skip
    styles: dict[str, list[float]] = {
        name: [round(size * unit) for size in pair] for name, pair in sizes.items()
    }
    styles["WindowTitleAlign"] = [0.0, 0.5]
    with dpg.theme() as made, dpg.theme_component(dpg.mvAll):
        for name, colour in colours.items():
            part = getattr(dpg, f"mvThemeCol_{name}", None)
            if part is not None:  # names differ between versions of Dear PyGui
                dpg.add_theme_color(part, colour, category=dpg.mvThemeCat_Core)
        for name, values in styles.items():
            part = getattr(dpg, f"mvStyleVar_{name}", None)
            if part is not None:
                dpg.add_theme_style(part, *values, category=dpg.mvThemeCat_Core)
        with dpg.theme_component(dpg.mvButton, parent=made, enabled_state=False):
            for part in ("Button", "ButtonHovered", "ButtonActive"):
                target = getattr(dpg, f"mvThemeCol_{part}")
                dpg.add_theme_color(target, t.raised.faint(0.45), category=dpg.mvThemeCat_Core)
            dpg.add_theme_color(dpg.mvThemeCol_Text, t.faint, category=dpg.mvThemeCat_Core)
    return int(made)
