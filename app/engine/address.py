"""How to reach an engine that goes on alone: a file in the project's folder with address and token.

A Unix socket in a folder of the user's own, or where there are none a port of this machine. The token
lets in only who may read the project's file of it: on a shared machine anybody can open a port. No
torch.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from app.engine.places import address_file
from graphs.spec.problems import FileError, WorldloomError

BACKLOG = 4
PATIENCE = 5.0  # seconds for a stranger to say hello


class Address(BaseModel):
    """Where an engine listens, and what to say there. `socket` is a path, or "" with a `port`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    socket: str = ""
    port: int = 0
    token: str
    process: int


class Gone(WorldloomError):
    """No engine goes on alone for this project."""


@dataclass
class Listener:
    """An open ear. Made by `listen`; its file is there as long as it is."""

    ear: socket.socket
    address: Address
    file: Path
    folder: Path | None

    def close(self) -> None:
        """Nobody can come any more, and nothing says that anybody could."""
        self.ear.close()
        self.file.unlink(missing_ok=True)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)  # of ours, and empty but for the socket


def listen(project: Path) -> Listener:
    """An ear for this project, and the file that tells of it, which only its owner may read.

    Raises: FileError when the folder cannot be written.
    """
    folder: Path | None = None
    place = ""
    if hasattr(socket, "AF_UNIX"):
        folder = Path(
            tempfile.mkdtemp(prefix="worldloom-")
        )  # short: a socket's path has few letters
        place = str(folder / "engine")
        ear = socket.socket(socket.AF_UNIX)
        ear.bind(place)
    else:
        ear = socket.socket()
        ear.bind(("127.0.0.1", 0))
    ear.listen(BACKLOG)
    port = 0 if place else int(ear.getsockname()[1])
    address = Address(socket=place, port=port, token=secrets.token_hex(32), process=os.getpid())
    listener = Listener(ear, address, address_file(project), folder)
    try:
        _write(listener.file, address)
    except OSError as error:
        listener.close()
        raise FileError(f"{listener.file}: cannot be written: {error}") from error
    return listener


def connect(project: Path) -> tuple[socket.socket, Address]:
    """A line to the engine that goes on alone for this project.

    Raises: Gone when there is none; a file that a dead one left is removed.
    """
    file = address_file(project)
    try:
        address = Address.model_validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise Gone(f"no engine goes on alone for {project}") from error
    except (OSError, ValidationError) as error:
        raise Gone(f"{file}: cannot be read as an engine's address: {error}") from error
    line = socket.socket(_family(address))
    line.settimeout(PATIENCE)
    try:
        line.connect(address.socket or ("127.0.0.1", address.port))
    except OSError as error:
        line.close()
        file.unlink(missing_ok=True)
        raise Gone(f"the engine that went on alone for {project} is not there any more") from error
    line.settimeout(None)
    return line, address


def _family(address: Address) -> Any:
    return socket.AF_UNIX if address.socket else socket.AF_INET  # type: ignore[attr-defined,unused-ignore]


def _write(file: Path, address: Address) -> None:
    """Whole or not there, and never readable by others, not even for a moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".engine-{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(address.model_dump(), out)
    temporary.replace(file)
