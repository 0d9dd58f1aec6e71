"""A world at the desk: it turns until it is stopped, hears actions, runs stages alone, is opened again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.commands import (
    Act,
    AddVariant,
    AskSnapshots,
    AskWorld,
    Inspect,
    OpenSnapshot,
    Pause,
    RemoveVariant,
    Resume,
    Run,
    SaveWeights,
    Step,
    Stop,
    Train,
    UseVariants,
)
from app.engine.events import (
    Inspected,
    JobFailed,
    JobFinished,
    JobPaused,
    Log,
    Preview,
    Refused,
    Saved,
    SnapshotsListed,
    StageTold,
    TurnFinished,
    VariantsListed,
    WorldStood,
)
from app.shelf import Shelf
from graphs.spec.document import Document
from graphs.spec.plan import Rule
from tests.engine.desk import Desk, chain, leaf, linear, plan, project
from tests.live.worlds import small_world

ZERO = {"content.n": "[0]"}


def hearing_world() -> Document:
    """A small world whose development counts the letters of the action."""
    data = small_world().model_dump(mode="json")
    stage = data["root"]["nodes"]["development"]["body"]
    stage["transition"]["reads"] = {"x": "action"}
    graph = stage["nodes"]["pipeline"]["body"]["nodes"]["graph"]["body"]
    graph["nodes"]["block"] = leaf("toy/Hearing").model_dump(mode="json")
    return Document.model_validate(data)


@pytest.fixture
def world(desk: Desk, tmp_path: Path) -> Desk:
    desk.open(project(tmp_path, small_world()))
    return desk


def test_a_world_turns_until_it_is_stopped_and_ends_with_a_whole_turn(world: Desk) -> None:
    world.send(Run(endless=True, inputs=ZERO))
    world.until(TurnFinished, lambda event: event.turn == 2)
    world.send(Stop())
    assert world.until(JobFinished).stopped == "stopped by hand"
    turned, stages = world.all(TurnFinished), world.all(StageTold)
    started = [e.stage for e in stages if e.what == "started" and e.turn == turned[-1].turn]
    assert started[-1] == "creator"
    assert stages[-1].turn == turned[-1].turn
    stood = world.answer(AskWorld(), WorldStood)
    assert (stood.turns, stood.state) == (turned[-1].turn + 1, turned[-1].state)


def test_development_hears_a_new_action_from_the_next_turn_on(desk: Desk, tmp_path: Path) -> None:
    desk.open(project(tmp_path, hearing_world()))
    desk.send(Run(endless=True, action="four"))
    assert desk.until(TurnFinished).state["intent.n"] == "4"
    desk.send(Act(action="sevenes"))
    assert desk.until(TurnFinished, lambda e: e.state["intent.n"] == "7").turn <= 3
    desk.send(Stop())
    desk.until(JobFinished)
    assert "nothing runs" in desk.answer(Act(action="nobody"), Refused).reason


def test_a_paused_world_waits_between_turns_and_answers(world: Desk) -> None:
    world.send(Run(endless=True, inputs=ZERO))
    world.until(TurnFinished)
    world.send(Pause())
    done = world.until(JobPaused).step
    assert world.answer(AskWorld(), WorldStood).turns == done
    world.send(Step())
    assert world.until(JobPaused).step == done + 1
    world.send(Resume())
    world.until(TurnFinished)
    world.send(Stop())
    world.until(JobFinished)


def test_stages_run_alone_on_the_state_as_it_stands(world: Desk) -> None:
    world.send(Run(turns=1, inputs=ZERO))
    world.until(JobFinished)
    world.send(Run(stages=("creator", "architect"), inputs={"intent.n": "[5]"}))
    stood = world.until(WorldStood)
    assert (stood.turns, stood.state["artefacts.n"]) == (1, "115")
    world.until(JobFinished)
    world.send(Run(turns=1))  # what was made by hand is described, told and remembered
    assert world.until(TurnFinished).content["n"] == "11115"
    world.until(JobFinished)
    world.send(Run(stages=("author",), fresh=True))
    assert world.until(StageTold).empty == ("intent", "configuration", "artefacts", "description")
    world.until(JobFinished)
    world.send(Run(stages=("creater",)))
    assert "did you mean creator" in world.until(JobFailed).message


def test_what_a_stage_wrote_is_told_at_once_with_its_place(world: Desk) -> None:
    world.send(Run(turns=1, inputs=ZERO))
    told = world.until(StageTold, lambda event: event.stage == "architect" and event.wrote)
    assert told.values == {"configuration.n": "11"}
    previews = {(p.port, p.place): p.data for p in world.all(Preview)}
    assert previews["architect.y", "configuration.n"] == {"value": 11.0}
    world.until(JobFinished)


def test_snapshots_are_listed_and_the_world_goes_on_from_one(world: Desk, tmp_path: Path) -> None:
    assert world.answer(AskSnapshots(), SnapshotsListed).snapshots == ()
    world.send(Run(turns=3, keep=True, inputs=ZERO))
    world.until(JobFinished)
    first = world.all(TurnFinished)[0]
    listed = world.answer(AskSnapshots(), SnapshotsListed)
    assert listed.folder == str(tmp_path / "small.snapshots")
    assert [shot.turn for shot in listed.snapshots] == [0, 1, 2]
    assert listed.snapshots[0].state == first.state
    assert all(shot.fits for shot in listed.snapshots)
    stood = world.answer(OpenSnapshot(path=listed.snapshots[0].path), WorldStood)
    assert (stood.turns, stood.state) == (1, first.state)
    world.send(Run(turns=1))
    again = world.until(TurnFinished)
    assert (again.turn, again.state) == (1, world.all(TurnFinished)[1].state)
    world.until(JobFinished)
    missing = OpenSnapshot(path=str(tmp_path / "none.snapshot"))
    assert "none.snapshot" in world.answer(missing, Refused).reason


def test_a_training_fills_the_variant_that_is_named(desk: Desk, tmp_path: Path) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=2)
    desk.open(project(tmp_path, chain({"lin": linear()}, night=night)))
    desk.send(Train(plan="night", variant="dusk", tensorboard=False))
    desk.until(JobFinished)
    assert set(desk.until(VariantsListed).variants) == {"dusk"}


def test_variants_go_to_their_shelf_with_the_project_and_come_back(
    desk: Desk, tmp_path: Path
) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=2)
    path = project(tmp_path, chain({"lin": linear()}, night=night))
    desk.open(path)
    for name in ("night", "dusk"):
        desk.answer(AddVariant(variant=name, plan="night"), VariantsListed)
    desk.answer(UseVariants(weights={"dusk": 0.25}), VariantsListed)
    desk.answer(SaveWeights(), Saved)
    assert Shelf(path).names() == ["dusk", "night"]
    assert Shelf(path).used().everywhere == {"dusk": 0.25}
    desk.open(path)
    desk.send(Inspect())
    back = desk.until(VariantsListed, lambda event: bool(event.variants)).variants
    assert {name: facts.weight for name, facts in back.items()} == {"night": 0, "dusk": 0.25}
    desk.answer(RemoveVariant(variant="night"), VariantsListed)
    assert Shelf(path).names() == ["dusk", "night"]  # until it is saved
    desk.answer(SaveWeights(), Saved)
    assert Shelf(path).names() == ["dusk"]


def test_a_variant_of_another_base_stays_on_its_shelf_and_is_told_of(
    desk: Desk, tmp_path: Path
) -> None:
    night = plan(Rule(mode="lora", where="lin", rank=2), steps=2)
    path = project(tmp_path, chain({"lin": linear()}, night=night, learn=plan(steps=1)))
    desk.open(path)
    desk.answer(AddVariant(variant="night", plan="night"), VariantsListed)
    desk.answer(SaveWeights(), Saved)
    path.with_suffix(".safetensors").unlink()  # fresh weights are another base
    data = path.read_text().replace('"d_out": 4', '"bias": false, "d_out": 4')
    path.write_text(data)
    desk.open(path)
    desk.send(Inspect())
    assert "stays on its shelf" in desk.until(Log, lambda event: "night" in event.text).text
    desk.until(Inspected)
    desk.answer(SaveWeights(), Saved)
    assert Shelf(path).names() == ["night"]
