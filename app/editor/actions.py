"""Everything that can be done, as one table: menus, the command palette and keys read the same.

An action has a name that never changes, words for people, a default shortcut that they may rebind, and
says itself whether it can be done now. Panels add theirs to the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.editor.canvas import changes, clipboard
from app.editor.canvas.aligning import Side, aligned, distributed
from app.editor.canvas.arrangement import new_decor
from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.gestures import Gestures
from app.editor.colours import THEMES
from app.editor.places import TOP
from app.editor.shortcuts import conflicts, shortcut
from app.editor.studio import Palette, Search, Selection, Studio
from graphs.spec.edits import Detach, Edit
from graphs.spec.problems import EditError, FileError

NUDGE = 8.0


@dataclass(frozen=True)
class Desk:
    """What actions work on: the studio, the canvas's gestures, and the clipboard as two functions."""

    studio: Studio
    gestures: Gestures
    paste: Callable[[], str]
    copy: Callable[[str], None]


Do = Callable[[Desk], None]
Can = Callable[[Desk], bool]


def always(_: Desk) -> bool:
    """It can be done at any time."""
    return True


@dataclass(frozen=True)
class Action:
    """One thing to do. `menu` is where it stands, "Edit/Align"; "" only in the palette."""

    name: str
    label: str
    do: Do
    menu: str = ""
    keys: str = ""
    can: Can = always
    icon: str = ""
    ticked: Can | None = None


class Actions:
    """The table. Later rows may be added; a shortcut may be bound anew."""

    def __init__(self, desk: Desk, rows: Iterable[Action]) -> None:
        self.desk = desk
        self._rows: dict[str, Action] = {}
        self._keys: dict[str, str] = {}
        self.add(rows)

    def __iter__(self) -> Iterator[Action]:
        return iter(self._rows.values())

    def __getitem__(self, name: str) -> Action:
        return self._rows[name]

    def add(self, rows: Iterable[Action]) -> None:
        """More things to do. Raises: ValueError for a name or shortcut that is taken."""
        for row in rows:
            if row.name in self._rows:
                raise ValueError(f"there is an action {row.name!r} already")
            self._rows[row.name] = row
            self._keys[row.name] = shortcut(row.keys) if row.keys else ""
        if twice := conflicts(self._keys):
            raise ValueError(f"shortcuts are given twice: {twice}")

    def keys(self, name: str) -> str:
        """The shortcut of an action, "" when it has none."""
        return self._keys[name]

    def bind(self, name: str, keys: str) -> str:
        """Give an action a shortcut; the name of the action that lost it, or ""."""
        wanted = shortcut(keys) if keys else ""
        loser = next((n for n, k in self._keys.items() if wanted and k == wanted and n != name), "")
        if loser:
            self._keys[loser] = ""
        self._keys[name] = wanted
        return loser

    def can(self, name: str) -> bool:
        """Whether it can be done now."""
        return self._rows[name].can(self.desk)

    def run(self, name: str) -> bool:
        """Do it, if it can be done; whether it was."""
        row = self._rows[name]
        if not row.can(self.desk):
            return False
        try:
            row.do(self.desk)
        except (EditError, FileError) as error:
            self.desk.studio.say(str(error), "error")
        return True

    def press(self, keys: str) -> bool:
        """Do what a shortcut stands for; whether there is such an action."""
        name = next((n for n, k in self._keys.items() if k == keys), None)
        return name is not None and self.run(name)

    def bound(self) -> Mapping[str, str]:
        """Every shortcut by action, to be kept with a person's settings."""
        return dict(self._keys)


def _some(desk: Desk) -> bool:
    return bool(desk.studio.selection)


def _nodes(desk: Desk) -> bool:
    return bool(desk.studio.selection.nodes)


def _several(desk: Desk) -> bool:
    return len(desk.studio.selection.nodes) > 1


def _one(desk: Desk) -> bool:
    return len(desk.studio.selection.nodes) == 1


def _named(desk: Desk) -> str:
    return next(iter(desk.studio.selection.nodes), "")


def _can_undo(desk: Desk) -> bool:
    return desk.studio.open.position > 0


def _can_redo(desk: Desk) -> bool:
    return desk.studio.open.position + 1 < len(desk.studio.open.history)


def _copy(desk: Desk) -> None:
    s = desk.studio
    desk.copy(clipboard.written(s.scene, s.selection.nodes))
    s.say(f"Copied {len(s.selection.nodes)} nodes")


def _cut(desk: Desk) -> None:
    _copy(desk)
    _delete(desk, keep_path=False)


def _paste(desk: Desk) -> None:
    s, board = desk.studio, desk.studio.board
    inside = 0 <= board.cursor.x <= board.width and 0 <= board.cursor.y <= board.height
    at = board.world_cursor if inside else board.view.centre
    names, edit = clipboard.pasted(s.scene, desk.paste(), at=at)
    if s.do(edit):
        s.select(Selection(frozenset(names)))


def _duplicate(desk: Desk) -> None:
    s = desk.studio
    text = clipboard.written(s.scene, s.selection.nodes)
    names, edit = clipboard.pasted(s.scene, text, shift=32, feeds=True)
    if s.do(edit):
        s.select(Selection(frozenset(names)))


def _delete(desk: Desk, keep_path: bool = True) -> None:
    s, chosen = desk.studio, desk.studio.selection
    edits: list[Edit | None] = [
        changes.cut(s.scene, sorted(w for w in chosen.wires if not {e.node for e in w} & chosen.nodes)),
        changes.removal(s.scene, sorted(chosen.nodes), keep_path),
        *(changes.gone(d) for d in s.scene.decor if d.key in chosen.decor),
    ]  # fmt: skip
    done = [edit for edit in edits if edit is not None]
    s.do(changes.as_one(done, done[0].label if len(done) > 1 else ""))


def _group(desk: Desk, level: str) -> None:
    s = desk.studio
    into, edit = changes.grouped(s.scene, s.selection.nodes, level)
    if s.do(edit):
        s.select(Selection(frozenset({into})))


def _ungroup(desk: Desk) -> None:
    """Take a group apart; an instance becomes a copy of its own first."""
    s, name = desk.studio, _named(desk)
    if s.scene.card(name).uses:
        s.do(Detach(name=name, at=s.place.at))
        return
    before = set(s.scene.names)
    if s.do(changes.ungrouped(s.scene, name)):
        s.select(Selection(frozenset(set(s.scene.names) - before)))


def _frame(desk: Desk) -> None:
    s = desk.studio
    box = changes.framed(s.scene.rects(s.selection.nodes).values())
    centre = s.board.view.centre
    box = box or Rect(centre.x - 200, centre.y - 140, 400, 280)
    item = new_decor(s.document, s.place.at, "frame", box, "Frame")
    if s.do(item.edit()):
        s.select(Selection(decor=frozenset({item.key})))
        desk.gestures.rename("")


def _note(desk: Desk) -> None:
    s = desk.studio
    at = s.board.world_cursor
    item = new_decor(s.document, s.place.at, "note", Rect(at.x, at.y, 240, 128), "")
    if s.do(item.edit()):
        s.select(Selection(decor=frozenset({item.key})))
        desk.gestures.rename("")


def _recolour(desk: Desk) -> None:
    s = desk.studio
    edits = [changes.recoloured(d) for d in s.scene.decor if d.key in s.selection.decor]
    s.do(changes.as_one(edits))


def _straighten(desk: Desk) -> None:
    s = desk.studio
    s.do(changes.as_one([changes.bent(s.scene, wire, ()) for wire in s.selection.wires]))


def _align(side: Side) -> Do:
    def do(desk: Desk) -> None:
        s = desk.studio
        s.do(changes.moved(s.scene, aligned(s.scene.rects(s.selection.nodes), side)))

    return do


def _distribute(down: bool) -> Do:
    def do(desk: Desk) -> None:
        s = desk.studio
        rects = s.scene.rects(s.selection.nodes)
        s.do(changes.moved(s.scene, distributed(rects, "down" if down else "across")))

    return do


def _arrange(desk: Desk, only_chosen: bool) -> None:
    s = desk.studio
    done = s.do(changes.tidied(s.scene, s.selection.nodes if only_chosen else None))
    if done and not only_chosen:
        s.fit()


def _nudge(dx: float, dy: float) -> Do:
    def do(desk: Desk) -> None:
        s = desk.studio
        rects = s.scene.rects(s.selection.nodes)
        places = {n: Point(r.x + dx, r.y + dy) for n, r in rects.items()}
        s.do(changes.moved(s.scene, places), merge=True)

    return do


def _neighbour(dx: int, dy: int) -> Do:
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


def _next(desk: Desk, by: int) -> None:
    s = desk.studio
    rects = s.scene.rects()
    order = sorted(rects, key=lambda n: (rects[n].x, rects[n].y))
    if order:
        name = _named(desk)
        at = order.index(name) + by if name in order else 0
        _show(s, order[at % len(order)])


def _show(s: Studio, name: str) -> None:
    """Choose a node and let it be seen."""
    s.select(Selection(frozenset({name})))
    rect, view = s.scene.card(name).rect, s.board.view
    if not view.covers(rect):
        board = s.board
        board.camera = board.camera.centred(*rect.centre, board.width, board.height)


def _zoom(factor: float) -> Do:
    def do(desk: Desk) -> None:
        board = desk.studio.board
        middle = Point(board.width / 2, board.height / 2)
        board.camera = board.camera.zoomed(factor / board.camera.zoom if factor == 1 else factor, middle)

    return do


def _theme(name: str) -> Action:
    def do(desk: Desk) -> None:
        desk.studio.theme = name
        desk.studio.news["theme"] += 1

    return Action(
        f"theme {name}", f"{name.capitalize()} theme", do, "View/Theme",
        ticked=lambda d: d.studio.theme == name,
    )  # fmt: skip


def _toggle(name: str) -> Do:
    def do(desk: Desk) -> None:
        board = desk.studio.board
        setattr(board, name, not getattr(board, name))

    return do


def _problem(desk: Desk) -> None:
    s = desk.studio
    paths = list(dict.fromkeys(p.path for p in s.scene.inspection.problems if p.path))
    if not paths:
        s.say("There are no problems")
        return
    now = s.scene.card(_named(desk)).path if _one(desk) else ""
    s.jump(paths[(paths.index(now) + 1) % len(paths)] if now in paths else paths[0])


def _select_all(desk: Desk) -> None:
    s = desk.studio
    decor = frozenset(d.key for d in s.scene.decor)
    s.select(Selection(frozenset(s.scene.names), frozenset(), decor))


def _select_linked(desk: Desk) -> None:
    s = desk.studio
    nodes = set(s.selection.nodes)
    for name in s.selection.nodes:
        nodes |= {end.node for wire in s.scene.wires_of(name) for end in wire}
    s.select(Selection(frozenset(nodes)))


def table() -> list[Action]:
    """The actions of the canvas and the window."""
    return [
        Action("undo", "Undo", lambda d: d.studio.undo(), "Edit", "Ctrl+Z", _can_undo, "undo-2"),
        Action("redo", "Redo", lambda d: d.studio.redo(), "Edit", "Ctrl+Shift+Z", _can_redo, "redo-2"),
        Action("copy", "Copy", _copy, "Edit", "Ctrl+C", _nodes, "copy"),
        Action("cut", "Cut", _cut, "Edit", "Ctrl+X", _nodes, "scissors"),
        Action("paste", "Paste", _paste, "Edit", "Ctrl+V", always, "clipboard-paste"),
        Action("duplicate", "Duplicate", _duplicate, "Edit", "Ctrl+D", _nodes, "copy"),
        Action("delete", "Delete, keep the path", _delete, "Edit", "Delete", _some, "trash-2"),
        Action("delete cut", "Delete with the path", lambda d: _delete(d, False), "Edit",
               "Shift+Delete", _some),
        Action("select all", "Select all", _select_all, "Edit", "Ctrl+A"),
        Action("select linked", "Select neighbours", _select_linked, "Edit", "Ctrl+L", _nodes),
        Action("search", "Add a node…", lambda d: d.studio.request(
            Search(d.studio.board.view.centre)), "Node", "Shift+A", always, "plus"),
        Action("palette", "All commands…", lambda d: d.studio.request(Palette()), "View",
               "Ctrl+P", always, "command"),
        Action("rename", "Rename…", lambda d: d.gestures.rename(_named(d)), "Node", "F2",
               lambda d: _one(d) or bool(d.studio.selection.decor), "text-cursor"),
        Action("enter", "Enter", lambda d: _enter(d), "Node", "Enter", _one, "log-in"),
        Action("leave", "Leave", lambda d: _leave(d), "Node", "Backspace",
               lambda d: d.studio.place != TOP, "log-out"),
        Action("fold", "Fold or open", lambda d: _fold(d), "Node", "H", _nodes, "chevrons-right"),
        Action("cycle mode", "Next train mode", lambda d: _cycle(d), "Node", "M", _nodes, "flame"),
        Action("wire from", "Wire from here", lambda d: d.gestures.wire_by_keys("out"), "Node", "W",
               _one, "cable"),
        Action("wire to", "Wire to here", lambda d: d.gestures.wire_by_keys("in"), "Node",
               "Shift+W", _one),
        Action("group", "Group", lambda d: _group(d, "graph"), "Node", "Ctrl+G", _nodes, "group"),
        Action("group pipeline", "Group into a pipeline", lambda d: _group(d, "pipeline"), "Node",
               "", _nodes),
        Action("group stage", "Group into a stage", lambda d: _group(d, "stage"), "Node", "", _nodes),
        Action("ungroup", "Ungroup", _ungroup, "Node", "Ctrl+Shift+G", _one, "ungroup"),
        Action("frame", "Frame", _frame, "Node", "Ctrl+F", always, "frame"),
        Action("add note", "Add a note", _note, "Node", "N", always, "sticky-note"),
        Action("next colour", "Next colour", _recolour, "", "",
               lambda d: bool(d.studio.selection.decor), "palette"),
        Action("add knee", "Add a point to the wire", lambda d: d.gestures.add_knee(), "", "",
               lambda d: bool(d.studio.selection.wires), "spline"),
        Action("straighten", "Straighten", _straighten, "", "",
               lambda d: bool(d.studio.selection.wires)),
        Action("arrange all", "Arrange all", lambda d: _arrange(d, False), "Arrange", "Ctrl+Shift+A",
               always, "wand-sparkles"),
        Action("arrange", "Arrange selection", lambda d: _arrange(d, True), "Arrange", "", _several),
        *(Action(f"align {side}", f"Align {words}", _align(side), "Arrange", "", _several, icon)
          for side, words, icon in _ALIGN),
        Action("distribute across", "Distribute across", _distribute(False), "Arrange", "", _several,
               "align-horizontal-distribute-center"),
        Action("distribute down", "Distribute down", _distribute(True), "Arrange", "", _several,
               "align-vertical-distribute-center"),
        Action("snap", "Snap", _toggle("snap"), "Arrange", "Ctrl+Shift+S", always, "magnet",
               lambda d: d.studio.board.snap),
        Action("fit all", "Show all", lambda d: d.studio.fit(), "View", "Home", always, "maximize"),
        Action("fit", "Show selection", lambda d: d.studio.fit_selection(), "View", "F", always,
               "scan"),
        Action("zoom in", "Zoom in", _zoom(1.25), "View", "Ctrl+Plus", always, "zoom-in"),
        Action("zoom out", "Zoom out", _zoom(0.8), "View", "Ctrl+Minus", always, "zoom-out"),
        Action("zoom one", "Zoom 100 %", _zoom(1), "View", "Ctrl+0"),
        Action("minimap", "Minimap", _toggle("minimap"), "View", "Ctrl+M", always, "map",
               lambda d: d.studio.board.minimap),
        Action("next problem", "Next problem", _problem, "View", "F8", always, "triangle-alert"),
        *map(_theme, THEMES),
        *(Action(f"go {way}", f"Next node {way}", _neighbour(dx, dy), "", way.capitalize())
          for way, dx, dy in _WAYS),
        *(Action(f"nudge {way}", f"Move {way}", _nudge(dx * NUDGE, dy * NUDGE), "",
                 f"Ctrl+{way.capitalize()}", _nodes) for way, dx, dy in _WAYS),
        Action("next node", "Next node", lambda d: _next(d, 1), "", "Tab"),
        Action("previous node", "Previous node", lambda d: _next(d, -1), "", "Shift+Tab"),
        Action("escape", "Give up, choose nothing, leave", lambda d: d.gestures.escape(), "",
               "Escape"),
        Action("quit", "Quit", _quit, "File", "Ctrl+Q", always, "log-out"),
    ]  # fmt: skip


_WAYS = (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
_ALIGN: tuple[tuple[Side, str, str], ...] = (
    ("left", "left edges", "align-start-vertical"),
    ("centre", "middles upright", "align-center-vertical"),
    ("right", "right edges", "align-end-vertical"),
    ("top", "top edges", "align-start-horizontal"),
    ("middle", "middles across", "align-center-horizontal"),
    ("bottom", "bottom edges", "align-end-horizontal"),
)


def _enter(desk: Desk) -> None:
    name = _named(desk)
    if not desk.studio.enter(name):
        desk.studio.say(f"There is nothing to see inside {name}")


def _leave(desk: Desk) -> None:
    desk.studio.leave()


def _fold(desk: Desk) -> None:
    s = desk.studio
    s.do(changes.folds(s.scene, sorted(s.selection.nodes)))


def _cycle(desk: Desk) -> None:
    for name in sorted(desk.studio.selection.nodes):
        desk.gestures.cycle(name)


def _quit(desk: Desk) -> None:
    desk.studio.closing = True
