"""Frames: how messages travel over any stream of bytes, a pipe now and a socket later.

A frame is a fixed header, a JSON envelope and an optional blob, so that pictures need no base64. A
stream that once held anything else cannot be trusted again: the reader refuses and the caller hangs
up.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

from graphs.spec.problems import WorldloomError

MAGIC = b"WLF1"
HEADER = struct.Struct(">4sII")  # magic, bytes of JSON, bytes of blob
MOST = 64 * 2**20  # bytes of either part


class ProtocolError(WorldloomError):
    """The other side does not speak this protocol, or not this version of it."""


class Source(Protocol):
    """What frames are read from: a pipe, or a socket's file."""

    def read(self, size: int, /) -> bytes | None:
        """At most so many bytes; none at the end."""


class Sink(Protocol):
    """What frames are written to."""

    def write(self, data: bytes | memoryview, /) -> int | None:
        """Take some of the bytes; how many."""

    def flush(self) -> None:
        """Nothing waits in a buffer afterwards."""


@dataclass(frozen=True)
class Frame:
    """One message as bytes."""

    text: bytes
    blob: bytes = b""


def write_frame(sink: Sink, frame: Frame) -> None:
    """The other side can read the whole frame.

    Raises: ProtocolError when it is too big for a frame, nothing is written then; OSError or
    ValueError when nobody listens any more.
    """
    if len(frame.text) > MOST or len(frame.blob) > MOST:
        size = max(len(frame.text), len(frame.blob))
        raise ProtocolError(f"a frame holds at most {MOST} bytes of text or blob, got {size}")
    head = HEADER.pack(MAGIC, len(frame.text), len(frame.blob))
    rest = memoryview(head + frame.text + frame.blob)
    while rest:  # an unbuffered pipe may take only a part
        rest = rest[sink.write(rest) or 0 :]
    sink.flush()


def read_frame(source: Source) -> Frame | None:
    """The next frame, waiting for it; None where the stream ends between two frames.

    Raises: ProtocolError when what comes is no frame, is too big, or ends in the middle.
    """
    head = _read(source, HEADER.size)
    if not head:
        return None
    if len(head) < HEADER.size:
        raise ProtocolError(f"the stream ended inside a header, after {len(head)} bytes")
    magic, text, blob = HEADER.unpack(head)
    if magic != MAGIC:
        raise ProtocolError(f"expected a frame that starts with {MAGIC!r}, got {head[:8]!r}")
    if text > MOST or blob > MOST:
        raise ProtocolError(
            f"a frame holds at most {MOST} bytes of text or blob, got {text}+{blob}"
        )
    body = _read(source, text + blob)
    if len(body) < text + blob:
        raise ProtocolError(f"the stream ended inside a frame, after {len(body)} of {text + blob}")
    return Frame(body[:text], body[text:])


def _read(source: Source, size: int) -> bytes:
    """So many bytes, fewer where the stream ends."""
    parts: list[bytes] = []
    while size:
        part = source.read(min(size, 2**20))  # memory grows with what came, not with what was said
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
