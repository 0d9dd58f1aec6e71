"""The engine's process: streams in and out, a session between them, and when all of it ends.

A front end's engine is its child and talks through the pipes of stdin and stdout: nothing to find,
nobody else to let in, the same on every system, and when either side dies the other reads an end. Only
an engine that is told to outlive its front end opens a socket (see address).
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import hmac
import os
import platform
import signal
import socket
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from types import FrameType
from typing import TYPE_CHECKING, BinaryIO

from app.engine.address import PATIENCE, Listener, listen
from app.engine.commands import Command, Detach, Hello, Shutdown
from app.engine.events import Detached, Log, Ready, Refused
from app.engine.frames import Frame, ProtocolError, read_frame, write_frame
from app.engine.outbox import Outbox
from app.engine.protocol import InvalidMessage, Letter, command_in
from graphs.spec.problems import WorldloomError

if TYPE_CHECKING:
    from app.engine.session import Session

GRACE = 30.0  # seconds for a step to end when the engine does
LOOK = 0.5  # seconds between two looks whether anybody comes or anything is left to do


def main() -> None:
    """Serve the front end that started this process, and end with it unless told otherwise."""
    parser = argparse.ArgumentParser("app.engine", description="Started by a front end.")
    parser.add_argument("--device", default="")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    faulthandler.enable()
    reader, writer = take_pipes()
    outbox = Outbox()
    warnings.showwarning = lambda message, *_args, **_kwargs: outbox.post(
        Log(level="warning", text=str(message))
    )
    outbox.connect(lambda frame: write_frame(writer, frame))
    session, ready = open_session(outbox, options.device, options.threads)
    outbox.post(ready)
    host = Host(session, outbox, ready)
    signal.signal(signal.SIGTERM, host.terminate)
    code = 0
    try:
        host.serve(reader)
        host.stay()
    finally:
        code = 0 if session.close(GRACE) else 1
        outbox.close()
        host.hang_up()
        sys.stderr.flush()
        os._exit(code)  # a step that never ends must not keep the process


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes of stdin and stdout for frames alone: what a block prints goes to the log instead."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    return reader, writer


def open_session(outbox: Outbox, device: str, threads: int) -> tuple[Session, Ready]:
    """A session at work, and what says so. Here torch is imported."""
    import torch

    from app.engine.session import Session, fingerprint
    from graphs.live.execute import best_device
    from graphs.live.registry import Registry

    if threads:
        torch.set_num_threads(threads)
    device, registry = device or best_device(), Registry.installed()
    catalogue = registry.catalogue()
    for pack, why in registry.broken.items():
        outbox.post(Log(level="warning", text=f"pack {pack} could not be loaded: {why}"))
    gc.freeze()  # torch's million objects stay; looking through them again stops every thread
    session = Session(outbox, registry, catalogue, device)
    session.start()
    try:
        own = version("worldloom")
    except PackageNotFoundError:  # run from a source tree
        own = "source"
    versions = {"worldloom": own, "torch": torch.__version__, "python": platform.python_version()}
    ready = Ready(
        catalogue=fingerprint(catalogue),
        versions=versions,
        device=device,
        threads=torch.get_num_threads(),
        process=os.getpid(),
    )
    return session, ready


@dataclass
class _Alone:
    """That the engine goes on without a front end, and for how long."""

    listener: Listener
    linger: float


class Host:
    """Serves one front end after another."""

    def __init__(self, session: Session, outbox: Outbox, ready: Ready) -> None:
        self.session, self.outbox, self.ready = session, outbox, ready
        self.alone: _Alone | None = None
        self.over = threading.Event()

    def serve(self, reader: BinaryIO) -> None:
        """Do what comes until the front end goes or says that it is over."""
        while not self.over.is_set():
            try:
                frame = read_frame(reader)
                if frame is None:
                    return
                self.take(command_in(frame))
            except InvalidMessage as error:
                refusal = Refused(command="", reason=str(error))
                self.outbox.post(refusal, answers=error.number)
            except ProtocolError as error:  # the stream itself cannot be trusted any more
                self.outbox.post(Log(level="error", text=f"hung up: {error}"))
                self.outbox.flush(1.0)
                return
            except OSError:  # a socket whose other side died in the middle
                return

    def take(self, letter: Letter[Command]) -> None:
        """One command."""
        match letter.body:
            case Shutdown():
                self.over.set()
            case Hello():
                return
            case Detach(linger=linger):
                self.detach(linger, letter.number)
            case command:
                self.session.receive(command, letter.number)

    def detach(self, linger: float, number: int) -> None:
        """Listen for another front end from now on."""
        project = self.session.path
        if project is None:
            reason = "an engine that goes on alone is found by its project; save it first"
            self.outbox.post(Refused(command="Detach", reason=reason), answers=number)
            return
        try:
            listener = self.alone.listener if self.alone else listen(project)
        except WorldloomError as error:
            self.outbox.post(Refused(command="Detach", reason=str(error)), answers=number)
            return
        self.alone = _Alone(listener, linger)
        self.outbox.post(Detached(path=str(project)), answers=number)

    def stay(self) -> None:
        """While told to go on alone, and there is something to do or somebody may still come."""
        if self.alone is None:
            return
        last = time.monotonic()
        self.outbox.connect(None)
        self.alone.listener.ear.settimeout(LOOK)
        while not self.over.is_set():
            if not self.session.idle:
                last = time.monotonic()
            if time.monotonic() - last > self.alone.linger:
                return
            try:
                line, _ = self.alone.listener.ear.accept()
            except TimeoutError:
                continue
            with line:
                self.welcome(line, self.alone.listener.address.token)
            self.outbox.connect(None)
            last = time.monotonic()

    def welcome(self, line: socket.socket, token: str) -> None:
        """Serve who knows the token until they go."""
        line.settimeout(PATIENCE)
        with line.makefile("rb") as reader, line.makefile("wb", buffering=0) as writer:
            try:
                frame = read_frame(reader)
                hello = command_in(frame).body if frame is not None else None
            except (ProtocolError, OSError):
                return
            if not isinstance(hello, Hello) or not hmac.compare_digest(hello.token, token):
                return
            line.settimeout(None)

            def send(frame: Frame) -> None:
                write_frame(writer, frame)

            project = str(self.session.path or "")
            self.outbox.post(self.ready.model_copy(update={"project": project}))
            self.session.greet()
            self.outbox.connect(send)
            self.serve(reader)
            if self.over.is_set():
                self.session.close(GRACE)
                self.outbox.flush(1.0)
            self.outbox.connect(None)

    def hang_up(self) -> None:
        """Nobody can come any more."""
        if self.alone is not None:
            self.alone.listener.close()

    def terminate(self, number: int, frame: FrameType | None) -> None:
        """The system asks to end: leave whatever the main thread waits in, and close."""
        self.over.set()
        raise SystemExit
