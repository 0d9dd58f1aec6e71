"""A document and its weights are saved together, and a mismatch is never silent."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import pytest
import torch
from pydantic import PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from graphs.live.build import build
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.live.weights import base_tensors
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.problems import FileError
from graphs.store import (
    content_hash,
    load,
    load_part,
    load_weights,
    project_files,
    read_document,
    read_metadata,
    save,
    save_part,
    write_document,
    write_project,
    write_tensors,
)


class Map(Block):
    """An affine map that counts its runs in a buffer."""

    def __init__(self, width: PositiveInt = 2, shift: float = 0.0) -> None:
        super().__init__()
        self.map = nn.Linear(width, width)
        self.register_buffer("runs", torch.tensor(0))

    def forward(self, x: Annotated[Tensor, "... width"]) -> Annotated[Tensor, "... width"]:
        return self.map(x)  # type: ignore[no-any-return]


REGISTRY = Registry({"test": sys.modules[__name__]})
MAP = NodeSpec(type="test/Map")


def document(**nodes: NodeSpec) -> Document:
    inner = GraphSpec(
        nodes={"one": MAP, "two": MAP}, wires=["one.out -> two.x"], inputs={"x": "one.x"}
    )
    nodes = {"deep": NodeSpec(body=inner), "top": MAP} | nodes
    return Document(root=GraphSpec(nodes=nodes, inputs={"x": [f"{name}.x" for name in nodes]}))


def built(doc: Document, seed: int = 1) -> Graph:
    graph = build(doc, REGISTRY, seed=seed)
    for tensor in base_tensors(graph).values():
        tensor.copy_(torch.full_like(tensor, seed + tensor.numel()))
    return graph


def weights(graph: nn.Module) -> str:
    return content_hash(base_tensors(graph))


def refuse(message: str) -> None:
    raise AssertionError(message)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "мир"


def test_a_project_comes_back_with_its_weights_and_buffers(path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    assert sorted(file.name for file in path.parent.iterdir()) == ["мир.json", "мир.safetensors"]
    for name in (path, path.with_name("мир.json")):
        found, again = load(name, REGISTRY, refuse)
        assert found == document()
        assert weights(again) == weights(graph)


def test_saving_twice_gives_the_same_bytes(path: Path) -> None:
    save(path, document(), built(document()))
    before = [file.read_bytes() for file in project_files(path)]
    save(path, *load(path, REGISTRY))
    assert [file.read_bytes() for file in project_files(path)] == before


def test_a_document_alone_starts_afresh(path: Path) -> None:
    write_document(project_files(path)[0], document())
    found, graph = load(path, REGISTRY, refuse)
    assert weights(graph) == weights(build(found, REGISTRY))


def test_labels_layout_and_plans_change_nothing_for_the_weights(path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    raw = json.loads(project_files(path)[0].read_text("utf-8"))
    raw |= {"title": "by hand", "layout": {"top": [1, 2]}, "plans": {"p": {}}}
    raw["root"]["nodes"]["top"]["label"] = "Top"
    project_files(path)[0].write_text(json.dumps(raw))
    assert weights(load(path, REGISTRY, refuse)[1]) == weights(graph)


def test_a_document_changed_by_hand_keeps_what_fits_and_says_what_does_not(path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    changed = document(new=MAP, top=NodeSpec(type="test/Map", config={"width": 3}))
    write_document(project_files(path)[0], changed)
    told: list[str] = []
    _, again = load(path, REGISTRY, told.append)
    assert weights(again.at("deep")) == weights(graph.at("deep"))
    assert weights(again.at("new")) == weights(build(changed, REGISTRY).at("new"))
    assert "changed since" in told[0]
    assert "top.map.weight: expected (3, 3) torch.float32, got (2, 2)" in told[0]
    assert "new.map.weight: keeps its own values" in told[0]


def test_without_a_listener_the_change_is_a_warning(path: Path) -> None:
    save(path, document(), built(document()))
    write_document(project_files(path)[0], document(new=MAP))
    with pytest.warns(UserWarning, match="changed since"):
        load(path, REGISTRY)


def test_a_listener_that_refuses_stops_the_load_before_anything_changes(path: Path) -> None:
    save(path, document(), built(document()))
    other = built(document(new=MAP), seed=5)
    before = weights(other)
    with pytest.raises(AssertionError, match="differs from its document"):
        load_weights(path, other, refuse)
    assert weights(other) == before


def test_new_document_and_old_weights_after_a_crash_are_told_apart(
    path: Path, tmp_path: Path
) -> None:
    save(path, document(), built(document()))
    shifted = document(top=NodeSpec(type="test/Map", config={"shift": 1.0}))  # every weight fits
    save(tmp_path / "new", shifted, built(shifted, seed=9))
    project_files(tmp_path / "new")[0].replace(project_files(path)[0])
    told: list[str] = []
    load(path, REGISTRY, told.append)
    assert "changed since these weights were saved; 9 fit, 0 do not" in told[0]


def test_a_graph_with_other_settings_saves_the_weights_of_its_document(path: Path) -> None:
    graph = built(document(top=NodeSpec(type="test/Map", config={"shift": 1.0})))
    save(path, document(), graph)
    assert weights(load(path, REGISTRY, refuse)[1]) == weights(graph)


def test_settings_of_the_graph_alone_are_no_change_of_the_document(path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    shifted = built(document(top=NodeSpec(type="test/Map", config={"shift": 1.0})), seed=2)
    assert load_weights(path, shifted, refuse)
    assert weights(shifted) == weights(graph)
    wider = built(document(top=NodeSpec(type="test/Map", config={"width": 3})), seed=2)
    with pytest.raises(AssertionError, match=r"differs from its document; 7 fit, 2 do not"):
        load_weights(path, wider, refuse)


def test_weights_without_a_graph_make_a_project_too(path: Path) -> None:
    graph = built(document())
    write_project(path, document(), base_tensors(graph))
    assert weights(load(path, REGISTRY, refuse)[1]) == weights(graph)


def test_a_graph_of_another_document_is_not_saved(path: Path) -> None:
    with pytest.raises(FileError, match="other nodes"):
        save(path, document(new=MAP), built(document()))
    assert not list(path.parent.iterdir())


def test_a_failed_save_leaves_both_files(path: Path) -> None:
    save(path, document(), built(document()))
    before = [file.read_bytes() for file in project_files(path)]
    graph = built(document(), seed=3)
    graph.at("top").register_buffer("odd", torch.zeros(1, dtype=torch.complex128))
    with pytest.raises(FileError, match="complex128"):
        save(path, document().model_copy(update={"title": "new"}), graph)
    assert [file.read_bytes() for file in project_files(path)] == before


def spoiled(graph: Graph) -> list[dict[str, Tensor]]:
    good = base_tensors(graph)
    name = "top.map.weight"
    return [
        {n: t for n, t in good.items() if n != name},
        good | {"top.map.extra": torch.zeros(1)},
        good | {name: torch.zeros(3, 3)},
        good | {name: torch.zeros(2, 2, dtype=torch.float64)},
        good | {name: torch.full((2, 2), float("nan"))},
        good | {"../../etc/passwd": torch.zeros(1)},
    ]


@pytest.mark.parametrize("number", range(6))
def test_weights_that_do_not_fit_their_own_document_change_nothing(number: int, path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    file = project_files(path)[1]
    write_tensors(file, spoiled(graph)[number], read_metadata(file))
    before, stored = weights(graph), file.read_bytes()
    with pytest.raises(FileError, match="nothing was loaded"):
        load_weights(path, graph, refuse)
    assert (weights(graph), file.read_bytes()) == (before, stored)


def test_nan_is_refused_even_where_a_changed_document_forgives_much(path: Path) -> None:
    graph = built(document())
    write_tensors(project_files(path)[1], spoiled(graph)[4])
    before = weights(graph)
    with pytest.raises(FileError, match="NaN"):
        load_weights(path, graph, lambda _: None)
    assert weights(graph) == before


def test_cut_weights_change_nothing(path: Path) -> None:
    graph = built(document())
    save(path, document(), graph)
    file = project_files(path)[1]
    whole, before = file.read_bytes(), weights(graph)
    for length in range(0, len(whole), 100):
        file.write_bytes(whole[:length])
        with pytest.raises(FileError, match="safetensors"):
            load_weights(path, graph, refuse)
        assert weights(graph) == before


@pytest.mark.parametrize("node", ["top", "deep", "deep.two", ""])
def test_a_part_at_any_level_is_saved_alone_and_loaded_inside_its_parents(
    node: str, tmp_path: Path
) -> None:
    one, two = built(document()), built(document(), seed=5)
    save_part(tmp_path / "part.safetensors", one, node)
    outside = {
        n: t.clone()
        for n, t in base_tensors(two).items()
        if not f"{n}.".startswith(f"{node}." if node else "")
    }
    load_part(tmp_path / "part.safetensors", two, node)
    assert weights(two.at(node)) == weights(one.at(node))
    assert all(torch.equal(base_tensors(two)[n], t) for n, t in outside.items())


def test_a_part_of_another_shape_changes_nothing(tmp_path: Path) -> None:
    graph = built(document())
    save_part(tmp_path / "part", graph, "deep")
    before = weights(graph)
    with pytest.raises(FileError, match="into top"):
        load_part(tmp_path / "part", graph, "top")
    with pytest.raises(KeyError):
        load_part(tmp_path / "part", graph, "none")
    assert weights(graph) == before


def test_a_shared_weight_is_saved_once_and_loads_through_either_place(path: Path) -> None:
    tied = document(again=NodeSpec(tied_to="top"))
    graph = built(tied)
    save(path, tied, graph)
    assert weights(load(path, REGISTRY, refuse)[1]) == weights(graph)
    save_part(path.with_name("part"), built(tied, seed=8), "again")
    load_part(path.with_name("part"), graph, "again")
    assert weights(graph.at("top")) == weights(built(tied, seed=8).at("top"))


def test_the_order_of_nodes_does_not_matter_to_weights(path: Path) -> None:
    doc = Document(
        root=GraphSpec(nodes={"z": MAP, "a": NodeSpec(tied_to="z")}, inputs={"x": ["z.x", "a.x"]})
    )
    graph = built(doc)
    save(path, doc, graph)
    found, again = load(path, REGISTRY, refuse)
    assert list(found.root.nodes) == ["a", "z"]
    assert weights(again.at("z")) == weights(graph.at("z"))
    assert found == read_document(project_files(path)[0])
