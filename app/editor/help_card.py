"""The card that helps to choose: what a thing of the palette is for, its ports, and an example."""

from __future__ import annotations

from app.editor import fonts, terms
from app.editor.canvas import art, making
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.cards import Card
from app.editor.canvas.facts import Facts
from app.editor.canvas.pen import Pen
from app.editor.canvas.pictures import Pictures
from app.editor.colours import Colour
from app.editor.fonts import Face
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.library.manual import read
from app.editor.library.thing import Thing
from app.editor.theme import Look
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document, GraphSpec, NodeSpec

WIDE, PAD, GAP = 336.0, 14.0, 10.0
TITLE, TEXT, SMALL, MONO = 18.0, 15.0, 13.0, 13.0
MOST_LINES, MOST_EXAMPLE = 7, 7
STEM = "node"


class HelpCard:
    """One card over the window; drawn anew when another thing is shown."""

    def __init__(self, look: Look, pictures: Pictures) -> None:
        self.look, self.pictures = look, pictures
        self._layer = int(dpg.add_viewport_drawlist(front=True))
        self._shown: tuple[object, ...] = ()

    def show(self, thing: Thing, catalogue: Catalogue, beside: Rect, window: Point) -> None:
        """The card of this thing stands beside a rectangle of a window of this size."""
        key = (thing, beside, window, self.look.theme)
        if key == self._shown:
            return
        self.hide()
        self._shown = key
        node = int(dpg.add_draw_node(parent=self._layer))
        ground = int(dpg.add_draw_node(parent=node))
        scale = self.look.unit
        pen = Pen(self.look, int(dpg.add_draw_node(parent=node)), scale)
        high = _Writer(pen, self.pictures).write(thing, catalogue)
        t = self.look.theme
        back = Pen(self.look, ground, scale)
        box = Rect(0, 0, WIDE, high)
        for reach, share in ((7, 0.25), (4, 0.4), (2, 0.6)):
            back.rect(box.moved(0, 2).grown(reach), t.shadow.faint(share), round_=12)
        back.rect(box, t.window, t.edge, round_=8)
        x, y = _place(beside, window, WIDE * scale, high * scale)
        dpg.apply_transform(node, dpg.create_translation_matrix([round(x), round(y)]))

    def hide(self) -> None:
        """No card is there."""
        if self._shown:
            self._shown = ()
            dpg.delete_item(self._layer, children_only=True)

    def close(self) -> None:
        """Its layer is gone."""
        if dpg.does_item_exist(self._layer):
            dpg.delete_item(self._layer)


def _place(beside: Rect, window: Point, wide: float, high: float) -> tuple[float, float]:
    """At the right of the rectangle where there is room, else at its left; all of it seen."""
    x = beside.right + 10
    if x + wide > window.x - 8:
        x = beside.x - wide - 10
    return max(x, 8), min(max(beside.y - 8, 8), max(window.y - high - 8, 8))


class _Writer:
    """Writes from the top down; `y` is where the next line goes."""

    def __init__(self, pen: Pen, pictures: Pictures) -> None:
        self.pen, self.pictures, self.y = pen, pictures, PAD

    def write(self, thing: Thing, catalogue: Catalogue) -> float:
        """The whole card; how high it is."""
        t, manual = self.pen.theme, read(fonts.legible(thing.doc))
        self._head(thing)
        prose = (manual.prose if thing.kind == "block" else ()) or (thing.summary,)
        for number, paragraph in enumerate(prose[:2]):
            self._lines(paragraph, t.text if not number else t.quiet, TEXT, MOST_LINES)
        if thing.kind == "block" and (card := _card(thing, catalogue)) is not None:
            self._picture(card)
            if manual.shapes:
                self._lines(manual.shapes, t.quiet, SMALL, 3)
        elif thing.doc:
            self._lines(thing.doc.split("\n")[0].replace("_", " "), t.quiet, SMALL, 4)
        if manual.example:
            self._example(manual.example)
        if manual.source:
            self._lines(manual.source, t.faint, SMALL, 2)
        self._lines(_("Drag onto the canvas, or double-click"), t.faint, SMALL, 1)
        return self.y + PAD - GAP

    def _head(self, thing: Thing) -> None:
        pen, t = self.pen, self.pen.theme
        tone = t.category(thing.category)
        icon = ICONS[art.CATEGORY_ICONS.get(thing.category, "box")]
        pen.text(Point(PAD, self.y), icon, TITLE, tone)
        left = pen.text_left_of(WIDE - PAD, self.y + 3, terms.kind(thing.category), SMALL, t.faint)
        title = fonts.fit(thing.title, left - PAD - 34, TITLE, "strong")
        pen.text(Point(PAD + 26, self.y), title, TITLE, t.text, "strong")
        self.y += TITLE + GAP

    def _lines(self, text: str, tone: Colour, size: float, most: int, face: Face = "text") -> None:
        lines = fonts.wrapped(text, WIDE - 2 * PAD, size, face)
        if len(lines) > most:
            lines = [*lines[: most - 1], fonts.fit(f"{lines[most - 1]} …", WIDE - 2 * PAD, size)]
        for line in lines:
            self.pen.text(Point(PAD, self.y), line, size, tone, face)
            self.y += size + 4
        self.y += GAP - 4

    def _picture(self, card: Card) -> None:
        pen, t = self.pen, self.pen.theme
        ground = Rect(PAD, self.y, WIDE - 2 * PAD, card.box.height + 28)
        pen.rect(ground, t.ground, t.line, round_=6)
        node = int(dpg.add_draw_node(parent=pen.parent))
        scale = pen.look.unit
        x, y = (WIDE - card.box.width) / 2 * scale, (self.y + 14) * scale
        dpg.apply_transform(node, dpg.create_translation_matrix([round(x), round(y)]))
        art.near(Pen(pen.look, node, scale), card, False, self.pictures)
        self.y = ground.bottom + GAP

    def _example(self, lines: tuple[str, ...]) -> None:
        pen, t = self.pen, self.pen.theme
        shown = [line for line in lines if line != ">>> import torch"][:MOST_EXAMPLE]
        box = Rect(PAD, self.y, WIDE - 2 * PAD, len(shown) * (MONO + 4) + 14)
        pen.rect(box, t.field, t.line, round_=6)
        y = self.y + 8
        for line in shown:
            asked = line.startswith((">>>", "..."))
            text = fonts.fit(line, box.width - 16, MONO, "mono")
            pen.text(Point(box.x + 8, y), text, MONO, t.text if asked else t.quiet, "mono")
            y += MONO + 4
        self.y = box.bottom + GAP


def _card(thing: Thing, catalogue: Catalogue) -> Card | None:
    """How a node of a block will look, as narrow as it must be."""
    facts = Facts(catalogue)
    body = GraphSpec(nodes={STEM: NodeSpec(type=thing.name, label=thing.title)})
    facts.look(Document(root=body), facts.place)
    if facts.kind(STEM) is None:
        return None
    return making.card(facts, STEM, Point(0, 0))
