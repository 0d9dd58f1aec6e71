"""The queue is on the disk as it stands, and comes back from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.commands import Run, Train
from app.engine.places import fresh_run, newest_run, queue_file
from app.engine.queue import Queue
from graphs.spec.document import Document
from graphs.spec.problems import WorldloomError
from tests.engine.desk import chain, linear


def opened(project: Path, told: list[str] | None = None) -> Queue:
    queue = Queue((told if told is not None else []).append)
    queue.open(project)
    return queue


def test_a_queue_comes_back_held_with_what_ran_interrupted(tmp_path: Path) -> None:
    project, document = tmp_path / "p.json", chain({"lin": linear()})
    queue = opened(project)
    assert not queue.held
    first = queue.add(Train(plan="learn"), document, "learn", "runs/p-learn")
    second = queue.add(Run(action={"say": 1}, turns=2), document, "2 turns")
    third = queue.add(Run(), Document(), "everything")
    queue.mark(first.id, "running", step=7)
    queue.mark(third.id, "finished")
    again = opened(project)
    assert [(job.id, job.facts.state) for job in again.jobs] == [
        (first.id, "interrupted"),
        (second.id, "queued"),
    ]
    assert again.jobs[0].facts.step == 7
    assert [job.order for job in again.jobs] == [first.order, second.order]
    assert again.jobs[1].document == second.document
    assert again.held
    assert again.next() is None
    documents = queue_file(project).parent / "documents"
    assert [path.stem for path in documents.iterdir()] == [first.digest]


def test_what_is_gone_on_with_resumes(tmp_path: Path) -> None:
    queue = opened(tmp_path / "p.json")
    job = queue.add(Train(plan="learn"), Document(), "learn", "runs/p-learn")
    with pytest.raises(WorldloomError, match="only"):
        queue.again(job.id)
    queue.mark(job.id, "failed", "no more")
    order = queue.again(job.id).order
    assert order == Train(plan="learn", resume=True, folder="runs/p-learn")
    assert queue.next() is not None


def test_a_damaged_queue_is_told_of_and_starts_empty(tmp_path: Path) -> None:
    project, told = tmp_path / "p.json", list[str]()
    queue_file(project).parent.mkdir(parents=True)
    queue_file(project).write_text("{}}")
    assert opened(project, told).jobs == []
    assert "could not be read" in told[0]


def test_a_lost_document_loses_only_its_job(tmp_path: Path) -> None:
    project, told = tmp_path / "p.json", list[str]()
    queue = opened(project)
    kept = queue.add(Run(), Document(title="kept"), "kept")
    lost = queue.add(Run(), Document(title="lost"), "lost")
    (queue_file(project).parent / "documents" / f"{lost.digest}.json").unlink()
    assert [job.id for job in opened(project, told).jobs] == [kept.id]
    assert "lost" in told[0]


def test_jobs_move_with_their_project(tmp_path: Path) -> None:
    queue = opened(tmp_path / "old.json")
    job = queue.add(Run(), Document(), "run")
    queue.rehome(tmp_path / "new.json")
    assert [j.id for j in opened(tmp_path / "new.json").jobs] == [job.id]


def test_a_disk_that_refuses_costs_only_the_survival(tmp_path: Path) -> None:
    told: list[str] = []
    (tmp_path / ".worldloom").write_text("in the way")
    queue = opened(tmp_path / "p.json", told)
    assert queue.add(Run(), Document(), "run") == queue.next()
    assert "not on the disk" in told[0]


def test_runs_of_a_plan_are_numbered(tmp_path: Path) -> None:
    project = tmp_path / "p.json"
    with pytest.raises(WorldloomError, match="no run of plan 'learn'"):
        newest_run(project, "learn")
    first = fresh_run(project, "learn", set())
    first.mkdir(parents=True)
    second = fresh_run(project, "learn", set())
    assert second.name == "p-learn-2"
    assert fresh_run(project, "learn", {str(second)}).name == "p-learn-3"
    assert newest_run(project, "learn") == first
