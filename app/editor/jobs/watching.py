"""What people look at, said to the engine: viewers in view and chosen nodes; nothing seen costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.editor.engine_link import EngineLink
from app.editor.studio import Studio

if TYPE_CHECKING:
    from app.engine.events import Event

EVERY = 0.4  # seconds between two looks at what is seen
MOST = 12  # ports


class Watching:
    """Tells the engine when people look at something else."""

    def __init__(
        self, studio: Studio, link: EngineLink, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.studio, self.link = studio, link
        self.gradients: set[str] = set()  # who wants the norms of gradients
        self._clock = clock
        self._next = 0.0
        self._told: tuple[tuple[str, ...], bool] = ((), False)
        self.close = link.listen(self._hear)  # ends that

    def frame(self) -> None:
        """Look whether something else is watched now, if it is time."""
        if self._clock() < self._next or not self.link.ready:
            return
        self._next = self._clock() + EVERY
        now = self.ports(), bool(self.gradients)
        if now != self._told:
            self._told = now
            from app.engine.commands import Watch

            self.link.ask(Watch(ports=now[0], gradients=now[1]))

    def ports(self) -> tuple[str, ...]:
        """The first output of each viewer in view and of each chosen node."""
        studio, scene = self.studio, self.studio.scene
        seen = [n for n in scene.grid.within(studio.board.view) if n in scene]
        names = [n for n in seen if scene.card(n).viewer]
        names += [n for n in sorted(studio.selection.nodes) if n in scene and n not in names]
        found = sorted(self.link.pinned)
        for name in names:
            card = scene.card(name)
            if card.outputs and not card.failed and not card.waiting:
                found.append(f"{card.path}.{card.outputs[0].name}")
        return tuple(dict.fromkeys(found))[:MOST]

    def _hear(self, event: Event, _: bytes) -> None:
        if event.event == "Ready":  # a fresh engine watches nothing
            self._told = ((), False)
