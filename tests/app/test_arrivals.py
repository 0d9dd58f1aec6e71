"""A node that is added starts as itself; a deletion that is undone brings the old one back."""

from typing import Any

import pytest
import torch

from app.document import OpenDocument
from graphs.live.build import Attic, build
from graphs.live.registry import Registry
from graphs.spec.definitions import expand
from graphs.spec.document import Document, NodeSpec
from graphs.spec.edits import AddNode, Edit, Group, Many, RemoveNodes, RenameNode, Ungroup
from graphs.spec.identity import identities

BLOCK = NodeSpec(type="core/Parameter", config={"shape": [2]})


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry.installed()


class Desk:
    """An open document whose blocks an engine keeps."""

    def __init__(self, registry: Registry, **root: Any) -> None:
        root = root or {"nodes": {"a": BLOCK.model_dump()}}
        self.open = OpenDocument(Document.model_validate({"root": root}))
        self.registry, self.attic, self.catalogue = registry, Attic(), registry.catalogue()

    def do(self, *edits: Edit) -> None:
        for edit in edits:
            self.open.do(edit)
            self.built()

    def built(self) -> Any:
        return build(self.open.value, self.registry, attic=self.attic, catalogue=self.catalogue)

    def train(self, path: str, value: float) -> None:
        with torch.no_grad():
            self.built().get_parameter(f"{path}.value").fill_(value)

    def trained(self, path: str, value: float) -> bool:
        return bool((self.built().get_parameter(f"{path}.value") == value).all())


def test_a_node_added_under_the_name_of_a_deleted_one_starts_fresh(registry: Registry) -> None:
    desk = Desk(registry)
    desk.train("a", 7.0)
    desk.do(RemoveNodes(("a",)), AddNode("a", BLOCK))
    assert not desk.trained("a", 7.0)
    desk.train("a", 8.0)
    desk.open.undo()
    desk.open.undo()
    assert desk.trained("a", 7.0)  # the deletion undone
    desk.open.redo()
    desk.open.redo()
    assert desk.trained("a", 8.0)  # and the addition redone


def test_an_addition_that_was_undone_leaves_nothing_to_the_next_one(registry: Registry) -> None:
    desk = Desk(registry)
    desk.do(AddNode("b", BLOCK))
    desk.train("b", 7.0)
    desk.open.undo()
    desk.do(AddNode("b", BLOCK))
    assert not desk.trained("b", 7.0)


def test_renames_and_groups_there_and_back_keep_weights_and_write_no_id(registry: Registry) -> None:
    desk = Desk(registry)
    desk.train("a", 7.0)
    desk.do(RenameNode("a", "b"), RenameNode("b", "a"), Group(("a",), "g"), Ungroup("g"))
    desk.do(Group(("a",), "g"), Ungroup("g"))
    assert desk.trained("a", 7.0)
    assert desk.open.value.root.nodes["a"].id == ""


def test_a_first_node_of_a_name_needs_no_id(registry: Registry) -> None:
    desk = Desk(registry)
    desk.do(AddNode("b", BLOCK), RemoveNodes(("a",)), AddNode("c", BLOCK))
    assert {node.id for node in desk.open.value.root.nodes.values()} == {""}


def test_a_node_that_is_replaced_in_one_edit_stays_who_it_is(registry: Registry) -> None:
    desk = Desk(registry)
    desk.train("a", 7.0)
    desk.do(Many((RemoveNodes(("a",)), AddNode("a", BLOCK))))
    assert desk.trained("a", 7.0)


def test_a_group_added_again_holds_new_blocks(registry: Registry) -> None:
    group = NodeSpec.model_validate({"type": "graph", "body": {"nodes": {"a": BLOCK.model_dump()}}})
    desk = Desk(registry, nodes={"g": group.model_dump()})
    desk.train("g.a", 7.0)
    desk.do(RemoveNodes(("g",)), AddNode("g", group))
    assert not desk.trained("g.a", 7.0)


def test_inside_a_definition_too_and_in_every_instance(registry: Registry) -> None:
    part = {"type": "graph", "body": {"nodes": {"a": BLOCK.model_dump()}}}
    document = Document.model_validate(
        {
            "root": {"nodes": {"p": {"uses": "part"}, "q": {"uses": "part"}}},
            "definitions": {"part": part},
        }
    )
    desk = Desk(registry)
    desk.open.load(document)
    desk.train("p.a", 7.0)
    desk.train("q.a", 8.0)
    desk.do(RemoveNodes(("a",), at="@part"), AddNode("a", BLOCK, at="@part"))
    assert not desk.trained("p.a", 7.0)
    assert not desk.trained("q.a", 8.0)
    found = identities(expand(desk.open.value))
    assert len(set(found.values())) == len(found)
    desk.open.undo()
    desk.open.undo()
    assert desk.trained("p.a", 7.0)
    assert desk.trained("q.a", 8.0)
