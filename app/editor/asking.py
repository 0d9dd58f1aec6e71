"""What was asked of the engine and is not answered yet."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.engine.commands import Command
    from app.engine.events import Event

Answered = Callable[["Event"], object]
MOST = 500  # numbers that are remembered; commands that nothing answers are among them
FIRST = ("Problems",)  # answers that another one may follow


class Asking:
    """Numbers of commands with who waits for their answers."""

    def __init__(self, refused: Callable[[str], None]) -> None:
        """`refused` is told the reason of a refusal that nobody takes."""
        self._refused = refused
        self._open: OrderedDict[int, tuple[Command, Answered | None]] = OrderedDict()
        self._kept: list[tuple[Command, Answered | None]] = []

    def keep(self, command: Command, answered: Answered | None) -> None:
        """It goes out when the engine is there."""
        self._kept.append((command, answered))

    def taken(self) -> list[tuple[Command, Answered | None]]:
        """What was kept, in order."""
        kept, self._kept = self._kept, []
        return kept

    def sent(self, number: int, command: Command, answered: Answered | None) -> None:
        """It went out under this number."""
        self._open[number] = command, answered
        while len(self._open) > MOST:
            self._open.popitem(last=False)

    def hear(self, number: int, event: Event) -> None:
        """An event came that answers a number, 0 for none."""
        if number not in self._open:
            if event.event == "Refused":
                self._refused(event.reason)
            return
        _, answered = self._open[number]
        if event.event not in FIRST:
            del self._open[number]
        taken = answered(event) if answered is not None else False
        if event.event == "Refused" and taken is not True:
            self._refused(event.reason)

    def refuse(self, command: Command, answered: Answered | None, reason: str) -> None:
        """It cannot even be asked."""
        from app.engine.events import Refused

        refused = Refused(command=command.command, reason=reason)
        if answered is None or answered(refused) is not True:
            self._refused(reason)

    def over(self, reason: str) -> None:
        """The engine is gone: who waits for an answer is told so; the status bar says it once."""
        from app.engine.events import Refused

        gone = [*self._open.values(), *self._kept]
        self._open, self._kept = OrderedDict(), []
        for command, answered in gone:
            if answered is not None:
                answered(Refused(command=command.command, reason=reason))
