"""What is known of a world follows from what was told, event by event."""

from __future__ import annotations

from app.editor.heard.world import MOST, WorldTold
from app.editor.world.contract import contract_of
from app.engine.events import (
    JobFacts,
    JobFailed,
    JobFinished,
    JobsListed,
    Preview,
    SnapshotFacts,
    SnapshotsListed,
    StageTold,
    TurnFinished,
    WorldStood,
)
from tests.live.worlds import small_world

WRITES = {
    "development": "intent.n",
    "architect": "configuration.n",
    "creator": "artefacts.n",
    "philosopher": "description.n",
    "author": "events.n",
    "update": "content.n",
}


def told() -> WorldTold:
    made = WorldTold()
    made.know(contract_of(small_world()))
    return made


def works(world: WorldTold, turn: int, *stages: str, picture: bytes = b"") -> None:
    """These stages start and finish, each writing its name and turn."""
    for stage in stages:
        world.hear(StageTold(job="1", turn=turn, stage=stage, what="started"))
        place = WRITES[stage]
        if stage == "creator" and picture:
            data = {"width": 8, "height": 8, "count": 1}
            world.hear(
                Preview(job="1", port="creator.y", place=place, kind="image", data=data), picture
            )
        world.hear(
            StageTold(
                job="1", turn=turn, stage=stage, what="finished", seconds=0.1, wrote=(place,),
                values={place: f"{stage} {turn}"},
            )
        )  # fmt: skip


def test_blocks_are_filled_as_their_stages_write_and_emptied_by_development():
    world = told()
    works(world, 0, "development", "architect", "creator")
    assert [b for b in world.contract.blocks if world.filled(b)] == [
        "intent",
        "configuration",
        "artefacts",
    ]
    assert world.held("artefacts")["n"].text == "creator 0"
    assert world.written("artefacts") > 0
    world.hear(StageTold(job="1", turn=1, stage="development", what="started"))
    assert world.state == {}
    assert world.running == "development"


def test_what_is_seen_and_told_in_the_next_turn_belongs_to_the_same_exhibit():
    world = told()
    world.action = "more sevens"
    works(world, 0, "development", "architect", "creator", picture=b"first")
    world.action = ""
    works(world, 1, "philosopher", "author", "update", "development", "architect", "creator",
          picture=b"second")  # fmt: skip
    first, second = world.exhibits
    assert (first.turn, first.action, first.picture) == (0, "more sevens", b"first")
    assert first.words["description.n"] == "philosopher 1"
    assert first.words["events.n"] == "author 1"
    assert (second.turn, second.action, second.picture) == (1, "", b"second")
    assert "description.n" not in second.words
    assert world.content == {"n": "update 1"}


def test_a_stage_run_again_by_hand_hangs_beside_what_it_made_before():
    world = told()
    works(world, 0, "development", "architect", "creator", picture=b"one")
    works(world, 0, "creator", picture=b"two")
    assert [exhibit.picture for exhibit in world.exhibits] == [b"one", b"two"]
    assert world.exhibits[1].words["intent.n"] == "development 0"


def test_skipped_stages_keep_their_reasons_until_the_next_turn():
    world = told()
    skipped = StageTold(job="1", turn=0, stage="author", what="skipped", empty=("description",))
    world.hear(skipped)
    assert world.stage("author").empty == ("description",)
    world.hear(StageTold(job="1", turn=1, stage="philosopher", what="started"))
    assert world.stage("author").state == ""
    assert world.stage("philosopher").state == "running"


def test_a_turn_counts_and_says_the_whole_state():
    world = told()
    works(world, 0, "development")
    world.hear(TurnFinished(job="1", turn=0, state={"intent.n": "1"}, content={"n": "2"},
                            updated=False))  # fmt: skip
    assert (world.turns, world.state["intent.n"].text, world.content) == (1, "1", {"n": "2"})


def test_the_end_of_the_job_is_heard_with_its_reason():
    world, facts = told(), JobFacts(job="1", kind="run", title="turning")
    world.hear(StageTold(job="1", turn=0, stage="development", what="started"))
    world.hear(JobFinished(job=JobFacts(job="2", kind="train", title="night")))
    assert (world.job, world.running) == ("1", "development")
    world.hear(JobFailed(job=facts, where="development", message="no more"))
    assert (world.job, world.running, world.failure) == ("", "", "no more")
    world.hear(StageTold(job="3", turn=0, stage="development", what="started"))
    assert (world.job, world.failure) == ("3", "")
    world.begin("4")
    failed = JobFacts(job="4", kind="run", title="turning")
    world.hear(JobFailed(job=failed, where="", message="the document has 1 problem"))
    assert (world.job, world.failure) == ("", "the document has 1 problem")
    world.begin("5")
    waits = JobFacts(job="5", kind="run", title="turning")
    world.hear(JobsListed(jobs=(waits,), held=False))
    assert world.job == "5"
    world.hear(JobsListed(jobs=(), held=False))  # cancelled while it waited
    assert world.job == ""


def test_an_opened_snapshot_is_the_state_and_hangs_in_the_gallery():
    world = told()
    world.hear(Preview(job="", port="", place="artefacts.n", kind="image", data={}), b"old")
    world.hear(WorldStood(turns=5, state={"artefacts.n": "float32 (1, 1, 8, 8)"}, content={}))
    assert (world.turns, world.turn) == (5, 4)
    assert [(e.turn, e.picture) for e in world.exhibits] == [(4, b"old")]
    world.hear(WorldStood(turns=5, state={"artefacts.n": "float32 (1, 1, 8, 8)"}, content={}))
    assert len(world.exhibits) == 1
    world.hear(WorldStood(turns=0, state={}, content={"n": "0"}))
    assert (world.turns, world.state, len(world.exhibits)) == (0, {}, 1)


def test_a_snapshot_of_an_earlier_turn_has_the_picture_of_that_turn():
    world = told()
    for turn, picture in enumerate((b"first", b"second")):
        works(world, turn, "development", "creator", picture=picture)
    [place] = world.exhibits[0].pictures
    said = world.state[place].text
    world.hear(Preview(job="", port="", place=place, kind="image", data={}), b"first")
    world.hear(WorldStood(turns=1, state={place: said}, content={}))
    assert world.state[place].picture == b"first"
    assert [(e.turn, e.picture) for e in world.exhibits] == [
        (0, b"first"), (1, b"second"), (0, b"first"),
    ]  # fmt: skip


def test_snapshots_are_known_and_the_gallery_has_a_bound():
    world = told()
    shot = SnapshotFacts(path="/a", turn=3, time="", bytes=9, state={}, fits=True)
    world.hear(SnapshotsListed(folder="/", snapshots=(shot,)))
    assert world.snapshots == (shot,)
    for turn in range(MOST + 5):
        works(world, turn, "development")
    assert len(world.exhibits) == MOST
    numbers = [exhibit.number for exhibit in world.exhibits]
    assert numbers == sorted(set(numbers))
    news = world.news
    world.clear()
    assert (world.state, world.turns, len(world.exhibits)) == ({}, 0, MOST)
    world.forget()
    assert world.exhibits == []
    assert world.news > news
