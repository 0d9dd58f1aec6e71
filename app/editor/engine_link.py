"""The line from the studio to its engine: the engine's document is always the studio's.

There from the start, so that panels can be built with it; the engine itself comes after the first
frame. What is asked before it is ready waits for it. The engine's modules are imported when it starts:
the window need not wait for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from app.editor.asking import Answered, Asking
from app.editor.catalogue_file import Remembered, remember
from app.editor.following import Following
from app.editor.heard.heard import Heard
from app.editor.language import _
from app.editor.studio import Studio

if TYPE_CHECKING:
    from app.engine.client import EngineClient
    from app.engine.commands import Command
    from app.engine.events import CatalogueSent, Event, ProjectOpened, Ready
    from app.engine.protocol import Letter

Listener = Callable[["Event", bytes], None]
State = Literal["none", "starting", "ready", "gone"]
STILL = 0.3  # seconds without a change after which the engine counts shapes and parameters anew


class EngineLink:
    """One studio, one engine after another. `heard` is what they said, for panels to show."""

    def __init__(
        self,
        studio: Studio,
        known: str = "",
        client: EngineClient | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`known` is the hash of the catalogue that the studio has already, "" when it has none."""
        self.studio, self.known = studio, known
        self.heard = Heard()
        self.state: State = "none"
        self.project = ""  # the path of the project that the engine holds, "" when it has none
        self.pinned: set[str] = set()  # ports that panels watch wherever people look
        self._client = client
        self._clock = clock
        self._asking = Asking(self._refused)
        self._listeners: list[Listener] = []
        self._following = Following(studio, self._tell)
        self._inspect_at: float | None = None
        self._attached = False
        self._opened_before = -1  # which opening of a document the last engine began with
        self._jobs: tuple[object, ...] = ()  # how jobs stood when the studio was told last

    @property
    def client(self) -> EngineClient:
        """The engine's client, which is imported when it is needed first."""
        if self._client is None:
            from app.engine.client import EngineClient

            self._client = EngineClient()
        return self._client

    @property
    def ready(self) -> bool:
        """Whether an engine is there and knows the document."""
        return self.state == "ready"

    @property
    def revision(self) -> int:
        """What the engine calls the present document, as Inspected and Problems do."""
        return self._following.revision

    @property
    def busy(self) -> bool:
        """Whether a job runs or is paused."""
        return self.heard.jobs.active is not None

    # what panels do

    def ask(self, command: Command, answered: Answered | None = None) -> None:
        """Ask the engine; `answered` gets each event that answers this very command.

        A refusal is said in the status bar as well, unless `answered` takes it by giving True. Without
        an engine the answer is a refusal; one that is only starting is waited for.
        """
        self._follow()
        if self.state == "ready":
            self._asking.sent(self.client.send(command), command, answered)
        elif self.state == "gone":
            self._asking.refuse(command, answered, _("there is no engine; restart it"))
        else:
            self._asking.keep(command, answered)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell this one of every event of the engine, with its blob; the result ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # its life

    def start(self) -> None:
        """An engine is on its way, or the one that went on alone for this project is there again."""
        self.state, self._attached = "starting", False
        try:
            self._attached = self._attach()
            if not self._attached:
                self.client.start()
        except OSError as error:
            self.state = "gone"
            self.studio.say(
                _("The engine could not be started: {error}").format(error=error), "error"
            )

    def restart(self) -> None:
        """A fresh engine is on its way; it is given the document when it comes."""
        self.state, self._attached = "starting", False
        try:
            self.client.restart()
        except OSError as error:
            self.state = "gone"
            self.studio.say(
                _("The engine could not be started: {error}").format(error=error), "error"
            )

    def leave(self) -> None:
        """The window goes; an engine that was told to Detach goes on."""
        self.client.leave()
        self.state = "gone"

    def close(self) -> None:
        """The engine ends, with a checkpoint where a job runs."""
        self._following.close()
        if self.state != "none":
            self.client.close()
            self.state = "gone"

    def _attach(self) -> bool:
        """Whether an engine goes on alone for this project, which is ours now."""
        path = self.studio.path
        if path is None or path.suffix == ".world":
            return False
        from app.engine.address import Gone
        from app.engine.places import address_file

        if not address_file(path).exists():
            return False
        try:
            self.client.attach(path)
        except Gone:
            return False
        return True

    # once a frame

    def frame(self) -> None:
        """Take in what the engine said since the last frame, and tell it what changed."""
        if self.state == "none":
            return
        for letter in self.client.poll():
            self.take(letter)
        self._follow()
        active = self.heard.jobs.active
        if (jobs := (self.state, active and (active.job, active.state))) != self._jobs:
            self._jobs = jobs
            self.studio.news["jobs"] += 1
        if self.ready and self._inspect_at is not None and self._clock() >= self._inspect_at:
            self._inspect_at = None
            from app.engine.commands import Inspect

            self.ask(Inspect(), self._inspected)

    def take(self, letter: Letter[Event]) -> None:
        """Take in one event: whoever waits for it, or shows it, knows."""
        event = letter.body
        self.heard.hear(event, letter.blob)
        self._hear(event)
        self.studio.hear_engine(event, letter.blob)
        for listener in list(self._listeners):
            listener(event, letter.blob)
        self._asking.hear(letter.answers, event)

    def _hear(self, event: Event) -> None:
        if event.event == "Ready":
            self._greet(event)
        elif event.event == "CatalogueSent":
            self._know(event)
        elif event.event == "ProjectOpened":
            self._opened(event)
        elif event.event == "JobFinished" or event.event == "JobFailed":
            if not self._following.held and self.ready:  # another document waited for this end
                self._following.whole()
        elif event.event == "Died":
            self.state = "gone"
            self._following.lost()
            self._asking.over(event.reason)

    def _greet(self, event: Ready) -> None:
        """An engine is there: it gets the document, and then what was asked meanwhile."""
        if event.catalogue != self.known:
            from app.engine.commands import AskCatalogue

            self.client.send(AskCatalogue())
        if self._attached and event.project:
            return  # which project it has comes next
        self.state = "ready"
        self._following.whole()
        self._send_kept()

    def _send_kept(self) -> None:
        for command, answered in self._asking.taken():
            self._asking.sent(self.client.send(command), command, answered)

    def _know(self, event: CatalogueSent) -> None:
        self.known = event.hash
        self.studio.know(event.catalogue)
        try:
            remember(Remembered(hash=event.hash, catalogue=event.catalogue))
        except OSError as error:
            self.studio.say(
                _("The catalogue could not be kept: {error}").format(error=error), "warning"
            )

    def _opened(self, event: ProjectOpened) -> None:
        self.project = event.path
        if self._attached:  # it was there before the window: its weights and its queue stay
            self.state, self._attached = "ready", False
            if event.document != self.studio.document and not self.studio.open.dirty:
                self.studio.load(event.document, self.studio.path, saved=False)
                self.studio.say(_("The engine knew changes that were not saved: here they are"))
            self._following.again()
            self._send_kept()

    def _follow(self) -> None:
        if self.state == "ready":
            self._following.frame()

    def _tell(self, command: Command, counted: bool) -> None:
        """Tell the engine of the document."""
        if self.state != "ready":
            return
        answered = self._applied if command.command == "ApplyChanges" else self._held
        self._asking.sent(self.client.send(command), command, answered)
        if command.command == "OpenProject" or (
            command.command == "SetDocument" and not command.keep
        ):
            self._begin()
        if command.command == "OpenProject" or command.command == "SetDocument":
            self.project = command.path
        if counted:
            self._inspect_at = self._clock() + STILL

    def _begin(self) -> None:
        """The engine begins with the document: another one, or the same as an engine before it."""
        opened = self.studio.news["opened"]
        if opened == self._opened_before:
            self.heard.lose()
        else:
            self.heard.forget()
        self._opened_before = opened

    def _applied(self, event: Event) -> bool:
        """A change that the engine could not follow: it is given the whole."""
        if event.event == "Refused":
            self._following.again()
        return True

    def _held(self, event: Event) -> bool:
        """Another project: while a job runs it has to wait, and what cannot be opened goes without."""
        if event.event == "Refused":
            self._following.lost()
            if not self.busy and event.command == "OpenProject":
                self._following.bare()
        return False

    def _inspected(self, event: Event) -> bool:
        return True  # what is wrong is in Problems or in the log already

    def _refused(self, reason: str) -> None:
        self.studio.say(reason, "error")
