"""Every colour of the editor in one table, for each theme. No Dear PyGui here.

Nothing else names a colour: a new theme is one more row. Contrast of text on its ground is at least
4.5 to 1 (7 to 1 in high contrast), which a test says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple


class Colour(NamedTuple):
    """Red, green, blue and cover, each from 0 to 255."""

    red: int
    green: int
    blue: int
    cover: int = 255

    def faint(self, share: float) -> Colour:
        """The same, letting through what is behind it."""
        return self._replace(cover=round(self.cover * share))

    def over(self, ground: Colour, share: float) -> Colour:
        """A part of this mixed into a ground."""
        a, b = self[:3], ground[:3]
        mixed = (round(x * share + y * (1 - share)) for x, y in zip(a, b, strict=True))
        return Colour(*mixed)


CLEAR = Colour(0, 0, 0, 0)


def colour(text: str) -> Colour:
    """A colour written "#rrggbb" or "#rrggbbaa".

    >>> colour("#ff8000")
    Colour(red=255, green=128, blue=0, cover=255)
    """
    return Colour(*bytes.fromhex(text.removeprefix("#")))


@dataclass(frozen=True)
class Theme:
    """The colours of one look; `kinds` and `categories` fall back on their "" entry."""

    name: str
    ground: Colour  # the canvas
    dots: Colour
    window: Colour  # bars and panels
    field: Colour  # what is typed into
    raised: Colour  # buttons, hovered rows
    line: Colour
    card: Colour
    edge: Colour  # of a card
    shadow: Colour
    text: Colour
    quiet: Colour  # text that is not read first
    faint: Colour  # text that is only there to be found
    accent: Colour
    on_accent: Colour
    good: Colour
    warning: Colour
    bad: Colour
    modes: Mapping[str, Colour]
    kinds: Mapping[str, Colour]
    categories: Mapping[str, Colour]
    frames: tuple[Colour, ...]
    heat: tuple[Colour, ...]  # from little to much, on the canvas's ground
    note: Colour
    on_note: Colour
    thick: float = 1.0  # how much thicker lines are

    def kind(self, name: str) -> Colour:
        """The colour of what flows."""
        return self.kinds.get(name, self.kinds[""])

    def category(self, name: str) -> Colour:
        """The colour of a category; the same for the same name, also where nobody named one."""
        if name in self.categories:
            return self.categories[name]
        known = sorted(n for n in self.categories if n)
        return self.categories[known[sum(map(ord, name)) % len(known)]]

    def mode(self, name: str) -> Colour:
        """The colour of a train mode."""
        return self.modes[name]


def _all(table: Mapping[str, str]) -> dict[str, Colour]:
    return {name: colour(text) for name, text in table.items()}


DARK = Theme(
    name="dark",
    ground=colour("#15171c"),
    dots=colour("#262a33"),
    window=colour("#1b1e25"),
    field=colour("#12141a"),
    raised=colour("#2a2f3a"),
    line=colour("#2d323d"),
    card=colour("#22262f"),
    edge=colour("#39404d"),
    shadow=colour("#00000055"),
    text=colour("#eceef2"),
    quiet=colour("#a4acba"),
    faint=colour("#868e9d"),
    accent=colour("#5b9dff"),
    on_accent=colour("#0b1220"),
    good=colour("#4fc38a"),
    warning=colour("#f0b429"),
    bad=colour("#ff6b6b"),
    modes=_all({"train": "#ff9f5a", "frozen": "#7fb4e6", "lora": "#c79bff", "partial": "#8ed081"}),
    kinds=_all(
        {
            "tensor": "#62a8f5",
            "text": "#f2c14e",
            "number": "#7bd389",
            "path": "#d8a27a",
            "image": "#f48fb1",
            "any": "#aab2c0",
            "": "#aab2c0",
        }
    ),
    categories=_all(
        {
            "layers": "#5b9dff",
            "tensor": "#8b95a8",
            "learning": "#ff8a65",
            "view": "#4dd0b1",
            "data": "#f2c14e",
            "language": "#e57fc1",
            "handwriting": "#c9b458",
            "control": "#a58bff",
            "graph": "#a58bff",
            "pipeline": "#7c8cff",
            "stage": "#4fb3e8",
            "world": "#56c596",
            "unknown": "#ff6b6b",
        }
    ),
    frames=tuple(map(colour, ("#5b9dff", "#4fc38a", "#f2c14e", "#ff8a65", "#c79bff", "#8b95a8"))),
    heat=tuple(map(colour, ("#3b1f6b", "#8c2f7d", "#dd4f5f", "#ff9a4d", "#ffe27a"))),
    note=colour("#3a3524"),
    on_note=colour("#f3e7b8"),
)

LIGHT = Theme(
    name="light",
    ground=colour("#f3f4f7"),
    dots=colour("#dcdfe6"),
    window=colour("#ffffff"),
    field=colour("#f3f4f7"),
    raised=colour("#e9ecf2"),
    line=colour("#dfe2e9"),
    card=colour("#ffffff"),
    edge=colour("#ccd1db"),
    shadow=colour("#1a203018"),
    text=colour("#1b2130"),
    quiet=colour("#4f596b"),
    faint=colour("#667085"),
    accent=colour("#1f6feb"),
    on_accent=colour("#ffffff"),
    good=colour("#14804a"),
    warning=colour("#8a5a00"),
    bad=colour("#c62828"),
    modes=_all({"train": "#b54708", "frozen": "#2a6fa8", "lora": "#7c3fd1", "partial": "#33762b"}),
    kinds=_all(
        {
            "tensor": "#2f7de1",
            "text": "#b98200",
            "number": "#2c9147",
            "path": "#a4622f",
            "image": "#c2417a",
            "any": "#7b8494",
            "": "#7b8494",
        }
    ),
    categories=_all(
        {
            "layers": "#1f6feb",
            "tensor": "#667085",
            "learning": "#d9480f",
            "view": "#0b8a6c",
            "data": "#b98200",
            "language": "#b83289",
            "handwriting": "#8a7412",
            "control": "#6f42c1",
            "graph": "#6f42c1",
            "pipeline": "#4453c9",
            "stage": "#1f7fb5",
            "world": "#1d8a5b",
            "unknown": "#c62828",
        }
    ),
    frames=tuple(map(colour, ("#1f6feb", "#14804a", "#b98200", "#d9480f", "#7c3fd1", "#667085"))),
    heat=tuple(map(colour, ("#b9c6ea", "#7f8fe0", "#8a4fc4", "#b8246f", "#7a0c22"))),
    note=colour("#fff4c2"),
    on_note=colour("#4a3c00"),
)

CONTRAST = Theme(
    name="high contrast",
    ground=colour("#000000"),
    dots=colour("#3a3a3a"),
    window=colour("#000000"),
    field=colour("#000000"),
    raised=colour("#2b2b2b"),
    line=colour("#8a8a8a"),
    card=colour("#0a0a0a"),
    edge=colour("#ffffff"),
    shadow=colour("#00000000"),
    text=colour("#ffffff"),
    quiet=colour("#e6e6e6"),
    faint=colour("#c8c8c8"),
    accent=colour("#ffd400"),
    on_accent=colour("#000000"),
    good=colour("#3dff9e"),
    warning=colour("#ffd400"),
    bad=colour("#ff8080"),
    modes=_all({"train": "#ffb066", "frozen": "#9fd4ff", "lora": "#dcbcff", "partial": "#a9f29b"}),
    kinds=_all(
        {
            "tensor": "#6cc0ff",
            "text": "#ffd84d",
            "number": "#7dff9a",
            "path": "#ffc08a",
            "image": "#ff9ecb",
            "any": "#ffffff",
            "": "#ffffff",
        }
    ),
    categories=_all(
        {
            "layers": "#6cc0ff",
            "tensor": "#e0e0e0",
            "learning": "#ffa27a",
            "view": "#5ff5d0",
            "data": "#ffd84d",
            "language": "#ff9ee0",
            "handwriting": "#f0dc78",
            "control": "#c9b6ff",
            "graph": "#c9b6ff",
            "pipeline": "#aab4ff",
            "stage": "#7fd4ff",
            "world": "#7dffb8",
            "unknown": "#ff8080",
        }
    ),
    frames=tuple(map(colour, ("#6cc0ff", "#7dff9a", "#ffd84d", "#ffa27a", "#dcbcff", "#e0e0e0"))),
    heat=tuple(map(colour, ("#3a3a8a", "#8a4fd0", "#ff5a8a", "#ffb000", "#ffffff"))),
    note=colour("#1a1a00"),
    on_note=colour("#ffff9e"),
    thick=1.6,
)

THEMES: Mapping[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}


def contrast(a: Colour, b: Colour) -> float:
    """How far apart two colours are for the eye, from 1 to 21.

    Source: WCAG 2.1, relative luminance and contrast ratio.
    """
    one, two = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (one + 0.05) / (two + 0.05)


def _luminance(of: Colour) -> float:
    linear = [
        v / 12.92 if (v := c / 255) <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for c in of[:3]
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def names() -> list[str]:
    """The single colours of a theme by name."""
    return [f.name for f in fields(Theme) if f.type == "Colour"]
