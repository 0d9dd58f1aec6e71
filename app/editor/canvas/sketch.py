"""A small picture of a document's top body: its cards as blocks of colour, its wires between them."""

from __future__ import annotations

from app.editor.canvas.camera import Camera, Rect
from app.editor.canvas.pen import Pen
from app.editor.canvas.scene import Scene
from app.editor.gui import dpg
from app.editor.places import TOP
from app.editor.theme import Look
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document

EDGE, NEAREST = 48, 0.4  # pixels around it; how large a card may be


class Sketch:
    """A drawlist that shows one document after another."""

    def __init__(
        self, look: Look, catalogue: Catalogue, size: tuple[int, int], parent: int
    ) -> None:
        self.look, self.catalogue, self.size = look, catalogue, size
        self._list = int(dpg.add_drawlist(*size, parent=parent))

    def show(self, document: Document) -> None:
        """Draw this one; an empty one is an empty ground."""
        scene = Scene(self.catalogue)
        scene.show(document, TOP)
        wide, high = self.size
        dpg.delete_item(self._list, children_only=True)
        t = self.look.theme
        ground = Pen(self.look, self._list)
        ground.rect(Rect(0, 0, wide, high), t.ground, t.line, round_=8)
        if scene.bounds is None:
            return
        bounds = scene.bounds
        zoom = min((wide - EDGE) / bounds.width, (high - EDGE) / bounds.height, NEAREST)
        camera = Camera(0, 0, zoom).centred(*bounds.centre, wide, high)
        node = int(dpg.add_draw_node(parent=self._list))
        pen = Pen(self.look, node, zoom)
        for view in scene.wires():
            tone = t.kind(view.kind).faint(0.75)
            for piece in view.curve:
                pen.curve(piece, tone, 1.2)
        for card in scene.cards():
            tone = t.category(card.category)
            pen.rect(card.rect, tone.over(t.card, 0.3), tone.over(t.card, 0.8), round_=10)
        x, y = round(-camera.x * camera.zoom), round(-camera.y * camera.zoom)
        dpg.apply_transform(node, dpg.create_translation_matrix([x, y]))
