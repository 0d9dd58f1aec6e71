"""Words beside the cursor about the part of a row that is under it."""

from __future__ import annotations

from app.editor import fonts
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.pen import Pen
from app.editor.gui import dpg
from app.editor.lists.row_list import RowList
from app.editor.theme import Look

SIZE, WIDEST = 14.0, 300.0


class Bubble:
    """One bubble over the window."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._layer = int(dpg.add_viewport_drawlist(front=True))
        self._shown = ""

    def frame(self, rows: RowList) -> None:
        """Say what is to be known of what is under the cursor."""
        words = rows.about()
        if words == self._shown:
            return
        self.hide()
        if words:
            self._shown = words
            self._draw(words)

    def hide(self) -> None:
        """Say nothing."""
        if self._shown:
            self._shown = ""
            dpg.delete_item(self._layer, children_only=True)

    def close(self) -> None:
        """Its layer is gone."""
        if dpg.does_item_exist(self._layer):
            dpg.delete_item(self._layer)

    def _draw(self, words: str) -> None:
        node, t, scale = (
            int(dpg.add_draw_node(parent=self._layer)),
            self.look.theme,
            self.look.unit,
        )
        pen = Pen(self.look, node, scale)
        lines = [part for text in words.split("\n") for part in fonts.wrapped(text, WIDEST, SIZE)]
        wide = max(fonts.width(line, SIZE) for line in lines) + 20
        box = Rect(0, 0, wide, len(lines) * (SIZE + 4) + 12)
        pen.rect(box.moved(0, 2).grown(2), t.shadow, round_=7)
        pen.rect(box, t.window, t.edge, round_=6)
        for number, line in enumerate(lines):
            ink = t.text if number == 0 else t.quiet
            pen.text(Point(10, 7 + number * (SIZE + 4)), line, SIZE, ink)
        x, y = dpg.get_mouse_pos(local=False)
        room = dpg.get_viewport_client_height() - box.height * scale - 8
        where = [round(x + 14), round(min(y + 18, room))]
        dpg.apply_transform(node, dpg.create_translation_matrix(where))
