"""Graphs as scripts: control flow, shared blocks, definitions, loops, noise, adapters; and the digits job."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

import nodes
from app.workspace import templates
from graphs.learn.modes import Modes
from graphs.learn.variants import adapters_of
from graphs.live.build import build
from graphs.live.context import Run
from graphs.live.graph import Graph
from graphs.live.registry import Registry
from graphs.script.sources import NotPortable
from graphs.script.writing import script
from graphs.spec.document import Document
from graphs.spec.plan import Plan
from graphs.store import read_document
from tests.live import conftest as blocks
from tests.live.worlds import small_world
from tests.script.cases import faults, write_case

LINEAR = {"type": "core/Linear", "config": {"d_in": 4, "d_out": 4}}
X = torch.linspace(-1, 1, 12).reshape(3, 4)
ONE = {"x": "a.x"}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry({"core": nodes, "test": blocks})


def node(kind: str, **config: Any) -> dict[str, Any]:
    return {"type": kind, "config": config}


def around(kind: str, body: Mapping[str, Any], **config: Any) -> dict[str, Any]:
    return {"nodes": {"it": node(kind, **config) | {"body": body}}}


STEP = {"nodes": {"a": LINEAR}, "inputs": ONE, "outputs": {"x": "a.out"}}
BRANCHES = {
    "nodes": {"one": LINEAR, "two": node("core/Relu")},
    "inputs": {"x": ["one.x", "two.x"]},
    "outputs": {"y": "one.out"},
}
GRAPHS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "repeat": (
        around("repeat", STEP, times=3) | {"inputs": {"x": "it.x"}, "outputs": {"x": "it.x"}},
        {"x": X},
    ),
    "repeat_whose_first_turn_has_no_state": (
        around(
            "repeat",
            {
                "nodes": {"a": node("test/Maybe"), "b": node("core/Scale", factor=0.5)},
                "wires": ["a.out -> b.x"],
                "inputs": {"x": "a.x", "y": "a.y"},
                "outputs": {"y": "b.out"},
            },
            times=3,
        )
        | {"inputs": {"x": "it.x"}, "outputs": {"y": "it.y"}},
        {"x": X},
    ),
    "each": (
        around("each", STEP) | {"inputs": {"x": "it.x"}, "outputs": {"x": "it.x"}},
        {"x": X},
    ),
    "residual": (
        around("residual", STEP, scale=0.3) | {"inputs": {"x": "it.x"}, "outputs": {"x": "it.x"}},
        {"x": X},
    ),
    "choose_first": (
        around("choose", BRANCHES)
        | {"inputs": {"x": "it.x", "which": "it.which"}, "outputs": {"y": "it.y"}},
        {"x": X, "which": torch.tensor(0)},
    ),
    "choose_second": (
        around("choose", BRANCHES)
        | {"inputs": {"x": "it.x", "which": "it.which"}, "outputs": {"y": "it.y"}},
        {"x": X, "which": torch.tensor(1)},
    ),
    "noise_in_each_turn": (
        around("repeat", STEP | {"nodes": {"a": node("test/Noise")}}, times=3)
        | {"inputs": {"x": "it.x"}, "outputs": {"x": "it.x"}},
        {"x": X},
    ),
    "loop_of_wires": (
        {
            "nodes": {"a": node("test/Maybe"), "b": LINEAR},
            "wires": ["a.out -> b.x", "b.out -> a.y"],
            "inputs": {"x": ["a.x", "a.y"]},
            "outputs": {"y": "b.out"},
            "loops": 3,
        },
        {"x": X},
    ),
    "shared": (
        {
            "nodes": {
                "a": LINEAR,
                "b": {"tied_to": "a"},
                "c": {"tied_to": "g.inner"},
                "g": {
                    "body": {
                        "nodes": {"inner": LINEAR},
                        "inputs": {"x": "inner.x"},
                        "outputs": {"y": "inner.out"},
                    }
                },
                "h": {"tied_to": "g"},
            },
            "wires": ["a.out -> b.x", "b.out -> c.x", "c.out -> g.x", "g.y -> h.x"],
            "inputs": ONE,
            "outputs": {"y": "h.y"},
        },
        {"x": X},
    ),
    "several_wires": (
        {
            "nodes": {
                "sum": node("test/Sum"),
                "joined": node("test/Joined"),
                "first": node("test/First"),
                "listed": node("test/Listed"),
                "named": node("test/Named"),
                "halves": node("test/Halves"),
            },
            "wires": [
                f"halves.{port} -> {name}.x"
                for name in ("sum", "joined", "first", "listed", "named")
                for port in ("low", "high")
            ],
            "inputs": {"x": "halves.x"},
            "outputs": {n: f"{n}.out" for n in ("sum", "joined", "first", "listed", "named")},
        },
        {"x": X},
    ),
}


def linked() -> Document:
    body = {"nodes": {"a": LINEAR}, "inputs": ONE, "outputs": {"x": "a.out"}}
    root = {
        "nodes": {"p": {"uses": "part"}, "q": {"uses": "part"}},
        "wires": ["p.x -> q.x"],
        "inputs": {"x": "p.x"},
        "outputs": {"y": "q.x"},
    }
    part = {"type": "repeat", "config": {"times": 2}, "body": body}
    return Document.model_validate({"root": root, "definitions": {"part": part}})


def adapted(registry: Registry) -> Graph:
    """A repeat around a map with two light variants, of which one is mixed in at a half."""
    body = {
        "nodes": {
            "a": LINEAR,
            "conv": node("core/Conv1d", channels_in=3, channels_out=3, kernel=3, padding=1),
        },
        "wires": ["a.out -> conv.x"],
        "inputs": ONE,
        "outputs": {"x": "conv.out"},
    }
    root = around("repeat", body, times=2) | {"inputs": {"x": "it.x"}, "outputs": {"x": "it.x"}}
    graph = build(Document.model_validate({"root": root}), registry)
    plan = Plan.model_validate({"rules": [{"where": "it", "mode": "lora", "rank": 2}]})
    for variant in ("dusk", "rain"):
        Modes(graph, plan, variant)
        for parameter in adapters_of(graph, variant).values():
            torch.nn.init.normal_(parameter)
    from graphs.learn.adapters import activate

    activate(graph, {"dusk": 1.0, "rain": 0.5})
    return graph


def test_graphs_run_alone_and_give_the_same_bits(registry: Registry, tmp_path: Path) -> None:
    catalogue = registry.catalogue()
    with torch.no_grad():
        for name, (root, given) in GRAPHS.items():
            document = Document.model_validate({"root": root})
            write_case(tmp_path, name, build(document, registry, catalogue=catalogue), given)
        write_case(tmp_path, "linked", build(linked(), registry), {"x": X})
        write_case(tmp_path, "adapted", adapted(registry), {"x": X.reshape(1, 3, 4)})
        world = build(small_world(inputs={"x": "creator.x"}, outputs={"y": "creator.y"}), registry)
        write_case(tmp_path, "world", world, {"x": X})
        digits(registry, tmp_path)
    assert faults(tmp_path) == []


def digits(registry: Registry, folder: Path) -> None:
    """The whole job, whose sources become inputs, and its two models alone."""
    root = build(read_document(templates()["digits"]), registry).eval()
    run = Run(seed=3, split="test", batch=4)
    sources = ("digits.image", "digits.label", "wishes.out")
    kept = ["logits", "images", "accuracy"]
    values = root.program([*kept, *sources], {})({}, run)
    given = {name.replace(".", "_"): values[name] for name in sources}
    made = write_case(folder, "digits", root, {}, targets=[*kept])
    assert set(made.inputs) == set(given)
    case = {"given": given, "expected": {n: values[n] for n in kept}, "seed": 3, "draws": True}
    torch.save(case, folder / "digits.pt")
    write_case(folder, "reader", root, {"image": values["digits.image"]}, node="reader")
    latent = {"latent": values["digits.image"], "timestep": torch.rand(4)}
    write_case(folder, "creator", root, latent | {"labels": values["digits.label"]}, "creator")


def test_a_shared_weight_is_in_the_file_once(registry: Registry, tmp_path: Path) -> None:
    root, given = GRAPHS["shared"]
    write_case(tmp_path, "a", build(Document.model_validate({"root": root}), registry), given)
    with safe_open(tmp_path / "a.safetensors", "pt") as file:
        assert sorted(file.keys()) == [
            "a.map.bias", "a.map.weight", "g.inner.map.bias", "g.inner.map.weight",
        ]  # fmt: skip


def test_only_what_the_targets_need_is_written(registry: Registry) -> None:
    root = build(read_document(templates()["digits"]), registry)
    made = script(root, targets=["logits"])
    assert made.inputs == ("digits_image",)
    assert all(name.startswith("reader.") for name in made.tensors)
    assert "class EulerSolver" not in made.text


def test_a_viewer_is_told_of_and_what_it_was_given_comes_out(registry: Registry) -> None:
    root = build(read_document(templates()["digits"]), registry)
    made = script(root, targets=["gallery"])
    assert made.outputs == ("gallery_images",)
    assert any(note.startswith("gallery ") for note in made.notes)


def test_what_cannot_be_written_is_named_with_the_reason(registry: Registry) -> None:
    body = {"nodes": {"own": node("test/Twice") | {"body": STEP}, "lin": LINEAR}}
    body |= {"wires": ["own.x -> lin.x"], "inputs": {"x": "own.x"}, "outputs": {"y": "lin.out"}}
    root = build(Document.model_validate({"root": body}), registry)
    with pytest.raises(NotPortable, match=r"own: .* a way of its own"):
        script(root)
