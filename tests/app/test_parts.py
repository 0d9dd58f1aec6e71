"""A block, a graph, a pipeline, a stage as files of their own: alone, and back in their parents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from graphs.live.build import build
from graphs.live.registry import Registry
from graphs.spec.document import Document
from graphs.store import load, read_document, save

PATHS = {
    "stage": "creator",
    "pipeline": "creator.drawing",
    "graph": "creator.drawing.unit",
    "block": "creator.drawing.unit.map",
}


def body(level: str, nodes: dict[str, Any]) -> dict[str, Any]:
    """One node inside, with its ports exposed."""
    (name,) = nodes
    ports = {"inputs": {"x": f"{name}.x"}, "outputs": {"out": f"{name}.out"}}
    return {"body": {"level": level, "nodes": nodes, **ports}}


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A world of two equal stages; the second shares its map with the first."""
    leaf = {"type": "core/Linear", "config": {"d_in": 2, "d_out": 2}}
    shared = {"tied_to": PATHS["block"]}
    nodes = {
        name: body("stage", {"drawing": body("pipeline", {"unit": body("graph", {"map": inner})})})
        for name, inner in (("creator", leaf), ("painter", shared))
    }
    root = {"level": "world", "nodes": nodes, "inputs": {"x": ["creator.x", "painter.x"]}}
    document = Document.model_validate({"title": "Two", "root": root})
    save(tmp_path / "two.json", document, build(document, Registry.installed(), seed=1))
    return tmp_path / "two.json"


@pytest.mark.parametrize("level", PATHS)
def test_a_checkpoint_of_a_level_gives_the_same_alone_and_inside_its_parents(
    worldloom: Any, world: Path, tmp_path: Path, level: str
) -> None:
    path, part = PATHS[level], tmp_path / "part.world"
    x = torch.randn(3, 2)
    document, whole = load(world, Registry.installed())
    expected = whole.at(PATHS["block"]).map(x)
    code, out, err = worldloom("export", world, "--node", path, "-o", part, "--json")
    assert (code, json.loads(out)["kind"]) == (0, level), err
    assert worldloom("import", part, "-o", tmp_path / "alone")[0] == 0
    alone = load(tmp_path / "alone" / "part.json", Registry.installed())[1]
    assert torch.equal(alone(x=x)["out"], expected)
    other = tmp_path / "other.json"
    save(other, document, build(document, Registry.installed(), seed=2))
    code, out, err = worldloom("import", part, "--into", other, "--json")
    assert (code, json.loads(out)["numbers"]) == (0, 6), err
    inside = load(other, Registry.installed())[1]
    assert torch.equal(inside.at("painter")(x=x)["out"], expected)


def test_a_part_of_a_shared_block_stands_alone_and_goes_where_it_is_told(
    worldloom: Any, world: Path, tmp_path: Path
) -> None:
    part = tmp_path / "part.world"
    assert worldloom("export", world, "--node", "painter", "-o", part)[0] == 0
    assert worldloom("import", part, "-o", tmp_path)[0] == 0
    unit = read_document(tmp_path / "part.json").root.nodes["drawing"].body.nodes["unit"]  # type: ignore[union-attr]
    assert unit.body is not None
    assert unit.body.nodes["map"].type == "core/Linear"
    before = world.with_suffix(".safetensors").read_bytes()
    assert worldloom("import", part, "--into", world, "--node", "creator")[0] == 0
    assert world.with_suffix(".safetensors").read_bytes() == before


def test_what_does_not_fit_is_refused_and_nothing_changes(
    worldloom: Any, world: Path, tmp_path: Path
) -> None:
    part, whole = tmp_path / "part.world", tmp_path / "whole.world"
    worldloom("export", world, "--node", "creator.drawing.unit.map", "-o", part)
    worldloom("export", world, "-o", whole)
    before = world.with_suffix(".safetensors").read_bytes()
    for words, code, said in (
        (("export", world, "--node", "creatr", "-o", part, "--force"), 2, "did you mean creator"),
        (("import", part, "--into", world, "--node", "creator"), 1, "do not fit"),
        (("import", part, "--into", world, "--node", "creatr"), 1, "did you mean creator"),
        (("import", whole, "--into", world), 2, "a whole world, not a part"),
        (("import", part, "--into", whole), 2, "not changed in place"),
        (("import", part), 2, "where to?"),
        (("import", part, "-o", tmp_path, "--node", "creator"), 2, "--into"),
        (("export", world, "--node", "creator", "--light", "p", "-o", part, "--force"), 2, "one"),
    ):
        got, _, err = worldloom(*words)
        assert (got, said in err) == (code, True), err
    assert world.with_suffix(".safetensors").read_bytes() == before
