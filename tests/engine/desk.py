"""Somebody at a desk with an engine: sends, and waits for what they expect to hear."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from app.engine.client import EngineClient
from app.engine.commands import Command, OpenProject
from app.engine.events import Died, Event, JobFailed, Log, ProjectOpened, Refused
from app.engine.protocol import Letter
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.plan import Data, Keep, Loss, Optimiser, Plan, Rule
from graphs.store import write_document

Kind = TypeVar("Kind")
W = 4
LONG = 60.0  # seconds after which nothing comes any more


class Desk:
    """A client whose events are looked at one by one; bad news that nobody waits for fails a test."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.heard: list[Letter[Event]] = []
        self._waiting: deque[Letter[Event]] = deque()

    def send(self, command: Command) -> int:
        return self.client.send(command)

    def until(self, kind: type[Kind], test: Callable[[Any], bool] = lambda _: True) -> Kind:
        """The next event of a kind that passes the test."""
        return self.letter(kind, test).body

    def letter(self, kind: type[Kind], test: Callable[[Any], bool] = lambda _: True) -> Letter[Any]:
        pause, end = threading.Event(), time.monotonic() + LONG
        while time.monotonic() < end:
            self._waiting.extend(self.client.poll())
            while self._waiting:
                letter = self._waiting.popleft()
                self.heard.append(letter)
                if isinstance(letter.body, kind) and test(letter.body):
                    return letter
                bad = isinstance(letter.body, Died | Refused | JobFailed)
                assert not bad, f"waited for {kind.__name__}, got {letter.body}"
            pause.wait(0.002)
        last = [type(letter.body).__name__ for letter in self.heard[-20:]]
        logs = [log.text for log in self.all(Log)]
        raise AssertionError(f"no {kind.__name__} came; the last were {last}; the log says {logs}")

    def answer(self, command: Command, kind: type[Kind]) -> Kind:
        """Send, and wait for the answer to this very command."""
        number = self.send(command)
        while True:
            letter = self.letter(kind)
            if letter.answers == number:
                return letter.body

    def open(self, project: Path) -> ProjectOpened:
        return self.answer(OpenProject(path=str(project)), ProjectOpened)

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [letter.body for letter in self.heard if isinstance(letter.body, kind)]


def leaf(name: str, **config: Any) -> NodeSpec:
    return NodeSpec(type=name if "/" in name else f"core/{name}", config=config)


def chain(parts: dict[str, NodeSpec], **plans: Plan) -> Document:
    """Random rows through `parts` to a mean squared error."""
    names = ["data", *parts]
    wires = [f"{a}.out -> {b}.x" for a, b in pairwise(names)]
    nodes = {
        "data": leaf("RandomTensor", shape=[W], count=40),
        "wanted": leaf("RandomTensor", shape=[W], count=40),
        "loss": leaf("MSELoss"),
        **parts,
    }
    root = GraphSpec(
        nodes=nodes,
        wires=[*wires, f"{names[-1]}.out -> loss.x", "wanted.out -> loss.target"],
        outputs={"out": f"{names[-1]}.out"},
    )
    return Document(title="Small", root=root, plans=plans)


def plan(*rules: Rule, steps: int = 30, every: int = 5, **fields: Any) -> Plan:
    return Plan(
        rules=rules or (Rule(),),
        losses=(Loss(port="loss.out"),),
        optimiser=Optimiser(lr=0.05),
        data=Data(batch=8),
        steps=steps,
        keep=Keep(every=every, last=100),
        **fields,
    )


def linear() -> NodeSpec:
    return leaf("Linear", d_in=W, d_out=W)


def project(folder: Path, document: Document) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.json"
    write_document(path, document)
    return path
