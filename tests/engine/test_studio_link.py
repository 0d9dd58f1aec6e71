"""The studio's document is always the engine's, and whoever asks is answered."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.editor.engine_link import EngineLink
from app.editor.studio import Studio
from app.engine.commands import AskJobs, Explain, Inspect, SetDocument, Train
from app.engine.events import DocumentSet, Explained, JobFinished, JobsListed, Refused
from app.engine.queue import document_digest
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from graphs.spec.edits import AddNode, Configure, RenameNode
from tests.engine.desk import LONG, W, chain, leaf, linear, plan, project


class Seat:
    """Somebody at a studio, who lets frames pass until what they wait for is there."""

    def __init__(self, document: Document, path: Path | None = None) -> None:
        self.studio = Studio(document, Catalogue(), path)
        self.link = EngineLink(self.studio)
        self.heard: list[Any] = []
        self.link.listen(lambda event, blob: self.heard.append(event))

    def until(self, test: Callable[[], bool]) -> None:
        pause, end = threading.Event(), time.monotonic() + 2 * LONG
        while not test():
            assert time.monotonic() < end, f"it never came; heard {self.heard[-10:]}"
            self.link.frame()
            pause.wait(0.002)

    def answer(self, command: Any) -> Any:
        answers: list[Any] = []

        def take(event: Any) -> bool:
            answers.append(event)
            return True

        self.link.ask(command, take)
        self.until(lambda: bool(answers))
        return answers[-1]

    def digest(self) -> str:
        """Of the document that the engine has: it is asked for by setting what it must be already."""
        document, path = self.studio.document, self.link.project
        told = self.answer(SetDocument(document=document, path=path, revision=self.link.revision))
        assert isinstance(told, DocumentSet)
        return told.digest


@pytest.fixture
def seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    document = chain({"lin": linear()}, learn=plan(steps=4))
    made = Seat(document, project(tmp_path, document))
    made.link.start()
    yield made
    made.link.close()
    made.studio.close()


def counted(seat: Seat, path: str) -> int | None:
    return seat.studio.scene.activity.of(path).parameters


def test_the_engine_follows_edits_undo_and_renames_and_counts_anew(seat: Seat) -> None:
    asked: list[Any] = []
    seat.link.ask(AskJobs(), asked.append)  # before there is an engine: it waits
    seat.until(lambda: counted(seat, "lin") == W * W + W)
    assert isinstance(asked[0], JobsListed)
    assert seat.studio.catalogue.types.keys() >= {"core/Linear"}
    studio = seat.studio
    studio.do(Configure(name="lin", values={"bias": False}))
    seat.until(lambda: counted(seat, "lin") == W * W)
    studio.undo()
    studio.do(RenameNode(name="lin", new="map"))
    studio.do(AddNode(name="more", node=leaf("RandomTensor", shape=[2])))
    seat.until(lambda: counted(seat, "more") == 0)
    assert counted(seat, "map") == W * W + W
    inspected = seat.link.heard.inspected
    assert inspected is not None
    assert inspected.revision == seat.link.revision
    assert not [event for event in seat.heard if isinstance(event, Refused)]
    assert seat.digest() == document_digest(studio.document)


def test_a_refusal_is_said_unless_whoever_asked_takes_it(seat: Seat) -> None:
    refused = seat.answer(Explain(plan="nothing"))
    assert isinstance(refused, Refused)
    assert seat.studio.notice.text == ""
    seat.link.ask(Explain(plan="nothing"))
    seat.until(lambda: "no plan 'nothing'" in seat.studio.notice.text)
    assert isinstance(seat.answer(Explain(plan="learn")), Explained)


def test_a_new_engine_is_given_the_document_and_who_waited_is_told(seat: Seat) -> None:
    seat.until(lambda: seat.link.ready)
    seat.studio.do(Configure(name="lin", values={"bias": False}))
    process = seat.link.client.process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    told: list[Any] = []
    seat.link.ask(Inspect(), told.append)
    seat.until(lambda: seat.link.state == "gone")
    assert [event.event for event in told][-1] == "Refused"
    assert seat.link.heard.died is not None
    assert "there is no engine" in seat.answer(AskJobs()).reason
    seat.studio.undo()
    seat.studio.redo()
    seat.link.restart()
    seat.until(lambda: seat.link.ready and counted(seat, "lin") == W * W)
    assert seat.digest() == document_digest(seat.studio.document)


def test_a_training_is_folded_into_figures(seat: Seat) -> None:
    seat.link.ask(Train(plan="learn", tensorboard=False))
    seat.until(lambda: any(isinstance(event, JobFinished) for event in seat.heard))
    run = seat.link.heard.runs.newest
    assert run is not None
    assert list(run.series["loss"].steps) == [1, 2, 3, 4]
    assert run.saved[-1].step == 4
    assert not seat.link.busy


def test_another_document_in_the_window_is_opened_with_its_weights(
    seat: Seat, tmp_path: Path
) -> None:
    seat.until(lambda: seat.link.ready)
    other = chain({"one": linear(), "two": linear()})
    path = project(tmp_path / "other", other)
    seat.studio.load(other, path)
    seat.until(lambda: counted(seat, "two") == W * W + W)
    assert seat.link.project == str(path)
    seat.studio.do(RenameNode(name="two", new="last"))
    assert seat.digest() == document_digest(seat.studio.document)
    seat.studio.path = path.with_name("copy.json")  # as after "save as"
    seat.until(lambda: seat.link.project.endswith("copy.json"))
    assert not [event for event in seat.heard if isinstance(event, Refused)]
