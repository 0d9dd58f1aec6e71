"""An engine ends with its front end, unless it was told to go on; then another one may come."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from app.engine.address import Address, Gone, connect
from app.engine.client import EngineClient
from app.engine.commands import Detach, Hello, SetDocument, Stop, Train
from app.engine.events import (
    Detached,
    DocumentSet,
    JobFinished,
    JobsListed,
    JobStarted,
    ProjectOpened,
    Ready,
    Refused,
    StepsDone,
)
from app.engine.frames import read_frame, write_frame
from app.engine.places import address_file, queue_file
from app.engine.protocol import packed
from graphs.store import latest, read_json
from tests.engine.conftest import running
from tests.engine.desk import LONG, Desk, chain, leaf, linear, plan, project

VANISHING = """
import sys, threading
from pathlib import Path
from app.engine.client import EngineClient
from app.engine.commands import OpenProject, Train
from app.engine.events import StepsDone

client = EngineClient(device="cpu", threads=1)
client.start()
client.send(OpenProject(path=sys.argv[1]))
client.send(Train(plan="learn", folder=sys.argv[2], tensorboard=False))
while not any(isinstance(letter.body, StepsDone) for letter in client.poll()):
    assert client.alive
    threading.Event().wait(0.01)
slow = [name for name in ("torch", "dearpygui", "numpy") if name in sys.modules]
print(client.process, *slow, flush=True)
threading.Event().wait()
"""


def wait_for_end(process: int) -> None:
    end = time.monotonic() + LONG
    while running(process):
        assert time.monotonic() < end, f"process {process} goes on"
        threading.Event().wait(0.02)


def endless(folder: Path) -> Path:
    parts = {"lin": linear(), "slow": leaf("toy/Slow", seconds=0.02)}
    return project(folder, chain(parts, learn=plan(steps=100_000, every=100_000)))


def test_an_engine_ends_with_its_front_end_which_needs_no_torch(tmp_path: Path) -> None:
    path, run = endless(tmp_path), tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", VANISHING, str(path), str(run)], stdout=subprocess.PIPE, text=True
    ) as front:
        assert front.stdout is not None
        process, *slow = front.stdout.readline().split()
        assert slow == []
        assert running(int(process))
        front.kill()
    wait_for_end(int(process))
    found = latest(run / "checkpoints").checkpoint
    assert found is not None
    assert found.reason == "shutdown"
    assert found.step > 0
    assert read_json(queue_file(path))["jobs"][0]["facts"]["state"] == "interrupted"


def test_an_engine_goes_on_alone_and_is_attached_to(engine: EngineClient, tmp_path: Path) -> None:
    first, path = Desk(engine), endless(tmp_path)
    document = chain({"lin": linear()})
    first.answer(SetDocument(document=document, keep=False), DocumentSet)
    assert "save it first" in first.answer(Detach(), Refused).reason
    first.open(path)
    first.send(Train(plan="learn", tensorboard=False))
    job = first.until(JobStarted).job.job
    process = engine.process
    assert process is not None
    assert first.answer(Detach(), Detached).path == str(path)
    assert address_file(path).stat().st_mode & 0o077 == 0
    engine.leave()

    line, address = connect(path)
    with line, line.makefile("rwb") as stranger:
        write_frame(stranger, packed(Hello(token="guessed")))
        assert read_frame(stranger) is None

    second = EngineClient()
    second.attach(path)
    desk = Desk(second)
    ready = desk.until(Ready)
    assert (ready.process, ready.project) == (process, str(path)) == (address.process, str(path))
    assert desk.until(ProjectOpened).document == first.all(ProjectOpened)[0].document
    assert [(j.job, j.state) for j in desk.until(JobsListed).jobs] == [(job, "running")]
    steps = desk.until(StepsDone).figures[-1].step
    assert desk.until(StepsDone).figures[-1].step > steps
    second.leave()

    third = EngineClient()
    third.attach(path)
    desk = Desk(third)
    desk.until(StepsDone)
    desk.send(Stop())
    assert desk.until(JobFinished).stopped == "stopped by hand"
    third.close()
    wait_for_end(process)
    assert not address_file(path).exists()
    with pytest.raises(Gone, match="no engine goes on alone"):
        EngineClient().attach(path)


def test_an_engine_alone_ends_when_nobody_comes(engine: EngineClient, tmp_path: Path) -> None:
    if not engine.alive:
        engine.start()
    desk = Desk(engine)
    desk.open(project(tmp_path, chain({"lin": linear()}, learn=plan(steps=3))))
    desk.send(Train(plan="learn", tensorboard=False, folder=str(tmp_path / "run")))
    desk.answer(Detach(linger=0.1), Detached)
    process = engine.process
    assert process is not None
    engine.leave()
    wait_for_end(process)
    assert latest(tmp_path / "run" / "checkpoints").checkpoint.step == 3  # type: ignore[union-attr]


def test_what_a_dead_engine_left_is_cleared_up(tmp_path: Path) -> None:
    path = tmp_path / "small.json"
    file = address_file(path)
    file.parent.mkdir(parents=True)
    dead = Address(socket=str(tmp_path / "nobody"), token="t", process=1)
    file.write_text(dead.model_dump_json())
    with pytest.raises(Gone, match="not there any more"):
        EngineClient().attach(path)
    assert not file.exists()
    file.write_text("{")
    with pytest.raises(Gone, match="cannot be read"):
        EngineClient().attach(path)
