"""Definitions: a node written once and used in many places."""

from __future__ import annotations

from app.editor.actions import Desk
from app.editor.acts.when import named, one
from app.editor.canvas.changes import free_definition
from app.editor.language import _
from app.editor.studio import Ask, Selection
from graphs.spec.document import join
from graphs.spec.edits import Define, Detach


def can_define(desk: Desk) -> bool:
    """One node is chosen that is no instance yet."""
    return one(desk) and not linked(desk)


def is_instance(desk: Desk) -> bool:
    """One instance is chosen."""
    node = desk.studio.scene.body.nodes.get(named(desk))
    return one(desk) and node is not None and bool(node.uses)


def linked(desk: Desk) -> bool:
    """The chosen node is an instance, or shares the block of another."""
    node = desk.studio.scene.body.nodes.get(named(desk))
    return node is not None and bool(node.uses or node.tied_to)


def define(desk: Desk) -> None:
    """The chosen node is a definition with one instance; what it is called is asked for."""
    s, name = desk.studio, named(desk)
    free = free_definition(s.document, name)

    def accept(text: str) -> None:
        wanted = free_definition(s.document, text or free)
        if s.do(Define(name=name, definition=wanted, at=s.place.at)):
            s.select(Selection(frozenset({name})))
            words = _("{name} is a definition now: drag it out of the palette to use it again")
            s.say(words.format(name=wanted))

    s.request(Ask(_("Name of the definition"), free, accept))


def detach(desk: Desk) -> None:
    """The chosen instance is a copy of its own."""
    s = desk.studio
    s.do(Detach(name=named(desk), at=s.place.at))


def edit_definition(desk: Desk) -> None:
    """Look inside the definition of the chosen instance: what changes there changes every instance."""
    s, name = desk.studio, named(desk)
    node = s.scene.body.nodes.get(name)
    if node is None or not s.enter(name):
        s.say(_("There is nothing to see inside {name}").format(name=join(s.place.path, name)))
