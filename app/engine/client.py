"""The client: how a front end has an engine. No torch, no window, and no call here ever waits for one.

Each line to an engine has two threads of its own; `send` and `poll` only touch their queues.
"""

from __future__ import annotations

import contextlib
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from app.engine.address import connect
from app.engine.commands import Command, Hello, Shutdown
from app.engine.events import Died, Event, Log
from app.engine.frames import ProtocolError, read_frame, write_frame
from app.engine.protocol import InvalidMessage, Letter, event_in, packed

TAIL = 4000  # bytes of the log that tell of a death
WAIT = 5.0  # seconds for an engine to end by itself


class EngineClient:
    """An engine and the line to it. Used by one thread."""

    def __init__(self, *, device: str = "", threads: int = 0, log: Path | None = None) -> None:
        """Nothing is started. What the engine prints goes to `log`, else to a temporary file."""
        self._options = ["--device", device] if device else []
        self._options += ["--threads", str(threads)] if threads else []
        self._log = log
        self._line: _Line | None = None
        self._number = 0

    def start(self) -> None:
        """An engine is on its way; Ready tells that it has come. What is sent meanwhile waits for it.

        Raises: OSError when no process can be started; RuntimeError when there is one already.
        """
        if self.alive:
            raise RuntimeError("there is an engine already; close it, or restart")
        self._drop()
        self._line = _started(self._options, self._log)

    def attach(self, project: Path) -> None:
        """The engine that goes on alone for this project (NAME.json) is this client's now.

        Raises: Gone when there is none.
        """
        if self.alive:
            raise RuntimeError("there is an engine already; close it first")
        self._drop()
        line, address = connect(project)
        writer: Any = line.makefile("wb", buffering=0)
        self._line = _Line(line.makefile("rb"), writer, None, None, line)
        self._line.send(packed(Hello(token=address.token)))

    def send(self, command: Command) -> int:
        """The command is on its way; its number, which what answers it names.

        Raises: RuntimeError when nothing was started.
        """
        if self._line is None:
            raise RuntimeError("there is no engine; start one, or attach to one")
        self._number += 1
        self._line.send((command, self._number))
        return self._number

    def poll(self) -> list[Letter[Event]]:
        """What has come since the last time, in order. Died is the last that a line ever gives."""
        return self._line.take() if self._line is not None else []

    @property
    def alive(self) -> bool:
        """Whether an engine is there, or on its way, as far as anybody knows."""
        return self._line is not None and self._line.alive

    @property
    def process(self) -> int | None:
        """The engine's process, None when it is not this client's child."""
        return self._line.process.pid if self._line is not None and self._line.process else None

    def restart(self) -> None:
        """A fresh engine; the old one is ended at once if it still is. It knows no document yet."""
        self._drop()
        self._line = _started(self._options, self._log)

    def close(self, wait: float = WAIT) -> None:
        """The engine has stopped its job with a checkpoint and ended; after `wait` seconds by force."""
        if self._line is None:
            return
        if self.alive:
            self._line.quiet = True
            self.send(Shutdown())
            self._line.join(wait)
        self._drop()

    def leave(self) -> None:
        """This client goes; an engine that was told to Detach goes on, another one ends by itself."""
        if self._line is not None:
            self._line.quiet = self._line.left = True
            self._line.hang_up()
            self._line = None

    def _drop(self) -> None:
        if self._line is not None:
            self._line.quiet = True
            self._line.kill()
            self._line = None


@dataclass
class _Printed:
    """Where an engine prints."""

    file: BinaryIO
    start: int

    def tail(self) -> str:
        """The end of what this engine printed."""
        size = self.file.seek(0, os.SEEK_END)
        self.file.seek(max(self.start, size - TAIL))
        return self.file.read().decode(errors="replace")


def _started(options: list[str], log: Path | None) -> _Line:
    file: BinaryIO
    if log is None:
        file = tempfile.TemporaryFile()  # noqa: SIM115 (the line closes it)
    else:
        log.parent.mkdir(parents=True, exist_ok=True)
        file = log.open("a+b")
    start = file.seek(0, os.SEEK_END)
    # A session of its own: Ctrl+C in the terminal is the front end's alone to act on. -P: a file
    # called torch.py in the current folder is not torch.
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "app.engine", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=file,
        start_new_session=True,
        bufsize=-1,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    return _Line(process.stdout, process.stdin, process, _Printed(file, start), None)  # type: ignore[arg-type]


class _Line:
    """The streams to one engine, a thread that reads and one that writes."""

    def __init__(
        self,
        reader: BinaryIO,
        writer: BinaryIO,
        process: subprocess.Popen[bytes] | None,
        printed: _Printed | None,
        line: socket.socket | None,
    ) -> None:
        self.process, self.quiet, self.left = process, False, False
        self._reader, self._writer, self._printed, self._socket = reader, writer, printed, line
        self._over = threading.Event()
        self._came: deque[Letter[Event]] = deque()
        self._going: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read, name="engine events", daemon=True),
            threading.Thread(target=self._write, name="engine commands", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        if self._over.is_set():
            return False
        return self.process is None or self.process.poll() is None

    def send(self, what: object) -> None:
        """A frame, or a command with its number that becomes one on the writing thread."""
        self._going.put(what)

    def take(self) -> list[Letter[Event]]:
        found = []
        while self._came:
            found.append(self._came.popleft())
        return found

    def join(self, seconds: float) -> None:
        """Wait until the engine is gone, if it goes in time."""
        self._over.wait(seconds)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        self.hang_up()

    def hang_up(self) -> None:
        """Close this side; the reading thread sees the end and clears up."""
        self._going.put(None)
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the other side may have gone first
                self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        reason = "the engine ended"
        try:
            while (frame := read_frame(self._reader)) is not None:
                try:
                    self._came.append(event_in(frame))
                except InvalidMessage as error:
                    text = f"an event of the engine was not understood: {error}"
                    self._came.append(Letter(Log(level="error", text=text)))
        except ProtocolError as error:
            reason = f"the engine's stream broke: {error}"
        except (OSError, ValueError) as error:
            reason = f"the line to the engine broke: {error}"
        self._end(reason)

    def _end(self, reason: str) -> None:
        code: int | None = None
        if self.process is not None:
            try:
                code = self.process.wait(None if self.left else WAIT)
            except (
                subprocess.TimeoutExpired
            ):  # it closed its pipe and lives on: of no use to anybody
                self.process.kill()
                code = self.process.wait()
        log = self._printed.tail() if self._printed is not None else ""
        if not self.quiet:
            self._came.append(Letter(Died(reason=_why(reason, code), code=code, log=log)))
        self._over.set()
        self._going.put(None)
        self._threads[1].join()
        for stream in (self._reader, self._writer):
            with contextlib.suppress(OSError):  # what could not be sent to the dead is lost
                stream.close()
        if self._printed is not None:
            self._printed.file.close()
        if self._socket is not None:
            self._socket.close()

    def _write(self) -> None:
        while (what := self._going.get()) is not None:
            try:
                frame = packed(*what) if isinstance(what, tuple) else what
                write_frame(self._writer, frame)  # type: ignore[arg-type]
            except ProtocolError as error:
                self._came.append(Letter(Log(level="error", text=str(error))))
            except (OSError, ValueError):
                return  # the reading thread tells of the death
        if self.process is not None:  # an engine that is not told to stay ends when this does
            with contextlib.suppress(OSError):
                self._writer.close()


def _why(reason: str, code: int | None) -> str:
    if code is None:
        return reason
    if code < 0:
        killed = f"{reason}: killed by signal {-code}"
        return f"{killed} (the system does this when memory runs out)" if code == -9 else killed
    return f"{reason} with code {code}" if code else reason
