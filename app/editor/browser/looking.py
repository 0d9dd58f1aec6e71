"""The folder that is looked at: read beside the window, so that a slow disk never stops a frame."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from app.editor.browser.listing import Listing, listed

RECENT = 8


class Looking:
    """Where we are, what is there, and where we were. Outlives the panel."""

    def __init__(self, start: Path) -> None:
        self.folder = start
        self.listing = Listing(start)
        self.recent: list[Path] = []
        self.revision = 0
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="folder")
        self._running: Future[Listing] | None = None
        self.go(start)

    def go(self, folder: Path) -> None:
        """Look into a folder."""
        self.folder = folder
        self._running = self._worker.submit(listed, folder)

    def up(self) -> None:
        """Look into the folder around."""
        self.go(self.folder.parent)

    def again(self) -> None:
        """Look once more."""
        self.go(self.folder)

    def frame(self) -> None:
        """Take in what was found; a folder that could be read is a recent one."""
        if self._running is None or not self._running.done():
            return
        found, self._running = self._running.result(), None
        self.listing = found
        self.revision += 1
        if not found.fault:
            others = [folder for folder in self.recent if folder != found.folder]
            self.recent = [found.folder, *others][:RECENT]

    def wait(self) -> None:
        """Wait for what is looked for, where nothing may come later."""
        if self._running is not None:
            self._running.result()
            self.frame()

    def close(self) -> None:
        """End the thread."""
        self._worker.shutdown(wait=False, cancel_futures=True)
