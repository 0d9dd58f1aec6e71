"""How a card looks, at each distance: a block of colour, a title, ports, then everything."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.activity import Look as Preview
from app.editor.canvas.boxes import (
    BAR,
    HEAD,
    LINE,
    PAD,
    PORT,
    SMALL,
    TINY,
    TITLE,
)
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.cards import Card, Port, counted, lasted, value
from app.editor.canvas.hitting import PARTS_FROM, PORTS_FROM, SHAPES_FROM
from app.editor.canvas.pen import Pen
from app.editor.canvas.pictures import Pictures
from app.editor.colours import CLEAR, Colour, Theme, contrast
from app.editor.icons import ICONS

CORNERS = 8.0
CATEGORY_ICONS = {
    "layers": "layers", "tensor": "grid-3x3", "learning": "graduation-cap", "view": "eye",
    "data": "database", "language": "message-square", "handwriting": "pen", "control": "repeat",
    "graph": "workflow", "pipeline": "git-merge", "stage": "square-stack", "world": "globe",
    "unknown": "circle-help",
}  # fmt: skip
MODE_ICONS = {"train": "flame", "frozen": "snowflake", "lora": "sparkles", "partial": "filter"}
SMALLEST_TITLE = 10.0  # pixels


def far(pen: Pen, card: Card, selected: bool) -> None:
    """A block of colour; drawn in world units, as it has nothing that a transform would not scale."""
    t = pen.theme
    tone = t.bad if card.failed else t.category(card.category)
    edge = t.accent if selected else CLEAR
    pen.rect(card.rect, tone.over(t.card, 0.34), edge, thick=2.0)
    band = Rect(card.at.x, card.at.y, card.box.width, min(HEAD, card.box.height))
    pen.rect(band, tone.over(t.card, 0.75))


def near(pen: Pen, card: Card, selected: bool, pictures: Pictures) -> None:
    """The card as it is read, its upper left corner at the origin."""
    t, z = pen.theme, pen.zoom
    tone = t.bad if card.unknown else t.category(card.category)
    _ground(pen, card, tone, selected)
    if card.box.picture is not None:
        _preview(pen, card.box.picture, card.doing.look, pictures)
    if z < PORTS_FROM:
        _distant(pen, card, tone)
        return
    _head(pen, card, tone)
    if card.doing.progress is not None:
        _progress(pen, card, card.doing.progress)
    if z >= PARTS_FROM and not card.folded:
        _foot(pen, card)
    for side, ports, ends in (
        (0, card.inputs, card.box.inputs),
        (1, card.outputs, card.box.outputs),
    ):
        for port, end in zip(ports, ends, strict=True):
            _dot(pen, port, end)
            if z >= PARTS_FROM and not card.folded:
                _port(pen, card, port, end, side)


def _ground(pen: Pen, card: Card, tone: Colour, selected: bool) -> None:
    t, box = pen.theme, card.box
    whole = Rect(0, 0, box.width, box.height)
    head = _head_height(card)
    pen.rect(whole.moved(0, 3).grown(1), t.shadow, round_=CORNERS + 2)
    if box.height > head + 4:
        warm = t.modes["train"].over(t.card, 0.25 * (card.doing.heat or 0.0))
        pen.rect(whole, warm, round_=CORNERS)
        band = Rect(0, 0, box.width, head)
        pen.rect(band, tone.over(t.card, 0.16), round_=CORNERS)
        pen.rect(Rect(0, head - CORNERS, box.width, CORNERS), tone.over(t.card, 0.16))
    else:
        pen.rect(whole, tone.over(t.card, 0.16), round_=CORNERS)
    edge, thick = t.edge, t.thick
    if card.failed:
        edge, thick = t.bad, 1.5 * t.thick
    elif card.waiting:
        edge = t.warning.over(t.edge, 0.6)
    elif card.doing.heat is not None:
        edge, thick = t.modes["train"].over(t.edge, card.doing.heat), 1.0 + 2.0 * card.doing.heat
    if selected:
        edge, thick = t.accent, 2.0 * t.thick
        pen.rect(
            whole.grown(3 / pen.zoom), CLEAR, t.accent.faint(0.35), round_=CORNERS + 3, thick=2
        )
    pen.rect(whole, CLEAR, edge, round_=CORNERS, thick=thick)
    if card.uses or card.tied:  # another sheet behind it: what changes here changes elsewhere
        y = box.height + 4
        pen.line(Point(CORNERS, y), Point(box.width - CORNERS, y), edge, 1.0)


def _head_height(card: Card) -> float:
    return card.box.height if card.folded else HEAD + (LINE + 2 if card.line else 0)


def _distant(pen: Pen, card: Card, tone: Colour) -> None:
    """Only the title, as large as can be read, and the colour."""
    t, z, box = pen.theme, pen.zoom, card.box
    pen.rect(Rect(0, 0, BAR, box.height), tone, round_=BAR / 2)
    size = max(TITLE, SMALLEST_TITLE / z)
    title = fonts.fit(card.title, box.width - 24, size, "strong")
    pen.text(Point(14, 8), title, size, t.text, "strong")
    if card.chip is not None:
        mode = t.mode(card.chip.mode)
        ring = CLEAR if card.chip.own else mode
        pen.circle(Point(14 + 5, box.height - 16), 5, mode if card.chip.own else CLEAR, ring, 1.5)


def _progress(pen: Pen, card: Card, share: float) -> None:
    """A bar under the head, as long as what is done."""
    y, wide = _head_height(card) - 2, card.box.width - 2
    pen.rect(Rect(1, y, wide, 3), pen.theme.line)
    pen.rect(Rect(1, y, max(wide * share, 2), 3), pen.theme.accent)


def _head(pen: Pen, card: Card, tone: Colour) -> None:
    t, box = pen.theme, card.box
    icon = ICONS[CATEGORY_ICONS.get(card.category, "box")]
    if card.doing.state == "error":
        icon = ICONS["circle-alert"]
    pen.text(Point(box.fold.x, box.fold.y), icon, TITLE + 1, t.bad if card.failed else tone)
    left = box.fold.right + 6
    right = box.chip.x - 8 if box.chip is not None else box.width - PAD
    title = fonts.fit(card.title, right - left, TITLE, "strong")
    pen.text(Point(left, HEAD / 2 - TITLE / 2 + 2), title, TITLE, t.text, "strong")
    if card.chip is not None and box.chip is not None:
        _chip(pen, card, box.chip)
    if card.line and not card.folded:
        line = fonts.fit(card.line, box.width - PAD * 2 - BAR + 6, SMALL)
        pen.text(Point(box.fold.x + 1, HEAD - 1), line, SMALL, t.quiet)


def _chip(pen: Pen, card: Card, where: Rect) -> None:
    """A mode of its own is a filled chip; an inherited one is an outline."""
    t, chip = pen.theme, card.chip
    assert chip is not None
    tone = t.mode(chip.mode)
    own = chip.own
    pen.rect(
        where, tone.over(t.card, 0.9 if own else 0.0) if own else CLEAR,
        tone.faint(1.0 if own else 0.55), round_=where.height / 2, thick=1.0,
    )  # fmt: skip
    ink = _ink(t, tone) if own else tone
    pen.text(Point(where.x + 7, where.y + 3), chip.text, TINY, ink, "strong")


def _ink(t: Theme, ground: Colour) -> Colour:
    """What is read best on a ground, of the theme's darkest and lightest."""
    return max((t.text, t.card, t.ground), key=lambda ink: contrast(ink, ground))


def _foot(pen: Pen, card: Card) -> None:
    t, box, doing = pen.theme, card.box, card.doing
    number = value(doing.look)
    if not doing.parameters and doing.seconds is None and not number:
        return
    y = box.foot + 4
    pen.line(Point(PAD, y), Point(box.width - PAD, y), t.line)
    if doing.parameters:
        text = f"{counted(doing.parameters)} parameters"
        pen.text(Point(PAD, y + 5), text, TINY, t.quiet)
    elif number:
        pen.text(Point(PAD, y + 5), f"= {number}", TINY, t.text, "mono")
    if doing.seconds is not None:
        icon = {"done": "check", "stale": "history", "error": "x"}.get(doing.state, "clock")
        tone = {"done": t.good, "error": t.bad}.get(doing.state, t.faint)
        text = f"{ICONS[icon]} {lasted(doing.seconds)}"
        pen.text_left_of(box.width - PAD, y + 5, text, TINY, tone)


def _alarm(t: Theme, port: Port) -> Colour | None:
    """The colour of a port that something is wrong with."""
    return (t.warning if port.waiting else t.bad) if port.problem else None


def _dot(pen: Pen, port: Port, end: Point) -> None:
    t = pen.theme
    tone = _alarm(t, port) or t.kind(port.kind)
    if port.wired:
        pen.circle(end, PORT, tone, t.card, 1.5)
    elif port.required:
        pen.circle(end, PORT, t.card, tone, 2.0)
    else:
        pen.circle(end, PORT - 1, t.card, tone.faint(0.7), 1.2)


def _port(pen: Pen, card: Card, port: Port, end: Point, side: int) -> None:
    t, box = pen.theme, card.box
    y = end.y - SMALL / 2
    ink = t.text if port.wired or side else t.quiet
    ink = _alarm(t, port) or (t.accent if port.exposed else ink)
    shape = port.shape if side or not port.wired else ""
    shape = shape if pen.zoom >= SHAPES_FROM else ""
    if side == 0:
        pen.text(Point(PAD, y), port.title, SMALL, ink)
        if shape:
            x = PAD + fonts.width(port.title, SMALL) + 8
            pen.text(Point(x, y + 1), shape, TINY, t.faint, "mono")
        return
    left = pen.text_left_of(box.width - PAD, y, port.title, SMALL, ink)
    if shape:
        pen.text_left_of(left - 8, y + 1, shape, TINY, t.quiet, "mono")


def _preview(pen: Pen, where: Rect, look: Preview | None, pictures: Pictures) -> None:
    t = pen.theme
    pen.rect(where, t.field, t.line, round_=4)
    inner = where.grown(-5)
    if look is None:
        middle = where.centre
        pen.text(Point(middle.x - 14, middle.y - 16), ICONS["image"], 30, t.line)
    elif (known := pictures.of(look)) is not None:
        texture, wide, high = known
        scale = min(inner.width / wide, inner.height / high)
        w, h = wide * scale, high * scale
        x, y = inner.x + (inner.width - w) / 2, inner.y + (inner.height - h) / 2
        pen.image(texture, Rect(x, y, w, h))
    elif look.kind == "plot":
        _plot(pen, inner, [float(y) for y in look.data.get("y", ())])
    elif look.kind == "tensor":
        _histogram(pen, inner, look)
    elif look.kind in ("text", "number"):
        _words(pen, inner, str(look.data.get("text", "")) or value(look))


def _words(pen: Pen, where: Rect, text: str) -> None:
    """As many lines as there is room for; the last one says that there is more."""
    lines = fonts.wrapped(text.strip(), where.width, TINY)
    most = max(int(where.height // (TINY + 4)), 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], fonts.fit(f"{lines[most - 1]} …", where.width, TINY)]
    for number, line in enumerate(lines):
        at = Point(where.x, where.y + number * (TINY + 4))
        pen.text(at, line, TINY, pen.theme.text)


def _plot(pen: Pen, where: Rect, values: list[float]) -> None:
    known = [v for v in values if v == v and abs(v) != float("inf")]
    if len(known) < 2:
        return
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    points = [
        Point(
            where.x + where.width * i / (len(known) - 1),
            where.bottom - where.height * (v - low) / span,
        )
        for i, v in enumerate(known)
    ]
    pen.lines(points, pen.theme.accent, 1.5)


def _histogram(pen: Pen, where: Rect, look: Preview) -> None:
    t = pen.theme
    bins = [float(v) for v in look.data.get("histogram", ())]
    most = max(bins, default=0.0)
    tall = where.height - 18
    if most > 0:
        step = where.width / len(bins)
        for i, value in enumerate(bins):
            height = tall * value / most
            bar = Rect(where.x + i * step, where.y + tall - height, max(step - 1, 1), height)
            pen.rect(bar, t.accent.faint(0.8))
    mean, std = look.data.get("mean"), look.data.get("std")
    if isinstance(mean, int | float) and isinstance(std, int | float):
        pen.text(
            Point(where.x, where.bottom - 14), f"{mean:.3g} ± {std:.3g}", TINY, t.quiet, "mono"
        )
