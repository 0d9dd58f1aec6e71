"""What is done with blocks, templates and definitions: find, add, star, save, define, detach."""

from __future__ import annotations

from app.editor.actions import Action, Desk
from app.editor.acts.when import named, one
from app.editor.canvas.changes import free_definition
from app.editor.language import _
from app.editor.library.bundle import saved
from app.editor.library.stock import Stock
from app.editor.palette_panel import NAME, add
from app.editor.shell import Shell
from app.editor.studio import Ask
from graphs.spec.edits import Define, Detach


def library_actions(shell: Shell, stock: Stock) -> list[Action]:
    """The actions that need a stock; those with the chosen thing are for its menu."""
    return [
        Action("find block", _("Find a block"), lambda _: shell.docks.focus(NAME), "View", "Slash",
               icon="search"),
        Action("save block", _("Save as block"), lambda d: _save(d, stock), "Node", "", one, "package"),
        Action("define", _("Make a definition"), define, "Node", "", can_define, "link-2"),
        Action("detach", _("Detach from its definition"), detach, "Node", "", is_instance, "unlink"),
        Action("add thing", _("Add to the canvas"), lambda _: _add(shell, stock), icon="plus"),
        Action("star thing", _("Star"), lambda _: _star(stock), icon="star",
               ticked=lambda _: _starred(stock)),
        Action("forget block", _("Delete the file"), lambda d: _forget(d, stock), icon="trash-2"),
    ]  # fmt: skip


def _save(desk: Desk, stock: Stock) -> None:
    """The chosen node is a file of the person's own, and stands in the palette."""
    s = desk.studio
    path = stock.own.keep(saved(s.document, s.place.at, named(desk)))
    s.say(_("Saved as {name}: it is in the palette under My blocks").format(name=path.stem))


def can_define(desk: Desk) -> bool:
    """One node is chosen that is no instance yet."""
    return one(desk) and not _node_uses(desk)


def is_instance(desk: Desk) -> bool:
    """One instance is chosen."""
    return one(desk) and bool(_node_uses(desk))


def _node_uses(desk: Desk) -> str:
    node = desk.studio.scene.body.nodes.get(named(desk))
    return node.uses or node.tied_to if node is not None else ""


def define(desk: Desk) -> None:
    """The chosen node is a definition with one instance; what it is called is asked for."""
    s, name = desk.studio, named(desk)
    free = free_definition(s.document, name)

    def accept(text: str) -> None:
        wanted = free_definition(s.document, text or free)
        if s.do(Define(name=name, definition=wanted, at=s.place.at)):
            s.say(_("{name} is a definition now: drag it out of the palette to use it again").format(
                name=wanted))  # fmt: skip

    s.request(Ask(_("Name of the definition"), free, accept))


def detach(desk: Desk) -> None:
    """The chosen instance is a copy of its own."""
    s = desk.studio
    s.do(Detach(name=named(desk), at=s.place.at))


def _add(shell: Shell, stock: Stock) -> None:
    if stock.chosen is not None:
        add(shell, stock, stock.chosen)


def _star(stock: Stock) -> None:
    if stock.chosen is not None:
        stock.star(stock.chosen.key)


def _starred(stock: Stock) -> bool:
    return stock.chosen is not None and stock.chosen.key in stock.liked.favourites()


def _forget(desk: Desk, stock: Stock) -> None:
    if stock.chosen is not None:
        stock.own.drop(stock.chosen)
        desk.studio.say(_("Deleted {name}").format(name=stock.chosen.title))
