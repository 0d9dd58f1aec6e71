"""Canon's truth table of the turn, row by row."""

from __future__ import annotations

import pytest
import torch

from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.live.world import (
    StageFinished,
    StagesFinished,
    StageSkipped,
    StateError,
    TurnFinished,
    World,
    WorldEvent,
    turns,
)
from graphs.spec.check import check
from graphs.spec.problems import RunError
from graphs.spec.state import BLOCKS
from tests.live.worlds import CYCLE, small_world


@pytest.fixture
def world(registry: Registry) -> World:
    built = build(small_world(), registry)
    assert isinstance(built, World)
    return built


def zero() -> dict[str, torch.Tensor]:
    return {"n": torch.zeros(1)}


def filled(count: int) -> dict[str, dict[str, torch.Tensor]]:
    return {block: {"n": torch.full((1,), 5.0)} for block in BLOCKS[:count]}


def ran(events: list[WorldEvent]) -> list[str]:
    return [event.stage for event in events if isinstance(event, StageFinished)]


def last(events: list[WorldEvent]) -> TurnFinished:
    event = events[-1]
    assert isinstance(event, TurnFinished)
    return event


def test_a_run_without_a_state_starts_in_development(world):
    events = list(turns(world, content=zero()))
    assert ran(events) == ["development", "architect", "creator"]
    assert [e.stage for e in events if isinstance(e, StageSkipped)] == [
        "philosopher",
        "author",
        "update",
    ]
    end = last(events)
    assert {b: s["n"].item() for b, s in end.state.items()} == {
        "intent": 1.0,
        "configuration": 11.0,
        "artefacts": 111.0,
    }
    assert not end.updated


def test_from_the_second_turn_on_every_stage_runs_in_the_fixed_order(world):
    events = list(turns(world, num_steps=2, content=zero()))
    second = events[[isinstance(e, TurnFinished) for e in events].index(True) + 1 :]
    assert ran(second) == list(CYCLE)
    end = last(events)
    assert end.updated
    assert end.content["n"].item() == 11111.0  # what the author wrote of the first turn
    assert end.state["intent"]["n"].item() == 11112.0  # developed from the updated world


@pytest.mark.parametrize(
    ("given", "expected", "updated"),
    [
        (1, ["development", "architect", "creator"], False),
        (2, ["development", "architect", "creator"], False),
        (3, list(CYCLE), True),
        (4, list(CYCLE[1:]), True),
        (5, list(CYCLE[2:]), True),
    ],
)
def test_a_state_that_is_handed_in_starts_where_it_is_filled_to(world, given, expected, updated):
    events = list(turns(world, filled(given), content=zero()))
    assert ran(events) == expected
    assert last(events).updated is updated


def test_a_skipped_stage_says_which_blocks_were_empty_or_came_filled(world):
    skipped = {
        e.stage: e for e in turns(world, filled(5), content=zero()) if isinstance(e, StageSkipped)
    }
    assert skipped["philosopher"].filled == ("description",)
    fresh = {e.stage: e for e in turns(world, content=zero()) if isinstance(e, StageSkipped)}
    assert fresh["author"].empty == BLOCKS[:4]


def test_without_an_update_the_state_is_dropped_and_the_content_stays(world):
    end = last(list(turns(world, filled(2), content=zero())))
    assert end.content["n"].item() == 0.0
    assert end.state["intent"]["n"].item() == 1.0


def test_the_author_sees_the_world_before_the_update(registry):
    document = small_world()
    author = document.root.nodes["author"]
    reads = author.body.transition.model_copy(update={"reads": {"x": "content.n"}})
    body = author.body.model_copy(update={"transition": reads})
    nodes = {**document.root.nodes, "author": author.model_copy(update={"body": body})}
    root = document.root.model_copy(update={"nodes": nodes})
    world = build(document.model_copy(update={"root": root}), registry)
    end = last(list(turns(world, filled(3), content={"n": torch.ones(1)})))
    assert end.content["n"].item() == 10001.0


def test_the_action_reaches_development_only(registry):
    document = small_world()
    found = {}
    for name in ("development", "creator"):
        node = document.root.nodes[name]
        changed = node.body.transition.model_copy(update={"reads": {"x": "action"}})
        body = node.body.model_copy(update={"transition": changed})
        nodes = {**document.root.nodes, name: node.model_copy(update={"body": body})}
        root = document.root.model_copy(update={"nodes": nodes})
        found[name] = document.model_copy(update={"root": root})
    acting = build(found["development"], registry)
    end = last(list(turns(acting, action=torch.full((1,), 7.0), content=zero())))
    assert end.state["intent"]["n"].item() == 8.0
    codes = [p.code for p in check(found["creator"], registry.catalogue())]
    assert codes == ["state-place"]


def test_an_unknown_slot_block_or_kind_is_refused_before_anything_runs(world):
    with pytest.raises(StateError, match="no slot 'm'; it has n"):
        list(turns(world, {"intent": {"m": torch.zeros(1)}}, content=zero()))
    with pytest.raises(StateError, match="no block 'intend'; did you mean intent"):
        list(turns(world, {"intend": {"n": torch.zeros(1)}}, content=zero()))
    with pytest.raises(StateError, match="expected a tensor"):
        list(turns(world, {"intent": {"n": "text"}}, content=zero()))


def test_a_turn_that_fails_leaves_state_and_content_as_they_were(world):
    content, state = zero(), filled(3)
    state["artefacts"]["n"] = torch.zeros(1)
    broken = world.at("author.pipeline.graph.block")
    broken.forward = lambda x: (_ for _ in ()).throw(RuntimeError("no paper"))  # type: ignore[method-assign]
    with pytest.raises(RunError, match="no paper"):
        list(turns(world, state, content=content))
    assert content == zero()
    assert set(state) == set(BLOCKS[:3])


def test_an_interrupted_turn_has_changed_nothing(world):
    content = zero()
    stream = turns(world, filled(3), content=content)
    for event in stream:
        if isinstance(event, StageFinished) and event.stage == "update":
            break
    stream.close()
    assert content == zero()


def test_stages_learn_from_their_own_outputs_unless_turns_are_unrolled(registry):
    document = small_world()
    text = document.model_dump_json().replace(
        '"core/Scale","config":{"factor":1.0,"offset":10.0}',
        '"core/Linear","config":{"d_in":1,"d_out":1}',
    )
    world = build(type(document).model_validate_json(text), registry)
    weight = world.at("architect.pipeline.graph.block").map.weight
    for detach, reached in (("stage", False), ("turn", False), ("never", True)):
        end = last(list(turns(world, num_steps=2, content=zero(), grad=True, detach=detach)))
        assert end.state["artefacts"]["n"].requires_grad is reached
    assert weight.grad is None


def test_turns_are_the_same_again_and_each_draws_its_own_noise(registry):
    document = small_world()
    data = document.model_dump(mode="json")
    graph = data["root"]["nodes"]["creator"]["body"]["nodes"]["pipeline"]["body"]["nodes"]["graph"][
        "body"
    ]
    graph["nodes"]["block"] = {"type": "core/GaussianNoise"}
    graph["inputs"] = {"x": "block.like"}
    world = build(type(document).model_validate(data), registry)

    def drawn() -> list[float]:
        events = turns(world, num_steps=2, content=zero())
        ends = (event for event in events if isinstance(event, TurnFinished))
        return [end.state["artefacts"]["n"].item() for end in ends]

    first, second = drawn()
    assert first != second
    assert drawn() == [first, second]


def test_stages_alone_write_over_what_was_there_and_count_no_turn(world):
    events = list(world.stages(("creator",), 3, filled(3), zero()))
    assert ran(events) == ["creator"]
    end = events[-1]
    assert isinstance(end, StagesFinished)
    assert (end.turn, end.state["artefacts"]["n"].item()) == (3, 105.0)
    skipped = next(world.stages(("author",), 0, filled(3), zero()))
    assert isinstance(skipped, StageSkipped)
    assert skipped.empty == ("description",)
    with pytest.raises(StateError, match="did you mean creator"):
        list(world.stages(("creatr",), 0, filled(3), zero()))
