"""The line from the studio to its engine: started after the first frame, listened to once a frame.

It brings the catalogue and passes every event on. What is asked of the engine is asked by the panels,
through `client`.
"""

from __future__ import annotations

from collections.abc import Callable

from app.editor.catalogue_file import Remembered, remember
from app.editor.studio import Studio
from app.engine.client import EngineClient
from app.engine.commands import AskCatalogue
from app.engine.events import CatalogueSent, Event, Ready

Listener = Callable[[Event, bytes], None]


class EngineLink:
    """One studio, one engine."""

    def __init__(self, studio: Studio, known: str = "", client: EngineClient | None = None) -> None:
        """`known` is the hash of the catalogue that the studio has already, "" when it has none."""
        self.studio = studio
        self.client = client or EngineClient()
        self.ready = False
        self._known = known
        self._listeners: list[Listener] = []

    def start(self) -> None:
        """An engine is on its way."""
        try:
            self.client.start()
        except OSError as error:
            self.studio.say(f"The engine could not be started: {error}", "error")

    def listen(self, listener: Listener) -> None:
        """Tell this one of every event of the engine, with its blob."""
        self._listeners.append(listener)

    def frame(self) -> None:
        """Take in what the engine said since the last frame."""
        for letter in self.client.poll():
            self._hear(letter.body)
            self.studio.hear_engine(letter.body, letter.blob)
            for listener in list(self._listeners):
                listener(letter.body, letter.blob)

    def close(self) -> None:
        """The engine ends, with a checkpoint where a job runs."""
        self.client.close()

    def _hear(self, event: Event) -> None:
        match event:
            case Ready():
                self.ready = True
                if event.catalogue != self._known:
                    self.client.send(AskCatalogue())
            case CatalogueSent():
                self._known = event.hash
                self.studio.know(event.catalogue)
                try:
                    remember(Remembered(hash=event.hash, catalogue=event.catalogue))
                except OSError as error:
                    self.studio.say(f"The catalogue could not be kept: {error}", "warning")
