"""Text on the system's clipboard. Dear PyGui ends the process when it is asked for text that is not there
(an empty clipboard, a picture), so the system is asked first: on a thread beside the window's, since the
window itself may be who copied, and has to answer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from app.editor.gui import dpg

Then = Callable[[str], None]
UNICODE = 13  # CF_UNICODETEXT


class SystemClipboard:
    """The clipboard of the one window."""

    def __init__(self) -> None:
        self._asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clipboard")
        self._asked: list[tuple[Future[bool], Then]] = []

    def write(self, text: str) -> None:
        """The clipboard holds this text."""
        dpg.set_clipboard_text(text)

    def read(self, then: Then) -> None:
        """Tell `then` the text in one of the next frames, "" where there is none."""
        self._asked.append((self._asker.submit(holds_text), then))

    def frame(self) -> None:
        """Tell who asked what was found."""
        while self._asked and self._asked[0][0].done():
            found, then = self._asked.pop(0)
            then(dpg.get_clipboard_text() if found.result() else "")

    def close(self) -> None:
        """Nobody is told any more."""
        self._asked.clear()
        self._asker.shutdown(wait=False)


def holds_text() -> bool:
    """Whether the clipboard of this system has text. Not to be asked on the window's thread."""
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.user32.IsClipboardFormatAvailable(UNICODE))
    if sys.platform == "darwin":
        return bool(subprocess.run(["pbpaste"], capture_output=True, check=False).stdout)
    from app.editor.x_selection import offers

    return bool(offers("CLIPBOARD") & {"UTF8_STRING", "STRING"})
