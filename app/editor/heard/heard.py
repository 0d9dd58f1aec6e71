"""All of what was heard, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.editor.heard.checkpoints import Checkpoints
from app.editor.heard.jobs import Jobs
from app.editor.heard.log import Log
from app.editor.heard.runs import Runs
from app.editor.heard.samples import Samples
from app.editor.heard.variants import Variants
from app.editor.heard.world import WorldTold

if TYPE_CHECKING:
    from app.engine.events import Died, Event, Inspected, Problems, Ready


class Heard:
    """Everything that the engine said which somebody may look at later.

    `inspected` and `problems` name the revision that they are of; the link knows which is the present.
    """

    def __init__(self) -> None:
        self.news = 0
        self.jobs = Jobs()
        self.runs = Runs()
        self.samples = Samples()
        self.world = WorldTold()
        self.variants = Variants()
        self.checkpoints = Checkpoints()
        self.log = Log()
        self.ready: Ready | None = None  # the engine that there is
        self.died: Died | None = None  # how the last one ended, until there is another
        self.inspected: Inspected | None = None
        self.problems: Problems | None = None

    def hear(self, event: Event, blob: bytes = b"") -> None:
        """Take in one event of the engine."""
        if event.event == "Ready":
            self.ready, self.died = event, None
            self.variants.forget()
        elif event.event == "Died":
            self.ready, self.died = None, event
        elif event.event == "Inspected":
            self.inspected = event
        elif event.event == "Problems":
            self.problems = event
        for part in (self.jobs, self.runs, self.variants, self.checkpoints, self.log):
            part.hear(event)
        for seeing in (self.samples, self.world):
            seeing.hear(event, blob)
        self.news += 1

    def forget(self) -> None:
        """Another project is open: what was said of the former one's model is of no use.

        Figures and samples of its trainings stay, to be compared.
        """
        self.world.forget()
        self.lose()

    def lose(self) -> None:
        """The same project is held by a new engine: what only the former one had is gone.

        A world stands at its beginning; what hangs in its gallery stays.
        """
        self.inspected = self.problems = None
        self.world.clear()
        for part in (self.jobs, self.variants, self.checkpoints):
            part.forget()
        self.news += 1
