"""What the palette holds: finding it, putting it into a document as one step, saving a node of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.editor.canvas.camera import Point
from app.editor.library.bundle import of_block, of_definition, of_saved, of_template, saved
from app.editor.library.manual import read
from app.editor.library.putting import of, put
from app.editor.library.shelves import Shelf, stem, template_folder
from app.editor.library.stock import Stock
from app.editor.library.thing import blocks, categories, found
from app.editor.places import TOP, Place
from app.editor.settings import SettingsFile
from app.editor.studio import Studio
from graphs.live.registry import Registry
from graphs.spec.check import check
from graphs.spec.document import Document, GraphSpec, NodeSpec, wire
from graphs.spec.edits import AddNode, Define, Group, SetLayout, SetPlan, Tie
from graphs.spec.identity import anonymous
from graphs.spec.plan import Loss, Plan, Rule, Stopping, Validation
from graphs.spec.problems import EditError
from graphs.store.document_file import write_document
from graphs.store.template_file import read_template
from tests.editor.toys import CATALOGUE, chain

HERE = Point(100, 200)
TEMPLATES = sorted(path.stem for path in template_folder().glob("*.json"))


def grouped(level: str = "graph") -> Document:
    return Group(names=("a", "b"), into="pair", level=level)(chain("a", "b", "c"))


# bundles


def test_a_block_is_added_where_it_is_let_go_under_a_free_name():
    document = chain("linear")
    name, edit = put(document, TOP, of_block(CATALOGUE.types["toy/Linear"]), HERE)
    after = edit(document)
    assert name == "linear_2"
    assert after.root.nodes[name] == NodeSpec(type="toy/Linear")
    assert after.layout[name] == {"x": 100, "y": 200}


def test_a_template_becomes_a_node_with_its_plans_under_free_names():
    template = SetPlan(name="main", plan=Plan(rules=(Rule(where="a"),)))(chain("a"))
    document = chain("x")
    name, edit = put(document, TOP, of_template(template, "demo"), HERE)
    after = edit(document)
    assert after.root.nodes[name].body is not None
    assert list(after.root.nodes[name].body.nodes) == ["source", "a"]
    assert after.plans["main"] == document.plans["main"]
    assert after.plans["main_2"].rules[0].where == "demo.a"
    assert after.layout["demo.a"] == template.layout["a"]


def test_everything_that_a_plan_names_by_path_is_named_from_the_new_place():
    plan = Plan(
        rules=(Rule(where="**", exclude=("a.b",)),),
        only=("a",),
        losses=(Loss(port="loss.out"),),
        settings={"a": {"k": 1}},
        recompute=("a.*",),
        compile={"a.*": "default"},
        validation=Validation(ports={"right": "acc.out"}),
        stopping=Stopping(watch="loss.out"),
    )
    moved = of(plan, "g")
    assert moved.rules[0].where == "g.**"
    assert moved.rules[0].exclude == ("g.a.b",)
    assert (moved.only, moved.recompute) == (("g.a",), ("g.a.*",))
    assert moved.compile == {"g.a.*": "default"}
    assert moved.losses[0].port == moved.stopping.watch == "g.loss.out"
    assert moved.settings == {"g.a": {"k": 1}}
    assert moved.validation is not None
    assert moved.validation.ports == {"right": "g.acc.out"}
    assert of(Plan(stopping=Stopping(watch="right")), "g").stopping.watch == "right"


def test_definitions_come_along_and_are_told_apart_from_others_of_their_name():
    template = Define(name="pair", definition="two")(grouped())
    other = Define(name="a", definition="two")(chain("a"))
    _, edit = put(other, TOP, of_template(template, "demo"), HERE)
    after = edit(other)
    assert after.definitions["two"] == other.definitions["two"]
    assert after.definitions["two_2"] == template.definitions["two"]
    assert after.root.nodes["demo"].body is not None
    assert after.root.nodes["demo"].body.nodes["pair"].uses == "two_2"


def test_an_equal_definition_is_not_brought_twice():
    template = Define(name="pair", definition="two")(grouped())
    _, first = put(template, TOP, of_template(template, "demo"), HERE)
    assert list(first(template).definitions) == ["two"]


def test_shared_blocks_of_a_template_are_shared_in_their_new_place():
    template = Tie(name="b", to="a")(chain("a", "b"))
    document = Group(names=("x",), into="outer")(chain("x"))
    _, edit = put(document, Place("outer", "outer"), of_template(template, "demo"), HERE)
    after = edit(document)
    inner = after.root.nodes["outer"].body
    assert inner is not None
    assert inner.nodes["demo"].body is not None
    assert inner.nodes["demo"].body.nodes["b"].tied_to == "outer.demo.a"
    assert check(after, CATALOGUE, plans=False) == check(template, CATALOGUE, plans=False)


def test_a_body_takes_only_the_levels_that_it_may_hold():
    template = chain("a").model_copy(
        update={"root": chain("a").root.model_copy(update={"level": "pipeline"})}
    )
    name, edit = put(Document(), TOP, of_template(template, "demo"), HERE)
    assert edit(Document()).root.nodes[name].level == "graph"
    world = Document(root=GraphSpec(level="world"))
    name, edit = put(world, TOP, of_template(template, "demo"), HERE)
    assert edit(world).root.nodes[name].level == "stage"
    staged = grouped("stage")
    with pytest.raises(EditError, match="a graph holds no graph of stages"):
        put(Document(), TOP, of_template(staged, "demo"), HERE)


def test_an_instance_is_put_beside_the_first_but_not_into_itself():
    document = Define(name="pair", definition="two")(grouped())
    _, edit = put(document, TOP, of_definition("two"), HERE)
    assert edit(document).root.nodes["two"].uses == "two"
    _, edit = put(document, Place("@two", "pair"), of_definition("two"), HERE)
    with pytest.raises(EditError, match="would use itself"):
        edit(document)


@pytest.fixture(scope="module")
def catalogue():
    return Registry.installed().catalogue()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_ships_has_no_problems_after_it_was_dropped(name, catalogue):
    template = read_template(template_folder() / f"{name}.json").document()
    document = Document(root=GraphSpec(level="stage"))
    try:
        _, edit = put(document, TOP, of_template(template, "dropped"), HERE)
    except EditError:
        assert template.root.level == "world"
        return
    before = {p.code for p in check(template, catalogue)}
    assert {p.code for p in check(edit(document), catalogue)} <= {
        *before,
        "level",
        "no-output",
        "unfed",
    }


# what people save


def test_a_saved_block_is_as_it_was_in_another_document(tmp_path):
    document = SetLayout(key="pair.a", value={"x": 7, "y": 8})(grouped())
    shelf = Shelf(tmp_path / "blocks", "saved")
    shelf.keep(saved(document, "", "pair"))
    [thing] = shelf.things
    name, edit = put(Document(), TOP, shelf.bundle(thing), HERE)
    after = edit(Document())
    assert after.root.nodes[name].body == anonymous(document.root.nodes["pair"]).body
    assert after.layout[f"{name}.a"] == {"x": 7, "y": 8}


def test_a_saved_block_brings_the_definitions_that_it_uses_and_no_others():
    document = Define(name="a", definition="one", at="pair")(grouped())
    assert set(saved(document, "", "c").definitions) == set()
    assert set(saved(document, "", "pair").definitions) == {"one"}


def test_a_block_that_shares_one_outside_cannot_be_saved():
    document = Tie(name="b", to="a")(chain("a", "b"))
    with pytest.raises(EditError, match="outside"):
        saved(Group(names=("b",), into="pair")(document), "", "pair")
    whole = Group(names=("a", "b"), into="pair")(document)
    _, edit = put(Document(), TOP, of_saved(saved(whole, "", "pair")), HERE)
    body = edit(Document()).root.nodes["pair"].body
    assert body is not None
    assert body.nodes["b"].tied_to == "pair.a"


def test_two_blocks_of_one_name_are_two_files_and_a_broken_file_is_told(tmp_path):
    shelf = Shelf(tmp_path, "saved")
    kept = [shelf.keep(saved(grouped(), "", "pair")) for _ in range(2)]
    assert [path.name for path in kept] == ["pair.json", "pair_2.json"]
    (tmp_path / "broken.json").write_text("{")
    assert len(shelf.look()) == 2
    assert shelf.faults[0].startswith("broken.json")
    shelf.drop(shelf.things[0])
    assert [thing.title for thing in shelf.things] == ["pair"]


# finding


def test_what_is_found_by_name_comes_before_what_is_found_in_the_words_said_of_it():
    things = blocks(CATALOGUE)
    assert next(thing.title for thing in found("lin", things)) == "Linear"
    assert [thing.title for thing in found("affine map", things)] == ["Linear"]
    assert {thing.title for thing in found("text", things)} == {"Say"}


def test_every_letter_more_leaves_no_more_things():
    things = blocks(CATALOGUE)
    assert len(found("add", things)) <= len(found("ad", things)) <= len(found("", things))


def test_categories_are_in_the_order_of_work():
    assert list(categories(blocks(CATALOGUE))) == [
        "data", "layers", "tensor", "control", "learning", "view",
    ]  # fmt: skip


def test_what_is_used_is_recent_and_a_star_is_given_and_taken():
    made = Studio(chain("a"), CATALOGUE)
    stock = Stock(
        made, Shelf(Path("nowhere"), "template"), Shelf(Path("nowhere"), "saved"), SettingsFile()
    )
    stock.look()
    stock.use("block:toy/Add")
    stock.use("block:toy/Linear")
    stock.use("block:toy/Add")
    assert [thing.title for thing in stock.recent()] == ["Add", "Linear"]
    stock.star("block:toy/Say")
    assert [thing.title for thing in stock.favourite()] == ["Say"]
    stock.star("block:toy/Say")
    assert stock.favourite() == []
    made.close()


def test_a_manual_tells_prose_from_shapes_source_and_example():
    manual = read(
        "Adds.\n\nMore\nof it.\n\nShapes: x (b)\n  -> out (b).\nSource: a book.\n\n>>> f(\n...     1)\n2"
    )
    assert manual.prose == ("Adds.", "More of it.")
    assert (manual.shapes, manual.source) == ("x (b) -> out (b).", "a book.")
    assert manual.example == (">>> f(", "...     1)", "2")


def test_stems_are_names():
    assert stem("Digits world!") == "digits_world"
    assert AddNode(name=stem("3 × 3"), node=NodeSpec(type="toy/Add"))(Document())


def test_a_document_with_several_nodes_is_no_saved_block(tmp_path):
    write_document(tmp_path / "two.json", chain("a"))
    shelf = Shelf(tmp_path, "saved")
    [thing] = shelf.look()
    with pytest.raises(EditError, match="one node"):
        shelf.bundle(thing)


def test_wires_inside_a_bundle_stay():
    _, edit = put(Document(), TOP, of_template(chain("a"), "demo"), HERE)
    body = edit(Document()).root.nodes["demo"].body
    assert body is not None
    assert wire("source.out -> a.x") in body.wires
