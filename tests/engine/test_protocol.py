"""Every message survives the wire, and nothing that is no message gets through."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.engine import commands, events
from app.engine.commands import ApplyChanges, ApplyEdit, Command, Message, Ping, SetDocument
from app.engine.events import CatalogueSent, Event, Log, Ready, Refused
from app.engine.frames import HEADER, MAGIC, Frame, ProtocolError, read_frame, write_frame
from app.engine.protocol import VERSION, InvalidMessage, command_in, event_in, packed
from graphs.spec.catalogue import BlockType, Catalogue, PortType
from graphs.spec.diff import diff
from graphs.spec.document import Document
from graphs.spec.replay import replay
from tests.spec.strategies import documents, edits, histories

COMMANDS: tuple[type[Message], ...] = get_args(get_args(Command)[0])
EVENTS: tuple[type[Message], ...] = get_args(get_args(Event)[0])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
)
SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=8),
    int: st.integers(),
    float: st.floats(),
    bool: st.booleans(),
    type(None): st.none(),
    Document: st.just(Document(title="a")),
    Any: PLAIN,
}
ROUGH = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def made(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Messages of a kind whose fields hold whatever their annotations allow."""
    return st.builds(
        kind, **{n: fitting(f.annotation, f.metadata) for n, f in kind.model_fields.items()}
    )


def fitting(hint: Any, limits: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    """Values that an annotation takes."""
    origin, parts = get_origin(hint), get_args(hint)
    if limits:
        low = max((float(getattr(m, k, 0)) for m in limits for k in ("gt", "ge")), default=0.0)
        return st.integers(1, 99) if hint is int else st.floats(low + 0.01, low + 0.99)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if origin is Annotated:
        return fitting(parts[0], parts[1:])
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, UnionType):
        return st.one_of([fitting(part) for part in parts])
    if origin is tuple and parts[-1] is ...:
        return st.lists(fitting(parts[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(fitting, parts))
    if origin is Mapping:
        return st.dictionaries(fitting(parts[0]), fitting(parts[1]), max_size=3)
    assert issubclass(hint, Message), hint
    return made(hint)


SPECIAL = {"ApplyEdit", "ApplyChanges", "CatalogueSent"}
PLAIN_KINDS = [kind for kind in (*COMMANDS, *EVENTS) if kind.__name__ not in SPECIAL]


@pytest.mark.parametrize("kind", PLAIN_KINDS, ids=lambda kind: kind.__name__)
@settings(ROUGH, max_examples=15)
@given(data=st.data())
def test_a_message_arrives_as_it_was_sent(kind: type[Message], data: st.DataObject) -> None:
    body = data.draw(made(kind))
    arrives(body, data.draw(st.binary(max_size=20)))


def arrives(body: Any, blob: bytes = b"") -> Any:
    """By its bytes, as NaN equals nothing."""
    stream = io.BytesIO()
    sent = packed(body, 3, 2, blob)
    write_frame(stream, sent)
    stream.seek(0)
    frame = read_frame(stream)
    assert frame == sent
    assert read_frame(stream) is None
    letter = command_in(frame) if isinstance(body, COMMANDS) else event_in(frame)
    assert (letter.number, letter.answers, letter.blob) == (3, 2, blob)
    assert type(letter.body) is type(body)
    assert packed(letter.body, 3, 2, blob) == sent
    return letter.body


@settings(ROUGH, max_examples=40)
@given(data=st.data())
def test_documents_and_edits_arrive(data: st.DataObject) -> None:
    document = data.draw(documents())
    assert arrives(SetDocument(document=document)).document == document
    edit = data.draw(edits(document))
    assert arrives(ApplyEdit(edit=edit)).edit == edit


@settings(ROUGH, max_examples=20)
@given(histories())
def test_changes_that_arrive_do_what_they_did(history: list[Document]) -> None:
    for old, new in pairwise(history):
        changes = arrives(ApplyChanges(changes=tuple(diff(old, new)))).changes
        assert replay(old, changes) == new


def test_a_catalogue_arrives() -> None:
    port = PortType(name="x", kind="tensor", dims="b d")
    catalogue = Catalogue(types={"a/B": BlockType(name="a/B", inputs={"x": port})})
    assert arrives(CatalogueSent(hash="1", catalogue=catalogue)).catalogue == catalogue


def test_every_message_is_a_command_or_an_event() -> None:
    parts = {"Message", "Fault", "Figures"}
    for module, kinds, tag in ((commands, COMMANDS, "command"), (events, EVENTS, "event")):
        found = {
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, Message) and tag in value.model_fields
        }
        assert found - parts == {kind.__name__ for kind in kinds}
        assert all(kind.model_fields[tag].default == kind.__name__ for kind in kinds)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    if not data:
        assert read_frame(io.BytesIO(data)) is None
        return
    with pytest.raises(ProtocolError):
        read_frame(io.BytesIO(data))


@given(st.data())
def test_a_damaged_frame_is_refused_or_read_whole(data: st.DataObject) -> None:
    stream = io.BytesIO()
    write_frame(stream, packed(Ping(), 1, blob=b"picture"))
    whole = stream.getvalue()
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(ProtocolError):
        read_frame(io.BytesIO(whole[:cut]))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    try:
        frame = read_frame(io.BytesIO(changed))
        assert frame is not None
        command_in(frame)
    except ProtocolError:
        return


def test_a_frame_too_big_is_not_waited_for() -> None:
    with pytest.raises(ProtocolError, match="at most"):
        read_frame(io.BytesIO(HEADER.pack(MAGIC, 2**32 - 1, 0)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[]", "no envelope"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (
            b'{"protocol":9,"number":5,"answers":0,"body":{}}',
            f"speaks protocol 9, this side {VERSION}",
        ),
        (b'{"protocol":1,"number":true,"answers":0,"body":{}}', "numbered by integers"),
        (b'{"protocol":1,"number":5,"answers":0,"body":{"command":"Fly"}}', "Fly"),
        (b'{"protocol":1,"number":5,"answers":0,"body":{"command":"Step","count":0}}', "count"),
        (b'{"protocol":1,"number":5,"answers":0,"body":{"command":"Ping","x":0}}', "x"),
    ],
)
def test_a_frame_that_holds_no_message_is_refused_with_the_reason(text: bytes, reason: str) -> None:
    with pytest.raises(InvalidMessage, match=reason):
        command_in(Frame(text))


def test_an_engine_answers_what_it_cannot_read_and_ends_on_garbage() -> None:
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "app.engine", "--device", "cpu"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        strange = b'{"protocol":1,"number":5,"answers":0,"body":{"command":"Fly"}}'
        write_frame(process.stdin, Frame(strange))  # type: ignore[arg-type]
        process.stdin.write(b"print('hello')\n" * 10)
        process.stdin.flush()
        heard = []
        while (frame := read_frame(process.stdout)) is not None:
            heard.append(event_in(frame))
        assert [type(letter.body) for letter in heard] == [Ready, Refused, Log]
        assert heard[1].answers == 5
        assert "hung up" in heard[2].body.text  # type: ignore[union-attr]
        assert process.wait(60) == 0
