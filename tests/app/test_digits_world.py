"""The digits world before it has learned anything: its plans can train it, it turns, it is drawn."""

from pathlib import Path

import pytest
import torch
from PIL import Image

from app.contact_sheet import Card, contact_sheet, wrapped
from app.digits_world import ACTIONS, STAGES, TURNS, lived, told_rightly
from app.workspace import Workspace, from_template
from graphs.learn.training import Training
from graphs.live.weights import base_tensors
from graphs.live.world import StageFinished, TurnFinished, World
from graphs.store import content_hash


@pytest.fixture(scope="module")
def work() -> Workspace:
    return Workspace(Path("digits-world.json"), from_template("digits-world"))


def test_the_template_has_no_problems(work: Workspace) -> None:
    assert work.problems() == []


def test_every_weight_of_a_stage_is_named_after_the_stage(work: Workspace) -> None:
    stages = {name.split(".")[0] for name in base_tensors(work.build())}
    assert stages <= set(work.document.root.cycle.stages)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", STAGES)
def test_a_plan_trains_its_stage_and_no_other(work: Workspace, name: str) -> None:
    plan = work.document.plans[name]
    training = Training(work.build(work.under(plan)), plan, variant=name)
    before = {n: t.clone() for n, t in base_tensors(training.graph).items()}
    done = next(training.steps())
    assert done.loss > 0
    changed = {
        n.split(".")[0]
        for n, tensor in base_tensors(training.graph).items()
        if not torch.equal(tensor, before[n])
    }
    assert changed == {plan.rules[0].where}


def test_night_adapts_every_stage_that_holds_weights_and_changes_none(work: Workspace) -> None:
    plan = work.document.plans["night"]
    mine = Workspace(work.path, work.document)
    training = Training(mine.build(mine.under(plan)), plan, variant="night")
    base = content_hash(base_tensors(training.graph))
    next(training.steps())
    assert content_hash(base_tensors(training.graph)) == base
    adapted = {target.node.split(".")[0] for target in training.modes.adaptation.targets}
    assert adapted == {
        plan.rules[0].where for n, plan in work.document.plans.items() if n != "night"
    }


def test_the_world_turns_and_remembers_what_came(work: Workspace) -> None:
    world = work.build().eval()
    assert isinstance(world, World)
    events = []
    for _, event in lived(world, "cpu"):
        events.append(event)
        if isinstance(event, TurnFinished) and event.turn == 2:
            break
    end = events[-1]
    assert isinstance(end, TurnFinished)
    assert sum(end.content["counts"]) == len(end.content["chronicle"]) == 2
    assert end.content["gallery"].shape == (2, 1, 8, 8)
    ran = [event.stage for event in events if isinstance(event, StageFinished)]
    assert ran == ["development", "architect", "creator"] + 2 * list(world.cycle.stages)


def test_twenty_turns_hear_of_two_actions() -> None:
    assert TURNS == 20
    assert [action for action, _ in ACTIONS if action] == ["more sevens", "thin digits please"]


def test_a_narration_is_right_when_it_names_what_was_described() -> None:
    image = torch.zeros(1, 8, 8)
    told = {"A thin seven came.": True, "A thin one came.": False, "A seven, not a one.": False}
    for narration, right in told.items():
        assert told_rightly(Card(1, "a 7", image, "an upright 7, thin", narration)) is right


def test_a_contact_sheet_holds_as_many_rows_as_it_needs(tmp_path: Path) -> None:
    card = Card(1, "a 7", torch.zeros(1, 8, 8), "an upright 7, thin", "A seven came.")
    sizes = []
    for count in (1, 5, 6):
        contact_sheet(tmp_path / "sheet.png", "World", "turns", [card] * count)
        with Image.open(tmp_path / "sheet.png") as sheet:
            sizes.append(sheet.size)
    one, five, six = sizes
    assert one[0] < five[0] == six[0]
    assert one[1] == five[1] < six[1]
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet(tmp_path / "sheet.png", "World", "turns", [])


def test_text_is_broken_between_words() -> None:
    text = "it was to be upright, yet a left-leaning thin seven came, the third of its kind."
    lines = wrapped(text, 17, bold=False)
    assert " ".join(lines) == text
    assert len(lines) > 1
