"""Samples over time: what viewers and watched ports gave, kept so that a run can be looked through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.engine.events import Event, Preview

MOST = 200  # of a port in one job; then every second one goes


@dataclass(frozen=True)
class Sample:
    """What a port gave at a step, or what a place of a world's state held: see the event Preview."""

    job: str
    port: str
    step: int
    kind: str
    data: Mapping[str, Any]
    blob: bytes = b""


class Samples:
    """Samples by job and port, in the order of their steps."""

    def __init__(self) -> None:
        self.news = 0
        self._kept: dict[tuple[str, str], list[Sample]] = {}

    def of(self, job: str, port: str) -> list[Sample]:
        """All that a port gave in a job."""
        return self._kept.get((job, port), [])

    def ports(self, job: str) -> list[str]:
        """The ports that were seen in a job."""
        return [port for where, port in self._kept if where == job]

    @property
    def jobs(self) -> list[str]:
        """The jobs of which something was seen, the newest last."""
        return list(dict.fromkeys(job for job, _ in self._kept))

    def latest(self, port: str) -> Sample | None:
        """The newest sample of a port, of whatever job."""
        found = [kept[-1] for (_, name), kept in self._kept.items() if name == port]
        return found[-1] if found else None

    def hear(self, event: Event, blob: bytes) -> None:
        """Take in one event; those that show nothing are passed over."""
        if event.event == "Preview":
            self._keep(event, blob)
            self.news += 1

    def _keep(self, event: Preview, blob: bytes) -> None:
        port = event.port or event.place
        kept = self._kept.pop((event.job, port), [])
        kept = [sample for sample in kept if sample.step < event.step]
        made = Sample(event.job, port, event.step, event.kind, dict(event.data), blob)
        if len(kept) >= MOST:
            kept = kept[::2]  # the whole run stays to be seen, more coarsely
        self._kept[event.job, port] = [*kept, made]
