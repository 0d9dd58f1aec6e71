"""What the engine said is folded into what panels show, and says when to look again."""

from __future__ import annotations

import math

from app.editor.canvas.cards import sizes
from app.editor.heard.heard import Heard
from app.editor.heard.samples import MOST
from app.engine.events import (
    CheckpointFacts,
    CheckpointSaved,
    CheckpointsListed,
    Died,
    Event,
    Figures,
    GradientNorms,
    JobFacts,
    JobFailed,
    JobFinished,
    JobPaused,
    JobQueued,
    JobResumed,
    JobsListed,
    JobStarted,
    Log,
    Preview,
    Ready,
    Saved,
    StageTold,
    StepsDone,
    TurnFinished,
    Validated,
    VariantFacts,
    VariantsListed,
    Vitals,
)

JOB = JobFacts(job="1", kind="train", title="learn", folder="/runs/small-learn", steps=10)


def heard(*events: Event) -> Heard:
    made = Heard()
    for event in events:
        made.hear(event)
    return made


def steps(*numbers: int, job: str = "1") -> StepsDone:
    rows = tuple(
        Figures(step=n, loss=1 / n, lr=0.1, seconds=0.01, rows=8, grad_norm=2.0) for n in numbers
    )
    return StepsDone(job=job, figures=rows, steps=10, seconds_left=4.0, rows_per_second=80.0)


def test_a_job_goes_from_waiting_to_running_to_its_end():
    made = heard(JobQueued(job=JOB))
    assert [job.state for job in made.jobs.waiting] == ["queued"]
    assert made.jobs.active is None
    made.hear(JobStarted(job=JOB))
    made.hear(steps(1, 2))
    active = made.jobs.active
    assert active is not None
    assert (active.state, active.step, active.steps) == ("running", 2, 10)
    made.hear(JobPaused(job="1", step=3))
    assert (made.jobs.find("1").state, made.jobs.find("1").step) == ("paused", 3)
    made.hear(JobResumed(job="1"))
    made.hear(JobFinished(job=JOB.model_copy(update={"state": "finished"})))
    assert made.jobs.active is None
    assert made.jobs.listed == []
    assert [job.state for job in made.jobs.over] == ["finished"]


def test_what_failed_or_was_interrupted_stays_to_be_gone_on_with():
    failed = JOB.model_copy(update={"state": "failed"})
    made = heard(JobStarted(job=JOB), JobFailed(job=failed, where="lin", message="no more"))
    assert [job.state for job in made.jobs.listed] == ["failed"]
    made = heard(JobStarted(job=JOB), Died(reason="killed", code=-9))
    assert [(job.state, job.message) for job in made.jobs.listed] == [("interrupted", "killed")]
    assert made.died is not None
    made.hear(JobsListed(jobs=(JOB.model_copy(update={"state": "interrupted"}),), held=True))
    made.hear(Ready(catalogue="", versions={}, device="cpu", threads=1, process=1))
    assert made.died is None
    assert made.jobs.held


def test_figures_become_series_and_a_resumed_run_forgets_the_steps_that_it_does_again():
    made = heard(JobStarted(job=JOB), steps(1, 2, 3, 4))
    run = made.runs.newest
    assert run is not None
    assert list(run.series["loss"].values) == [1, 1 / 2, 1 / 3, 1 / 4]
    made.hear(steps(3))
    assert list(run.series["loss"].steps) == [1, 2, 3]
    assert list(run.series["lr"].steps) == [1, 2, 3]
    assert run.series["gradient norm"].last == 2.0
    assert (run.step, run.seconds_left, run.rows_per_second) == (3, 4.0, 80.0)
    assert run.lowest == 1 / 3


def test_validations_gradients_checkpoints_and_memory_belong_to_their_run():
    made = heard(
        JobStarted(job=JOB),
        steps(1, 2),
        Validated(job="1", step=1, figures={"loss": 0.9}, best=True),
        Validated(job="1", step=2, figures={"loss": 1.1}, best=False),
        GradientNorms(job="1", step=2, norms={"lin": 0.5}),
        CheckpointSaved(job="1", step=2, path="/runs/small-learn/checkpoints/step_00000002"),
        Vitals(job="1", memory=1000),
        Vitals(job="of a run", memory=2000),
    )
    run = made.runs.of["1"]
    assert run.best is not None
    assert run.best.step == 1
    assert list(run.series["held-out loss"].values) == [0.9, 1.1]
    assert run.norms["lin"].last == 0.5
    assert [saved.step for saved in run.saved] == [2]
    assert run.memory == 1000
    assert list(made.runs.of) == ["1"]


def test_an_engine_that_went_on_alone_makes_its_training_known_by_its_list():
    running = JOB.model_copy(update={"state": "running", "step": 7})
    run = heard(JobsListed(jobs=(running,), held=False)).runs.newest
    assert run is not None
    assert (run.step, run.folder, run.lowest) == (7, "/runs/small-learn", math.inf)


def test_samples_are_kept_over_a_run_and_thinned_when_there_are_many():
    made = Heard()
    for step in range(2 * MOST):
        seen = Preview(job="1", port="seen.out", kind="text", data={"text": str(step)}, step=step)
        made.hear(seen, b"")
    kept = made.samples.of("1", "seen.out")
    assert kept[0].step == 0
    assert kept[-1].step == 2 * MOST - 1
    assert len(kept) <= MOST
    assert made.samples.latest("seen.out") is kept[-1]
    assert made.samples.ports("1") == ["seen.out"]


def test_a_turning_world_is_known_by_its_stages_and_slots():
    made = heard(
        StageTold(job="1", turn=0, stage="seed", what="finished", wrote=("world.field",)),
        TurnFinished(job="1", turn=0, state={"world.field": "16"}, content={}, updated=True),
        StageTold(job="1", turn=1, stage="seed", what="skipped", filled=("world.field",)),
    )
    assert (made.world.turn, made.world.turns) == (1, 1)
    assert made.world.stage("seed").filled == ("world.field",)
    assert {place: held.text for place, held in made.world.state.items()} == {"world.field": "16"}


def test_variants_checkpoints_and_lines_are_kept():
    facts = CheckpointFacts(path="/a", step=5, reason="", time="")
    made = heard(
        VariantsListed(variants={"night": VariantFacts(weight=1.0, parameters=8, exportable=True)}),
        CheckpointsListed(folder="/runs/a", checkpoints=(facts,)),
        Saved(what="loaded", path="/a"),
        Log(level="warning", text="mind the gap"),
    )
    assert made.variants.of["night"].parameters == 8
    assert made.checkpoints.of["/runs/a"] == (facts,)
    assert made.checkpoints.loaded == "/a"
    assert [line.text for line in made.log.lines] == ["mind the gap"]


def test_another_project_forgets_the_jobs_and_keeps_the_figures():
    made = heard(JobStarted(job=JOB), steps(1))
    before = made.jobs.news
    made.forget()
    assert made.jobs.listed == []
    assert made.jobs.news > before
    assert made.runs.newest is not None


def test_a_new_engine_begins_a_world_anew_and_its_gallery_stays():
    made = heard(
        StageTold(job="1", turn=0, stage="seed", what="finished", values={"world.field": "16"}),
        TurnFinished(job="1", turn=0, state={"world.field": "16"}, content={}, updated=True),
        Died(reason="killed", code=-9),
    )
    assert not made.world.job
    made.lose()
    assert (made.world.turns, made.world.state) == (0, {})
    assert len(made.world.exhibits) == 1
    made.forget()
    assert made.world.exhibits == []


def test_only_shapes_of_tensors_are_shown():
    assert sizes("int64 (5,)") == "5"
    assert sizes("list of 3") == ""
