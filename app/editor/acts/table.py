"""The table of everything that can be done on the canvas and in the window."""

from __future__ import annotations

from app.editor.actions import Action, always
from app.editor.acts import changing, defining, filing, looking, placing
from app.editor.acts.when import can_redo, can_undo, holds, named, nodes, one, several, some
from app.editor.canvas.aligning import Side
from app.editor.colours import THEMES
from app.editor.language import _
from app.editor.places import TOP
from app.editor.studio import Palette, Search

NUDGE = 8.0


def table() -> list[Action]:
    """The actions of the canvas and the window."""
    return [
        *filing.table(),
        Action("undo", _("Undo"), lambda d: d.studio.undo(), "Edit", "Ctrl+Z", can_undo, "undo-2"),
        Action("redo", _("Redo"), lambda d: d.studio.redo(), "Edit", "Ctrl+Shift+Z", can_redo, "redo-2"),
        Action("copy", _("Copy"), changing.copy, "Edit", "Ctrl+C", nodes, "copy"),
        Action("cut", _("Cut"), changing.cut, "Edit", "Ctrl+X", nodes, "scissors"),
        Action("paste", _("Paste"), changing.paste, "Edit", "Ctrl+V", always, "clipboard-paste"),
        Action("duplicate", _("Duplicate"), changing.duplicate, "Edit", "Ctrl+D", nodes, "copy"),
        Action("delete", _("Delete, keep the path"), changing.delete, "Edit", "Delete", some, "trash-2"),
        Action("delete cut", _("Delete with the path"), lambda d: changing.delete(d, False), "Edit",
               "Shift+Delete", some),
        Action("select all", _("Select all"), looking.select_all, "Edit", "Ctrl+A"),
        Action("select linked", _("Select neighbours"), looking.select_linked, "Edit", "Ctrl+L", nodes),
        Action("search", _("Add a node…"), lambda d: d.studio.request(
            Search(d.studio.board.view.centre)), "Node", "Shift+A", always, "plus"),
        Action("palette", _("All commands…"), lambda d: d.studio.request(Palette()), "View",
               "Ctrl+P", always, "command"),
        Action("rename", _("Rename…"), lambda d: d.gestures.rename(named(d)), "Node", "F2",
               lambda d: one(d) or bool(d.studio.selection.decor), "text-cursor"),
        Action("enter", _("Enter"), looking.enter, "Node", "Enter", one, "log-in"),
        Action("leave", _("Leave"), looking.leave, "Node", "Backspace",
               lambda d: d.studio.place != TOP, "log-out"),
        Action("fold", _("Fold or open"), changing.fold, "Node", "H", nodes, "chevrons-right"),
        Action("cycle mode", _("Next train mode"), changing.cycle_mode, "Node", "M", nodes, "flame"),
        Action("wire from", _("Wire from here"), lambda d: d.gestures.wire_by_keys("out"), "Node", "W",
               one, "cable"),
        Action("wire to", _("Wire to here"), lambda d: d.gestures.wire_by_keys("in"), "Node",
               "Shift+W", one),
        Action("group", _("Group"), lambda d: changing.group(d, "graph"), "Node", "Ctrl+G", nodes, "group"),
        Action("group pipeline", _("Group into a pipeline"), lambda d: changing.group(d, "pipeline"), "Node",
               "", nodes),
        Action("group stage", _("Group into a stage"), lambda d: changing.group(d, "stage"), "Node",
               "", nodes),
        Action("ungroup", _("Ungroup"), changing.ungroup, "Node", "Ctrl+Shift+G", holds, "ungroup"),
        Action("define", _("Make a definition…"), defining.define, "Node", "", defining.can_define, "link-2"),
        Action("detach", _("Detach from its definition"), defining.detach, "Node", "",
               defining.is_instance, "unlink"),
        Action("edit definition", _("Edit the definition"), defining.edit_definition, "Node", "",
               defining.is_instance, "pencil"),
        Action("frame", _("Frame"), changing.frame, "Node", "Ctrl+F", always, "frame"),
        Action("add note", _("Add a note"), changing.note, "Node", "N", always, "sticky-note"),
        Action("next colour", _("Next colour"), changing.recolour, "", "",
               lambda d: bool(d.studio.selection.decor), "palette"),
        Action("add knee", _("Add a point to the wire"), lambda d: d.gestures.add_knee(), "", "",
               lambda d: bool(d.studio.selection.wires), "spline"),
        Action("straighten", _("Straighten"), changing.straighten, "", "",
               lambda d: bool(d.studio.selection.wires)),
        Action("arrange all", _("Arrange all"), lambda d: placing.arrange(d, False), "Arrange",
               "Ctrl+Shift+A", always, "wand-sparkles"),
        Action("arrange", _("Arrange selection"), lambda d: placing.arrange(d, True), "Arrange", "", several),
        *(Action(f"align {side}", words, placing.align(side), "Arrange", "", several, icon)
          for side, words, icon in _aligning()),
        Action("distribute across", _("Distribute across"), placing.distribute(False), "Arrange", "", several,
               "align-horizontal-distribute-center"),
        Action("distribute down", _("Distribute down"), placing.distribute(True), "Arrange", "", several,
               "align-vertical-distribute-center"),
        Action("snap", _("Snap"), looking.toggle("snap"), "Arrange", "Alt+S", always, "magnet",
               lambda d: d.studio.board.snap),
        Action("fit all", _("Show all"), lambda d: d.studio.fit(), "View", "Home", always, "maximize"),
        Action("fit", _("Show selection"), lambda d: d.studio.fit_selection(), "View", "F", always,
               "scan"),
        Action("zoom in", _("Zoom in"), looking.zoom(1.25), "View", "Ctrl+Plus", always, "zoom-in"),
        Action("zoom out", _("Zoom out"), looking.zoom(0.8), "View", "Ctrl+Minus", always, "zoom-out"),
        Action("zoom one", _("Zoom 100 %"), looking.zoom(1), "View", "Ctrl+0"),
        Action("minimap", _("Minimap"), looking.toggle("minimap"), "View", "Ctrl+M", always, "map",
               lambda d: d.studio.board.minimap),
        Action("next problem", _("Next problem"), looking.problem, "View", "F8", always, "triangle-alert"),
        *map(looking.theme, THEMES),
        *(Action(f"go {key.lower()}", words, looking.neighbour(dx, dy), "", key)
          for key, dx, dy, words, _other in _ways()),
        *(Action(f"nudge {key.lower()}", words, placing.nudge(dx * NUDGE, dy * NUDGE), "",
                 f"Ctrl+{key}", nodes) for key, dx, dy, _other, words in _ways()),
        Action("next node", _("Next node"), lambda d: looking.next_node(d, 1), "", "Tab"),
        Action("previous node", _("Previous node"), lambda d: looking.next_node(d, -1), "", "Shift+Tab"),
        Action("escape", _("Give up, choose nothing, leave"), lambda d: d.gestures.escape(), "",
               "Escape"),
    ]  # fmt: skip


def _aligning() -> tuple[tuple[Side, str, str], ...]:
    return (
        ("left", _("Align left edges"), "align-start-vertical"),
        ("centre", _("Align middles upright"), "align-center-vertical"),
        ("right", _("Align right edges"), "align-end-vertical"),
        ("top", _("Align top edges"), "align-start-horizontal"),
        ("middle", _("Align middles across"), "align-center-horizontal"),
        ("bottom", _("Align bottom edges"), "align-end-horizontal"),
    )


def _ways() -> tuple[tuple[str, int, int, str, str], ...]:
    return (
        ("Left", -1, 0, _("Next node to the left"), _("Move to the left")),
        ("Right", 1, 0, _("Next node to the right"), _("Move to the right")),
        ("Up", 0, -1, _("Next node above"), _("Move up")),
        ("Down", 0, 1, _("Next node below"), _("Move down")),
    )
