"""Worlds from the command line: turns, snapshots, variants, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from app.errors import UsageError
from app.shelf import Shelf
from app.training import only
from app.turning import TurnRequest, turn_file
from app.workspace import open_workspace
from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors
from graphs.live.world import StageFinished
from graphs.spec.document import Document
from graphs.store import content_hash, export_world, read_document, save, write_document
from graphs.store.snapshot import read_snapshot, snapshots
from tests.live.worlds import small_world


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The small world with a number as its first content."""
    data = small_world().model_dump(mode="json")
    inner = data["root"]["nodes"]["development"]["body"]
    pipeline = inner["nodes"]["pipeline"]["body"]
    graph = pipeline["nodes"]["graph"]["body"]
    graph["nodes"]["block"] = {"type": "core/Constant", "config": {"value": 1.0, "shape": [1]}}
    graph["inputs"], pipeline["inputs"], inner["inputs"], inner["transition"]["reads"] = (
        {},
        {},
        {},
        {},
    )
    path = tmp_path / "small.json"
    write_document(path, Document.model_validate(data))
    return path


def test_a_world_turns_keeps_snapshots_and_goes_on(worldloom, world):
    code, out, _ = worldloom("run", world, "--turns", 2, "--json")
    found = json.loads(out)
    assert code == 0
    assert [turn["skipped"] for turn in found["turns"]] == [["philosopher", "author", "update"], []]
    assert found["turns"][1]["wrote"]["events.n"] == "11111"
    code, out, _ = worldloom("run", world, "--turns", 1, "--from", "last", "--json")
    last = Path(json.loads(out)["snapshots"][0])
    assert read_snapshot(last).turn == 2
    code, out, _ = worldloom("snapshots", world, "--json")
    assert [shot["turn"] for shot in json.loads(out)] == [0, 1, 2]
    code, out, _ = worldloom("run", world, "--turns", 1, "--from", "1", "--json")
    assert Path(json.loads(out)["snapshots"][0]).name == "turn_000002.snapshot"


def test_a_state_from_a_file_starts_where_it_is_filled_to(worldloom, world, tmp_path):
    state = {block: {"n": [5.0]} for block in ("intent", "configuration", "artefacts")}
    (tmp_path / "state.json").write_text(json.dumps(state))
    code, out, _ = worldloom(
        "run", world, "--turns", 1, "--state", tmp_path / "state.json", "--json"
    )
    assert code == 0
    assert json.loads(out)["turns"][0]["skipped"] == []


def test_what_cannot_be_is_said_and_nothing_is_kept(worldloom, world, tmp_path):
    (tmp_path / "state.json").write_text('{"intent": {"m": [1.0]}}')
    code, _, err = worldloom("run", world, "--turns", 1, "--state", tmp_path / "state.json")
    assert (code, "no slot 'm'" in err) == (1, True)
    code, _, err = worldloom("run", world, "--turns", 1, "--from", "last")
    assert (code, "no snapshots" in err) == (2, True)
    code, _, err = worldloom("run", world, "--action", "more sevens")
    assert (code, "--turns" in err) == (2, True)
    assert not (tmp_path / "small.snapshots").exists()


def test_a_folder_for_snapshots_that_cannot_be_made_is_refused_and_the_content_stays(
    worldloom, world, tmp_path
):
    (tmp_path / "small.snapshots").write_text("in the way")
    code, _, err = worldloom("run", world, "--turns", 1)
    assert (code, "a folder for snapshots" in err) == (1, True)
    assert (tmp_path / "small.snapshots").read_text() == "in the way"


def test_a_turn_that_is_interrupted_keeps_those_before_and_says_how_to_go_on(world, capsys):
    def stop(event: object) -> None:
        if isinstance(event, StageFinished) and event.turn == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turn_file(world, TurnRequest(number=5, action="more"), watch=stop)
    kept = snapshots(world.with_name("small.snapshots"))
    assert [read_snapshot(path).turn for path in kept] == [0, 1]
    assert read_snapshot(kept[-1]).content["n"].tolist() == [11111.0]
    said = capsys.readouterr().err
    assert "2 of 5 turns are kept" in said
    assert "--turns 3 --action more --from last" in said


def test_a_level_says_which_nodes_may_learn(world):
    work = open_workspace(world)
    stages = ("architect", "author", "creator", "development", "philosopher", "update")
    assert sorted(only(work, (), "stage")) == list(stages)
    assert only(work, ("creator",), "pipeline") == ("creator.pipeline",)
    assert only(work, ("creator", "author"), "block") == (
        "author.pipeline.graph.block",
        "creator.pipeline.graph.block",
    )
    assert only(work, (), "world") == ()
    for nodes, level, said in (
        ((), "stag", "did you mean stage"),
        (("creator.pipeline.graph",), "stage", "has no stage in creator.pipeline.graph"),
        (("creatr",), None, "did you mean creator"),
    ):
        with pytest.raises(UsageError, match=said):
            only(work, nodes, level)


LINE = {
    "root": {
        "nodes": {
            "data": {"type": "core/RandomTensor", "config": {"shape": [4], "count": 20}},
            "map": {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}},
            "loss": {"type": "core/MSELoss"},
        },
        "wires": ["data.out -> map.x", "map.out -> loss.x", "data.out -> loss.target"],
        "outputs": {"out": "map.out"},
    },
    "plans": {
        "light": {
            "rules": [{"mode": "lora", "rank": 2}],
            "losses": [{"port": "loss.out"}],
            "steps": 3,
            "data": {"batch": 4},
        }
    },
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    document = Document.model_validate(LINE)
    graph = build(document, Registry.installed())
    save(tmp_path / "line.json", document, graph)
    return tmp_path / "line.json"


def weights(path: Path) -> str:
    return path.with_suffix(".safetensors").read_bytes().hex()


def test_a_variant_goes_out_to_a_peft_folder_and_comes_back(worldloom, base, tmp_path):
    assert worldloom("adapt", base, "night", "--plan", "light")[0] == 0
    folder = tmp_path / "lora"
    code, _, err = worldloom("variants", "export", base, "night", "-o", folder, "--node", "map")
    assert (code, "goes with --peft" in err) == (2, True)
    code, _, err = worldloom(
        "variants", "export", base, "night", "-o", folder, "--peft", "--node", "map"
    )
    assert code == 0, err
    for node, wanted, reason in (
        ("loss", 1, "has no layer 'map'"),
        ("mop", 2, "did you mean map?"),
    ):
        code, _, err = worldloom("variants", "import", base, folder, "--node", node)
        assert (code, reason in err) == (wanted, True), err
    assert worldloom("variants", "import", base, folder, "--node", "map")[0] == 0
    night, lora = (Shelf(base).read(name) for name in ("night", "lora"))
    assert night.tensors.keys() == lora.tensors.keys()
    assert all(torch.equal(night.tensors[name], tensor) for name, tensor in lora.tensors.items())
    assert worldloom("variants", "use", base, "lora")[0] == 0


def test_a_variant_is_adapted_used_mixed_merged_given_away_and_removed(worldloom, base, tmp_path):
    before = weights(base)
    plain = json.loads(worldloom("run", base, "--batch", 1, "--json")[1])
    for name in ("night", "rain"):
        code, _, err = worldloom(
            "adapt", base, name, "--plan", "light", "--set", "data.split_seed=1"
        )
        assert code == 0, err
    assert weights(base) == before
    listed = json.loads(worldloom("variants", "list", base, "--json")[1])
    assert [(v["name"], v["fits"], v["weight"]) for v in listed] == [
        ("night", True, 0.0),
        ("rain", True, 0.0),
    ]
    assert worldloom("variants", "mix", base, "night=0.5", "rain=2")[0] == 0
    mixed = json.loads(worldloom("run", base, "--batch", 1, "--json")[1])
    assert mixed != plain
    assert worldloom("variants", "merge", base, "-o", tmp_path / "merged.json")[0] == 0
    merged = json.loads(worldloom("run", tmp_path / "merged.json", "--batch", 1, "--json")[1])
    assert torch.allclose(torch.tensor(merged["out"]), torch.tensor(mixed["out"]), atol=1e-5)
    assert worldloom("variants", "use", base)[0] == 0
    assert json.loads(worldloom("run", base, "--batch", 1, "--json")[1]) == plain
    assert worldloom("variants", "export", base, "night", "-o", tmp_path / "gift.world")[0] == 0
    assert worldloom("variants", "remove", base, "night")[0] == 0
    assert worldloom("variants", "import", base, tmp_path / "gift.world", "--name", "back")[0] == 0
    assert [v["name"] for v in json.loads(worldloom("variants", "list", base, "--json")[1])] == [
        "back",
        "rain",
    ]
    assert weights(base) == before


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """A line whose block is called at two places, one behind the other."""
    nodes = {**LINE["root"]["nodes"], "again": {"tied_to": "map"}}
    wires = [
        "data.out -> map.x",
        "map.out -> again.x",
        "again.out -> loss.x",
        "data.out -> loss.target",
    ]
    root = {"nodes": nodes, "wires": wires, "outputs": {"once": "map.out", "out": "again.out"}}
    document = Document.model_validate({**LINE, "root": root})
    save(tmp_path / "twice.json", document, build(document, Registry.installed()))
    return tmp_path / "twice.json"


def test_a_variant_is_used_at_one_place_of_a_shared_block_only(worldloom, twice):
    def ran() -> dict[str, torch.Tensor]:
        found = json.loads(worldloom("run", twice, "--batch", 2, "--json")[1])
        return {name: torch.tensor(value) for name, value in found.items()}

    worldloom("adapt", twice, "night", "--plan", "light")
    plain = ran()
    assert worldloom("variants", "use", twice, "night")[0] == 0
    everywhere = ran()
    assert worldloom("variants", "use", twice)[0] == 0
    code, out, _ = worldloom("variants", "use", twice, "night", "--at", "again")
    assert (code, out) == (0, "in use: the plain base\n  at again: night × 1\n")
    second = ran()
    assert torch.equal(second["once"], plain["once"])
    assert not torch.equal(second["out"], plain["out"])
    assert worldloom("variants", "use", twice, "night")[0] == 0
    assert worldloom("variants", "use", twice, "--at", "again")[0] == 0
    first = ran()
    assert torch.equal(first["once"], everywhere["once"])
    assert not torch.equal(first["out"], everywhere["out"])
    code, _, err = worldloom("variants", "merge", twice, "-o", twice.with_name("merged.json"))
    assert (code, "at single places" in err) == (2, True)


def test_places_are_checked_listed_and_forgotten(worldloom, twice):
    worldloom("adapt", twice, "night", "--plan", "light")
    for place, said in (("agian", "did you mean again"), ("loss", "no adapters inside 'loss'")):
        code, _, err = worldloom("variants", "use", twice, "night", "--at", place)
        assert (code, said in err) == (1, True)
    worldloom("variants", "use", twice, "night=0.5", "--at", "again")
    listed = json.loads(worldloom("variants", "list", twice, "--json")[1])
    assert [(v["name"], v["weight"], v["places"]) for v in listed] == [("night", 0.0, ["again"])]
    worldloom("variants", "remove", twice, "night")
    used = json.loads((twice.with_name("twice.variants") / "used.json").read_text())
    assert used == {"everywhere": {}, "places": {"again": {}}}


def test_what_was_in_use_before_there_were_places_is_read(worldloom, base):
    worldloom("adapt", base, "night", "--plan", "light")
    (base.with_name("line.variants") / "used.json").write_text('{"night": 2.0}')
    listed = json.loads(worldloom("variants", "list", base, "--json")[1])
    assert [v["weight"] for v in listed] == [2.0]


def test_a_variant_of_another_base_is_refused(worldloom, base, tmp_path):
    worldloom("adapt", base, "night", "--plan", "light")
    worldloom("variants", "export", base, "night", "-o", tmp_path / "gift.world")
    other = tmp_path / "other.json"
    document = read_document(base)
    save(other, document, build(document, Registry.installed(), seed=5))
    code, _, err = worldloom("variants", "add", other, "night", "--light", tmp_path / "gift.world")
    assert code == 1
    assert "open the base that it was trained on" in err
    assert not (tmp_path / "other.variants").exists()
    graph = build(document, Registry.installed())
    export_world(tmp_path / "whole.world", document, base_tensors(graph))
    code, _, err = worldloom("variants", "add", other, "night", "--light", tmp_path / "whole.world")
    assert (code, "a light world" in err) == (1, True)
    assert content_hash(base_tensors(graph))


def test_near_names_are_offered(worldloom, base):
    worldloom("adapt", base, "night", "--plan", "light")
    code, _, err = worldloom("variants", "use", base, "nigth")
    assert (code, "did you mean night" in err) == (1, True)
