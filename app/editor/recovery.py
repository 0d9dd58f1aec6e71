"""What was not saved, kept for when the program is killed: a draft of each open document.

A draft lies in a folder of the person's, never beside their file. The program that writes it holds a
lock as long as it lives; the system lets go of it however the program ends, so a draft whose lock is
free was left by one that is gone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from graphs.spec.document import Document
from graphs.spec.problems import FileError
from graphs.store.atomic import write_bytes
from graphs.store.document_file import document_bytes, document_from

if TYPE_CHECKING:
    from filelock import FileLock

ENDING, LOCK = ".draft", ".lock"
WHAT, VERSION = "worldloom draft", 1
PAUSE = 0.4  # seconds between two drafts while there are edits


@dataclass(frozen=True)
class Draft:
    """What a program that is gone left. `path` is the file that the document is of, if any."""

    file: Path
    path: Path | None
    title: str
    time: datetime

    def document(self) -> Document:
        """The document. Raises: FileError when the draft is damaged."""
        try:
            data = self.file.read_bytes()
        except OSError as error:
            raise FileError(f"{self.file}: cannot be read: {error}") from error
        return document_from(data.partition(b"\n")[2], self.file)

    def discard(self) -> None:
        """It is gone."""
        self.file.unlink(missing_ok=True)
        self.file.with_suffix(LOCK).unlink(missing_ok=True)


def drafts(folder: Path) -> list[Draft]:
    """What programs that are gone left in a folder, the newest first."""
    files = folder.glob(f"*{ENDING}") if folder.is_dir() else ()
    found = [_read(file) for file in files if _abandoned(file)]
    known = [draft for draft in found if draft is not None]
    return sorted(known, key=lambda draft: draft.time, reverse=True)


def _abandoned(file: Path) -> bool:
    from filelock import FileLock

    lock = FileLock(file.with_suffix(LOCK))
    try:
        with lock.acquire(blocking=False):
            return True
    except OSError:  # another holds it: filelock.Timeout is one
        return False


def _read(file: Path) -> Draft | None:
    """The draft in a file, None when it is not ours or of a newer version."""
    try:
        with file.open("rb") as opened:
            head = json.loads(opened.readline(65536))
        if head["what"] != WHAT or head["version"] > VERSION:
            return None
        path = Path(head["path"]) if head["path"] else None
        return Draft(file, path, str(head["title"]), datetime.fromisoformat(head["time"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Autosave:
    """Keeps a draft of one open document, written beside the window's thread.

    `frame` is told what is open once a frame. When a file holds it, there is no draft.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None]) -> None:
        """`warn` is told once when drafts cannot be written. Nothing is on the disk before an edit."""
        self.file = folder / f"{secrets.token_hex(6)}{ENDING}"
        self._warn, self._warned = warn, False
        self._lock: FileLock | None = None
        self._kept: Document | None = None
        self._of: Path | None = None
        self._there = False  # whether a draft may be on the disk
        self._started = 0.0
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="autosave")
        self._running: Future[None] | None = None

    def frame(self, document: Document, path: Path | None, dirty: bool) -> None:
        """Start writing when there are edits that no draft has."""
        if self._running is not None and not self._running.done():
            return
        self._look()
        if not dirty:
            self._forget()
        elif (
            document is not self._kept or path != self._of
        ) and monotonic() > self._started + PAUSE:
            self._start(document, path)

    def now(self, document: Document, path: Path | None) -> None:
        """The draft is on the disk when this returns."""
        self._start(document, path)
        self.wait()

    def wait(self) -> None:
        """What was started is on the disk."""
        if self._running is not None:
            wait([self._running])
        self._look()

    def close(self, keep: bool = False) -> None:
        """End, without a draft unless it is to be kept."""
        self.wait()
        if not keep:
            self._forget()
        self._worker.shutdown(wait=True)
        if self._lock is not None:
            self._lock.release()
            if not keep:
                self.file.with_suffix(LOCK).unlink(missing_ok=True)

    def _start(self, document: Document, path: Path | None) -> None:
        self._kept, self._of, self._there = document, path, True
        self._started = monotonic()
        self._running = self._worker.submit(self._write, document, path)

    def _write(self, document: Document, path: Path | None) -> None:
        if self._lock is None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            from filelock import FileLock

            self._lock = FileLock(self.file.with_suffix(LOCK), thread_local=False)
            self._lock.acquire(blocking=False)
        head = {
            "what": WHAT,
            "version": VERSION,
            "path": str(path.absolute()) if path else "",
            "title": document.title,
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        text = document_bytes(document, "the open document", compact=True)
        write_bytes(self.file, json.dumps(head).encode() + b"\n" + text)

    def _forget(self) -> None:
        if self._there:
            self.file.unlink(missing_ok=True)
            self._there, self._kept = False, None

    def _look(self) -> None:
        """Say once that the disk refuses; the next frame tries again."""
        running, self._running = self._running, None
        try:
            if running is not None:
                running.result()
        except (OSError, FileError) as error:
            self._kept = None
            if not self._warned:
                self._warned = True
                self._warn(str(error))
