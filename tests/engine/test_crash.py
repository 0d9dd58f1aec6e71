"""An engine that dies takes nothing with it but the steps since its last checkpoint."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import torch

from app.engine.client import EngineClient
from app.engine.commands import AskJobs, ContinueJob, HoldQueue, OpenProject, Run, Train
from app.engine.events import (
    CheckpointSaved,
    Died,
    JobFinished,
    JobQueued,
    JobsListed,
    JobStarted,
    ProjectOpened,
    Ready,
)
from graphs.spec.document import Document
from graphs.spec.plan import Rule
from graphs.store import read_checkpoint
from tests.engine.desk import Desk, chain, leaf, linear, plan, project

STEPS = 60


def world() -> Document:
    """With dropout, momentum and an average: everything that a checkpoint has to bring back."""
    parts = {
        "lin": linear(),
        "draw": leaf("toy/Drawing"),
        "slow": leaf("toy/Slow", seconds=0.01),
    }
    light = plan(Rule(mode="lora", where="lin", rank=2), steps=STEPS)
    return chain(parts, learn=plan(steps=STEPS, ema=0.9, clip_norm=1.0), light=light)


def last(finished: JobFinished) -> dict[str, torch.Tensor]:
    """Every tensor of the last checkpoint: weights, optimiser, average."""
    parts = read_checkpoint(Path(str(finished.results["checkpoint"]))).parts
    wanted = ("weights", "adapters", "optimiser", "average")
    return {f"{part}/{name}": t for part in wanted for name, t in parts[part].items()}


def test_killed_in_a_training_it_resumes_bit_for_bit_and_the_queue_survives(
    desk: Desk, engine: EngineClient, tmp_path: Path
) -> None:
    through = project(tmp_path / "through", world())
    killed = project(tmp_path / "killed", world())
    desk.open(through)
    desk.send(Train(plan="learn", tensorboard=False))
    whole = last(desk.until(JobFinished))

    desk.open(killed)
    desk.send(Train(plan="learn", tensorboard=False))
    desk.answer(Run(branch="lin"), JobQueued)
    desk.until(CheckpointSaved, lambda event: event.step >= 20)
    process = engine.process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    died = desk.until(Died)
    assert died.code == -signal.SIGKILL
    assert "killed by signal 9" in died.reason
    assert "slow" in died.log
    assert not engine.alive
    assert engine.poll() == []

    engine.restart()
    desk.until(Ready)
    opened = desk.answer(OpenProject(path=str(killed)), ProjectOpened)
    assert opened.document.plans.keys() == {"learn", "light"}
    listed = desk.until(JobsListed)
    assert [(j.title, j.state) for j in listed.jobs] == [
        ("learn", "interrupted"),
        ("lin", "queued"),
    ]
    assert listed.held
    desk.answer(ContinueJob(job=listed.jobs[0].job), JobsListed)
    desk.answer(HoldQueue(held=False), JobsListed)
    finished = desk.until(JobFinished)
    assert finished.results["steps"] == STEPS
    resumed = last(finished)
    assert resumed.keys() == whole.keys()
    assert all(torch.equal(resumed[name], whole[name]) for name in whole)
    desk.until(JobFinished, lambda event: event.job.title == "lin")
    assert desk.answer(AskJobs(), JobsListed).jobs == ()


def test_a_light_training_on_weights_that_were_never_saved_resumes(
    desk: Desk, engine: EngineClient, tmp_path: Path
) -> None:
    path = project(tmp_path, world())
    desk.open(path)
    desk.send(Train(plan="learn", tensorboard=False))  # so that the base is on no disk
    desk.until(JobFinished)
    desk.send(Train(plan="light", tensorboard=False))
    desk.until(JobStarted)
    desk.until(CheckpointSaved)
    engine.restart()
    desk.until(Ready)
    desk.open(path)
    job = desk.until(JobsListed).jobs[0]
    desk.send(ContinueJob(job=job.job))
    finished = desk.until(JobFinished)
    assert finished.results["steps"] == STEPS
    assert any(name.startswith("adapters/") for name in last(finished))


def test_a_block_that_kills_the_process_is_told_of(
    desk: Desk, engine: EngineClient, tmp_path: Path
) -> None:
    document = chain({"bad": leaf("toy/Failing", how="kill")})
    desk.open(project(tmp_path, document))
    desk.send(Run(branch="bad"))
    assert desk.until(Died).code == -signal.SIGKILL
