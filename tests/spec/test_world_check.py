"""Every way in which a cycle or a transition can be wrong, by the smallest change to a good world."""

from __future__ import annotations

from typing import Any

import pytest

from graphs.live.registry import Registry
from graphs.spec import levels
from graphs.spec.check import check
from graphs.spec.document import Document
from graphs.spec.levels import BLOCK, WORLD, Contract
from tests.live.worlds import small_world


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return Registry.installed().catalogue()


def changed(stage: str, **transition: Any) -> Document:
    data = small_world().model_dump(mode="json")
    data["root"]["nodes"][stage]["body"]["transition"].update(transition)
    return Document.model_validate(data)


def test_a_good_world_has_no_problems(catalogue):
    assert check(small_world(), catalogue) == []


@pytest.mark.parametrize(
    ("document", "code", "message"),
    [
        (
            changed("author", reads={"x": "events.n", "z": "intent.n"}),
            "state-port",
            "'z', which is no exposed",
        ),
        (
            changed("author", writes={"events.n": "w"}),
            "state-port",
            "'w', which is no exposed output",
        ),
        (changed("author", reads={"x": "intent.m"}), "state-place", "intent holds n"),
        (
            changed("architect", writes={"artefacts.n": "y"}),
            "state-unwritten",
            "no stage of the cycle writes",
        ),
        (
            changed("author", writes={"content.n": "y"}),
            "state-place",
            "only an update writes content",
        ),
        (changed("update", writes={"events.n": "y"}), "state-place", "an update writes content"),
        (changed("development", writes={"artefacts.n": "y"}), "state-place", "writes intent only"),
        (changed("development", reads={"x": "artefacts.n"}), "state-place", "develops a new state"),
        (changed("creator", reads={"x": "action"}), "state-place", "goes to development only"),
    ],
)
def test_a_transition_that_cannot_work_is_a_problem(catalogue, document, code, message):
    found = [p for p in check(document, catalogue) if p.code == code]
    assert any(message in p.message for p in found), check(document, catalogue)


def test_a_cycle_names_stages_that_exist_each_once(catalogue):
    data = small_world().model_dump(mode="json")
    data["root"]["cycle"]["stages"] = ["philosopher", "philosopher", "authr", "update"]
    found = [
        p.message
        for p in check(Document.model_validate(data), catalogue)
        if p.code == "cycle-stage"
    ]
    assert "the cycle names 'philosopher' twice" in found
    assert any("'authr', which is no node; did you mean author" in m for m in found)
    assert any("is not in the world's cycle" in m for m in found)


def test_only_a_stage_has_a_transition_and_only_a_world_a_cycle(catalogue):
    data = small_world().model_dump(mode="json")
    data["root"]["level"] = "graph"
    found = [
        p.message for p in check(Document.model_validate(data), catalogue) if p.code == "level"
    ]
    assert "a graph has no cycle of stages; only a world has" in found


def test_pipelines_in_a_cycle_inside_a_stage_are_a_problem(catalogue):
    data = small_world().model_dump(mode="json")
    body = data["root"]["nodes"]["author"]["body"]
    body["nodes"]["second"] = body["nodes"]["pipeline"]
    body["wires"] = ["pipeline.y -> second.x", "second.y -> pipeline.x"]
    body["inputs"] = {}
    found = [p for p in check(Document.model_validate(data), catalogue) if p.code == "cycle"]
    assert [p.path for p in found] == ["author"]


def test_another_level_is_one_more_row(catalogue, monkeypatch):
    monkeypatch.setitem(
        levels.LEVELS, "universe", Contract(frozenset({BLOCK, WORLD}), "worlds side by side")
    )
    inner = small_world().root
    root = {"level": "universe", "nodes": {"first": {"body": inner}, "second": {"body": inner}}}
    assert check(Document.model_validate({"root": root}), catalogue) == []
    wrong = {"level": "world", "nodes": {"first": {"body": {"level": "universe"}}}}
    found = [p.message for p in check(Document.model_validate({"root": wrong}), catalogue)]
    assert found == ["a world holds block, stage, not a universe"]
