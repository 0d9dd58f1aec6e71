"""The stock: every thing that there is for the open document, and the bundle of each."""

from __future__ import annotations

from collections.abc import Callable

from app.editor.library.bundle import Bundle, of_block, of_definition
from app.editor.library.shelves import Shelf
from app.editor.library.thing import Thing, blocks, definitions
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from graphs.spec.problems import EditError

RECENT = 6


class Stock:
    """Things by key; what has a star and what was used is kept with a person's settings.

    `revision` grows whenever there are others, or others are liked.
    """

    def __init__(
        self, studio: Studio, templates: Shelf, own: Shelf, settings: SettingsFile
    ) -> None:
        self.studio, self.templates, self.own, self.settings = studio, templates, own, settings
        self.revision = 0
        self.things: dict[str, Thing] = {}
        self.chosen: Thing | None = None  # whose menu is open
        self._news: tuple[object, ...] = ()
        self.read()

    def read(self) -> None:
        """Look into the folders again."""
        for shelf in (self.templates, self.own):
            shelf.look()

    def look(self) -> bool:
        """Take in what is new; whether anything was."""
        studio = self.studio
        news = (
            studio.catalogue,
            studio.document.definitions,
            self.templates.things,
            self.own.things,
            self.settings.value.favourites,
            self.settings.value.used,
        )
        if len(news) == len(self._news) and all(map(_same, news, self._news)):
            return False
        self._news = news
        every = [
            *blocks(studio.catalogue),
            *definitions(studio.document),
            *self.own.things,
            *self.templates.things,
        ]
        self.things = {thing.key: thing for thing in every}
        self.revision += 1
        return True

    def of(self, kind: str) -> list[Thing]:
        """The things of a kind."""
        return [thing for thing in self.things.values() if thing.kind == kind]

    def bundle(self, thing: Thing) -> Bundle:
        """What is dragged when a thing is. Raises: EditError, FileError."""
        if thing.kind == "block":
            kind = self.studio.catalogue.find(thing.name)
            if kind is None:
                raise EditError(
                    f"there is no block type {thing.name!r} any more\n  → choose another"
                )
            return of_block(kind)
        if thing.kind == "definition":
            return of_definition(thing.name)
        return (self.own if thing.kind == "saved" else self.templates).bundle(thing)

    # what is liked

    def favourite(self) -> list[Thing]:
        """The things with a star that are there."""
        return self._there(self.settings.value.favourites)

    def recent(self) -> list[Thing]:
        """The things that were used last and are there."""
        return self._there(self.settings.value.used)[:RECENT]

    def star(self, key: str) -> None:
        """Give a star, or take it."""
        now = self.settings.value.favourites
        without = tuple(other for other in now if other != key)
        kept = without if key in now else (*now, key)
        self.settings.change(favourites=kept)

    def starred(self, key: str) -> bool:
        """Whether a thing has a star."""
        return key in self.settings.value.favourites

    def use(self, key: str) -> None:
        """A thing was put somewhere."""
        self.settings.used(key)

    def _there(self, keys: tuple[str, ...]) -> list[Thing]:
        get: Callable[[str], Thing | None] = self.things.get
        return [thing for key in keys if (thing := get(key)) is not None]


def _same(a: object, b: object) -> bool:
    return a is b
