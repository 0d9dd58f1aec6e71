"""fit: a training to its end, with journal, checkpoints and the best weights kept.

The loop is the generator's; this only writes down what it tells and asks for the next step.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphs.learn.journal import Journal
from graphs.learn.resume import restore, save, take_weights
from graphs.learn.training import StepDone, Training
from graphs.spec.problems import FileError
from graphs.store import latest, prune

CHECKPOINTS = "checkpoints"
BEST = "best"


@dataclass(frozen=True)
class Summary:
    """How a training ended."""

    steps: int
    rows: int
    seconds: float
    loss: float
    best: float | None
    best_step: int
    interrupted: bool
    stopped: str
    checkpoint: Path | None


def fit(
    training: Training,
    folder: Path | None = None,
    *,
    resume: bool = False,
    watch: Callable[[StepDone], None] | None = None,
    stop: Callable[[], bool] | None = None,
    tensorboard: bool = True,
) -> Summary:
    """Train until the plan, early stopping or `stop()` ends it; then save.

    With a `folder`: metrics.jsonl, TensorBoard events, the last checkpoints and the best one. With
    `resume` it goes on from the newest valid checkpoint there, bit for bit, if there is one.

    Raises: FileError when the checkpoint is not of this plan and document, when none is whole, and
    without `resume` when the folder holds an earlier run.
    """
    if folder is not None:
        _go_on(training, folder, resume)
    journal = Journal(folder, training.state.step, tensorboard) if folder is not None else None
    done: StepDone | None = None
    interrupted, saved = False, -1
    checkpoint: Path | None = None
    try:
        for done in training.steps():
            if journal is not None:
                journal.write(done)
            if folder is not None and done.best and training.plan.keep.best:
                save(training, folder / BEST, "best")
                prune(folder / BEST, 1)
            if folder is not None and done.index % training.plan.keep.every == 0:
                checkpoint = save(training, folder / CHECKPOINTS)
                prune(folder / CHECKPOINTS, training.plan.keep.last)
                saved = done.index
            if watch is not None:
                watch(done)
            if stop is not None and stop():
                interrupted = training.state.step < training.plan.steps
                break
    finally:
        if journal is not None:
            journal.__exit__(None, None, None)
    state = training.state
    if folder is not None and saved != state.step:
        reason = "shutdown" if interrupted else "end"
        checkpoint = save(training, folder / CHECKPOINTS, reason)
        prune(folder / CHECKPOINTS, training.plan.keep.last)
    return Summary(
        state.step,
        state.rows,
        state.seconds,
        done.loss if done else float("nan"),
        state.best,
        state.best_step,
        interrupted,
        state.stopped,
        checkpoint,
    )


def _go_on(training: Training, folder: Path, resume: bool) -> None:
    checkpoint, faults = latest(folder / CHECKPOINTS)
    if checkpoint is None and faults:
        raise FileError(f"{folder}: no checkpoint is whole\n" + "\n".join(faults))
    if checkpoint is not None and not resume:
        raise FileError(
            f"{folder}: holds a run that stands at step {checkpoint.step}\n"
            "  → resume it, or choose another folder"
        )
    if checkpoint is not None:
        for fault in faults:
            warnings.warn(f"passed over a damaged checkpoint: {fault}", stacklevel=3)
        restore(training, checkpoint)


def use_best(training: Training, folder: Path) -> bool:
    """Put the best weights that `fit` kept into the graph; whether there were any.

    With an average of weights it is the average, which is what was judged.
    """
    found = latest(folder / BEST).checkpoint
    if found is None:
        return False
    take_weights(training, found, averaged=training.average is not None)
    return True


def has_checkpoint(folder: Path) -> bool:
    """Whether a run directory holds something to resume from."""
    return latest(folder / CHECKPOINTS).checkpoint is not None
