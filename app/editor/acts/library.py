"""What is done with the things of the palette: find, add, star, save, forget."""

from __future__ import annotations

from app.editor.actions import Action, Desk
from app.editor.acts.when import named, one
from app.editor.language import _
from app.editor.library.bundle import saved
from app.editor.library.stock import Stock
from app.editor.palette_panel import NAME, add
from app.editor.shell import Shell
from app.editor.wishes import Answer, Question
from graphs.spec.problems import FileError


def library_actions(shell: Shell, stock: Stock) -> list[Action]:
    """The actions that need a stock; those with the chosen thing are for its menu."""
    return [
        Action("find block", _("Find a block"), lambda _: shell.docks.focus(NAME), "View", "Slash",
               icon="search"),
        Action("save block", _("Save as block"), lambda d: _save(d, stock), "Node", "", one, "package"),
        Action("add thing", _("Add to the canvas"), lambda _: _add(shell, stock), icon="plus", pointed=True),
        Action("star thing", _("Star"), lambda _: _star(stock), icon="star",
               ticked=lambda _: _starred(stock), pointed=True),
        Action("forget block", _("Delete the block…"), lambda d: _forget(d, stock), icon="trash-2",
               pointed=True),
    ]  # fmt: skip


def _save(desk: Desk, stock: Stock) -> None:
    """The chosen node is a file of the person's own, and stands in the palette."""
    s = desk.studio
    path = stock.own.keep(saved(s.document, s.place.at, named(desk)))
    s.say(_("Saved as {name}: it is in the palette under My blocks").format(name=path.stem))


def _add(shell: Shell, stock: Stock) -> None:
    if stock.chosen is not None:
        add(shell, stock, stock.chosen)


def _star(stock: Stock) -> None:
    if stock.chosen is not None:
        stock.star(stock.chosen.key)


def _starred(stock: Stock) -> bool:
    return stock.chosen is not None and stock.starred(stock.chosen.key)


def _forget(desk: Desk, stock: Stock) -> None:
    thing = stock.chosen
    if thing is None or thing.kind != "saved":
        return

    def drop() -> None:
        try:
            stock.own.drop(thing)
        except FileError as error:
            desk.studio.say(str(error), "error")

    text = _("“{name}” is deleted from My blocks. What is in documents stays as it is.")
    answers = (Answer(_("Delete"), drop, bad=True), Answer(_("Cancel")))
    desk.studio.request(Question(_("Delete the block"), text.format(name=thing.title), answers))
