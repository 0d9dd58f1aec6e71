"""The outbox thins what may be thinned, keeps the order of facts, and never makes a poster wait."""

from __future__ import annotations

import threading
from typing import Any

from app.engine.events import Figures, Log, NodeStarted, StepsDone
from app.engine.frames import Frame
from app.engine.outbox import STEPS, Outbox, Pace
from app.engine.protocol import event_in


class Ear:
    """Hears frames; deaf until it is told to listen."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.listening = threading.Event()

    def __call__(self, frame: Frame) -> None:
        self.listening.wait()
        self.heard.append(event_in(frame).body)


def figures(step: int) -> Figures:
    return Figures(step=step, loss=float(step), lr=0.1, seconds=0.1, rows=1)


def started(index: int) -> NodeStarted:
    return NodeStarted(job="j", path="a", index=index, total=9)


def log(text: str) -> Log:
    return Log(level="info", text=text)


def test_facts_keep_their_order_and_states_only_their_last() -> None:
    outbox, ear = Outbox(rate=0.001), Ear()
    for number in range(3):
        outbox.latest(("node", "a"), started(number))
        outbox.step("j", figures(number), Pace(steps=9))
        outbox.post(log(str(number)))
    ear.listening.set()
    outbox.connect(ear)
    assert outbox.flush(10)
    assert [e.text for e in ear.heard if isinstance(e, Log)] == ["0", "1", "2"]
    assert [e.index for e in ear.heard if isinstance(e, NodeStarted)] == [2]
    assert [f.step for e in ear.heard if isinstance(e, StepsDone) for f in e.figures] == [0, 1, 2]
    outbox.close()


def test_a_deaf_listener_holds_up_nobody_and_loses_only_old_figures() -> None:
    outbox, ear = Outbox(rate=1000), Ear()
    outbox.connect(ear)
    outbox.post(log("first"))  # the outbox's own thread waits with this one
    for number in range(STEPS + 50):
        outbox.step("j", figures(number), Pace())
    ear.listening.set()
    assert outbox.flush(10)
    told = [e for e in ear.heard if isinstance(e, StepsDone)]
    steps = [f.step for e in told for f in e.figures]
    assert steps == sorted(steps)
    assert steps[-1] == STEPS + 49
    assert sum(e.passed_over for e in told) + len(steps) == STEPS + 50
    outbox.close()


def test_states_of_one_node_that_come_too_often_wait_for_a_fact() -> None:
    outbox, ear = Outbox(rate=1000), Ear()
    ear.listening.set()
    outbox.connect(ear)
    outbox.latest(("node", "a"), started(0), every=1000)
    assert outbox.flush(10)
    outbox.latest(("node", "a"), started(1), every=1000)  # flushing forgot the pace: it goes
    outbox.latest(("node", "a"), started(2), every=1000)
    outbox.post(log("now"))
    assert outbox.flush(10)
    assert [type(e) for e in ear.heard] == [NodeStarted, NodeStarted, Log]
    assert ear.heard[1].index == 2
    outbox.close()


def test_what_a_listener_could_not_take_the_next_one_hears() -> None:
    outbox, ear = Outbox(rate=1000), Ear()

    def gone(frame: Frame) -> None:
        raise BrokenPipeError

    outbox.connect(gone)
    outbox.post(log("kept"))
    ear.listening.set()
    outbox.flush(0.2)
    outbox.connect(ear)
    assert outbox.flush(10)
    assert [e.text for e in ear.heard] == ["kept"]
    outbox.close()
