"""The file of the open document: new, open, save, and the question before unsaved work is left.

The editor writes the document itself, at once; its weights are the engine's, which is asked to write
them beside it. Nothing is left without asking while there is work that no file holds.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from app.editor.engine_link import EngineLink
from app.editor.folders import shown
from app.editor.language import _
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from app.editor.wishes import Answer, Choose, Kind, Pick, Question, Row
from graphs.spec.document import Document
from graphs.spec.problems import FileError
from graphs.store.atomic import write_bytes
from graphs.store.document_file import document_bytes, read_document

if TYPE_CHECKING:
    from app.engine.events import Event

DOCUMENT, WORLD = ".json", ".world"
Then = Callable[[], None]


class Filing:
    """Opens and saves the one document of a studio."""

    def __init__(
        self,
        studio: Studio,
        settings: SettingsFile | None = None,
        engine: EngineLink | None = None,
    ) -> None:
        """Without an engine documents are saved without weights, and worlds cannot be opened."""
        self.studio = studio
        self.settings = settings or SettingsFile()
        self.engine = engine
        self.before_leaving: Callable[[Then], None] = lambda then: then()  # asks about what runs
        self._written: set[str] = set()  # digests of what we know the file to hold
        if studio.path is not None:
            self._remember(studio.path)

    # another document

    def new(self) -> None:
        """An empty document is open."""
        self.leaving(lambda: self.begin(Document()))

    def begin(self, document: Document) -> None:
        """A document that has no file yet is open."""
        self._written.clear()
        self.studio.load(document)

    def open(self) -> None:
        """Ask for a file and open it."""
        kinds = (
            Kind(_("Documents and worlds"), (DOCUMENT, WORLD)),
            Kind(_("Every file")),
        )
        pick = Pick(_("Open"), _("Open"), kinds, self.open_path, folder=self.folder)
        self.leaving(lambda: self.studio.request(pick))

    def open_recent(self) -> None:
        """Let one of the recent files be chosen, and open it."""
        paths = [Path(name) for name in self.settings.value.recent]
        if not paths:
            self.studio.say(_("No file was opened yet"))
            return
        rows = tuple(Row(str(p), p.name, "", shown(p.parent), "file-json") for p in paths)

        def take(name: str) -> None:
            self.leaving(lambda: self.open_path(Path(name)))

        self.studio.request(Choose(_("Open a recent file"), rows, take))

    def open_path(self, path: Path) -> None:
        """The document in a file is open; a world is read by the engine."""
        if path.suffix == WORLD:
            self._open_world(path)
            return
        try:
            document = read_document(path)
        except FileError as error:
            self._refused(_("It cannot be opened"), str(error))
            return
        self.studio.load(document, path)
        self._remember(path)
        self.settings.opened(path)

    def recover(self, document: Document, path: Path | None) -> None:
        """What was recovered after a crash is open, unsaved, as the document of its file."""
        self._written.clear()
        if path is not None and path.is_file():
            self._remember(path)
        self.studio.load(document, path, saved=False)

    # saving

    def save(self, then: Then | None = None) -> None:
        """The document is in its file; without one ask for its name first."""
        path = self.studio.path
        if path is None or path.suffix != DOCUMENT:
            self.save_as(then)
        elif self._changed_by_others(path):
            text = _("{name} is not as it was left: another program changed it.")
            answers = (
                Answer(_("Save as…"), lambda: self.save_as(then)),
                Answer(_("Replace it"), lambda: self._write(path, then), bad=True),
                Answer(_("Cancel")),
            )
            title = _("The file has changed")
            self.studio.request(Question(title, text.format(name=path.name), answers))
        else:
            self._write(path, then)

    def save_as(self, then: Then | None = None) -> None:
        """Ask for a file; the document is in it, and it is the document's file from now on."""
        name = self.studio.path.stem if self.studio.path else self._slug()
        kinds = (Kind(_("Documents"), (DOCUMENT,)),)

        def accept(path: Path) -> None:
            self._write(with_ending(path, DOCUMENT), then)

        self.studio.request(
            Pick(_("Save as"), _("Save"), kinds, accept, True, f"{name}{DOCUMENT}", self.folder)
        )

    def leaving(self, then: Then) -> None:
        """Do what leaves the document, once its work is saved or given up and nothing runs on it."""

        def go() -> None:
            self.before_leaving(then)

        if not self.studio.open.dirty:
            go()
            return
        text = _("“{name}” has changes that are in no file. Save them first?")
        answers = (
            Answer(_("Save"), lambda: self.save(go)),
            Answer(_("Don't save"), go, bad=True),
            Answer(_("Cancel")),
        )
        title = _("Unsaved changes")
        self.studio.request(Question(title, text.format(name=self.name), answers))

    def quit(self) -> None:
        """The window closes, once the work is saved or given up."""

        def close() -> None:
            self.studio.closing = True

        self.leaving(close)

    # where

    @property
    def name(self) -> str:
        """What people call the open document."""
        return self.studio.name

    @property
    def folder(self) -> Path:
        """Where files are looked for first: beside the document, or where people were last."""
        path = self.studio.path
        if path is None and self.settings.value.recent:
            path = Path(self.settings.value.recent[0])
        folder = path.absolute().parent if path is not None else Path.cwd()
        return folder if folder.is_dir() else Path.home()

    def _slug(self) -> str:
        words = "".join(c if c.isalnum() else " " for c in self.studio.document.title.lower())
        return "-".join(words.split()) or "untitled"

    def _write(self, path: Path, then: Then | None) -> None:
        document = self.studio.document
        try:
            data = document_bytes(document, path)
            write_bytes(path, data)
        except FileError as error:
            self._refused(_("It cannot be saved"), str(error))
            return
        self._written = {sha256(data).hexdigest()}
        self.studio.saved(document, path)
        self.settings.opened(path)
        self.studio.say(_("Saved {path}").format(path=shown(path)))
        if self.engine is not None and self.engine.ready:
            from app.engine.commands import SaveWeights

            self.engine.ask(SaveWeights(path=str(path)))
        if then is not None:
            then()

    def _open_world(self, path: Path) -> None:
        if self.engine is None:
            self._refused(_("It cannot be opened"), _("A world file needs the engine."))
            return
        from app.engine.commands import OpenProject

        def answered(event: Event) -> bool:
            if event.event == "ProjectOpened":
                self.studio.load(event.document, path)
                self.settings.opened(path)
            elif event.event == "Refused":
                self._refused(_("It cannot be opened"), event.reason)
            return True

        self.studio.say(_("Opening {path}…").format(path=shown(path)))
        self.engine.ask(OpenProject(path=str(path)), answered)

    def _refused(self, title: str, text: str) -> None:
        self.studio.request(Question(title, text, (Answer(_("Close")),)))

    def _remember(self, path: Path) -> None:
        self._written = {found} if (found := _digest(path)) else set()

    def _changed_by_others(self, path: Path) -> bool:
        found = _digest(path)
        return found is not None and found not in self._written


def with_ending(path: Path, ending: str) -> Path:
    """The path with this ending, which is added where it lacks.

    >>> with_ending(Path("a.b"), ".json").name, with_ending(Path("a.json"), ".json").name
    ('a.b.json', 'a.json')
    """
    return path if path.name.endswith(ending) else path.with_name(f"{path.name}{ending}")


def _digest(path: Path) -> str | None:
    """What a file holds, as one number; None where there is none that can be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
