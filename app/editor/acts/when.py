"""When things can be done: questions to the desk that rows of the table share."""

from __future__ import annotations

from app.editor.actions import Desk


def some(desk: Desk) -> bool:
    """Something is chosen."""
    return bool(desk.studio.selection)


def nodes(desk: Desk) -> bool:
    """A node is chosen."""
    return bool(desk.studio.selection.nodes)


def several(desk: Desk) -> bool:
    """More than one node is chosen."""
    return len(desk.studio.selection.nodes) > 1


def one(desk: Desk) -> bool:
    """Exactly one node is chosen."""
    return len(desk.studio.selection.nodes) == 1


def holds(desk: Desk) -> bool:
    """Exactly one node is chosen, and others are in it."""
    node = desk.studio.scene.body.nodes.get(named(desk))
    return one(desk) and node is not None and (node.body is not None or bool(node.uses))


def named(desk: Desk) -> str:
    """The name of a chosen node, "" when none is."""
    return next(iter(desk.studio.selection.nodes), "")


def can_undo(desk: Desk) -> bool:
    """There is something to take back."""
    return desk.studio.open.position > 0


def can_redo(desk: Desk) -> bool:
    """There is something to make again."""
    return desk.studio.open.position + 1 < len(desk.studio.open.history)
