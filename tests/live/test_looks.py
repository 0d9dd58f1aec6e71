"""What was looked at is not looked at again, and says the same as a fresh look after any change."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch

from app.workspace import templates
from graphs.live import Run
from graphs.live.build import Attic, build
from graphs.live.graph import Graph
from graphs.live.infer import infer
from graphs.live.looks import Looks
from graphs.live.registry import Registry
from graphs.spec.document import Document
from graphs.spec.edits import Configure, Connect, Edit, RemoveNodes, apply
from graphs.store import read_document

LINEAR = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}}
BODY = {"nodes": {"n": LINEAR}, "inputs": {"x": "n.x"}, "outputs": {"x": "n.out"}}
LOOP = {"type": "repeat", "config": {"times": 1_000_000_000}, "body": BODY}


class Desk:
    """A document, and the live graph that follows its edits as the engine's does."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self.document, self.registry, self.attic = document, registry, Attic()
        self.catalogue = registry.catalogue()
        self.graph = self.build()

    def build(self) -> Graph:
        attic, catalogue = self.attic, self.catalogue
        return build(self.document, self.registry, attic=attic, catalogue=catalogue)

    def edit(self, edit: Edit) -> Graph:
        self.document = apply(self.document, edit)
        self.graph = self.build()
        return self.graph


def document(root: Mapping[str, Any]) -> Document:
    return Document.model_validate({"root": root})


def test_after_any_edit_the_same_is_said_as_by_a_fresh_look(packed: Registry) -> None:
    desk = Desk(read_document(templates()["digits"]), packed)
    looks = Looks()
    assert infer(desk.graph, looks=looks) == infer(desk.graph)
    for edit in (
        Configure("drop", {"rate": 0.5}, at="reader"),
        Configure("guidance", {"scale": 3.0}, at="sampler"),
        Configure("conv1", {"padding": 0}, at="reader"),  # does not fit what follows
        Configure("conv1", {"padding": 1}, at="reader"),
        Configure("sampler", {"times": 2}),
        Connect("digits.label -> sampler.labels"),
        RemoveNodes(("gallery",)),
    ):
        graph = desk.edit(edit)
        assert infer(graph, looks=looks) == infer(graph), edit


def test_an_edit_is_looked_at_alone_also_inside_a_repeat(packed: Registry) -> None:
    desk = Desk(read_document(templates()["digits"]), packed)
    looks = Looks()
    infer(desk.graph, looks=looks)
    before = set(looks.known)
    infer(desk.graph, looks=looks)
    assert set(looks.known) == before
    infer(desk.edit(Configure("guidance", {"scale": 3.0}, at="sampler")), looks=looks)
    assert len(set(looks.known) - before) == 2  # the guidance, and the repeat around it


def test_a_mode_an_input_and_a_run_are_part_of_a_look(packed: Registry) -> None:
    nodes = {"norm": {"type": "core/BatchNorm", "config": {"channels": 4}}}
    graph = build(
        document({"nodes": nodes, "inputs": {"x": "norm.x"}, "outputs": {"y": "norm.out"}}), packed
    )
    looks = Looks()
    one = {"x": torch.zeros(1, 4)}
    assert infer(graph.eval(), one, looks=looks)["norm"].error == ""
    assert "more than 1 value" in infer(graph.train(), one, looks=looks)["norm"].error
    assert infer(graph, {"x": torch.zeros(3, 4)}, looks=looks)["norm"].error == ""
    source = {"nodes": {"rows": {"type": "core/RandomTensor", "config": {"shape": [3]}}}}
    rows = build(document(source | {"outputs": {"y": "rows.out"}}), packed)
    for batch in (4, 8):
        found = infer(rows, run=Run(batch=batch), looks=looks)["rows"]
        assert found.outputs == {"out": f"float32 ({batch}, 3)"}


def test_a_file_that_was_not_there_is_looked_for_again(packed: Registry, tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    node = {"type": "core/TextBytes", "config": {"path": str(file)}}
    graph = build(document({"nodes": {"text": node}}), packed)
    looks = Looks()
    assert infer(graph, looks=looks)["text"].error
    file.write_text("some words to read " * 50)
    assert not infer(graph, looks=looks)["text"].error


@pytest.mark.parametrize("around", ["residual", "repeat"])
def test_a_long_loop_inside_another_composite_is_one_turn(packed: Registry, around: str) -> None:
    body = {"nodes": {"loop": LOOP}, "inputs": {"x": "loop.x"}, "outputs": {"x": "loop.x"}}
    outer = {"nodes": {"o": {"type": around, "body": body}}}
    graph = build(document(outer | {"inputs": {"x": "o.x"}, "outputs": {"x": "o.x"}}), packed)
    assert infer(graph, {"x": torch.zeros(3, 4)})["o"].flops == 2 * 3 * 4 * 4 * 1_000_000_000


def test_looks_that_are_not_used_any_more_go(packed: Registry) -> None:
    desk = Desk(
        document({"nodes": {"n": LINEAR}, "inputs": {"x": "n.x"}, "outputs": {"y": "n.out"}}),
        packed,
    )
    looks = Looks()
    for width in range(1, 600):
        infer(desk.edit(Configure("n", {"d_out": width})), {"x": torch.zeros(2, 4)}, looks=looks)
    assert len(looks.known) < 300


def test_a_shape_error_is_said_once_and_not_printed_by_torch(
    packed: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    root = {"nodes": {"n": LINEAR}, "inputs": {"x": "n.x"}, "outputs": {"y": "n.out"}}
    found = infer(build(document(root), packed), {"x": torch.zeros(2, 5)})
    assert found["n"].error.startswith("RuntimeError")
    assert not caplog.records
