"""A day at the desk: everything a front end does with one engine, in real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from app.engine.client import EngineClient
from app.engine.commands import (
    AddVariant,
    ApplyChanges,
    ApplyEdit,
    AskCatalogue,
    AskCheckpoints,
    AskJobs,
    AskTensors,
    CancelJob,
    ContinueJob,
    Explain,
    ExportLight,
    ExportScript,
    ExportWorld,
    HoldQueue,
    ImportAdapters,
    ImportLight,
    Inspect,
    LoadCheckpoint,
    MergeVariants,
    MoveJob,
    OpenProject,
    Pause,
    Ping,
    RemoveVariant,
    Resume,
    Run,
    SaveWeights,
    SetDocument,
    Step,
    Stop,
    Train,
    UseVariants,
    Watch,
)
from app.engine.events import (
    CatalogueSent,
    CheckpointSaved,
    CheckpointsListed,
    DocumentSet,
    Explained,
    GradientNorms,
    Inspected,
    JobFailed,
    JobFinished,
    JobPaused,
    JobQueued,
    JobsListed,
    JobStarted,
    Log,
    NodeFinished,
    Pong,
    Preview,
    Problems,
    ProjectOpened,
    Refused,
    Saved,
    StageTold,
    StepsDone,
    TensorsListed,
    TurnFinished,
    Validated,
    VariantsListed,
)
from graphs.learn.exchange import export_peft
from graphs.learn.modes import Modes
from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.spec.diff import diff
from graphs.spec.document import Document
from graphs.spec.edits import AddNode, Configure, RemoveNodes, RenameNode, apply
from graphs.spec.plan import Rule, Validation
from graphs.store import import_world, read_checkpoint, read_document, read_tensors
from graphs.store.document_file import write_document
from tests.engine.desk import Desk, chain, leaf, linear, plan, project
from tests.live.worlds import small_world

QUICK = {"tensorboard": False}


def weights(desk: Desk, path: Path) -> dict[str, torch.Tensor]:
    """What the model holds now, by way of a file."""
    desk.answer(ExportWorld(path=str(path)), Saved)
    return dict(import_world(path).tensors)


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_a_script_is_written_and_what_is_in_its_way_is_named(desk: Desk, tmp_path: Path) -> None:
    desk.open(project(tmp_path, chain({"lin": linear(), "end": linear()}, learn=plan())))
    file = tmp_path / "alone.py"
    told = desk.answer(ExportScript(path=str(file), node="lin"), Saved)
    assert (told.what, told.bytes) == ("script", file.stat().st_size)
    assert "class Linear" in file.read_text()
    refused = desk.answer(ExportScript(path=str(file), node="line"), Refused)
    assert "did you mean lin" in refused.reason


def test_the_whole_story(desk: Desk, tmp_path: Path) -> None:
    held = Validation(every=10, batch=8)
    document = chain({"lin": linear(), "slow": leaf("toy/Slow")}, learn=plan(validation=held))
    path = project(tmp_path, document)
    opened = desk.open(path)
    assert (opened.document, opened.weights) == (read_document(path), False)

    desk.send(Inspect(batch=8))
    assert desk.until(Problems).problems == ()
    nodes = desk.until(Inspected).nodes
    assert nodes["lin"].outputs == {"out": "float32 (8, 4)"}
    assert (nodes["lin"].parameters, nodes[""].parameters) == (20, 20)
    assert nodes["lin"].flops == 2 * 8 * 4 * 4
    rows = desk.answer(Explain(plan="learn"), Explained).rows
    assert [(row.node, row.parameter) for row in rows] == [
        ("lin", "map.weight"),
        ("lin", "map.bias"),
    ]

    desk.send(Run(branch="lin"))
    finished = desk.until(JobFinished)
    assert finished.results == {"lin.out": "float32 (32, 4)"}
    assert {"data", "lin"} <= {event.path for event in desk.all(NodeFinished)}

    desk.send(Watch(ports=("lin.out", "loss.out"), gradients=True, seconds=0.001))
    desk.send(Train(plan="learn", paused=True, **QUICK))
    started = desk.until(JobStarted)
    assert started.rows == rows
    assert desk.until(JobPaused).step == 0
    desk.send(Step())
    assert desk.until(JobPaused).step == 1
    desk.send(Step(count=2))
    assert desk.until(JobPaused).step == 3
    assert desk.answer(Ping(), Pong).job == started.job.job
    desk.send(Resume())
    desk.until(CheckpointSaved, lambda event: event.step == 10)
    assert {event.kind for event in desk.all(Preview) if event.step} == {"tensor", "number"}
    desk.send(Stop())
    finished = desk.until(JobFinished)
    assert (finished.stopped, finished.job.state) == ("stopped by hand", "finished")

    told = [f for event in desk.all(StepsDone) for f in event.figures]
    last = finished.results["steps"]
    assert [figures.step for figures in told] == list(range(1, last + 1))
    lines = [json.loads(line) for line in Path(started.journal).read_text().splitlines()]
    assert [(f.step, f.loss) for f in told] == [(line["step"], line["loss"]) for line in lines]
    assert desk.all(Validated)[0].step == 10
    norms = desk.all(GradientNorms)
    assert norms
    assert all(set(event.norms) == {"lin"} and event.norms["lin"] > 0 for event in norms)

    before = weights(desk, tmp_path / "before.world")
    desk.answer(SaveWeights(), Saved)
    assert same(dict(read_tensors(path.with_suffix(".safetensors"))), before)
    desk.send(Train(plan="learn", resume=True, best=False, **QUICK))
    assert desk.until(JobFinished).results["steps"] == 30
    assert not same(weights(desk, tmp_path / "after.world"), before)
    assert desk.open(path).weights
    assert same(weights(desk, tmp_path / "opened.world"), before)


def test_edits_and_undo_keep_weights(desk: Desk, tmp_path: Path) -> None:
    document = chain({"lin": linear(), "last": leaf("Relu")})
    desk.answer(SetDocument(document=document, keep=False), DocumentSet)
    first = weights(desk, tmp_path / "a.world")
    documents = [document]
    edits = [
        RenameNode(name="lin", new="map"),
        Configure(name="map", values={"bias": False}),
        RemoveNodes(names=("map",)),
    ]
    for number, edit in enumerate(edits, 1):
        documents.append(apply(documents[-1], edit))
        assert desk.answer(ApplyEdit(edit=edit, revision=number), DocumentSet).revision == number
        if number == 1:
            held = desk.answer(AskTensors(path="map"), TensorsListed)
            assert [(t.name, t.shape) for t in held.tensors] == [
                ("map.weight", (4, 4)), ("map.bias", (4,)),
            ]  # fmt: skip
        desk.send(Inspect())
        told = desk.until(Problems)
        assert (told.revision, bool(told.problems)) == (number, number == 3)
    undone = tuple(diff(documents[3], documents[2]))
    desk.answer(ApplyChanges(changes=undone, revision=4), DocumentSet)
    unbiased = weights(desk, tmp_path / "b.world")
    assert unbiased.keys() == {"map.map.weight"}
    assert torch.equal(unbiased["map.map.weight"], first["lin.map.weight"])
    undone = tuple(diff(documents[2], document))
    desk.answer(ApplyChanges(changes=undone, revision=5), DocumentSet)
    again = weights(desk, tmp_path / "c.world")
    assert torch.equal(again["lin.map.weight"], first["lin.map.weight"])


def test_a_wrong_edit_is_refused_and_changes_nothing(desk: Desk) -> None:
    document = chain({"lin": linear()})
    desk.answer(SetDocument(document=document, keep=False), DocumentSet)
    refused = desk.answer(ApplyEdit(edit=RenameNode(name="lim", new="x")), Refused)
    assert "lim" in refused.reason
    assert desk.answer(Run(branch="lin"), JobQueued).job.kind == "run"
    desk.until(JobFinished)


def test_problems_of_a_document_reach_the_desk(desk: Desk) -> None:
    document = chain(
        {"lin": leaf("Linear", d_in=4, d_out=4), "other": leaf("Linear", d_in=3, d_out=4)}
    )
    desk.answer(SetDocument(document=document, keep=False, revision=7), DocumentSet)
    desk.send(Inspect())
    problems = desk.until(Problems)
    assert problems.revision == 7
    assert [p.path for p in problems.problems] == ["other"]
    desk.send(Run())
    failed = desk.until(JobFailed)
    assert [p.path for p in failed.problems] == ["other"]


@pytest.mark.parametrize(
    ("how", "words", "memory"), [("value", "no more", False), ("memory", "not enough memory", True)]
)
def test_a_failing_job_leaves_the_session_whole(
    desk: Desk, tmp_path: Path, how: str, words: str, memory: bool
) -> None:
    document = chain({"lin": linear(), "bad": leaf("toy/Failing", how=how)}, learn=plan())
    desk.open(project(tmp_path, document))
    before = weights(desk, tmp_path / "before.world")
    desk.send(Run())
    failed = desk.until(JobFailed)
    assert (failed.where, failed.memory) == ("bad", memory)
    assert words in failed.message
    desk.send(Train(plan="learn", **QUICK))
    assert desk.until(JobFailed).job.state == "failed"
    jobs = desk.answer(AskJobs(), JobsListed).jobs
    assert [job.state for job in jobs] == ["failed", "failed"]
    for job in jobs:
        desk.answer(CancelJob(job=job.job), JobsListed)
    desk.send(Run(branch="lin"))
    desk.until(JobFinished)
    assert same(weights(desk, tmp_path / "after.world"), before)


def test_a_failed_job_goes_on_where_it_stood(desk: Desk, tmp_path: Path) -> None:
    learn = plan(steps=4)
    path = project(tmp_path, chain({"lin": linear()}, learn=learn))
    desk.open(path)
    desk.send(Train(plan="learn", folder=str(tmp_path / "run"), **QUICK))
    desk.until(JobFinished)
    desk.send(Train(plan="learn", folder=str(tmp_path / "run"), **QUICK))
    failed = desk.until(JobFailed)
    assert "resume" in failed.message
    desk.answer(ContinueJob(job=failed.job.job), JobsListed)
    assert desk.until(JobFinished).results["steps"] == 4


def test_the_queue_is_ordered_by_hand(desk: Desk, tmp_path: Path) -> None:
    parts = {"lin": linear(), "slow": leaf("toy/Slow", seconds=0.001)}
    desk.open(project(tmp_path, chain(parts)))
    desk.answer(HoldQueue(held=True), JobsListed)
    for branch in ("data", "lin", "slow"):
        desk.answer(Run(branch=branch), JobQueued)
    jobs = desk.answer(AskJobs(), JobsListed).jobs
    moved = desk.answer(MoveJob(job=jobs[2].job, place=0), JobsListed)
    assert [job.title for job in moved.jobs] == ["slow", "data", "lin"]
    desk.answer(CancelJob(job=jobs[0].job), JobsListed)
    desk.answer(HoldQueue(held=False), JobsListed)
    done = [desk.until(JobFinished).job.title for _ in range(2)]
    assert done == ["slow", "lin"]
    assert "there is no job" in desk.answer(CancelJob(job="none"), Refused).reason


def test_a_job_runs_the_document_that_was_asked_for(desk: Desk, tmp_path: Path) -> None:
    document = chain({"lin": linear()}, learn=plan(steps=3))
    desk.open(project(tmp_path, document))
    desk.answer(HoldQueue(held=True), JobsListed)
    desk.answer(Train(plan="learn", **QUICK), JobQueued)
    desk.answer(ApplyEdit(edit=RenameNode(name="lin", new="map"), revision=1), DocumentSet)
    before = weights(desk, tmp_path / "before.world")
    desk.answer(HoldQueue(held=False), JobsListed)
    desk.until(JobFinished)
    after = weights(desk, tmp_path / "after.world")
    assert after.keys() == before.keys() == {"map.map.weight", "map.map.bias"}
    assert not same(after, before)


def test_edits_while_a_training_runs_keep_what_it_learns(desk: Desk, tmp_path: Path) -> None:
    parts = {"lin": linear(), "slow": leaf("toy/Slow", seconds=0.005)}
    desk.open(project(tmp_path, chain(parts, learn=plan(steps=25))))
    desk.send(Watch())
    desk.send(Train(plan="learn", best=False, **QUICK))
    desk.until(StepsDone)
    desk.send(ApplyEdit(edit=Configure(name="lin", values={"bias": False}), revision=1))
    desk.send(Inspect())
    assert desk.until(Inspected).nodes["lin"].parameters == 16
    finished = desk.until(JobFinished)
    learned = read_tensors(Path(finished.results["checkpoint"]) / "weights.safetensors")
    now = weights(desk, tmp_path / "now.world")
    assert torch.equal(now["lin.map.weight"], learned["lin.map.weight"])


def test_to_watch_and_pause_and_edit_changes_no_bit(desk: Desk, tmp_path: Path) -> None:
    document = chain(
        {"lin": linear(), "draw": leaf("toy/Drawing")}, learn=plan(steps=12, clip_norm=0.1, ema=0.9)
    )
    desk.send(Watch())
    desk.open(project(tmp_path / "alone", document))
    desk.send(Train(plan="learn", **QUICK))
    alone = desk.until(JobFinished)
    desk.open(project(tmp_path / "watched", document))
    desk.send(Watch(ports=("draw.out",), gradients=True, seconds=0.0001, share=1))
    desk.send(Train(plan="learn", paused=True, **QUICK))
    desk.until(JobPaused)
    for revision in range(1, 5):
        desk.send(Step())
        desk.until(JobPaused)
        edit = Configure(name="lin", values={"bias": revision % 2 == 0})
        desk.answer(ApplyEdit(edit=edit), DocumentSet)
        desk.send(Inspect())
        desk.until(Inspected)
    desk.send(Resume())
    watched = desk.until(JobFinished)
    desk.send(Watch())
    parts = [read_checkpoint(Path(event.results["checkpoint"])).parts for event in (alone, watched)]
    for part in ("weights", "optimiser", "average", "generators"):
        assert same(dict(parts[0][part]), dict(parts[1][part])), part
    losses = [event.results["loss"] for event in (alone, watched)]
    assert losses[0] == losses[1]


def test_a_training_stopped_before_its_first_step_leaves_no_trace(
    desk: Desk, tmp_path: Path
) -> None:
    desk.open(project(tmp_path, chain({"lin": linear()}, learn=plan())))
    desk.send(Train(plan="learn", paused=True, **QUICK))
    job = desk.until(JobPaused).job
    listed = desk.answer(AskJobs(), JobsListed).jobs
    assert [(j.job, j.state, j.step, j.steps) for j in listed] == [(job, "paused", 0, 30)]
    desk.send(Stop())
    assert desk.until(JobFinished).stopped == "stopped by hand"
    assert not (tmp_path / "runs").exists()


def test_previews_never_run_side_effects(desk: Desk, tmp_path: Path) -> None:
    parts = {"lin": linear(), "file": leaf("toy/Writing")}
    desk.open(project(tmp_path, chain(parts, learn=plan(steps=5))))
    desk.send(Watch(ports=("file.out",), seconds=0.001))
    desk.send(Train(plan="learn", **QUICK))
    assert "writes files" in desk.until(Log).text
    desk.until(JobFinished)
    desk.send(Watch())


def test_variants_are_added_trained_mixed_merged_and_exported(desk: Desk, tmp_path: Path) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=5)
    path = project(tmp_path, chain({"lin": linear()}, night=night))
    desk.open(path)
    base = weights(desk, tmp_path / "base.world")
    desk.send(Train(plan="night", **QUICK))
    desk.until(JobFinished)
    assert desk.until(VariantsListed).variants["night"].weight == 1
    assert same(weights(desk, tmp_path / "still.world"), base)
    desk.answer(ExportLight(path=str(tmp_path / "night.world"), variant="night"), Saved)
    listed = desk.answer(AddVariant(variant="other", plan="night"), VariantsListed)
    assert {n: v.weight for n, v in listed.variants.items()} == {"night": 0, "other": 1}
    desk.answer(UseVariants(weights={"night": 0.5, "other": 0.5}), VariantsListed)
    listed = desk.answer(RemoveVariant(variant="night"), VariantsListed)
    assert set(listed.variants) == {"other"}
    light = ImportLight(path=str(tmp_path / "night.world"))
    assert desk.answer(light, VariantsListed).variants["night"].weight == 1
    assert desk.answer(MergeVariants(weights={"night": 1.0}), VariantsListed).variants == {}
    assert not same(weights(desk, tmp_path / "merged.world"), base)
    assert "base" in desk.answer(light, Refused).reason


def test_a_peft_folder_becomes_a_variant_that_is_kept(desk: Desk, tmp_path: Path) -> None:
    made = build(chain({"lin": linear()}).root, Registry.installed())
    Modes(made, plan(Rule(mode="lora", rank=2)), "there")
    folder = export_peft(made, "lin", "there", tmp_path / "lora")
    path = project(tmp_path, chain({"lin": linear()}))
    desk.open(path)
    wrong = desk.answer(ImportAdapters(path=str(folder)), Refused)
    assert "has no layer 'map'" in wrong.reason
    assert (
        "no node 'lan'" in desk.answer(ImportAdapters(path=str(folder), node="lan"), Refused).reason
    )
    listed = desk.answer(ImportAdapters(path=str(folder), node="lin"), VariantsListed)
    assert (listed.variants["lora"].weight, listed.variants["lora"].exportable) == (1.0, True)
    desk.answer(SaveWeights(), Saved)
    assert (tmp_path / f"{path.stem}.variants" / "lora.world").is_file()


def test_a_variant_survives_an_edit_of_its_node(desk: Desk, tmp_path: Path) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=5)
    desk.open(project(tmp_path, chain({"lin": linear()}, night=night)))
    before = weights(desk, tmp_path / "base.world")
    desk.send(Train(plan="night", **QUICK))
    desk.until(JobFinished)
    desk.answer(ApplyEdit(edit=Configure(name="lin", values={"bias": False})), DocumentSet)
    now = weights(desk, tmp_path / "now.world")
    assert torch.equal(now["lin.map.weight"], before["lin.map.weight"])
    desk.answer(ExportLight(path=str(tmp_path / "n.world"), variant="night"), Saved)


def test_checkpoints_are_listed_and_loaded(desk: Desk, tmp_path: Path) -> None:
    desk.open(project(tmp_path, chain({"lin": linear()}, learn=plan(steps=10, every=5))))
    job = desk.answer(Train(plan="learn", **QUICK), JobQueued).job
    desk.until(JobFinished)
    found = desk.answer(AskCheckpoints(folder=job.folder), CheckpointsListed).checkpoints
    assert [facts.step for facts in found] == [5, 10]
    assert desk.answer(LoadCheckpoint(path=found[0].path), Saved).what == "loaded"
    wanted = read_tensors(Path(found[0].path) / "weights.safetensors")
    assert same(weights(desk, tmp_path / "now.world"), dict(wanted))


def test_what_would_disturb_a_training_is_refused(desk: Desk, tmp_path: Path) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=500)
    path = project(tmp_path, chain({"lin": linear(), "slow": leaf("toy/Slow")}, night=night))
    desk.open(path)
    desk.send(Train(plan="night", **QUICK))
    desk.until(JobStarted)
    assert "stop it first" in desk.answer(UseVariants(weights={}), Refused).reason
    assert "stop it" in desk.answer(OpenProject(path=str(path)), Refused).reason
    desk.answer(SaveWeights(), Saved)
    desk.send(Pause())
    desk.until(JobPaused)
    desk.send(Stop())
    assert desk.until(JobFinished).stopped == "stopped by hand"


def test_an_unsaved_document_must_say_where_a_training_goes(desk: Desk, tmp_path: Path) -> None:
    document = chain({"lin": linear()}, learn=plan(steps=2))
    desk.answer(SetDocument(document=document, keep=False), DocumentSet)
    assert "save the project" in desk.answer(Train(plan="learn"), Refused).reason
    assert "there is no plan" in desk.answer(Train(plan="lern"), Refused).reason
    desk.send(Train(plan="learn", folder=str(tmp_path / "run"), **QUICK))
    desk.until(JobFinished)


def test_a_world_file_opens_without_becoming_the_project(desk: Desk, tmp_path: Path) -> None:
    desk.open(project(tmp_path, chain({"lin": linear()})))
    kept = weights(desk, tmp_path / "kept.world")
    opened = desk.answer(OpenProject(path=str(tmp_path / "kept.world")), ProjectOpened)
    assert opened.path == ""
    assert same(weights(desk, tmp_path / "again.world"), kept)
    assert desk.answer(SaveWeights(path=str(tmp_path / "new.json")), Saved).bytes > 0
    desk.answer(Run(branch="lin"), JobQueued)
    desk.until(JobFinished)
    assert (tmp_path / ".worldloom" / "new" / "queue.json").exists()


def test_a_document_with_problems_is_saved_with_its_last_weights(
    desk: Desk, tmp_path: Path
) -> None:
    path = project(tmp_path, chain({"lin": linear()}))
    desk.open(path)
    kept = weights(desk, tmp_path / "kept.world")
    desk.answer(ApplyEdit(edit=AddNode(name="odd", node=leaf("Missing"))), DocumentSet)
    desk.answer(SaveWeights(), Saved)
    assert "odd" in read_document(path).root.nodes
    assert same(dict(read_tensors(path.with_suffix(".safetensors"))), kept)


def test_the_catalogue_comes_when_asked_for(desk: Desk, engine: EngineClient) -> None:
    sent = desk.answer(AskCatalogue(), CatalogueSent)
    assert {"core/Linear", "toy/Slow"} <= set(sent.catalogue.types)


def test_an_empty_document_is_no_trouble(desk: Desk) -> None:
    desk.answer(SetDocument(document=Document(), keep=False), DocumentSet)
    desk.send(Inspect())
    assert set(desk.until(Inspected).nodes) == {""}
    desk.send(Run())
    assert desk.until(JobFinished).results == {}


def test_a_project_opens_as_its_file_says(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_text("{")
    assert "broken.json" in desk.answer(OpenProject(path=str(path)), Refused).reason
    recovered = chain({"lin": linear()})
    write_document(path, Document())
    opened = desk.answer(OpenProject(path=str(path), document=recovered), ProjectOpened)
    assert opened.document == recovered


def test_a_world_turns_and_goes_on_where_it_stood(desk: Desk, tmp_path: Path) -> None:
    desk.open(project(tmp_path, small_world()))
    desk.send(Run(turns=1, keep=True, inputs={"content.n": "[0]"}))
    turn = desk.until(TurnFinished)
    assert (turn.turn, turn.state["artefacts.n"]) == (0, "111")
    assert Path(turn.snapshot).parent == tmp_path / "small.snapshots"
    told = {(event.stage, event.what) for event in desk.all(StageTold)}
    assert {("development", "started"), ("development", "finished")} <= told
    assert ("author", "skipped") in told
    desk.until(JobFinished)
    desk.send(Run(turns=2))
    assert [desk.until(TurnFinished).turn for _ in range(2)] == [1, 2]
    desk.until(JobFinished)
    desk.send(Run(turns=1, fresh=True))
    assert "content.n" in desk.until(JobFailed).message
    desk.send(Run(turns=1, inputs={"dreams.n": "1"}))
    assert "there is no block 'dreams'" in desk.until(JobFailed).message
    desk.open(project(tmp_path / "graph", chain({"lin": linear()})))
    desk.send(Run(turns=1))
    assert "only a world turns" in desk.until(JobFailed).message
