"""The outbox: events on their way out, thinned so that no listener can slow the model down.

Whoever posts never waits. Facts go out at once and in order. What only the latest of matters (a
node's state, a preview) replaces its predecessor while that waits, and goes out at most `rate` times
a second, or as seldom as its poster says; steps are gathered into one event. Without a listener it
keeps what fits and no more.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.engine.commands import Message
from app.engine.events import Figures, Log, StepsDone
from app.engine.frames import Frame, ProtocolError
from app.engine.protocol import packed

RATE = 20.0  # thinned events a second
STEPS = 2000  # figures that wait at most
MOST = 5000  # events that wait at most

Send = Callable[[Frame], None]
Key = tuple[object, ...]


@dataclass
class Pace:
    """Where a training stands, for the figures to be read with."""

    steps: int = 0
    seconds_left: float | None = None
    rows_per_second: float | None = None


@dataclass
class _Waiting:
    body: Message
    answers: int = 0
    blob: bytes = b""
    due: float = 0.0


@dataclass
class _Steps:
    pace: Pace
    due: float = 0.0
    rows: deque[Figures] = field(default_factory=lambda: deque(maxlen=STEPS))
    passed_over: int = 0


class Outbox:
    """Takes events from any thread and sends them from its own."""

    def __init__(self, rate: float = RATE) -> None:
        """Nothing is sent before `connect`."""
        self._wait = threading.Condition()
        self._items: OrderedDict[Key, _Waiting | _Steps] = OrderedDict()
        self._due: dict[Key, float] = {}  # when events of a key may go out again
        self._pause, self._count, self._urgent = 1 / rate, 0, False
        self._send: Send | None = None
        self._sending = self._closed = False
        self._thread = threading.Thread(target=self._work, name="outbox", daemon=True)
        self._thread.start()

    def post(self, body: Message, *, answers: int = 0, blob: bytes = b"") -> None:
        """The event goes out as soon as it can, after all that were posted before."""
        with self._wait:
            self._count += 1
            self._put((self._count,), _Waiting(body, answers, blob))
            self._urgent = True
            self._wait.notify_all()

    def latest(self, key: Key, body: Message, blob: bytes = b"", every: float = 0.0) -> None:
        """The event goes out with the next round, unless another one of its key comes before.

        With `every` those of a key are so many seconds apart; what waits goes before the next fact.
        """
        with self._wait:
            self._items.pop(key, None)
            due = self._due.get(key, 0.0)
            if every:
                self._due[key] = max(due, time.monotonic() + every)
            self._put(key, _Waiting(body, 0, blob, due))
            self._wait.notify_all()

    def step(self, job: str, figures: Figures, pace: Pace) -> None:
        """The step goes out with the next round, together with those since the last."""
        with self._wait:
            key = ("steps", job)
            held = self._items.get(key)
            if not isinstance(held, _Steps):
                held = _Steps(pace)
                self._put(key, held)
            held.passed_over += len(held.rows) == STEPS
            held.rows.append(figures)
            held.pace = pace
            self._wait.notify_all()

    def connect(self, send: Send | None) -> None:
        """Send to this listener from now on, to nobody with None."""
        with self._wait:
            self._send = send
            self._wait.notify_all()

    def flush(self, seconds: float) -> bool:
        """Wait until everything is sent; whether it was within so many seconds."""
        with self._wait:
            self._urgent = True
            self._wait.notify_all()
            return self._wait.wait_for(lambda: not (self._items or self._sending), seconds)

    def close(self, seconds: float = 2.0) -> None:
        """Send what waits, if somebody listens, and end."""
        if self._send is not None:
            self.flush(seconds)
        with self._wait:
            self._closed = True
            self._wait.notify_all()
        self._thread.join(seconds)

    def _put(self, key: Key, item: _Waiting | _Steps) -> None:
        self._items[key] = item
        if len(self._items) > MOST:
            self._items.popitem(last=False)

    def _work(self) -> None:
        last = 0.0
        while True:
            with self._wait:
                self._wait.wait_for(lambda: self._closed or (self._items and self._send))
                if not self._closed:
                    due = max(last + self._pause, min(i.due for i in self._items.values()))
                    self._wait.wait_for(
                        lambda: self._closed or self._urgent, max(0.0, due - time.monotonic())
                    )
                if self._closed:
                    return
                last, send = time.monotonic(), self._send
                items = self._take(last)
                if send is None:
                    self._items = OrderedDict([*items, *self._items.items()])
                    continue
                self._sending = True
            left = self._deliver(send, items)
            with self._wait:
                self._sending = False
                if left:  # the listener is gone; the next one hears it
                    self._items = OrderedDict([*left, *self._items.items()])
                    if self._send is send:
                        self._send = None
                self._wait.notify_all()

    def _take(self, now: float) -> list[tuple[Key, _Waiting | _Steps]]:
        """What goes out now: all that is due, and before a fact all that there is."""
        items = [(k, item) for k, item in self._items.items() if self._urgent or item.due <= now]
        for key, _ in items:
            del self._items[key]
        if self._urgent:
            self._due.clear()
        self._urgent = False
        return items

    def _deliver(
        self, send: Send, items: list[tuple[Key, _Waiting | _Steps]]
    ) -> list[tuple[Key, _Waiting | _Steps]]:
        """Send in order; what could not be sent because nobody listens any more."""
        for at, (key, item) in enumerate(items):
            try:
                send(_frame(key, item))
            except ProtocolError as error:  # too big for a frame; the rest must not wait for it
                self.post(Log(level="warning", text=f"an event was not sent: {error}"))
            except (OSError, ValueError):
                return items[at:]
        return []


def _frame(key: Key, item: _Waiting | _Steps) -> Frame:
    if isinstance(item, _Waiting):
        return packed(item.body, 0, item.answers, item.blob)
    pace = item.pace
    told = StepsDone(
        job=str(key[1]),
        figures=tuple(item.rows),
        passed_over=item.passed_over,
        steps=pace.steps,
        seconds_left=pace.seconds_left,
        rows_per_second=pace.rows_per_second,
    )
    return packed(told)
