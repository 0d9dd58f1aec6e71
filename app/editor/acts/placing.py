"""What puts nodes elsewhere: align, distribute, arrange, nudge."""

from __future__ import annotations

from app.editor.actions import Desk, Do
from app.editor.canvas import changes
from app.editor.canvas.aligning import Side, aligned, distributed
from app.editor.canvas.camera import Point


def align(side: Side) -> Do:
    """The chosen nodes share an edge, or their middles."""

    def do(desk: Desk) -> None:
        s = desk.studio
        s.do(changes.moved(s.scene, aligned(s.scene.rects(s.selection.nodes), side)))

    return do


def distribute(down: bool) -> Do:
    """The gaps between the chosen nodes are equal."""

    def do(desk: Desk) -> None:
        s = desk.studio
        rects = s.scene.rects(s.selection.nodes)
        s.do(changes.moved(s.scene, distributed(rects, "down" if down else "across")))

    return do


def arrange(desk: Desk, only_chosen: bool) -> None:
    """All nodes, or the chosen ones, stand where the layout puts them."""
    s = desk.studio
    done = s.do(changes.tidied(s.scene, s.selection.nodes if only_chosen else None))
    if done and not only_chosen:
        s.fit()


def nudge(dx: float, dy: float) -> Do:
    """The chosen nodes stand a step further; steps in a row are one in the history."""

    def do(desk: Desk) -> None:
        s = desk.studio
        rects = s.scene.rects(s.selection.nodes)
        places = {n: Point(r.x + dx, r.y + dy) for n, r in rects.items()}
        s.do(changes.moved(s.scene, places), merge=True)

    return do
