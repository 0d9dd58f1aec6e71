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
class Kept:
    """A checkpoint that was written, and whether as the best so far."""

    path: Path
    step: int
    best: bool = False


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
    kept: Callable[[Kept], None] | None = None,
) -> Summary:
    """Train until the plan, early stopping or `stop()` ends it; then save.

    With a `folder`: metrics.jsonl, TensorBoard events, the last checkpoints and the best one; `kept`
    hears of each checkpoint when it is on the disk. With `resume` it goes on from the newest valid
    checkpoint there, bit for bit, if there is one.

    Raises: FileError when the checkpoint is not of this plan and document, when none is whole, and
    without `resume` when the folder holds an earlier run.
    """
    if folder is not None:
        _go_on(training, folder, resume)
    keeper = _Keeper(training, folder, kept, tensorboard)
    done: StepDone | None = None
    interrupted = False
    try:
        for done in training.steps():
            keeper.after(done)
            if watch is not None:
                watch(done)
            if stop is not None and stop():
                interrupted = training.state.step < training.plan.steps
                break
    finally:
        keeper.close()
    state = training.state
    keeper.end("shutdown" if interrupted else "end")
    return Summary(
        state.step,
        state.rows,
        state.seconds,
        done.loss if done else float("nan"),
        state.best,
        state.best_step,
        interrupted,
        state.stopped,
        keeper.checkpoint,
    )


class _Keeper:
    """What a training leaves in its folder, if it has one."""

    def __init__(
        self,
        training: Training,
        folder: Path | None,
        told: Callable[[Kept], None] | None,
        tensorboard: bool,
    ) -> None:
        self.training, self.folder, self.told = training, folder, told
        self.checkpoint: Path | None = None
        self.saved = -1
        self.journal: Journal | None = None
        if folder is not None:
            every = training.finite.every
            self.journal = Journal(folder, training.state.step, tensorboard, every)

    def after(self, done: StepDone) -> None:
        """A step was done."""
        if self.journal is None:
            return
        self.journal.write(done)
        keep = self.training.plan.keep
        if done.best and keep.best:
            self._save(BEST, 1, "best")
        if done.index % keep.every == 0:
            self._save(CHECKPOINTS, keep.last, "auto")

    def end(self, reason: str) -> None:
        """The training ended; its last step is kept too."""
        if self.folder is not None and self.saved != self.training.state.step:
            self._save(CHECKPOINTS, self.training.plan.keep.last, reason)

    def close(self) -> None:
        """The journal is whole."""
        if self.journal is not None:
            self.journal.__exit__(None, None, None)

    def _save(self, name: str, last: int, reason: str) -> None:
        assert self.folder is not None
        if self.journal is not None and not self.journal.closed:
            self.journal.flush()
        path, step = save(self.training, self.folder / name, reason), self.training.state.step
        prune(self.folder / name, last)
        if name == CHECKPOINTS:
            self.checkpoint, self.saved = path, step
        if self.told is not None:
            self.told(Kept(path, step, best=name == BEST))


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
