"""Make the editor's three font files from what their authors publish; run by hand, once an upgrade.

Dear PyGui draws one font an item and cannot merge fonts, so the icons are put into the text fonts: a
label may then hold both. Only the letters that people here read are kept, and no layout tables,
which Dear PyGui does not read.

    npm pack inter-ui@4.1.1 @fontsource/jetbrains-mono@5.3.0 lucide-static@1.62.0   # and unpack each
    pip install fonttools brotli
    python assets/fonts/make.py inter-ui/package jetbrains-mono/package lucide-static/package
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.misc.transform import Scale
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from app.editor.icons import ICONS

HERE = Path(__file__).parent
BORROWED = "→←↑↓✓✗≤≥≠≈×·…"  # signs of our messages that the font for code lacks
LETTERS = [
    *range(0x20, 0x250),  # Latin
    *range(0x2B0, 0x500),  # accents, Greek, Cyrillic
    *range(0x1E00, 0x2000),  # more Latin and Greek
    *range(0x2000, 0x2070),  # dashes, quotation marks, dots
    *range(0x2070, 0x20C0),  # raised and lowered figures, currencies
    *range(0x2100, 0x2300),  # letter-like signs, arrows, mathematics
    *range(0x25A0, 0x2600),  # shapes
    *range(0x2700, 0x27C0),
]


def main(inter: Path, mono: Path, lucide: Path) -> None:
    """Write the fonts and their licences beside this file."""
    icons = TTFont(lucide / "font" / "lucide.ttf")
    points = {ord(sign) for sign in ICONS.values()}
    for weight in ("Regular", "SemiBold"):
        font = TTFont(inter / "web" / f"Inter-{weight}.woff2")
        _keep(font, LETTERS)
        _add(font, icons, points, drop=0.14)
        _write(font, f"Inter-{weight}.ttf")
    parts = [mono / "files" / f"jetbrains-mono-{p}-400-normal.woff2" for p in _SCRIPTS]
    font = TTFont(parts[0])
    for part in parts[1:]:
        other = TTFont(part)
        _add(font, other, set(other.getBestCmap()) - set(font.getBestCmap()))
    _keep(font, LETTERS)
    text = TTFont(inter / "web" / "Inter-Regular.woff2")
    _add(font, text, set(map(ord, BORROWED)) - set(font.getBestCmap()))
    _write(font, "JetBrainsMono-Regular.ttf")
    for licence, name in (
        (inter / "LICENSE.txt", "Inter"),
        (mono / "LICENSE", "JetBrainsMono"),
        (lucide / "LICENSE", "Lucide"),
    ):
        (HERE / f"{name}-LICENSE.txt").write_text(licence.read_text(), encoding="utf-8")


_SCRIPTS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek")


def _keep(font: TTFont, points: list[int]) -> None:
    options = Options(layout_features=[], notdef_outline=True, hinting=False, glyph_names=False)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "kern", "meta", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)


def _add(font: TTFont, other: TTFont, points: set[int], drop: float = 0.0) -> None:
    """Copy glyphs, to the same em; `drop` lowers them by a part of it, to sit on the line of text."""
    scale = font["head"].unitsPerEm / other["head"].unitsPerEm
    known, glyphs, order = other.getBestCmap(), other.getGlyphSet(), font.getGlyphOrder()
    lacking = sorted(points - set(known))
    if lacking:
        raise SystemExit(f"the font lacks {', '.join(map(hex, lacking))}")
    down = -drop * other["head"].unitsPerEm
    for point in sorted(points):
        pen, drawn = TTGlyphPen(None), DecomposingRecordingPen(glyphs)
        glyphs[known[point]].draw(drawn)
        drawn.replay(TransformPen(pen, Scale(scale).translate(0, down)))
        name = f"u{point:05X}"
        order.append(name)
        font["glyf"].glyphs[name] = pen.glyph()
        advance, bearing = other["hmtx"][known[point]]
        font["hmtx"][name] = round(advance * scale), round(bearing * scale)
        for table in font["cmap"].tables:
            if table.isUnicode() and (point < 0x10000 or table.format == 12):
                table.cmap[point] = name
    font.setGlyphOrder(order)
    font["glyf"].glyphOrder = order
    font["maxp"].numGlyphs = len(order)


def _write(font: TTFont, name: str) -> None:
    font.flavor = None
    font.recalcTimestamp = False
    font.save(HERE / name)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*map(Path, sys.argv[1:]))
