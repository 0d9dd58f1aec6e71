"""What changes the document: copy and paste, delete, group, frames, notes, folding, train modes."""

from __future__ import annotations

from app.editor import terms
from app.editor.actions import Desk
from app.editor.acts.when import named
from app.editor.canvas import changes, clipboard
from app.editor.canvas.arrangement import new_decor
from app.editor.canvas.camera import Rect
from app.editor.language import _, ngettext
from app.editor.studio import Selection
from graphs.spec.edits import Detach, Edit
from graphs.spec.problems import FileError


def copy(desk: Desk) -> None:
    """The chosen nodes are on the clipboard."""
    s = desk.studio
    desk.copy(clipboard.written(s.scene, s.selection.nodes))
    count = len(s.selection.nodes)
    s.say(ngettext("Copied {count} node", "Copied {count} nodes", count).format(count=count))


def cut(desk: Desk) -> None:
    """They are on the clipboard and gone."""
    copy(desk)
    delete(desk, keep_path=False)


def paste(desk: Desk) -> None:
    """The clipboard's nodes stand under the cursor, chosen."""
    s, board = desk.studio, desk.studio.board
    inside = 0 <= board.cursor.x <= board.width and 0 <= board.cursor.y <= board.height
    at = board.world_cursor if inside else board.view.centre

    def told(text: str) -> None:
        try:
            names, edit = clipboard.pasted(s.scene, text, at=at)
        except FileError as error:
            s.say(str(error), "warning")
            return
        if s.do(edit):
            s.select(Selection(frozenset(names)))

    desk.paste(told)


def duplicate(desk: Desk) -> None:
    """Copies stand beside the chosen nodes, fed by the same outputs, and are chosen."""
    s = desk.studio
    text = clipboard.written(s.scene, s.selection.nodes)
    names, edit = clipboard.pasted(s.scene, text, shift=32, feeds=True)
    if s.do(edit):
        s.select(Selection(frozenset(names)))


def delete(desk: Desk, keep_path: bool = True) -> None:
    """What is chosen is gone; where types fit what fed a node feeds what it fed."""
    s, chosen = desk.studio, desk.studio.selection
    edits: list[Edit | None] = [
        changes.cut(s.scene, sorted(w for w in chosen.wires if not {e.node for e in w} & chosen.nodes)),
        changes.removal(s.scene, sorted(chosen.nodes), keep_path),
        *(changes.gone(d) for d in s.scene.decor if d.key in chosen.decor),
    ]  # fmt: skip
    done = [edit for edit in edits if edit is not None]
    s.do(changes.as_one(done, done[0].label if len(done) > 1 else ""))


def group(desk: Desk, level: str) -> None:
    """The chosen nodes are one node of this level, which is chosen."""
    s = desk.studio
    before = s.document.root.level
    into, edit = changes.grouped(s.scene, s.selection.nodes, level)
    if s.do(edit):
        s.select(Selection(frozenset({into})))
        if (now := s.document.root.level) != before:
            words = _("The whole is now on the level {now}, which may hold a {level}")
            s.say(words.format(now=terms.kind(now), level=terms.kind(level)))


def ungroup(desk: Desk) -> None:
    """Take a group apart; an instance becomes a copy of its own first."""
    s, name = desk.studio, named(desk)
    if s.scene.card(name).uses:
        s.do(Detach(name=name, at=s.place.at))
        return
    before = set(s.scene.names)
    if s.do(changes.ungrouped(s.scene, name)):
        s.select(Selection(frozenset(set(s.scene.names) - before)))


def frame(desk: Desk) -> None:
    """A frame stands around the chosen nodes, and its title is asked for."""
    s = desk.studio
    box = changes.framed(s.scene.rects(s.selection.nodes).values())
    centre = s.board.view.centre
    box = box or Rect(centre.x - 200, centre.y - 140, 400, 280)
    item = new_decor(s.document, s.place.at, "frame", box, _("Frame"))
    if s.do(changes.kept(item, "Add")):
        s.select(Selection(decor=frozenset({item.key})))
        desk.gestures.rename("")


def note(desk: Desk) -> None:
    """A note stands under the cursor, and its text is asked for."""
    s = desk.studio
    at = s.board.world_cursor
    item = new_decor(s.document, s.place.at, "note", Rect(at.x, at.y, 240, 128), "")
    if s.do(changes.kept(item, "Add")):
        s.select(Selection(decor=frozenset({item.key})))
        desk.gestures.rename("")


def recolour(desk: Desk) -> None:
    """The chosen frames have the next colour."""
    s = desk.studio
    edits = [changes.recoloured(d) for d in s.scene.decor if d.key in s.selection.decor]
    s.do(changes.as_one(edits))


def straighten(desk: Desk) -> None:
    """The chosen wires pass no points."""
    s = desk.studio
    s.do(changes.as_one([changes.bent(s.scene, wire, ()) for wire in s.selection.wires]))


def fold(desk: Desk) -> None:
    """The chosen nodes show nothing but their heads, or all again."""
    s = desk.studio
    s.do(changes.folds(s.scene, sorted(s.selection.nodes)))


def cycle_mode(desk: Desk) -> None:
    """The chosen nodes have the next train mode."""
    for name in sorted(desk.studio.selection.nodes):
        desk.gestures.cycle(name)
