"""The table of everything that can be done on the canvas and in the window."""

from __future__ import annotations

from app.editor.actions import Action, always
from app.editor.acts import changing, filing, looking, placing
from app.editor.acts.when import can_redo, can_undo, named, nodes, one, several, some
from app.editor.canvas.aligning import Side
from app.editor.colours import THEMES
from app.editor.places import TOP
from app.editor.studio import Palette, Search

NUDGE = 8.0
_WAYS = (("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))
_ALIGN: tuple[tuple[Side, str, str], ...] = (
    ("left", "left edges", "align-start-vertical"),
    ("centre", "middles upright", "align-center-vertical"),
    ("right", "right edges", "align-end-vertical"),
    ("top", "top edges", "align-start-horizontal"),
    ("middle", "middles across", "align-center-horizontal"),
    ("bottom", "bottom edges", "align-end-horizontal"),
)


def table() -> list[Action]:
    """The actions of the canvas and the window."""
    return [
        *filing.table(),
        Action("undo", "Undo", lambda d: d.studio.undo(), "Edit", "Ctrl+Z", can_undo, "undo-2"),
        Action("redo", "Redo", lambda d: d.studio.redo(), "Edit", "Ctrl+Shift+Z", can_redo, "redo-2"),
        Action("copy", "Copy", changing.copy, "Edit", "Ctrl+C", nodes, "copy"),
        Action("cut", "Cut", changing.cut, "Edit", "Ctrl+X", nodes, "scissors"),
        Action("paste", "Paste", changing.paste, "Edit", "Ctrl+V", always, "clipboard-paste"),
        Action("duplicate", "Duplicate", changing.duplicate, "Edit", "Ctrl+D", nodes, "copy"),
        Action("delete", "Delete, keep the path", changing.delete, "Edit", "Delete", some, "trash-2"),
        Action("delete cut", "Delete with the path", lambda d: changing.delete(d, False), "Edit",
               "Shift+Delete", some),
        Action("select all", "Select all", looking.select_all, "Edit", "Ctrl+A"),
        Action("select linked", "Select neighbours", looking.select_linked, "Edit", "Ctrl+L", nodes),
        Action("search", "Add a node…", lambda d: d.studio.request(
            Search(d.studio.board.view.centre)), "Node", "Shift+A", always, "plus"),
        Action("palette", "All commands…", lambda d: d.studio.request(Palette()), "View",
               "Ctrl+P", always, "command"),
        Action("rename", "Rename…", lambda d: d.gestures.rename(named(d)), "Node", "F2",
               lambda d: one(d) or bool(d.studio.selection.decor), "text-cursor"),
        Action("enter", "Enter", looking.enter, "Node", "Enter", one, "log-in"),
        Action("leave", "Leave", looking.leave, "Node", "Backspace",
               lambda d: d.studio.place != TOP, "log-out"),
        Action("fold", "Fold or open", changing.fold, "Node", "H", nodes, "chevrons-right"),
        Action("cycle mode", "Next train mode", changing.cycle_mode, "Node", "M", nodes, "flame"),
        Action("wire from", "Wire from here", lambda d: d.gestures.wire_by_keys("out"), "Node", "W",
               one, "cable"),
        Action("wire to", "Wire to here", lambda d: d.gestures.wire_by_keys("in"), "Node",
               "Shift+W", one),
        Action("group", "Group", lambda d: changing.group(d, "graph"), "Node", "Ctrl+G", nodes, "group"),
        Action("group pipeline", "Group into a pipeline", lambda d: changing.group(d, "pipeline"), "Node",
               "", nodes),
        Action("group stage", "Group into a stage", lambda d: changing.group(d, "stage"), "Node", "", nodes),
        Action("ungroup", "Ungroup", changing.ungroup, "Node", "Ctrl+Shift+G", one, "ungroup"),
        Action("frame", "Frame", changing.frame, "Node", "Ctrl+F", always, "frame"),
        Action("add note", "Add a note", changing.note, "Node", "N", always, "sticky-note"),
        Action("next colour", "Next colour", changing.recolour, "", "",
               lambda d: bool(d.studio.selection.decor), "palette"),
        Action("add knee", "Add a point to the wire", lambda d: d.gestures.add_knee(), "", "",
               lambda d: bool(d.studio.selection.wires), "spline"),
        Action("straighten", "Straighten", changing.straighten, "", "",
               lambda d: bool(d.studio.selection.wires)),
        Action("arrange all", "Arrange all", lambda d: placing.arrange(d, False), "Arrange", "Ctrl+Shift+A",
               always, "wand-sparkles"),
        Action("arrange", "Arrange selection", lambda d: placing.arrange(d, True), "Arrange", "", several),
        *(Action(f"align {side}", f"Align {words}", placing.align(side), "Arrange", "", several, icon)
          for side, words, icon in _ALIGN),
        Action("distribute across", "Distribute across", placing.distribute(False), "Arrange", "", several,
               "align-horizontal-distribute-center"),
        Action("distribute down", "Distribute down", placing.distribute(True), "Arrange", "", several,
               "align-vertical-distribute-center"),
        Action("snap", "Snap", looking.toggle("snap"), "Arrange", "Alt+S", always, "magnet",
               lambda d: d.studio.board.snap),
        Action("fit all", "Show all", lambda d: d.studio.fit(), "View", "Home", always, "maximize"),
        Action("fit", "Show selection", lambda d: d.studio.fit_selection(), "View", "F", always,
               "scan"),
        Action("zoom in", "Zoom in", looking.zoom(1.25), "View", "Ctrl+Plus", always, "zoom-in"),
        Action("zoom out", "Zoom out", looking.zoom(0.8), "View", "Ctrl+Minus", always, "zoom-out"),
        Action("zoom one", "Zoom 100 %", looking.zoom(1), "View", "Ctrl+0"),
        Action("minimap", "Minimap", looking.toggle("minimap"), "View", "Ctrl+M", always, "map",
               lambda d: d.studio.board.minimap),
        Action("next problem", "Next problem", looking.problem, "View", "F8", always, "triangle-alert"),
        *map(looking.theme, THEMES),
        *(Action(f"go {way}", f"Next node {way}", looking.neighbour(dx, dy), "", way.capitalize())
          for way, dx, dy in _WAYS),
        *(Action(f"nudge {way}", f"Move {way}", placing.nudge(dx * NUDGE, dy * NUDGE), "",
                 f"Ctrl+{way.capitalize()}", nodes) for way, dx, dy in _WAYS),
        Action("next node", "Next node", lambda d: looking.next_node(d, 1), "", "Tab"),
        Action("previous node", "Previous node", lambda d: looking.next_node(d, -1), "", "Shift+Tab"),
        Action("escape", "Give up, choose nothing, leave", lambda d: d.gestures.escape(), "",
               "Escape"),
    ]  # fmt: skip
