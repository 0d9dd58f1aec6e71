"""fit writes down what the loop tells: journal, events, the last checkpoints and the best one."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.learn.fit import BEST, CHECKPOINTS, Kept, fit, has_checkpoint, use_best
from graphs.learn.journal import LINES, Journal, read_journal
from graphs.learn.training import StepDone, Training
from graphs.spec.plan import Keep, Optimiser, Rule, Stopping, Validation
from graphs.spec.problems import FileError, WorldloomError
from graphs.store import latest
from tests.learn.world import contents, leaf, linear, model, plan, same


def fresh(**fields: Any) -> Training:
    chosen: dict[str, Any] = {
        "validation": Validation(every=2),
        "keep": Keep(every=3, last=2),
        **fields,
    }
    return Training(model({"a": linear()}), plan(**chosen))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_summary_says_how_it_ended(tmp_path: Path) -> None:
    training = fresh()
    seen: list[StepDone] = []
    summary = fit(training, tmp_path, watch=seen.append, tensorboard=False)
    assert (summary.steps, summary.rows, summary.interrupted, summary.stopped) == (
        10,
        80,
        False,
        "",
    )
    assert summary.loss == seen[-1].loss
    best = min(training.state.history, key=lambda found: found["loss"])
    assert (summary.best, summary.best_step) == (best["loss"], int(best["step"]))
    assert summary.checkpoint is not None
    assert summary.checkpoint.name == "step_00000010"
    assert summary.seconds > 0


def test_the_last_few_checkpoints_and_the_best_are_kept(tmp_path: Path) -> None:
    training = fresh(optimiser=Optimiser(name="SGD", lr=2.0))  # it gets worse and worse
    summary = fit(training, tmp_path, tensorboard=False)
    assert names(tmp_path / CHECKPOINTS) == ["step_00000009", "step_00000010"]
    assert names(tmp_path / BEST) == [f"step_{summary.best_step:08d}"]
    assert summary.best_step < 10
    assert summary.best is not None
    last = training.validate()["loss"]
    assert use_best(training, tmp_path)
    assert training.validate()["loss"] == summary.best != last


def test_the_best_is_the_average_where_there_is_one(tmp_path: Path) -> None:
    training = fresh(ema=0.8)
    summary = fit(training, tmp_path, tensorboard=False)
    assert use_best(training, tmp_path)
    training.average = None
    assert training.validate()["loss"] == summary.best


@pytest.mark.parametrize(("best", "sign"), [("min", 1), ("max", -1)])
def test_the_watched_figure_decides(best: Any, sign: int, tmp_path: Path) -> None:
    figures = Validation(every=1, ports={"figure": "loss.out"})
    training = fresh(validation=figures, stopping=Stopping(watch="figure", best=best))
    fit(training, tmp_path, tensorboard=False)
    wanted = min((found["figure"] * sign, found["step"]) for found in training.state.history)
    assert training.state.best_step == wanted[1]


def test_patience_ends_it_and_the_last_step_is_saved(tmp_path: Path) -> None:
    training = Training(
        model({"a": linear()}),
        plan(Rule(lr=0.0), steps=50, validation=Validation(every=3), stopping=Stopping(patience=2)),
    )
    summary = fit(training, tmp_path, tensorboard=False)
    assert summary.steps == 9
    assert summary.stopped.startswith("loss has not improved on")
    assert not summary.interrupted
    assert names(tmp_path / CHECKPOINTS) == ["step_00000009"]


def test_stop_ends_it_at_a_step_saved_and_resume_goes_on(tmp_path: Path) -> None:
    whole = fresh()
    fit(whole, tensorboard=False)
    training = fresh()
    summary = fit(training, tmp_path, stop=lambda: training.state.step == 4, tensorboard=False)
    assert summary.interrupted
    assert summary.steps == 4
    found = latest(tmp_path / CHECKPOINTS).checkpoint
    assert found is not None
    assert (found.step, found.reason) == (4, "shutdown")
    again = fresh()
    assert fit(again, tmp_path, resume=True, tensorboard=False).steps == 10
    assert same(contents(whole.graph), contents(again.graph))
    assert fit(fresh(), tmp_path, resume=True, tensorboard=False).steps == 10, (
        "nothing is left to do"
    )
    assert [line["step"] for line in read_journal(tmp_path / LINES)] == list(range(1, 11))


def test_a_folder_that_holds_a_run_is_not_written_over(tmp_path: Path) -> None:
    assert not has_checkpoint(tmp_path)
    fit(fresh(), tmp_path, tensorboard=False)
    assert has_checkpoint(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(FileError, match="holds a run that stands at step 10"):
        fit(fresh(), tmp_path, tensorboard=False)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_resume_without_anything_starts(tmp_path: Path) -> None:
    assert fit(fresh(), tmp_path, resume=True, tensorboard=False).steps == 10
    assert not use_best(fresh(), tmp_path / "nowhere")


def test_keep_best_false_keeps_none(tmp_path: Path) -> None:
    fit(fresh(keep=Keep(best=False)), tmp_path, tensorboard=False)
    assert not (tmp_path / BEST).exists()


def test_what_fails_keeps_the_journal_and_the_checkpoints_of_before(tmp_path: Path) -> None:
    training = Training(
        model({"a": linear(), "blow": leaf("toy/Blowing", calls=5)}), plan(keep=Keep(every=2))
    )
    with pytest.raises(WorldloomError, match="step 5: the loss is nan"):
        fit(training, tmp_path, tensorboard=False)
    assert [line["step"] for line in read_journal(tmp_path / LINES)] == [1, 2, 3, 4, 5]
    assert names(tmp_path / CHECKPOINTS) == ["step_00000002", "step_00000004"]


def test_the_journal_has_one_json_line_a_step(tmp_path: Path) -> None:
    training = fresh(clip_norm=1.0, validation=Validation(every=5))
    seen: list[StepDone] = []
    fit(training, tmp_path, watch=seen.append, tensorboard=False)
    lines = [json.loads(text) for text in (tmp_path / LINES).read_text().splitlines()]
    assert [(x["step"], x["loss"], x["lr"], x["rows"], x["grad_norm"]) for x in lines] == [
        (done.index, done.loss, done.lr, done.rows, done.grad_norm) for done in seen
    ]
    assert [x["step"] for x in lines if "validation" in x] == [5, 10]
    assert all(
        x["validation"] == done.validation
        for x, done in zip(lines, seen, strict=True)
        if "validation" in x
    )


def done(step: int, loss: float, **fields: Any) -> StepDone:
    return StepDone(
        step, {"a": torch.tensor(loss), "b": torch.tensor(1.0)}, 0.1, None, 0.5, 8, **fields
    )


def test_a_resumed_journal_is_cut_after_the_checkpoint_and_a_torn_line_is_left_out(
    tmp_path: Path,
) -> None:
    with Journal(tmp_path, tensorboard=False) as journal:
        for step in range(1, 8):
            journal.write(done(step, float(step)))
    path = tmp_path / LINES
    path.write_bytes(path.read_bytes() + b'{"step": 8, "lo')
    assert [line["step"] for line in read_journal(path)] == list(range(1, 8))
    with Journal(tmp_path, 5, tensorboard=False) as journal:
        journal.write(done(6, 60.0))
    lines = read_journal(path)
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    assert lines[-1]["losses"] == {"a": 60.0, "b": 1.0}


def test_a_figure_that_is_not_finite_is_null(tmp_path: Path) -> None:
    with Journal(tmp_path, tensorboard=False) as journal:
        journal.write(done(1, 1.0, validation={"loss": math.nan, "fine": 2.0}))
    assert read_journal(tmp_path / LINES)[0]["validation"] == {"loss": None, "fine": 2.0}
    assert "NaN" not in (tmp_path / LINES).read_text()


def test_tensorboard_reads_the_events(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    first = fresh(clip_norm=1.0)
    fit(first, tmp_path, stop=lambda: first.state.step == 4)
    second = fresh(clip_norm=1.0)
    fit(second, tmp_path, resume=True)
    events = EventAccumulator(str(tmp_path / "events")).Reload()
    tags = {"train/loss", "train/lr", "train/grad_norm", "validation/loss", "validation/loss.out"}
    assert set(events.Tags()["scalars"]) == tags
    lines = read_journal(tmp_path / LINES)
    found = [(event.step, event.value) for event in events.Scalars("train/loss")]
    assert found == [(line["step"], pytest.approx(line["loss"])) for line in lines]


def test_every_checkpoint_is_told_of_when_it_is_there(tmp_path: Path) -> None:
    told: list[Kept] = []

    def heard(kept: Kept) -> None:
        assert latest(kept.path.parent).checkpoint is not None
        told.append(kept)

    summary = fit(fresh(), tmp_path, tensorboard=False, kept=heard)
    assert [k.step for k in told if not k.best] == [3, 6, 9, 10]
    assert [k.step for k in told if k.best][-1] == summary.best_step
    assert told[-1].path == summary.checkpoint


def test_a_journal_of_figures_that_are_read_together_holds_the_same_lines(tmp_path: Path) -> None:
    whole, few = fresh(), fresh()
    few.finite.every = 4  # as on a GPU
    for training, name in ((whole, "whole"), (few, "few")):
        fit(training, tmp_path / name, tensorboard=False)
    one, other = (read_journal(tmp_path / name / LINES) for name in ("whole", "few"))
    for line in [*one, *other]:
        del line["seconds"]
    assert one == other


def test_what_went_wrong_between_two_readings_is_found_and_never_saved(tmp_path: Path) -> None:
    training = fresh(validation=None, keep=Keep(every=3, last=5), steps=20)
    training.finite.every = 16
    weight = next(iter(training.trained.values()))

    def spoil(done: StepDone) -> None:
        if done.index == 4:
            weight.data.fill_(math.nan)

    with pytest.raises(WorldloomError, match=r"step 4: the loss is nan .* the last checkpoint"):
        fit(training, tmp_path, watch=spoil, tensorboard=False)
    assert names(tmp_path / CHECKPOINTS) == ["step_00000003"]
    lines = read_journal(tmp_path / LINES)
    assert [line["loss"] is None for line in lines] == [False] * 4 + [True] * 2
