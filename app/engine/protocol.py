"""The protocol: commands down, events up, each in a versioned envelope. No torch.

The same messages reach an engine in a child process and, later, one on another machine; only the
stream underneath differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from app.engine.commands import Command, Message
from app.engine.events import Event
from app.engine.frames import Frame, ProtocolError

VERSION = 1
Body = TypeVar("Body")

COMMANDS: TypeAdapter[Command] = TypeAdapter(Command)
EVENTS: TypeAdapter[Event] = TypeAdapter(Event)


class InvalidMessage(ProtocolError):
    """A whole frame holds no message of ours; the stream itself is in order. `number` is its own."""

    def __init__(self, number: int, reason: str) -> None:
        self.number = number
        super().__init__(reason)


@dataclass(frozen=True)
class Letter(Generic[Body]):
    """A message on its way: its number, the number of the command that it answers, and its blob."""

    body: Body
    number: int = 0
    answers: int = 0
    blob: bytes = b""


def packed(body: Message, number: int = 0, answers: int = 0, blob: bytes = b"") -> Frame:
    """A message as a frame."""
    head = f'{{"protocol":{VERSION},"number":{number},"answers":{answers},"body":'
    return Frame(head.encode() + body.model_dump_json().encode() + b"}", blob)


def command_in(frame: Frame) -> Letter[Command]:
    """The command in a frame. Raises: InvalidMessage."""
    return _opened(frame, COMMANDS)


def event_in(frame: Frame) -> Letter[Event]:
    """The event in a frame. Raises: InvalidMessage."""
    return _opened(frame, EVENTS)


def _opened(frame: Frame, adapter: TypeAdapter[Body]) -> Letter[Body]:
    try:
        envelope: Any = from_json(frame.text)
    except ValueError as error:
        raise InvalidMessage(0, f"a frame holds no JSON: {error}") from error
    if not isinstance(envelope, dict) or set(envelope) != {"protocol", "number", "answers", "body"}:
        raise InvalidMessage(0, "a frame holds no envelope of protocol, number, answers and body")
    number, answers, version = (envelope[key] for key in ("number", "answers", "protocol"))
    if type(number) is not int or type(answers) is not int:
        raise InvalidMessage(0, f"messages are numbered by integers, got {number!r}, {answers!r}")
    if version != VERSION:
        raise InvalidMessage(number, f"it speaks protocol {version!r}, this side {VERSION}")
    try:
        body = adapter.validate_python(envelope["body"])
    except (ValidationError, RecursionError) as error:
        raise InvalidMessage(number, _reason(error)) from error
    return Letter(body, number, answers, frame.blob)


def _reason(error: ValidationError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "the message is nested too deep"
    faults = error.errors(include_url=False, include_context=False)
    lines = [f"{'.'.join(map(str, e['loc'])) or 'message'}: {e['msg']}" for e in faults[:5]]
    return "; ".join(lines)
