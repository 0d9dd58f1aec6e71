"""How wires, frames, notes and what is being done look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.editor import fonts
from app.editor.canvas.arrangement import Decor
from app.editor.canvas.art import CORNERS, near
from app.editor.canvas.boxes import PORT
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.cards import Card
from app.editor.canvas.curves import pieces
from app.editor.canvas.fitting import Side
from app.editor.canvas.hands import Ghost, Overlay
from app.editor.canvas.hitting import CORNER, PORTS_FROM, TITLE_BAND
from app.editor.canvas.pen import Pen
from app.editor.canvas.pictures import Pictures
from app.editor.canvas.scene import WireView
from app.editor.colours import CLEAR, Theme
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.studio import Studio
from graphs.spec.document import Pin

THICK = 2.2
KNEE = 4.5
TITLE_SIZE, NOTE_SIZE, TIP = 18.0, 16.0, 15.0


def wire(pen: Pen, view: WireView, selected: bool, theme: Theme) -> None:
    """A wire in the colour of what flows; a chosen one shows the points that it is led by."""
    tone = theme.bad if view.problem else theme.kind(view.kind)
    tone = theme.accent if selected else tone
    thick = (THICK + 1.2 * selected) * theme.thick
    for piece in view.curve:
        pen.curve(piece, tone.faint(1.0 if selected else 0.8), thick)
    for knee in view.via if selected else ():
        pen.circle(knee, KNEE, theme.ground, tone, 2.0)


def decor(pen: Pen, item: Decor, selected: bool) -> None:
    """A frame is a tinted area with a title, a note is a sheet with text."""
    t = pen.theme
    edge = t.accent if selected else None
    if item.kind == "frame":
        tone = t.frames[item.colour % len(t.frames)]
        pen.rect(item.box, tone.faint(0.07), edge or tone.faint(0.45), round_=10, thick=1.5)
        room = item.box.width - 32
        size = max(TITLE_SIZE, min(13 / pen.zoom, TITLE_BAND * 1.6))
        title = fonts.fit(item.text or _("Frame"), room, size, "strong")
        pen.text(Point(item.box.x + 16, item.box.y + 9), title, size, tone, "strong")
    else:
        pen.rect(item.box.moved(0, 2), t.shadow, round_=6)
        pen.rect(item.box, t.note, edge or t.on_note.faint(0.25), round_=6)
        y = item.box.y + 10
        for line in fonts.wrapped(
            item.text or _("Double-click to write"), item.box.width - 24, NOTE_SIZE
        ):
            if y + NOTE_SIZE > item.box.bottom - 4:
                break
            tone = t.on_note if item.text else t.on_note.faint(0.6)
            pen.text(Point(item.box.x + 12, y), line, NOTE_SIZE, tone)
            y += NOTE_SIZE + 5
    corner, tone = item.box, t.quiet if selected else t.faint.faint(0.5)
    for reach in (CORNER - 4, CORNER - 9):
        a = Point(corner.right - reach, corner.bottom - 4)
        pen.line(a, Point(corner.right - 4, corner.bottom - reach), tone, 1.2)


def overlay(pen: Pen, studio: Studio, shown: Overlay, seen: Iterable[str]) -> None:
    """What is being done, in the world."""
    t = pen.theme
    if shown.refusals is not None:
        _greyed(pen, studio, shown.refusals, shown.target, seen)
    _wires(pen, studio, shown)
    for upright, line, start, end in shown.guides:
        ends = [Point(line, start), Point(line, end)]
        a, b = ends if upright else [Point(p.y, p.x) for p in ends]
        pen.line(a, b, t.accent.faint(0.8), 1.0)
    if shown.marquee is not None:
        pen.rect(shown.marquee, t.accent.faint(0.12), t.accent.faint(0.9), thick=1.2)
    if shown.ghost is not None:
        _ghost(pen, shown.ghost)
    if shown.stroke is not None:
        pen.line(*shown.stroke, t.bad, 2.0)
    hover = shown.hover
    if hover.what == "port" and hover.pin is not None:
        _ring(pen, studio, hover.pin, hover.side)
    if shown.target is not None:
        _ring(pen, studio, shown.target)


def _greyed(
    pen: Pen, studio: Studio, refusals: Mapping[Pin, str], target: Pin | None, seen: Iterable[str]
) -> None:
    """A veil over what a wire cannot end at, a ring around every port that takes it."""
    t, scene = pen.theme, studio.scene
    fitting: dict[str, list[Pin]] = {}
    for pin, why in refusals.items():
        if not why:
            fitting.setdefault(pin.node, []).append(pin)
    veil = t.ground.faint(0.62)
    for name in seen:
        if name not in scene:
            continue
        card = scene.card(name)
        if name not in fitting:
            pen.rect(card.rect.grown(PORT + 1), veil, round_=10)
            continue
        if pen.zoom < PORTS_FROM:
            continue
        for side, ports in (("in", card.inputs), ("out", card.outputs)):
            for port in ports:
                pin, end = Pin(name, port.name), card.end(side, port.name)
                if end is None or pin not in refusals:
                    continue
                if refusals[pin]:
                    pen.circle(end, PORT + 1, t.card, t.faint, 1.0)
                elif pin != target:
                    pen.circle(end, PORT + 4, CLEAR, t.good.faint(0.8), 1.6)


def _wires(pen: Pen, studio: Studio, shown: Overlay) -> None:
    t, scene = pen.theme, studio.scene
    over = shown.hover.wire
    if over is not None and shown.hover.what in ("wire", "knee"):
        for piece in over.curve:
            pen.curve(piece, t.kind(over.kind), THICK + 2)
        for knee in over.via:
            pen.circle(knee, (KNEE + 1) / pen.zoom, t.ground, t.kind(over.kind), 2.0)
    for doomed in shown.doomed:
        view = scene.view_of(doomed)
        for piece in view.curve if view is not None else ():
            pen.curve(piece, t.bad, THICK + 1.5)
    into = scene.view_of(shown.into) if shown.into is not None else None
    if into is not None:
        for piece in into.curve:
            pen.curve(piece, t.good, THICK + 2.5)
    for bent, points in shown.knees.items():
        view = scene.view_of(bent)
        if view is None:
            continue
        for piece in pieces(view.curve[0][0], view.curve[-1][3], points):
            pen.curve(piece, t.accent, THICK + 1)
        for point in points:
            pen.circle(point, (KNEE + 1) / pen.zoom, t.ground, t.accent, 2.0)


def ghost_card(pen: Pen, card: Card, pictures: Pictures) -> None:
    """The card of a node that is not there yet."""
    node, z = int(dpg.add_draw_node(parent=pen.parent)), pen.zoom
    place = [round(card.at.x * z), round(card.at.y * z)]
    dpg.apply_transform(node, dpg.create_translation_matrix(place))
    near(Pen(pen.look, node, z), card, False, pictures)
    whole = Rect(0, 0, card.box.width, card.box.height)
    veil = Pen(pen.look, node, z)
    veil.rect(whole, pen.theme.ground.faint(0.28), pen.theme.accent, round_=CORNERS, thick=1.6)


def _ghost(pen: Pen, ghost: Ghost) -> None:
    t = pen.theme
    tone = {"open": t.kind(ghost.kind), "fits": t.good, "refused": t.bad}[ghost.state]
    for piece in pieces(ghost.start, ghost.end):
        pen.curve(piece, tone, THICK + 0.8)
    for end in (ghost.start, ghost.end):
        pen.circle(end, 4 / pen.zoom, tone)


def _ring(pen: Pen, studio: Studio, pin: Pin, side: Side | None = None) -> None:
    if pin.node not in studio.scene:
        return
    card = studio.scene.card(pin.node)
    sides: tuple[Side, ...] = ("in", "out") if side is None else (side,)
    for one in sides:
        if (end := card.end(one, pin.port)) is not None:
            pen.circle(end, PORT + 4, CLEAR, pen.theme.accent, 2.0)


def invitation(pen: Pen, studio: Studio) -> None:
    """What can be done where nothing is yet, in the middle of the view; the pen's parent is the screen."""
    t, board = pen.theme, studio.board
    title, way = _("Nothing is here yet"), _("Drag a block here, or double-click to search")
    middle = Point(board.width / 2, board.height / 2)
    for words, down, size, tone in ((title, -26, TITLE_SIZE, t.quiet), (way, 2, TIP, t.faint)):
        pen.text(Point(middle.x - fonts.width(words, size) / 2, middle.y + down), words, size, tone)


def tip(pen: Pen, studio: Studio, words: str, bad: bool) -> None:
    """Words beside the cursor, kept inside the view; the pen's parent is the screen."""
    t, board = pen.theme, studio.board
    lines = [part for text in words.split("\n") for part in fonts.wrapped(text, 420, TIP)]
    wide = max(fonts.width(line, TIP) for line in lines) + 20
    high = len(lines) * (TIP + 4) + 12
    x = min(board.cursor.x + 18, board.width - wide - 8)
    y = board.cursor.y + 22
    if y + high > board.height - 8:
        y = board.cursor.y - high - 12
    box = Rect(max(x, 8), max(y, 8), wide, high)
    pen.rect(box.moved(0, 2), t.shadow, round_=6)
    pen.rect(box, t.window, t.bad if bad else t.line, round_=6)
    for n, line in enumerate(lines):
        at = Point(box.x + 10, box.y + 7 + n * (TIP + 4))
        pen.text(at, line, TIP, t.bad if bad else t.text if n == 0 else t.quiet)
