"""A contact sheet: the turns of a world as cards beside each other, one picture for people."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphs.store import write_bytes

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont
    from torch import Tensor  # the editor writes sheets too, and imports no torch

GROUND, PAPER, EDGE = "#eceae4", "#fbfaf7", "#d8d4ca"
INK, QUIET, ACCENT = "#23262b", "#858177", "#b3452c"
COLUMNS, MARGIN, GAP, PADDING, HEAD = 5, 56, 24, 24, 148  # pixels of the sheet, as all lengths here
PICTURE = 264
WIDTH = PICTURE + 2 * PADDING  # of a card
LABEL, LEADING, REST = 21, 1.36, 15  # a label's line, a text's line by its size, the space after it
SHORT = 3  # characters: a last line that short gets company
FINE = 2  # drawn so many times larger and made smaller at the end, which smooths type and edges


@dataclass(frozen=True)
class Card:
    """What one turn leaves to be seen. `image` is a picture, or (1, h, w), ink at 1, ground at -1."""

    turn: int
    intent: str
    image: Tensor | Image
    description: str
    narration: str
    action: str = ""


class Part(NamedTuple):
    """A labelled text on a card, broken into lines."""

    label: str
    lines: list[str]
    size: int
    bold: bool


def contact_sheet(path: Path, title: str, subtitle: str, cards: Sequence[Card]) -> None:
    """Write the cards in rows as a PNG. Raises: ValueError when there is none."""
    if not cards:
        raise ValueError("a contact sheet needs at least one card")
    held = io.BytesIO()
    drawn(title, subtitle, cards).save(held, "PNG", optimize=True)
    write_bytes(path, held.getvalue())


def drawn(title: str, subtitle: str, cards: Sequence[Card]) -> Image:
    """The sheet as a picture. The same label stands at the same height on every card."""
    from PIL import Image

    texts = [parts(card) for card in cards]
    room = [max(len(part.lines) for part in same) for same in zip(*texts, strict=True)]
    tall = 2 * PADDING + 34 + PICTURE + 22 - REST
    tall += sum(LABEL + step(p) * n + REST for p, n in zip(texts[0], room, strict=True))
    columns = min(COLUMNS, len(cards))
    rows = -(-len(cards) // columns)
    width = 2 * MARGIN + columns * (WIDTH + GAP) - GAP
    height = HEAD + rows * (tall + GAP) - GAP + MARGIN
    pen = Pen(Image.new("RGB", (width * FINE, height * FINE), GROUND))
    pen.write((MARGIN, 44), title, 34, INK, bold=True)
    pen.write((MARGIN, 92), subtitle, 18, QUIET)
    for number, (card, text) in enumerate(zip(cards, texts, strict=True)):
        row, column = divmod(number, columns)
        x, y = MARGIN + column * (WIDTH + GAP), HEAD + row * (tall + GAP)
        pen.box((x, y, x + WIDTH, y + tall))
        lay(pen, card, text, room, (x + PADDING, y + PADDING))
    return pen.sheet.resize((width, height), Image.Resampling.LANCZOS)


def lay(pen: Pen, card: Card, text: list[Part], room: list[int], at: tuple[int, int]) -> None:
    """Draw one card's inside from its upper left corner on."""
    x, y = at
    pen.write((x, y - 4), f"Turn {card.turn}", 17, QUIET, bold=True)
    if card.action:
        pen.write((x + PICTURE, y - 4), f"“{card.action}”", 16, ACCENT, right=True)
    y += 34
    pen.hang(card.image, (x, y), PICTURE)
    y += PICTURE + 22
    for part, lines in zip(text, room, strict=True):
        pen.write((x, y), part.label, 12, QUIET, bold=True, spaced=True)
        y += LABEL
        for number, line in enumerate(part.lines):
            pen.write((x, y + number * step(part)), line, part.size, INK, bold=part.bold)
        y += lines * step(part) + REST


def parts(card: Card) -> list[Part]:
    """What is written on a card, in lines that fit."""
    found = (
        ("WISHED", card.intent, 20, True),
        ("SEEN", card.description or "not yet", 17, False),
        ("TOLD", card.narration or "not yet", 17, False),
    )
    return [Part(label, wrapped(text, size, bold), size, bold) for label, text, size, bold in found]


def step(part: Part) -> int:
    """From one line of a text to the next."""
    return round(part.size * LEADING)


def wrapped(text: str, size: int, bold: bool) -> list[str]:
    """Lines that are no wider than a picture, unless a word is.

    >>> wrapped("a slanted seven", 17, False)
    ['a slanted seven']
    """
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(size, bold).getlength(longer) <= PICTURE or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > 1 and len(lines[-1]) <= SHORT and " " in lines[-2]:
        lines[-2], _, last = lines[-2].rpartition(" ")
        lines[-1] = f"{last} {lines[-1]}"  # no digit stands alone below its wish
    return lines


class Pen:
    """Draws in the lengths of the sheet on a picture that is FINE times larger."""

    def __init__(self, sheet: Image) -> None:
        """Draw on `sheet`."""
        from PIL import ImageDraw

        self.sheet, self.on = sheet, ImageDraw.Draw(sheet)

    def write(
        self,
        at: tuple[int, int],
        text: str,
        size: int,
        colour: str,
        *,
        bold: bool = False,
        right: bool = False,
        spaced: bool = False,
    ) -> None:
        """One line from its upper left corner on, or with `right` up to its upper right one."""
        type_, x, y = font(size * FINE, bold), float(at[0] * FINE), at[1] * FINE
        for part in text if spaced else [text]:
            self.on.text((x, y), part, colour, type_, anchor="ra" if right else "la")
            x += type_.getlength(part) + 1.2 * FINE

    def box(self, place: tuple[int, int, int, int]) -> None:
        """A card of paper."""
        left, top, right, bottom = (value * FINE for value in place)
        self.on.rounded_rectangle((left, top, right, bottom), 14 * FINE, PAPER, EDGE, FINE)

    def hang(self, image: Tensor | Image, at: tuple[int, int], side: int) -> None:
        """An image in a square, as large as it fits."""
        from PIL import Image

        picture = image if isinstance(image, Image.Image) else printed(image)
        x, y, size = at[0] * FINE, at[1] * FINE, side * FINE
        scale = size / max(picture.size)
        wide, high = round(picture.width * scale), round(picture.height * scale)
        drawn = picture.resize((wide, high), Image.Resampling.BICUBIC)
        self.sheet.paste(drawn, (x + (size - wide) // 2, y + (size - high) // 2))
        self.on.rectangle((x, y, x + size - 1, y + size - 1), outline=EDGE, width=FINE)


def printed(image: Tensor) -> Image:
    """Ink dark on light ground, with a pixel of its ground around it."""
    from PIL import Image

    grey = ((1 - image[0].detach().cpu().clamp(-1, 1)) * 127.5).round().byte()
    rim = [*grey[0].tolist(), *grey[-1].tolist(), *grey[:, 0].tolist(), *grey[:, -1].tolist()]
    ground = sorted(rim)[len(rim) // 2]
    framed = Image.new("L", (grey.shape[1] + 2, grey.shape[0] + 2), ground)
    framed.paste(Image.fromarray(grey.numpy()), (1, 1))
    return framed


@cache
def font(size: int, bold: bool) -> FreeTypeFont:
    """The project's own type."""
    from PIL import ImageFont

    name = "Inter-SemiBold.ttf" if bold else "Inter-Regular.ttf"
    return ImageFont.truetype(str(files("assets") / "fonts" / name), size)
