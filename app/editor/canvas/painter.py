"""The painter: keeps a drawlist in step with the scene and the camera, at little cost a frame.

Panning is one transform. Zooming scales what is drawn and draws what is seen anew, as many cards a
frame as there is time for. What is out of view is not drawn; far away all is blocks of colour that
nothing need be drawn anew for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

from app.editor.canvas import above, art
from app.editor.canvas.camera import Camera, Point, Rect
from app.editor.canvas.cards import Card
from app.editor.canvas.ground import Ground
from app.editor.canvas.hands import Overlay
from app.editor.canvas.hitting import TEXT_FROM
from app.editor.canvas.map_view import MapView
from app.editor.canvas.pen import Pen
from app.editor.canvas.pictures import Pictures
from app.editor.canvas.scene import WireView
from app.editor.colours import Theme
from app.editor.gui import dpg
from app.editor.studio import Studio
from app.editor.theme import Look
from graphs.spec.document import Wire

BUDGET = 0.004  # seconds of a frame for cards that are drawn anew


@dataclass
class _Drawn:
    """A card on the drawlist."""

    node: int
    card: Card
    zoom: float
    selected: bool


class Painter:
    """One canvas. `frame` brings it up to date."""

    def __init__(self, studio: Studio, look: Look, parent: int) -> None:
        self.studio, self.look = studio, look
        self.pictures = Pictures()
        self.list = int(dpg.add_drawlist(64, 64, parent=parent))
        self.ground = Ground(self.list, look)
        self.decor = self._node()
        self.wire_node = self._node()
        self.far_node = self._node()
        self.cards_node = self._node()
        self.over_cards = self._node()
        self.over_all = self._node()
        self.tips = self._node()
        self.map = MapView(self.list, look)
        self._near: dict[str, _Drawn] = {}
        self._far: dict[str, _Drawn] = {}
        self._wires: dict[Wire, tuple[int, WireView, bool]] = {}
        self._rings: dict[str, int] = {}
        self._wires_chosen: frozenset[Wire] = frozenset()
        self._wires_wait = False  # whether some are left for the next frame
        self._camera: Camera | None = None
        self._covered = Rect(0, 0, 0, 0)
        self._seen: list[str] = []
        self._revision = -1
        self._place = studio.place
        self._theme: Theme = look.theme
        self._shown: tuple[object, ...] = ()
        self._decor_shown: tuple[object, ...] = ()
        self._size = (0.0, 0.0)
        self._cards_shown: tuple[object, ...] = ()
        self.busy = False  # whether cards wait for the next frame

    def _node(self) -> int:
        return int(dpg.add_draw_node(parent=self.list))

    def frame(self, overlay: Overlay, resting: bool = True) -> None:
        """Bring the drawlist up to date; while not `resting` the minimap waits."""
        board, scene = self.studio.board, self.studio.scene
        self._resize(board.width, board.height)
        if self._theme is not self.look.theme or self._place != self.studio.place:
            self._forget()
        view = board.view
        scene.settle_within(view)
        changed = scene.revision != self._revision
        moved = board.camera != self._camera
        if moved:
            self._look_through(board.camera)
        wide = self._covered.width > 3 * view.width  # it was zoomed into
        if changed or wide or not self._covered.covers(view):
            self._covered = view.grown(max(view.width, view.height) * 0.25)
            self._seen = scene.grid.within(self._covered)
            self._cull()
            self._draw_wires()
        elif self._wires_wait or self._wires_chosen != self.studio.selection.wires:
            self._draw_wires()
        self._revision = scene.revision
        self._draw_cards()
        self._draw_decor(overlay)
        self._draw_over(overlay)
        self._pulse()
        if resting:
            self.map.frame(self.studio)

    @property
    def far(self) -> bool:
        """Whether cards are but blocks of colour."""
        return self.studio.board.camera.zoom < TEXT_FROM

    def _resize(self, width: float, height: float) -> None:
        if (width, height) != self._size:
            self._size = width, height
            dpg.configure_item(self.list, width=int(width), height=int(height))

    def _forget(self) -> None:
        """Everything is drawn anew."""
        self._theme, self._place = self.look.theme, self.studio.place
        self._near, self._far, self._wires, self._rings = {}, {}, {}, {}
        for node in (self.wire_node, self.far_node, self.cards_node, self.over_cards):
            dpg.delete_item(node, children_only=True)
        self._revision, self._shown, self._decor_shown, self._cards_shown = -1, (), (), ()
        self._camera = None
        self.map.forget()

    def _look_through(self, camera: Camera) -> None:
        old, self._camera = self._camera, camera
        zoom = camera.zoom
        x, y = round(-camera.x * zoom), round(-camera.y * zoom)
        shift = dpg.create_translation_matrix([x, y])
        scale = shift * dpg.create_scale_matrix([zoom, zoom])
        for node in (self.decor, self.cards_node, self.over_cards, self.over_all):
            dpg.apply_transform(node, shift)
        for node in (self.wire_node, self.far_node):
            dpg.apply_transform(node, scale)
        self.ground.frame(camera, self.studio.board.width, self.studio.board.height)
        if old is None or old.zoom != zoom:
            dpg.configure_item(self.cards_node, show=not self.far)
            dpg.configure_item(self.far_node, show=self.far)
            if not self.far:
                for drawn in self._near.values():
                    self._put(drawn)

    # cards

    def _cull(self) -> None:
        """Let go of cards that are out of view."""
        seen = set(self._seen)
        drawn = self._far if self.far else self._near
        for name in [n for n in drawn if n not in seen]:
            dpg.delete_item(drawn.pop(name).node)
        other = self._near if self.far else self._far
        for name in [n for n in other if n not in self.studio.scene or len(other) > 400]:
            dpg.delete_item(other.pop(name).node)

    def _draw_cards(self) -> None:
        """Draw what is new or old, until the time is up."""
        end = perf_counter() + BUDGET
        scene, chosen = self.studio.scene, self.studio.selection.nodes
        zoom = self.studio.board.camera.zoom
        key = (scene.revision, chosen, 0.0 if self.far else zoom, self._seen)
        if key == self._cards_shown and not self.busy:
            return
        self._cards_shown = key
        drawn = self._far if self.far else self._near
        self.busy = False
        for name in self._seen:
            if name not in scene:
                continue
            now, card, selected = drawn.get(name), scene.card(name), name in chosen
            same = now is not None and now.card is card and now.selected == selected
            if same and now is not None and (self.far or now.zoom == zoom):
                continue
            if perf_counter() > end:
                self.busy = True
                return
            if self.far:
                self._draw_far(name, now, card, selected)
            else:
                self._draw_near(name, now, card, selected, zoom)

    def _draw_far(self, name: str, now: _Drawn | None, card: Card, selected: bool) -> None:
        if now is not None:
            dpg.delete_item(now.node)
        node = int(dpg.add_draw_node(parent=self.far_node))
        art.far(Pen(self.look, node), card, selected)
        self._far[name] = _Drawn(node, card, 1.0, selected)

    def _draw_near(
        self, name: str, now: _Drawn | None, card: Card, selected: bool, zoom: float
    ) -> None:
        same = now is not None and now.zoom == zoom and now.selected == selected
        if same and now is not None and replace(now.card, at=card.at) == card:
            now.card = card  # it only went elsewhere
            self._put(now)
            return
        if now is not None:
            dpg.delete_item(now.node)
        node = int(dpg.add_draw_node(parent=self.cards_node))
        art.near(Pen(self.look, node, zoom), card, selected, self.pictures)
        self._near[name] = made = _Drawn(node, card, zoom, selected)
        self._put(made)

    def _put(self, drawn: _Drawn) -> None:
        """Where a card is at this zoom; one that was drawn at another is scaled until its turn."""
        zoom = self.studio.board.camera.zoom
        at = drawn.card.at
        matrix = dpg.create_translation_matrix([round(at.x * zoom), round(at.y * zoom)])
        if drawn.zoom != zoom:
            share = zoom / drawn.zoom
            matrix = matrix * dpg.create_scale_matrix([share, share])
        dpg.apply_transform(drawn.node, matrix)

    def _pulse(self) -> None:
        """Rings around what runs, breathing."""
        scene = self.studio.scene
        seen = set(self._seen) if scene.activity.running else ()
        running = [name for name in scene.running if name in seen]
        for name in [n for n in self._rings if n not in running]:
            dpg.delete_item(self._rings.pop(name))
        phase = perf_counter() * 1.4 % 1.0
        share = 0.35 + 0.65 * abs(2 * phase - 1)
        tone = self.look.theme.accent.faint(share)
        zoom = self.studio.board.camera.zoom
        for name in running:
            box = scene.card(name).rect.grown(5 / zoom)
            if name in self._rings:
                dpg.delete_item(self._rings.pop(name))
            pen = Pen(self.look, self.over_cards, zoom)
            self._rings[name] = pen.rect(box, edge=tone, round_=11, thick=2.5)

    # wires

    def _draw_wires(self) -> None:
        """Draw the wires that pass the view, in world units, which a transform scales."""
        end = perf_counter() + BUDGET
        scene, theme = self.studio.scene, self.look.theme
        self._wires_chosen = chosen = self.studio.selection.wires
        self._wires_wait = False
        wanted = {view.wire: view for view in scene.wires_within(self._covered)}
        for wire in [w for w in self._wires if w not in wanted]:
            dpg.delete_item(self._wires.pop(wire)[0])
        for wire, view in wanted.items():
            known = self._wires.get(wire)
            selected = wire in chosen
            if known is not None and known[1] is view and known[2] == selected:
                continue
            if perf_counter() > end:
                self._wires_wait = True
                return
            if known is not None:
                dpg.delete_item(known[0])
            node = int(dpg.add_draw_node(parent=self.wire_node))
            above.wire(Pen(self.look, node), view, selected, theme)
            self._wires[wire] = node, view, selected

    def _draw_decor(self, overlay: Overlay) -> None:
        zoom, chosen = self.studio.board.camera.zoom, self.studio.selection.decor
        moved = {item.key: item for item in overlay.decor}
        items = tuple(moved.get(item.key, item) for item in self.studio.scene.decor)
        key = (items, zoom, chosen, self._theme.name)
        if key == self._decor_shown:
            return
        self._decor_shown = key
        dpg.delete_item(self.decor, children_only=True)
        for item in items:
            above.decor(Pen(self.look, self.decor, zoom), item, item.key in chosen)

    def _draw_over(self, overlay: Overlay) -> None:
        """What is being done, over the cards; drawn anew only when it changes."""
        board, studio = self.studio.board, self.studio
        looks = board.camera, board.width, board.height, self._theme.name
        key = (overlay, looks, studio.scene.revision, studio.selection)
        cursor = board.cursor if overlay.words else Point(0, 0)
        if (*key, cursor) == self._shown:
            return
        self._shown = (*key, cursor)
        dpg.delete_item(self.over_all, children_only=True)
        pen = Pen(self.look, self.over_all, board.camera.zoom)
        above.overlay(pen, studio, overlay, self._seen)
        if overlay.card is not None:
            above.ghost_card(pen, overlay.card, self.pictures)
        dpg.delete_item(self.tips, children_only=True)
        if not studio.scene.grid and not studio.scene.decor:
            above.invitation(Pen(self.look, self.tips), studio)
        if overlay.words:
            above.tip(Pen(self.look, self.tips), studio, overlay.words, overlay.bad)
