"""Following the studio's document, so that the engine holds the same one.

After the whole document each change is sent as the events of the diff. That the studio has another
document, or another path, is noticed by looking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.editor.studio import Studio
from graphs.spec.events import Event as Change

if TYPE_CHECKING:
    from app.engine.commands import Command

LAYOUT = ("LayoutChanged", "LayoutRemoved", "TitleChanged", "DescriptionChanged")


class Following:
    """What the engine was told of one studio's document."""

    def __init__(self, studio: Studio, tell: Callable[[Command, bool], None]) -> None:
        """`tell` sends a command; its second argument says whether what was counted is old then."""
        self.studio, self.tell = studio, tell
        self.revision = 0
        self.held = False  # whether the engine has the document, or is about to
        self._path = studio.path
        self._opened = studio.news["opened"]
        self._first = studio.open.history[0]
        self._deaf = studio.open.listen(self._changed)

    def frame(self) -> None:
        """Notice another document or another path."""
        if self.studio.news["opened"] != self._opened:
            self.whole()
        elif self.studio.path != self._path and self.held:
            self.again()

    def whole(self) -> None:
        """The engine opens the document anew, with the weights of its file."""
        from app.engine.commands import OpenProject

        if self.studio.path is None:
            self.bare()
            return
        path = self._next()
        order = OpenProject(path=path, document=self.studio.document, revision=self.revision)
        self.tell(order, True)

    def bare(self) -> None:
        """The engine holds the document with fresh weights, and no project."""
        from app.engine.commands import SetDocument

        self._next()
        order = SetDocument(document=self.studio.document, revision=self.revision, keep=False)
        self.tell(order, True)

    def again(self) -> None:
        """The engine is given the document that it should have; its weights stay."""
        from app.engine.commands import SetDocument

        path = self._next()
        path = "" if path.endswith(".world") else path  # a template: no project until it is saved
        order = SetDocument(document=self.studio.document, path=path, revision=self.revision)
        self.tell(order, True)

    def lost(self) -> None:
        """The engine does not have the document."""
        self.held = False

    def close(self) -> None:
        """The document's changes are nobody's here any more."""
        self._deaf()

    def _next(self) -> str:
        """What is sent next is the present document; the path of its file."""
        self.held, self.revision = True, self.revision + 1
        self._opened, self._path = self.studio.news["opened"], self.studio.path
        self._first = self.studio.open.history[0]
        return str(self._path) if self._path is not None else ""

    def _changed(self, changes: tuple[Change, ...]) -> None:
        if self.studio.open.history[0] is not self._first:
            self.held = False  # another document, which is sent as a whole
        if not self.held:
            return
        from app.engine.commands import ApplyChanges

        self.revision += 1
        shapes = any(change.event not in LAYOUT for change in changes)
        self.tell(ApplyChanges(changes=changes, revision=self.revision), shapes)
