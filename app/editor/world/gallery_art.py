"""The gallery, drawn: its wall, the cards that are seen, and over them its head and how far it is moved."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.gui import dpg
from app.editor.heard.world import Exhibit
from app.editor.language import _, ngettext
from app.editor.theme import Look
from app.editor.world.exhibit_art import ExhibitArt
from app.editor.world.panes import Panes
from app.editor.world.room import EDGE, HEAD, Hanging
from app.editor.world.textures import Textures


class GalleryArt:
    """Draws the gallery: a pane for each card, below that of the head."""

    def __init__(self, look: Look, parent: int, textures: Textures) -> None:
        self.look, self.textures = look, textures
        below, among, above = (int(dpg.add_draw_node(parent=parent)) for _part in range(3))
        self._wall, self._cards = Panes(look, below), Panes(look, among)
        self._head = Panes(look, above)
        self._art = ExhibitArt(self._cards.pen)

    def draw(self, exhibits: list[Exhibit], hanging: Hanging, hover: int | None) -> None:
        """Bring it up to date; nothing of it is left where there is no room for it."""
        if not hanging.area.height:
            for panes in (self._wall, self._cards, self._head):
                panes.keep(())
            return
        hangs = (hanging, self.look.theme.name)
        if self._wall.anew("wall", *hangs):
            self._draw_wall(hanging)
        seen = list(hanging.seen())
        self._cards.keep({str(exhibits[place].number) for place, _rect in seen})
        for place, rect in seen:
            exhibit = exhibits[place]
            shows = (exhibit, self.textures.of(exhibit.picture), rect, hanging.hung, place == hover)
            if self._cards.anew(str(exhibit.number), *shows, self.look.theme.name):
                self._art.draw(*shows)
        if self._head.anew("head", *hangs):
            self._draw_head(hanging)
            self._draw_bar(hanging)

    def _draw_wall(self, hanging: Hanging) -> None:
        area, pen = hanging.area, self._wall.pen
        if hanging.hung == "strip":
            pen.rect(area, pen.theme.window)
            pen.line(Point(area.x, area.y), Point(area.right, area.y), pen.theme.line)
        if not hanging.count:
            text = _("Every turn leaves a picture here, with what was wished, seen and told.")
            at = Point(area.centre.x - fonts.width(text, 15) / 2, area.centre.y)
            pen.text(at, text, 15, pen.theme.faint)

    def _draw_head(self, hanging: Hanging) -> None:
        area, pen, count = hanging.area, self._head.pen, hanging.count
        pen.rect(Rect(area.x, area.y + 1, area.width, HEAD - 2), pen.theme.window)
        title = _("Gallery")
        pen.text(Point(area.x + EDGE, area.y + 7), title, 15, pen.theme.text, "strong")
        x = area.x + EDGE + fonts.width(title, 15, "strong") + 10
        said = ngettext("{count} turn", "{count} turns", count).format(count=count)
        pen.text(Point(x, area.y + 7), said if count else "", 15, pen.theme.quiet)

    def _draw_bar(self, hanging: Hanging) -> None:
        """How far it is moved, as a thin line."""
        if hanging.most <= 0:
            return
        inside, pen = hanging.inside, self._head.pen
        whole = inside.width if hanging.hung == "strip" else inside.height
        size = max(whole * whole / hanging.length, 30.0)
        at = (whole - size) * hanging.offset / hanging.most
        if hanging.hung == "strip":
            bar = Rect(inside.x + at, hanging.area.bottom - 6, size, 4)
        else:
            bar = Rect(inside.right - 6, inside.y + at, 4, size)
        pen.rect(bar, pen.theme.edge, round_=2)
