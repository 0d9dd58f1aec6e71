"""Before a document is left while a job runs: it may go on alone, or stop with a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.editor.engine_link import EngineLink
from app.editor.jobs import words
from app.editor.language import _
from app.editor.studio import Studio
from app.editor.wishes import Answer, Question

if TYPE_CHECKING:
    from app.engine.events import Event, JobFacts

Then = Callable[[], None]


class Leaving:
    """Asks, and does what was answered before it goes on."""

    def __init__(self, studio: Studio, link: EngineLink) -> None:
        self.studio, self.link = studio, link

    def __call__(self, then: Then) -> None:
        """Do what leaves the document, once nothing runs here any more."""
        active = self.link.heard.jobs.active
        if active is None or not self.link.ready:
            then()
            return
        go_on = Answer(_("Let it go on"), lambda: self._detach(then))
        answers: tuple[Answer, ...] = (
            Answer(_("Stop, saved"), lambda: self._stop(then)),
            Answer(_("Cancel")),
        )
        if self.link.project:  # by which it is found again
            answers = (go_on, *answers)
        self.studio.request(
            Question(_title(active), _text(active, bool(self.link.project)), answers)
        )

    def _stop(self, then: Then) -> None:
        from app.engine.commands import Stop

        self.link.ask(Stop(), lambda event: True)  # it may have ended meanwhile
        then()

    def _detach(self, then: Then) -> None:
        from app.engine.commands import Detach

        def answered(event: Event) -> None:
            if event.event == "Detached":
                self.link.leave()
                then()
                if not self.studio.closing:  # another document, and an engine of its own
                    self.link.start()

        self.link.ask(Detach(), answered)


def _title(active: JobFacts) -> str:
    if active.kind == "train":
        return _("A training is under way")
    return _("Something runs")


def _text(active: JobFacts, found: bool) -> str:
    far = words.steps(active.step, active.steps)
    text = _("{title} is at {far}. Stopped, it keeps a checkpoint to go on from.")
    if found:
        text = _(
            "{title} is at {far}. It can go on without this window: open the project again to see it. "
            "Stopped, it keeps a checkpoint to go on from."
        )
    return text.format(title=active.title, far=far)
