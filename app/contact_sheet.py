"""A contact sheet: the turns of a world as cards beside each other, one picture for people."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from graphs.store import write_bytes

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

Colour = str
GROUND, CARD, EDGE = "#eceae4", "#fbfaf7", "#d8d4ca"
INK, QUIET, ACCENT = "#23262b", "#858177", "#b3452c"
MARGIN, GAP, PADDING = 56, 24, 24
CARD_WIDTH, PICTURE, COLUMNS = 336, 288, 5
SCALE = 2  # drawn twice as large and made smaller at the end, which smooths type and edges


@dataclass(frozen=True)
class Card:
    """What one turn leaves to be seen. `image` is (1, h, w), ink at 1 and ground at -1."""

    turn: int
    intent: str
    image: Tensor
    description: str
    narration: str
    action: str = ""


def contact_sheet(path: Path, title: str, subtitle: str, cards: Sequence[Card]) -> None:
    """Write the cards in rows as a PNG. Raises: ValueError when there is none."""
    if not cards:
        raise ValueError("a contact sheet needs at least one card")
    held = io.BytesIO()
    drawn(title, subtitle, cards).save(held, "PNG", optimize=True)
    write_bytes(path, held.getvalue())


def drawn(title: str, subtitle: str, cards: Sequence[Card]) -> Image:
    """The sheet as a picture."""
    from PIL import Image, ImageDraw

    columns = min(COLUMNS, len(cards))
    rows = -(-len(cards) // columns)
    tall = max(_Card(card, None).height for card in cards)
    head = 148
    size = (
        2 * MARGIN + columns * CARD_WIDTH + (columns - 1) * GAP,
        head + rows * tall + (rows - 1) * GAP + MARGIN,
    )
    sheet = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), GROUND)
    pen = _Pen(ImageDraw.Draw(sheet), sheet)
    pen.text((MARGIN, 44), title, 34, INK, bold=True)
    pen.text((MARGIN, 92), subtitle, 18, QUIET)
    for number, card in enumerate(cards):
        row, column = divmod(number, columns)
        left, top = MARGIN + column * (CARD_WIDTH + GAP), head + row * (tall + GAP)
        _Card(card, pen).draw(left, top, tall)
    return sheet.resize(size, Image.Resampling.LANCZOS)


class _Card:
    """One card; without a pen it only says how high it is."""

    def __init__(self, card: Card, pen: _Pen | None) -> None:
        self.card, self.pen = card, pen
        self.parts = (
            ("WISHED", card.intent, 21, True),
            ("SEEN", card.description or "not yet", 18, False),
            ("TOLD", card.narration or "not yet", 18, False),
        )

    @property
    def height(self) -> int:
        return PADDING + 34 + PICTURE + 22 + sum(self._tall(*p) for p in self.parts) + PADDING - 14

    def _tall(self, label: str, text: str, size: int, bold: bool) -> int:
        return 20 + len(_wrapped(text, size, bold)) * round(size * 1.34) + 14

    def draw(self, left: int, top: int, tall: int) -> None:
        pen, card = self.pen, self.card
        assert pen is not None
        pen.box((left, top, left + CARD_WIDTH, top + tall), CARD, EDGE)
        x, y = left + PADDING, top + PADDING
        pen.text((x, y - 4), f"Turn {card.turn}", 17, QUIET, bold=True)
        if card.action:
            pen.text(
                (left + CARD_WIDTH - PADDING, y - 4), f"“{card.action}”", 17, ACCENT, right=True
            )
        y += 34
        pen.picture(card.image, (x, y), PICTURE)
        y += PICTURE + 22
        for label, text, size, bold in self.parts:
            pen.text((x, y), label, 13, QUIET, bold=True, spaced=True)
            y += 20
            for line in _wrapped(text, size, bold):
                pen.text((x, y), line, size, INK, bold=bold)
                y += round(size * 1.34)
            y += 14


class _Pen:
    """Draws in the sheet's units on a picture that is larger."""

    def __init__(self, draw: ImageDraw, sheet: Image) -> None:
        self.on, self.sheet = draw, sheet

    def text(
        self,
        at: tuple[int, int],
        text: str,
        size: int,
        colour: Colour,
        *,
        bold: bool = False,
        right: bool = False,
        spaced: bool = False,
    ) -> None:
        font, (x, y) = _font(size * SCALE, bold), (at[0] * SCALE, at[1] * SCALE)
        for part in text if spaced else [text]:
            self.on.text((x, y), part, colour, font, anchor="ra" if right else "la")
            x += round(font.getlength(part) + 1.2 * SCALE)

    def box(self, place: tuple[int, int, int, int], fill: Colour, edge: Colour) -> None:
        larger = tuple(value * SCALE for value in place)
        self.on.rounded_rectangle(larger, 14 * SCALE, fill, edge, SCALE)

    def picture(self, image: Tensor, at: tuple[int, int], side: int) -> None:
        from PIL import Image

        grey = ((1 - image[0].detach().cpu().clamp(-1, 1)) * 127.5).round().byte()
        small = Image.fromarray(grey.numpy(), "L")
        large = small.resize((side * SCALE, side * SCALE), Image.Resampling.NEAREST)
        x, y = at[0] * SCALE, at[1] * SCALE
        self.sheet.paste(large, (x, y))
        end = (x + side * SCALE - 1, y + side * SCALE - 1)
        self.on.rectangle((x, y, *end), outline=EDGE, width=SCALE)


def _wrapped(text: str, size: int, bold: bool) -> list[str]:
    """Lines that fit into a card."""
    font, lines = _font(size, bold), [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= CARD_WIDTH - 2 * PADDING or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _font(size: int, bold: bool) -> FreeTypeFont:
    from PIL import ImageFont

    name = "Inter-SemiBold.ttf" if bold else "Inter-Regular.ttf"
    return ImageFont.truetype(str(files("assets") / "fonts" / name), size)
