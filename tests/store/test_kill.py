"""kill -9 at any moment loses at most the work since the last save.

A nursery process imports torch once and forks writers that are killed: at random moments, and, in the
second test, right before every single operation that changes the disk.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from graphs.store import latest, prune
from graphs.store.checkpoint import Checkpoint

ROOT = Path(__file__).parents[2]
NURSERY = """
import os, sys, pathlib, itertools, torch
from graphs.store import write_checkpoint, prune

def write(folder, step):
    weights = {str(n): torch.full((64,), float(step)) for n in range(4)}
    parts = {"weights": weights, "other": {"step": torch.tensor(step)}}
    write_checkpoint(folder, step, parts, {"step": step}, "auto")

def write_forever(folder, step):
    for now in itertools.count(step):
        write(folder, now)
        write(folder, now)  # again: the old one is replaced
        prune(folder, 2)

def write_until(folder, step, last):
    left = int(last)
    def counted(function):
        def call(*args, **kwargs):
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), 9)
            return function(*args, **kwargs)
        return call
    for name in ("fsync", "rename", "replace", "mkdir", "unlink", "rmdir"):
        setattr(os, name, counted(getattr(os, name)))
    write(folder, step)
    prune(folder, 1)

for line in sys.stdin:
    folder, step, *last = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        (write_until if last else write_forever)(pathlib.Path(folder), int(step), *last)
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class Nursery:
    """Forks writers, one at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.write, self.read = process.stdin, process.stdout

    def start(self, *words: object) -> int:
        print(*words, sep="\t", file=self.write, flush=True)
        return int(self.read.readline())

    def end(self) -> int:
        """How the writer ended: a signal's number, or 0."""
        return int(self.read.readline()) & 0x7F


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        yield Nursery(process)
        assert process.stdin is not None
        process.stdin.close()


def consistent(checkpoint: Checkpoint) -> bool:
    step = checkpoint.step
    tensors = [t for part in checkpoint.parts.values() for t in part.values()]
    return checkpoint.state == {"step": step} and all(bool(torch.all(t == step)) for t in tensors)


def test_a_writer_killed_at_random_moments_never_leaves_less_than_it_had(
    nursery: Nursery, tmp_path: Path
) -> None:
    chance = random.Random(0)
    reached = 0
    for _ in range(30):
        writer = nursery.start(tmp_path, reached + 1)
        time.sleep(chance.uniform(0.001, 0.08))
        os.kill(writer, signal.SIGKILL)
        assert nursery.end() == signal.SIGKILL
        checkpoint, warnings = latest(tmp_path)
        assert warnings == []
        if checkpoint is None:
            assert reached == 0
            continue
        assert consistent(checkpoint)
        assert checkpoint.step >= reached
        reached = checkpoint.step
    assert reached > 1
    prune(tmp_path, 2)
    assert all("." not in path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("step", [7, 8], ids=["replacing", "adding"])
def test_a_writer_killed_before_each_operation_leaves_the_old_or_the_new(
    step: int, nursery: Nursery, tmp_path: Path
) -> None:
    nursery.start(tmp_path, 7, 10**6)
    assert nursery.end() == 0
    for last in range(1000):
        nursery.start(tmp_path, step, last)
        ended = nursery.end()
        checkpoint, warnings = latest(tmp_path)
        assert checkpoint is not None
        assert consistent(checkpoint)
        assert warnings == []
        assert checkpoint.step in (7, 8)
        if ended == 0:
            break
    assert last > 10
    assert checkpoint.step == step
    prune(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == [f"step_0000000{step}"]
