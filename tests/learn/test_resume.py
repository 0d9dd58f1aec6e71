"""Stop, save, a new process, go on: every bit is as if nothing had happened."""

import json
import os
import random
import select
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.learn.fit import CHECKPOINTS, fit
from graphs.learn.journal import LINES, read_journal
from graphs.learn.resume import restore, save, take_weights
from graphs.learn.training import Training
from graphs.spec.plan import Keep, Optimiser, Plan, Rule, Stopping, Validation
from graphs.spec.problems import FileError
from graphs.store import Checkpoint, latest
from tests.learn.resuming import PLANS, bits, go, training
from tests.learn.world import contents, leaf, linear, model, plan, same

ROOT = Path(__file__).parents[2]
NURSERY = """
import os, sys
import tests.learn.resuming as resuming
for line in sys.stdin:
    what, folder, steps, out = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if child == 0:
        os.dup2(os.open(out, os.O_CREAT | os.O_WRONLY | os.O_TRUNC), 1)
        resuming.main(what, resuming.Path(folder), int(steps))
        sys.stdout.flush()
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads change the last bits; the other process has one too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Nursery:
    """Imports torch once and forks a process for each training."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.write, self.read = process.stdin, process.stdout

    def start(self, what: str, folder: Path, steps: int, out: Path) -> int:
        print(what, folder, steps, out, sep="\t", file=self.write, flush=True)
        return int(self.read.readline())

    def ended(self, within: float | None = None) -> int | None:
        """How the process ended, None when it still runs after so many seconds."""
        if within is not None and not select.select([self.read], [], [], within)[0]:
            return None
        return int(self.read.readline())


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


@pytest.mark.parametrize("what", [name for name in PLANS if name != "killed"])
def test_seventeen_steps_a_new_process_and_the_rest_equal_an_uninterrupted_run(
    what: str, nursery: Nursery, tmp_path: Path
) -> None:
    whole = training(what)
    losses = go(whole, 1000)
    first = training(what)
    assert go(first, 17) == losses[:17]
    save(first, tmp_path / CHECKPOINTS)
    nursery.start(what, tmp_path, 1000, tmp_path / "seen")
    assert nursery.ended() == 0
    seen: dict[str, Any] = json.loads((tmp_path / "seen").read_text())
    assert seen.pop("losses") == losses[17:]
    assert seen == bits(whole)
    assert len(losses) == PLANS[what].steps


def test_killed_at_random_moments_and_resumed_it_ends_like_an_uninterrupted_run(
    nursery: Nursery, tmp_path: Path
) -> None:
    whole, chance = training("killed"), random.Random(3)
    wanted = [done.loss for done in whole.steps()]
    folder, kills = tmp_path / "run", 0
    while True:
        process = nursery.start("killed", folder, 0, tmp_path / "seen")
        within = chance.uniform(0.05, 0.3) if kills < 10 else None
        ended = nursery.ended(within)
        if ended is None:
            os.kill(process, signal.SIGKILL)
            ended = nursery.ended()
            assert ended is not None
            assert ended & 0x7F == signal.SIGKILL
            kills += 1
            assert latest(folder / CHECKPOINTS).warnings == []
        else:
            break
    assert ended == 0
    assert kills > 3
    assert json.loads((tmp_path / "seen").read_text()) == bits(whole)
    lines = read_journal(folder / LINES)
    assert [line["step"] for line in lines] == list(range(1, 151))
    assert [line["loss"] for line in lines] == wanted


def saved(folder: Path, what: str = "everything", steps: int = 3) -> Checkpoint:
    found = training(what)
    go(found, steps)
    save(found, folder)
    checkpoint = latest(folder).checkpoint
    assert checkpoint is not None
    return checkpoint


def refused(found: Training, checkpoint: Checkpoint, message: str) -> None:
    before, adapters = contents(found.graph), bits(found)
    generator = torch.get_rng_state()
    with pytest.raises(FileError, match=message):
        restore(found, checkpoint)
    assert same(before, contents(found.graph)), "nothing is restored"
    assert adapters == bits(found)
    assert found.state.step == 0
    assert torch.equal(generator, torch.get_rng_state())


def test_another_plan_is_refused_with_the_names_of_what_differs(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path)
    other = PLANS["everything"].model_copy(update={"seed": 9, "optimiser": Optimiser(lr=0.5)})
    from tests.learn.resuming import parts

    refused(
        Training(model(parts()), other),
        checkpoint,
        "was saved under in optimiser, seed; resume under",
    )
    longer = PLANS["everything"].model_copy(
        update={
            "steps": 90,
            "keep": Keep(every=1),
            "description": "x",
            "validation": Validation(every=50),
        }
    )
    found = Training(model(parts()), longer)
    restore(found, checkpoint)
    assert found.state.step == 3


def test_a_plan_written_in_python_equals_the_one_read_from_json(tmp_path: Path) -> None:
    written = plan(optimiser=Optimiser(options={"betas": (0.8, 0.9)}))
    live = model({"a": linear()})
    save(Training(live, written), tmp_path)
    checkpoint = latest(tmp_path).checkpoint
    assert checkpoint is not None
    restore(Training(live, Plan.model_validate(written.model_dump(mode="json"))), checkpoint)


def test_other_weights_are_refused_whole(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, "everything")
    from tests.learn.resuming import parts

    wider = {**parts(), "e": linear()}
    refused(Training(model(wider), PLANS["everything"]), checkpoint, "average holds other weights")
    broken = {**checkpoint.parts, "optimiser": {"x.map|step": torch.ones(())}}
    refused(training("everything"), _with(checkpoint, broken), "'x.map', which does not train here")
    adapters = {**checkpoint.parts["adapters"]}
    adapters.pop("d.map.lora_B")
    broken = {**checkpoint.parts, "adapters": adapters}
    refused(training("everything"), _with(checkpoint, broken), "d.map.lora_B: missing")
    weights = {**checkpoint.parts["weights"], "b.map.bias": torch.ones(5)}
    broken = {**checkpoint.parts, "weights": weights}
    refused(training("everything"), _with(checkpoint, broken), r"b.map.bias: expected shape \(4,\)")


def _with(checkpoint: Checkpoint, parts: Any) -> Checkpoint:
    return Checkpoint(checkpoint.step, parts, checkpoint.state, checkpoint.reason, checkpoint.time)


def test_a_light_checkpoint_holds_adapters_only_and_refuses_another_base(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path, "light")
    assert checkpoint.parts["weights"] == {}
    assert set(checkpoint.parts["adapters"]) == set(training("light").modes.adapters)
    from tests.learn.resuming import parts

    refused(Training(model(parts(), seed=1), PLANS["light"]), checkpoint, "trained on another base")
    with pytest.raises(FileError, match="nothing was loaded"):
        take_weights(training("relatives"), checkpoint)


def test_what_changes_the_last_bits_is_warned_of(tmp_path: Path) -> None:
    checkpoint = saved(tmp_path)
    state = {**checkpoint.state, "environment": {**checkpoint.state["environment"], "torch": "1.0"}}
    found = Checkpoint(checkpoint.step, checkpoint.parts, state, "auto", checkpoint.time)
    with pytest.warns(UserWarning, match=r"may differ .* \(torch: 1.0 then, "):
        restore(training("everything"), found)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        restore(training("everything"), checkpoint)


def test_a_changed_document_is_warned_of(tmp_path: Path) -> None:
    save(Training(model({"a": linear(), "act": leaf("Relu")}), plan()), tmp_path)
    checkpoint = latest(tmp_path).checkpoint
    assert checkpoint is not None
    with pytest.warns(UserWarning, match="blocks, settings or wires of the document have changed"):
        restore(Training(model({"a": linear(), "act": leaf("Tanh")}), plan()), checkpoint)


def test_early_stopping_goes_on_counting_and_is_judged_by_the_plan_as_it_is_now(
    tmp_path: Path,
) -> None:
    def chosen(patience: int, **fields: Any) -> Plan:
        return plan(
            Rule(lr=0.0),
            steps=20,
            validation=Validation(every=2),
            stopping=Stopping(patience=patience, **fields),
        )

    whole = Training(model({"a": linear()}), chosen(4))
    assert len(list(whole.steps())) == 10
    assert "loss has not improved on" in whole.state.stopped
    assert whole.state.bad == 4

    first = Training(model({"a": linear()}), chosen(4))
    go(first, 7)
    save(first, tmp_path)
    checkpoint = latest(tmp_path).checkpoint
    assert checkpoint is not None
    second = Training(model({"a": linear()}), chosen(4))
    restore(second, checkpoint)
    assert second.state.bad == 2
    assert len(list(second.steps())) == 3

    save(whole, tmp_path)
    ended = latest(tmp_path).checkpoint
    assert ended is not None
    patient = Training(model({"a": linear()}), chosen(6))
    restore(patient, ended)
    assert patient.state.stopped == ""
    assert len(list(patient.steps())) == 4
    other = Training(model({"a": linear()}), chosen(4, best="max"))
    restore(other, ended)
    assert (other.state.best, other.state.bad, other.state.stopped) == (None, 0, "")


def test_a_resumed_fit_needs_a_whole_checkpoint(tmp_path: Path) -> None:
    live = model({"a": linear()})
    fit(Training(live, plan(keep=Keep(every=2, last=3))), tmp_path, tensorboard=False)
    folders = sorted((tmp_path / CHECKPOINTS).iterdir())
    (folders[-1] / "weights.safetensors").write_bytes(b"damaged")
    again = Training(model({"a": linear()}), plan(keep=Keep(every=2, last=3)))
    with pytest.warns(UserWarning, match="passed over a damaged checkpoint"):
        assert fit(again, tmp_path, resume=True, tensorboard=False).steps == 10
    assert same(contents(live), contents(again.graph))
    for folder in (tmp_path / CHECKPOINTS).iterdir():
        (folder / "weights.safetensors").write_bytes(b"damaged")
    with pytest.raises(FileError, match="no checkpoint is whole"):
        fit(Training(model({"a": linear()}), plan()), tmp_path, resume=True, tensorboard=False)
