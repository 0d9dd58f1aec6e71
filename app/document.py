"""The open document: the one thing that changes. Edits in, events out.

Undo sets a value from before; the same diff makes the events. Each listener is told what changed
since it was last told, so none can miss or double anything, whatever another one does.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from graphs.spec.diff import diff
from graphs.spec.document import Document
from graphs.spec.edits import Edit, apply
from graphs.spec.edits.arrivals import brings, renewed, used_in
from graphs.spec.events import Event

Listener = Callable[[tuple[Event, ...]], None]
EMPTY = Document()


@dataclass(frozen=True)
class Step:
    """One entry of the history: the document after its edits. The first entry has none."""

    label: str
    document: Document
    edits: tuple[Edit, ...] = ()


@dataclass(eq=False)
class _Told:
    """A listener and the document that it knows."""

    listener: Listener
    known: Document


class OpenDocument:
    """A document with its past and its future. Only its owner's thread may change it."""

    def __init__(self, document: Document = EMPTY) -> None:
        self._steps = [Step("Open", document)]
        self._position = 0
        self._saved: Document | None = document
        self._used: set[str] | None = None  # every identity that this history knew
        self._told: list[_Told] = []
        self._telling = False

    @property
    def value(self) -> Document:
        """The present document."""
        return self._steps[self._position].document

    @property
    def history(self) -> tuple[Step, ...]:
        """Every step from the first to the last that can be redone."""
        return tuple(self._steps)

    @property
    def position(self) -> int:
        """Which step of the history is the present."""
        return self._position

    @property
    def dirty(self) -> bool:
        """Whether the present differs from what was saved; undoing back to that is clean again."""
        return self.value is not self._saved

    def load(self, document: Document, *, saved: bool = True) -> None:
        """Another document takes the place of this one, with a history of its own.

        `saved` says whether a file holds it; what was recovered after a crash is in none. Listeners stay
        and are told the difference, as of any change.
        """
        self._steps = [Step("Open", document)]
        self._position = 0
        self._used = None
        self._saved = document if saved else None
        self._tell()

    def mark_saved(self, document: Document | None = None) -> None:
        """The present document is on disk now, or the earlier one that was written meanwhile."""
        self._saved = self.value if document is None else document

    def do(self, edit: Edit, *, merge: bool = False) -> Document:
        """Make one change; what was undone is forgotten. A change of nothing makes no step.

        With `merge` it joins the step before it when both set the same thing, as when a slider is
        dragged.

        Raises: EditError when the document does not have what the edit needs; nothing happened
        then. Any other error comes from a listener: all were told, and the change stands.
        """
        new = apply(self.value, edit)
        if new is self.value:
            return new
        new = self._arrived(new)
        joins = merge and self._joins(edit)
        before = self._steps[self._position].edits if joins else ()
        if not joins:
            self._position += 1
        self._steps[self._position :] = [Step(edit.label, new, (*before, edit))]
        self._tell()
        return new

    def undo(self) -> bool:
        """Go back one step; False at the first."""
        return self._position > 0 and self.jump(self._position - 1)

    def redo(self) -> bool:
        """Go forward one step; False at the last."""
        return self._position + 1 < len(self._steps) and self.jump(self._position + 1)

    def jump(self, index: int) -> bool:
        """Go to any step of the history; False when it is the present.

        Raises: IndexError when there is no such step.
        """
        if not 0 <= index < len(self._steps):
            raise IndexError(f"expected a step from 0 to {len(self._steps) - 1}, got {index}")
        if index == self._position:
            return False
        self._position = index
        self._tell()
        return True

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of all there is and then of every change; the result ends that."""
        told = _Told(listener, EMPTY)
        self._told.append(told)

        def stop() -> None:
            if told in self._told:
                self._told.remove(told)

        try:
            self._tell()
        except BaseException:
            stop()  # the caller gets no way to end it
            raise
        return stop

    def _arrived(self, new: Document) -> Document:
        """The new value, in which added nodes are new ones: see graphs.spec.edits.arrivals."""
        if not brings(self.value, new):
            return new
        if self._used is None:  # until now nodes only went
            self._used = used_in(self._steps[0].document)
        new = renewed(self.value, new, self._used)
        self._used |= used_in(new)
        return new

    def _joins(self, edit: Edit) -> bool:
        """Whether an edit may take the place of the present step, which must not be on disk."""
        last = self._steps[self._position]
        return (
            edit.target != ()
            and last.edits != ()
            and last.edits[-1].target == edit.target
            and last.document is not self._saved
        )

    def _tell(self) -> None:
        """Tell whoever does not know the present. A listener's own changes are told after."""
        if self._telling:
            return
        self._telling = True
        try:
            self._round()
        finally:
            self._telling = False

    def _round(self) -> None:
        behind = [told for told in self._told if told.known is not self.value]
        if not behind:
            return
        # Leaving the stack runs all calls, the last pushed first; an error reaches the caller after.
        with ExitStack() as calls:
            calls.callback(self._round)
            for told in reversed(behind):
                calls.callback(self._tell_one, told)

    def _tell_one(self, told: _Told) -> None:
        before, told.known = told.known, self.value
        events = tuple(diff(before, told.known))
        if told in self._told and events:
            told.listener(events)
