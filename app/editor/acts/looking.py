"""What changes only what is seen or chosen: enter and leave, zoom, neighbours, problems, themes."""

from __future__ import annotations

from app.editor.actions import Action, Desk, Do
from app.editor.acts.when import named, one
from app.editor.canvas.camera import Point
from app.editor.language import _
from app.editor.studio import Selection, Studio


def neighbour(dx: int, dy: int) -> Do:
    """Choose the next node in a direction: as far as it is, and twice as far as it is aside."""

    def do(desk: Desk) -> None:
        s = desk.studio
        here = s.scene.rects(s.selection.nodes)
        start = next(iter(here.values())).centre if here else s.board.view.centre
        best: tuple[float, str] | None = None
        for name, rect in s.scene.rects().items():
            ahead = (rect.centre.x - start.x) * dx + (rect.centre.y - start.y) * dy
            aside = abs((rect.centre.x - start.x) * dy) + abs((rect.centre.y - start.y) * dx)
            if name not in here and ahead > 1 and (best is None or ahead + 2 * aside < best[0]):
                best = ahead + 2 * aside, name
        if best is not None:
            _show(s, best[1])

    return do


def next_node(desk: Desk, by: int) -> None:
    """Choose the next node in reading order."""
    s = desk.studio
    rects = s.scene.rects()
    order = sorted(rects, key=lambda n: (rects[n].x, rects[n].y))
    if order:
        name = named(desk)
        at = order.index(name) + by if name in order else 0
        _show(s, order[at % len(order)])


def _show(s: Studio, name: str) -> None:
    """Choose a node and let it be seen."""
    s.select(Selection(frozenset({name})))
    s.reveal(s.scene.card(name).rect)


def zoom(factor: float) -> Do:
    """Nearer or farther by a factor about the middle; 1 is a pixel a unit."""

    def do(desk: Desk) -> None:
        board = desk.studio.board
        middle = Point(board.width / 2, board.height / 2)
        board.camera = board.camera.zoomed(
            factor / board.camera.zoom if factor == 1 else factor, middle
        )

    return do


def theme(name: str) -> Action:
    """The row that makes the window wear a theme."""

    def do(desk: Desk) -> None:
        desk.studio.theme = name
        desk.studio.news["theme"] += 1

    words = {
        "dark": _("Dark theme"), "light": _("Light theme"), "high contrast": _("High contrast"),
    }  # fmt: skip
    return Action(
        f"theme {name}", words[name], do, "View/Theme",
        ticked=lambda d: d.studio.theme == name,
    )  # fmt: skip


def toggle(name: str) -> Do:
    """Turn something of the board on or off."""

    def do(desk: Desk) -> None:
        board = desk.studio.board
        setattr(board, name, not getattr(board, name))

    return do


def problem(desk: Desk) -> None:
    """Choose the next node with a problem."""
    s = desk.studio
    paths = list(dict.fromkeys(p.path for p in s.scene.inspection.problems if p.path))
    if not paths:
        s.say(_("There are no problems"))
        return
    now = s.scene.card(named(desk)).path if one(desk) else ""
    s.jump(paths[(paths.index(now) + 1) % len(paths)] if now in paths else paths[0])


def select_all(desk: Desk) -> None:
    """Everything here is chosen."""
    s = desk.studio
    decor = frozenset(d.key for d in s.scene.decor)
    s.select(Selection(frozenset(s.scene.names), frozenset(), decor))


def select_linked(desk: Desk) -> None:
    """What is wired to the chosen nodes is chosen too."""
    s = desk.studio
    nodes = set(s.selection.nodes)
    for name in s.selection.nodes:
        nodes |= {end.node for wire in s.scene.wires_of(name) for end in wire}
    s.select(Selection(frozenset(nodes)))


def enter(desk: Desk) -> None:
    """Look inside the chosen node."""
    name = named(desk)
    if not desk.studio.enter(name):
        desk.studio.say(_("There is nothing to see inside {name}").format(name=name))


def leave(desk: Desk) -> None:
    """Look at the body around."""
    desk.studio.leave()
