"""What is seen and done of runs and trainings, without a window: curves, words, sheets, reasons, falls."""

from __future__ import annotations

import json
import time
from pathlib import Path

from app.editor.canvas.warmth import Warmth
from app.editor.engine_link import EngineLink
from app.editor.heard.heard import Heard
from app.editor.heard.runs import Run, Runs, Series
from app.editor.jobs.comparing import compared, worth
from app.editor.jobs.conduct import Conduct
from app.editor.jobs.curves import Curve, beside, level, losses, positive, smoothed, thinned
from app.editor.jobs.fall import fall
from app.editor.jobs.journals import Journals, found, read
from app.editor.jobs.leaving import Leaving
from app.editor.jobs.sheet import sheet
from app.editor.jobs.watching import Watching
from app.editor.jobs.words import facts
from app.editor.studio import Selection
from app.editor.wishes import Question, Show
from app.engine.events import (
    CheckpointSaved,
    Died,
    Event,
    Explained,
    Figures,
    Inspected,
    JobFacts,
    JobStarted,
    NodeFacts,
    StepsDone,
    TrainedFacts,
    TurnFinished,
    Validated,
)
from app.engine.protocol import Letter
from tests.editor.toys import chain, studio

JOB = JobFacts(job="1", kind="train", title="learn", state="running", steps=5000)


def run(count: int, job: str = "1") -> Run:
    made = Run(job, "learn")
    for step in range(1, count + 1):
        made.add("loss", step, 1000.0 if step == 777 else 1 / step)
        made.add("lr", step, 0.1)
    return made


def test_a_long_curve_has_two_thousand_points_and_keeps_what_stands_out():
    steps, values = thinned(run(100_000).series["loss"])
    assert len(steps) == len(values) == 2000
    assert max(values) == 1000.0
    assert steps == sorted(steps)


def test_a_part_of_a_curve_is_drawn_with_all_its_points():
    steps, values = thinned(run(100_000).series["loss"], within=(100, 200))
    assert steps[0] == 99
    assert steps[-1] == 201
    assert values[1] == 1 / 100


def test_smoothing_is_the_debiased_mean_and_none_changes_nothing():
    series = Series()
    for step, value in enumerate((4.0, 2.0, 0.0), start=1):
        series.add(step, value)
    assert smoothed(series, 0.0) == ([1, 2, 3], [4, 2, 0])
    # By hand, weight 1/2: 4, (4/4 + 2/2) / (3/4), (4/8 + 2/4 + 0) / (7/8).
    assert smoothed(series, 0.5)[1] == [4.0, 2 / 0.75, 1 / 0.875]


def test_values_that_are_no_numbers_are_left_out_and_a_curve_may_grow_while_it_is_drawn():
    series = Series()
    for step in range(1, 5):
        series.add(step, float("nan") if step == 2 else float(step))
    assert thinned(series) == ([1, 3, 4], [1, 3, 4])
    series.add(5, 5.0)
    assert thinned(series)[0] == [1, 3, 4, 5]


def test_the_loss_has_its_steps_its_smoothing_and_its_marks():
    made = run(10)
    made.mark(5, {"loss": 0.4, "accuracy": 0.9}, best=True)
    forms = [curve.form for curve in losses(made, 0, 0.6)]
    assert forms == ["faint", "line", "marks"]
    assert [curve.form for curve in losses(made, 0, 0.0)] == ["line", "marks"]
    assert [c.label for c in beside(made, "held-out", 0, 6)] == ["loss", "accuracy"]
    [rate] = beside(made, "lr", 2, 6)
    assert (rate.tone, rate.values[-1]) == (2, 0.1)


def test_gradients_show_the_nodes_with_the_largest():
    made = Run("1", "learn")
    for number in range(12):
        series = made.norms.setdefault(f"n{number:02}", Series())
        series.add(1, float(number))
    assert [c.label for c in beside(made, "nodes", 0, 6)] == [f"n{n:02}" for n in range(4, 12)]


def test_a_logarithmic_axis_gets_positive_values_only():
    made = Run("1", "learn")
    for step, value in enumerate((1.0, 0.0, -1.0, 2.0)):
        made.add("loss", step, value)
    [curve] = positive(losses(made, 0, 0.0))
    assert (curve.steps, curve.values) == ([0, 3], [1, 2])


def test_a_level_line_has_an_axis_of_its_own_size():
    def line(*values: float) -> Curve:
        return Curve("lr", "", 0, [float(n) for n in range(len(values))], list(values))

    [unseen] = level([line(0.05, 0.05), line(0.05)])
    assert (unseen.values, unseen.form) == ([0.0, 0.1], "unseen")
    for lines in ([line(0.05, 0.06)], [line(0.05), line(0.1)], [line(0.0)], [line()], []):
        assert not level(lines)


def test_a_journal_fills_in_what_was_before_anybody_listened(tmp_path):
    project = tmp_path / "small.json"
    folder = tmp_path / "runs" / "small-learn"
    folder.mkdir(parents=True)
    lines = [{"step": n, "loss": 1 / n, "lr": 0.1, "seconds": 0.1, "rows": 8} for n in range(1, 6)]
    lines[2]["validation"] = {"loss": 0.5}
    text = "\n".join(map(json.dumps, lines)) + '\n{"step": 6, "lo'
    (folder / "metrics.jsonl").write_text(text)
    [journal] = found(project)
    old = read(journal)
    assert list(old.series["loss"].steps) == [1, 2, 3, 4, 5]
    assert old.best is not None
    assert old.best.step == 3

    runs = Runs()
    runs.hear(JobStarted(job=JOB.model_copy(update={"folder": str(folder)})))
    figures = tuple(Figures(step=n, loss=9.0, lr=0.1, seconds=0.1, rows=8) for n in (4, 5, 6))
    runs.hear(StepsDone(job="1", figures=figures))
    journals = Journals(runs)
    end = time.monotonic() + 30
    while len(runs.of["1"].series["loss"]) < 6:
        assert time.monotonic() < end
        journals.frame()
    journals.close()
    assert list(runs.of["1"].series["loss"].values) == [1, 1 / 2, 1 / 3, 9, 9, 9]
    assert [mark.step for mark in runs.of["1"].marks] == [3]


def test_checkpoints_are_compared_by_the_figures_near_their_steps():
    made = run(100)
    made.mark(50, {"loss": 0.5}, best=True)
    made.mark(100, {"loss": 0.25}, best=True)
    assert worth(made, 60).held == 0.5
    assert worth(made, 60).loss == sum(1 / n for n in range(51, 61)) / 10
    rows = {row.name: row for row in compared(made, 50, 100)}
    assert rows["held-out loss"].change == "-50.0%"
    assert rows["held-out loss"].falls


def test_the_sheet_says_what_trains_and_how_much_of_the_whole():
    def row(node: str, count: int) -> TrainedFacts:
        return TrainedFacts(
            node=node, parameter="weight", count=count, mode="train", lr=0.1, weight_decay=0.0
        )

    explained = Explained(
        plan="learn",
        rows=(row("a", 30), row("b", 20)),
        modes={"a": "train", "b": "train", "c": "frozen"},
    )
    inspected = Inspected(revision=1, nodes={"": NodeFacts(parameters=200)})
    made = sheet(explained, inspected)
    assert (made.training, made.whole) == (50, 200)
    assert made.summary == "50 parameters in 2 nodes train  ·  25.0% of 200  ·  1 node is frozen"
    nothing = sheet(Explained(plan="learn", rows=(), modes={"c": "frozen"}), None)
    assert "Nothing would train" in nothing.summary


def test_figures_are_said_in_words():
    heard = Heard()
    figures = (Figures(step=1200, loss=0.5, lr=0.01, seconds=0.1, rows=8),)
    steps = StepsDone(
        job="1", figures=figures, steps=5000, seconds_left=75.0, rows_per_second=3400.0
    )
    for event in (
        JobStarted(job=JOB), steps, Validated(job="1", step=1200, figures={"loss": 0.25}, best=True)
    ):  # fmt: skip
        heard.hear(event)
    said = dict(facts(heard.runs.of["1"]))
    assert said["Left"] == "1 min 15 s"
    assert said["Speed"] == "3.4 K rows/s"
    assert said["Best held out"] == "0.25"


def test_a_fall_says_what_is_lost_and_what_can_be_gone_on_with():
    heard = Heard()
    assert fall(heard) is None
    figures = (Figures(step=130, loss=0.5, lr=0.01, seconds=0.1, rows=8),)
    for event in (
        JobStarted(job=JOB), CheckpointSaved(job="1", step=100, path="/c"),
        StepsDone(job="1", figures=figures, steps=5000),
        Died(reason="the engine ended: killed by signal 9", code=-9, log="last words"),
    ):  # fmt: skip
        heard.hear(event)
    told = fall(heard)
    assert told is not None
    assert (told.job, told.step, told.log) == ("1", 100, "last words")
    assert "memory runs out" in told.text
    assert "was at step 130; its last checkpoint is of step 100" in told.text


def test_an_idle_engine_that_falls_asks_only_to_be_started_again():
    heard = Heard()
    heard.hear(Died(reason="the engine ended with code 3", code=3))
    told = fall(heard)
    assert told is not None
    assert (told.job, told.title) == ("", "The engine has stopped")
    assert "code 3" in told.text


def test_a_world_whose_engine_falls_keeps_its_gallery():
    heard = Heard()
    turning = JOB.model_copy(update={"kind": "run"})
    for event in (
        JobStarted(job=turning),
        TurnFinished(job="1", turn=0, state={}, content={}, updated=True),
        Died(reason="the engine ended: killed by signal 9", code=-9),
    ):
        heard.hear(event)
    told = fall(heard)
    assert told is not None
    assert (told.job, told.title) == ("", "The engine stopped while the world turned")
    assert "the gallery stays" in told.text


def conduct(path: Path | None = None) -> tuple[Conduct, EngineLink]:
    made = studio(chain("a", "b"))
    made.path = path
    link = EngineLink(made)
    return Conduct(made, link), link


def hear(link: EngineLink, *events: Event) -> None:
    for event in events:
        link.take(Letter(event))


def test_what_cannot_be_done_says_why_not():
    made, link = conduct()
    assert made.why_not_run() == ""
    assert "Choose one node" in made.why_not_branch()
    made.studio.select(Selection(frozenset({"a"})))
    assert made.why_not_branch() == ""
    assert "Save the project first" in made.why_not_train()
    made.studio.path = Path("/nowhere/small.json")
    assert made.why_not_train() == ""
    assert made.why_not_stop() == made.why_not_pause() == "Nothing runs"
    hear(link, JobStarted(job=JOB))
    assert made.why_not_stop() == made.why_not_step() == ""
    hear(link, Died(reason="gone"))
    assert "restart" in made.why_not_run()


def test_training_begins_with_its_sheet():
    made, _ = conduct(Path("/nowhere/small.json"))
    made.train()
    assert made.studio.requests == [Show("training")]


def test_a_document_is_left_at_once_while_nothing_runs_and_after_a_question_while_something_does():
    made, link = conduct(Path("/nowhere/small.json"))
    leaving, left = Leaving(made.studio, link), []
    leaving(lambda: left.append(True))
    assert left == [True]
    link.state, link.project = "ready", "/nowhere/small.json"
    hear(link, JobStarted(job=JOB))
    leaving(lambda: left.append(True))
    [asked] = made.studio.requests
    assert isinstance(asked, Question)
    assert [answer.label for answer in asked.answers] == ["Let it go on", "Stop, saved", "Cancel"]
    assert left == [True]


def test_viewers_in_view_and_chosen_nodes_are_watched_and_nothing_else():
    made, link = conduct()
    watching = Watching(made.studio, link)
    assert watching.ports() == ()
    made.studio.select(Selection(frozenset({"b"})))
    assert watching.ports() == ("b.out",)
    link.pinned.add("a.out")
    assert watching.ports() == ("a.out", "b.out")


def test_warmth_is_measured_among_neighbours_and_goes_outwards():
    warmth = Warmth.of_norms({"outer.a": 3.0, "outer.b": 4.0, "cold": 0.005})
    assert warmth.of("outer") == 1.0
    assert warmth.of("outer.b") == 1.0
    assert warmth.of("cold") == 0.0
    assert warmth.of("unknown") is None
