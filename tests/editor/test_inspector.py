"""The inspector without a window: what sheets say, and what writing into their lines does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.editor.canvas.chips import chip
from app.editor.inspector.acts import Do, Jump, Scope
from app.editor.inspector.forms import Entry, placed
from app.editor.inspector.menus import choices
from app.editor.inspector.plan_sheet import plan_sheet
from app.editor.inspector.rows import Buttons, Fact, PortRow, Row, Section, Tensors, Title, Words
from app.editor.inspector.sheets import sheet
from app.editor.inspector.tensor_sheet import Learning, tensor_section
from app.editor.places import resolved as resolved_node
from app.editor.rules import differing, resolved
from app.editor.studio import Selection, Studio
from app.engine.events import TensorFacts, TensorsListed
from graphs.spec.document import Document, GraphSpec, NodeSpec, join
from graphs.spec.edits import (
    AddNode,
    Configure,
    Define,
    Group,
    OverrideConfig,
    RemovePlan,
    SetCycle,
    SetLevel,
    SetMode,
    SetPlan,
    SetTransition,
    Tie,
)
from graphs.spec.plan import Plan, Rule
from graphs.spec.state import Cycle, Transition
from tests.editor.toys import chain, hands, studio


class Looking:
    """A studio and the sheet of what is chosen in it."""

    def __init__(self, document: Document, *chosen: str) -> None:
        self.studio: Studio = studio(document)
        self.scope = Scope()
        self.choose(*chosen)

    def choose(self, *names: str) -> None:
        self.studio.select(Selection(frozenset(names)))

    @property
    def sections(self) -> dict[str, Section]:
        self.studio.check_now()
        return {s.key: s for s in sheet(self.studio, self.scope, {}) if s.rows}

    @property
    def rows(self) -> list[Row]:
        return [row for section in self.sections.values() for row in section.rows]

    def entry(self, *path: str | int, section: str = "") -> Entry:
        rows = self.sections[section].rows if section else self.rows
        return next(row for row in rows if isinstance(row, Entry) and row.path == path)

    def write(self, value: Any, *path: str | int, section: str = "", merge: bool = False) -> str:
        entry = self.entry(*path, section=section)
        whole = placed(entry.whole, path[1:], value)
        return entry.target.write(self.studio, entry.name, whole, merge)

    def reset(self, name: str, section: str = "") -> str:
        return self.entry(name, section=section).target.reset(self.studio, name)

    @property
    def words(self) -> str:
        return "\n".join(row.text for row in self.rows if isinstance(row, Words))

    def config(self, name: str) -> dict[str, Any]:
        return dict(self.studio.document.root.nodes[name].config)


def grouped() -> Document:
    """a and b are in a group g."""
    return Group(("a", "b"), "g")(chain("a", "b", "c"))


def linked() -> Document:
    """one and two are instances of a block that holds a linear map."""
    document = Define("g", "block")(Group(("a",), "g")(chain("a", "c")))
    return AddNode(name="two", node=NodeSpec(uses="block"))(document)


# settings


def test_a_setting_is_written_marked_and_reset() -> None:
    it = Looking(chain("a"), "a")
    assert it.entry("d_out").mark == ""
    assert it.write(8, "d_out") == ""
    assert it.config("a") == {"d_out": 8}
    assert it.entry("d_out").mark == "own"
    assert it.reset("d_out") == ""
    assert it.config("a") == {}
    it.studio.undo()
    assert it.config("a") == {"d_out": 8}


def test_a_drag_is_one_step_of_undo() -> None:
    it = Looking(chain("a"), "a")
    before = it.studio.open.position
    for value in (5, 6, 7):
        it.write(value, "d_out", merge=value > 5)
    assert it.studio.open.position == before + 1
    it.studio.undo()
    assert it.config("a") == {}


def test_what_does_not_fit_is_told_and_what_is_unknown_can_be_taken_out() -> None:
    document = Configure(name="a", values={"d_in": "many", "widht": 3})(chain("a"))
    it = Looking(document, "a")
    assert it.entry("d_in").problem == "expected integer"
    assert "no such setting" in it.entry("widht").problem
    assert it.reset("widht") == ""
    assert it.config("a") == {"d_in": "many"}


def test_settings_of_several_nodes_are_written_in_one_step() -> None:
    document = Configure(name="b", values={"d_out": 8})(chain("a", "b"))
    it = Looking(document, "a", "b")
    assert it.entry("d_out").mixed
    assert it.entry("d_out").mark == "own"  # also where the first of them says nothing
    assert not it.entry("d_in").mixed
    before = it.studio.open.position
    assert it.write(6, "d_out") == ""
    assert it.studio.open.position == before + 1
    assert (it.config("a"), it.config("b")) == ({"d_out": 6}, {"d_out": 6})
    it.choose("a", "source")
    assert "settings" not in it.sections


# linked instances


def test_inside_an_instance_all_are_changed_or_this_one_alone() -> None:
    it = Looking(linked())
    assert it.studio.enter("two")
    it.choose("a")
    it.write(8, "d_out")
    block = it.studio.document.definitions["block"].body
    assert block is not None
    assert block.nodes["a"].config == {"d_out": 8}
    it.scope.here = True
    it.write(9, "d_out")
    assert it.studio.document.root.nodes["two"].overrides == {"a": {"d_out": 9}}
    assert (it.entry("d_out").mark, it.entry("d_out").value) == ("override", 9)
    it.reset("d_out")
    assert it.studio.document.root.nodes["two"].overrides == {}
    assert (it.entry("d_out").mark, it.entry("d_out").value) == ("", 8)


def test_an_instance_names_its_definition_and_leads_there() -> None:
    it = Looking(linked(), "two")
    [fact] = [row for row in it.rows if isinstance(row, Fact) and row.text == "block"]
    assert fact.does is not None
    fact.does(it.studio)
    assert it.studio.place.at == "@block"
    assert "every instance" in it.words


def test_what_an_instance_overrides_is_told_with_the_way_there() -> None:
    document = OverrideConfig(name="two", path="a", values={"d_out": 8})(linked())
    it = Looking(document, "two")
    [row] = [row for row in it.rows if isinstance(row, Fact) and row.label == "a.d_out"]
    assert (row.text, row.does) == ("8", Jump("two.a"))
    assert "1 override" in it.studio.scene.card("two").line
    it.studio.enter("two")
    assert it.studio.scene.card("a").line == "Linear · d out 8"  # as this instance has it


def test_a_shared_block_is_set_where_it_is() -> None:
    it = Looking(Tie("c", "a")(chain("a", "b", "c")), "c")
    it.write(8, "d_out")
    assert it.config("a") == {"d_out": 8}
    assert any(isinstance(row, Fact) and row.does == Jump("a") for row in it.rows)


# promoted settings


def test_a_setting_is_shown_on_its_graph_and_set_from_there() -> None:
    it = Looking(grouped())
    it.studio.enter("g")
    it.choose("a")
    entry = it.entry("d_out")
    assert entry.place == "a.d_out"
    offers = {label: do for label, _, do in choices(it.studio, Form(), entry)}
    offers["Show on the graph around it"]()
    it.studio.leave()
    it.choose("g")
    assert it.entry("d_out", section="promoted").value == 4
    it.write(16, "d_out", section="promoted")
    inner = it.studio.document.root.nodes["g"].body
    assert inner is not None
    assert inner.nodes["a"].config == {"d_out": 16}
    assert it.entry("d_out", section="promoted").mark == "own"
    it.reset("d_out", section="promoted")
    assert it.entry("d_out", section="promoted").value == 4
    offers = {label: do for label, _, do in choices(it.studio, Form(), it.entry("d_out"))}
    offers["Show here no more"]()
    assert "promoted" not in it.sections


def test_an_instance_overrides_what_its_definition_promotes() -> None:
    it = Looking(linked())
    it.studio.enter("two")
    it.choose("a")
    offers = {n: do for n, _, do in choices(it.studio, Form(), it.entry("d_out"))}
    offers["Show on the graph around it"]()
    it.studio.leave()
    it.choose("two")
    it.write(5, "d_out", section="promoted")
    assert it.studio.document.root.nodes["two"].overrides == {"a": {"d_out": 5}}
    assert it.entry("d_out", section="promoted").mark == "override"
    it.choose("g")
    assert it.entry("d_out", section="promoted").value == 4


class Form:
    """Takes what menus do to lines."""

    def reset(self, entry: Entry) -> None: ...


# who it is


def test_a_name_is_changed_and_the_node_stays_chosen() -> None:
    it = Looking(chain("a", "b"), "a")
    assert it.write("first", "name") == ""
    assert it.studio.selection.nodes == {"first"}
    assert "source.out -> first.x" in map(str, it.studio.scene.body.wires)
    assert "expected a free name" in it.write("b", "name")
    assert it.write("1 2", "name")
    assert it.studio.selection.nodes == {"first"}


def test_a_block_that_no_pack_has_says_so_and_keeps_its_settings() -> None:
    odd = NodeSpec(type="gone/Block", config={"size": 3})
    it = Looking(AddNode(name="odd", node=odd)(chain("a")), "odd")
    assert "gone/Block" in it.words
    assert it.entry("size").value == 3
    assert [row.text for row in it.rows if isinstance(row, Title)] == ["odd"]


def test_problems_of_the_node_are_told() -> None:
    it = Looking(AddNode(name="free", node=NodeSpec(type="toy/Linear"))(chain("a")), "free")
    assert "x: needs a wire or an exposed input" in it.words


# ports


def test_ports_say_what_feeds_them_and_are_shown_outside() -> None:
    it = Looking(chain("a", "b"), "a")
    x, out = (row for row in it.rows if isinstance(row, PortRow))
    assert (x.name, x.shape, [way.text for way in x.ways]) == ("x", "b 4", ["source.out"])
    x.ways[0].does(it.studio)
    assert it.studio.selection.nodes == {"source"}
    it.choose("a")
    assert isinstance(out.toggle, Do)
    out.toggle(it.studio)
    assert {n: str(p) for n, p in it.studio.document.root.outputs.items()} == {"out": "a.out"}
    it.choose("b")
    [_, other] = [row for row in it.rows if isinstance(row, PortRow)]
    other.toggle(it.studio)
    assert set(it.studio.document.root.outputs) == {"out", "b_out"}
    it.choose()
    shown = [row for row in it.rows if isinstance(row, PortRow)]
    assert [(row.name, row.ways[0].text) for row in shown] == [("b_out", "b.out"), ("out", "a.out")]
    shown[0].toggle(it.studio)
    assert set(it.studio.document.root.outputs) == {"out"}


# training


def test_an_inherited_rule_is_told_from_an_own_one() -> None:
    it = Looking(grouped(), "g")
    assert "As rule 1 of main says for **" in it.words
    assert it.entry("mode").inherited
    assert it.write("lora", "mode") == ""
    assert "Its own rule in main" in it.words
    it.write(4, "rank")
    rules = it.studio.document.plans["main"].rules
    assert [(r.where, r.mode, r.rank) for r in rules] == [("**", "train", 8), ("g", "lora", 4)]
    it.studio.enter("g")
    it.choose("a")
    assert "As rule 2 of main says for g" in it.words
    assert (it.entry("rank").value, it.entry("rank").inherited) == (4, True)
    it.studio.leave()
    it.choose("g")
    [clear] = [row for row in it.sections["training"].rows if isinstance(row, Buttons)]
    clear.each[0].does(it.studio)
    assert len(it.studio.document.plans["main"].rules) == 1


def test_the_chip_and_the_inspector_make_the_same_rule() -> None:
    one, two = hands(chain("a")), Looking(chain("a"), "a")
    one.actions.desk.gestures.cycle("a")
    two.write("frozen", "mode")
    assert one.studio.document == two.studio.document
    plan = two.studio.document.plans["main"]
    assert chip(plan, "a", "toy/Linear").own


def test_partial_trains_all_parameters_until_somebody_says_which() -> None:
    it = Looking(chain("a"), "a")
    assert it.write("partial", "mode") == ""
    assert it.entry("parameters").value == ["**"]
    assert it.write([], "parameters") == ""
    assert it.entry("parameters").value == ["**"]
    assert it.write("train", "mode") == ""


def test_a_rule_for_some_steps_stays_one_rule() -> None:
    it = Looking(chain("a"), "a")
    it.write("frozen", "mode")
    assert it.write(100, "until_step") == ""
    assert it.write(10, "from_step") == ""
    rules = [r for r in it.studio.document.plans["main"].rules if r.where == "a"]
    assert [(r.from_step, r.until_step) for r in rules] == [(10, 100)]
    assert "until_step must be above from_step" in it.write(200, "from_step")


def test_modes_of_several_are_set_in_one_step() -> None:
    document = SetMode(where="a", rule=Rule(mode="lora"), plan="main")(chain("a", "b"))
    it = Looking(document, "a", "b")
    assert it.entry("mode").mixed
    before = it.studio.open.position
    it.write("frozen", "mode")
    assert it.studio.open.position == before + 1
    plan = it.studio.document.plans["main"]
    assert {chip(plan, name, "toy/Linear").mode for name in "ab"} == {"frozen"}


def test_the_whole_has_a_rule_too() -> None:
    it = Looking(chain("a"))
    it.write(0.5, "lr", section="training")
    [rule] = it.studio.document.plans["main"].rules
    assert (rule.where, rule.lr) == ("**", 0.5)


def test_without_a_plan_one_is_made() -> None:
    it = Looking(chain("a", plans=False), "a")
    [make] = [row for row in it.sections["training"].rows if isinstance(row, Buttons)]
    make.each[0].does(it.studio)
    assert it.studio.plan_name == "main"
    assert it.entry("mode").value == "train"


# levels


def world() -> Document:
    stage = GraphSpec(
        level="stage", nodes={"a": NodeSpec(type="toy/Linear")},
        inputs={"x": ("a.x",)}, outputs={"out": "a.out"},
    )  # fmt: skip
    root = GraphSpec(level="world", nodes={"s": NodeSpec(type="graph", body=stage)})
    cycle = Cycle(stages=("s",), state={"intent": {"goal": "text"}}, content={"k": 1})
    return SetCycle(at="", cycle=cycle)(Document(root=root))


def test_a_stage_says_when_it_runs_and_what_it_writes() -> None:
    it = Looking(world(), "s")
    assert "Runs at every turn." in it.words
    assert it.write(["intent"], "needs") == ""
    assert it.write({"artefacts.image": "out"}, "writes") == ""
    assert "Runs when intent is filled and artefacts came empty" in it.words
    reads = it.entry("reads").field
    assert (reads.hints, reads.inner[0].hints) == (("x",), ("intent.goal", "content.k", "action"))
    assert it.write({"x": "nowhere.at_all"}, "reads")
    body = it.studio.document.root.nodes["s"].body
    assert body is not None
    assert body.transition == Transition(needs=("intent",), writes={"artefacts.image": "out"})
    assert it.write("development", "does") == ""
    assert "starts a new state" in it.words


def test_a_world_has_its_cycle_its_state_and_its_snapshots() -> None:
    it = Looking(world())
    assert it.entry("stages", 0).field.options == ("s",)
    assert it.write("image", "state", "intent", "goal") == ""
    assert it.write(5, "storage", "keep") == ""
    cycle = it.studio.document.root.cycle
    assert cycle is not None
    assert (cycle.state, cycle.storage.keep) == ({"intent": {"goal": "image"}}, 5)
    assert it.reset("storage") == ""
    assert it.studio.document.root.cycle == cycle.model_copy(update={"storage": Cycle().storage})


def test_level_role_and_loops_of_a_body_are_set() -> None:
    it = Looking(grouped(), "g")
    for name, value in (("level", "pipeline"), ("role", "codec"), ("loops", 3)):
        assert it.write(value, name) == ""
    body = it.studio.document.root.nodes["g"].body
    assert body is not None
    assert (body.level, body.role, body.loops) == ("pipeline", "codec", 3)
    assert it.reset("loops") == ""
    assert it.entry("loops").value is None
    it.choose()
    it.write("My world", "title")
    assert it.studio.document.title == "My world"


def test_a_wrong_transition_is_refused_and_changes_nothing() -> None:
    document = SetTransition(at="s", transition=Transition())(world())
    document = SetLevel(at="", level="world")(document)
    it = Looking(document, "s")
    before = it.studio.document
    assert "a place is" in it.write({"nowhere": "out"}, "writes")
    assert it.studio.document is before


# plans


def plan_entry(made: Studio, *path: str | int) -> Entry:
    rows = [row for section in plan_sheet(made) for row in section.rows]
    return next(row for row in rows if isinstance(row, Entry) and row.path == path)


def plan_write(made: Studio, value: Any, *path: str | int) -> str:
    entry = plan_entry(made, *path)
    return entry.target.write(made, entry.name, placed(entry.whole, path[1:], value))


def test_every_setting_of_a_plan_is_in_its_form() -> None:
    rows = [row for section in plan_sheet(studio(chain("a"))) for row in section.rows]
    named = {row.name for row in rows if isinstance(row, Entry)}
    assert named == {"name", *Plan.model_fields}


def test_a_plan_is_edited_field_by_field() -> None:
    made = studio(chain("a"))
    assert plan_write(made, 50, "steps") == ""
    assert plan_write(made, 0.1, "optimiser", "lr") == ""
    assert plan_write(made, [{"port": "a.out"}], "losses") == ""
    assert plan_write(made, 2.0, "losses", 0, "weight") == ""
    assert plan_write(made, {"every": 10}, "validation") == ""
    assert plan_write(made, "frozen", "rules", 0, "mode") == ""
    plan = made.document.plans["main"]
    assert (plan.steps, plan.optimiser.lr, plan.losses[0].weight) == (50, 0.1, 2.0)
    assert plan.validation is not None
    assert (plan.validation.every, plan.rules[0].mode) == (10, "frozen")
    assert plan_entry(made, "steps").mark == "own"
    entry = plan_entry(made, "steps")
    assert entry.target.reset(made, "steps") == ""
    assert made.document.plans["main"].steps == 1000


def test_a_rule_of_a_plan_trains_parts_and_is_whole_again() -> None:
    made = studio(chain("a"))
    assert plan_write(made, "partial", "rules", 0, "mode") == ""
    assert made.document.plans["main"].rules[0].parameters == ("**",)
    assert plan_write(made, ["*.bias"], "rules", 0, "parameters") == ""
    assert made.document.plans["main"].rules[0].parameters == ("*.bias",)
    assert plan_write(made, "lora", "rules", 0, "mode") == ""
    assert made.document.plans["main"].rules[0] == Rule(where="**", mode="lora")


def test_a_plan_shows_what_the_mode_of_a_rule_and_the_kind_of_its_schedule_heed() -> None:
    made = studio(chain("a"))

    def shown(*path: str | int) -> set[str | int]:
        rows = [row for section in plan_sheet(made) for row in section.rows]
        paths = [row.path for row in rows if isinstance(row, Entry)]
        return {p[len(path)] for p in paths if p[: len(path)] == path and len(p) > len(path)}

    assert "rank" not in shown("rules", 0)
    assert {"where", "types", "lr", "until_step"} <= shown("rules", 0)
    plan_write(made, "lora", "rules", 0, "mode")
    assert {"rank", "alpha"} <= shown("rules", 0)
    plan_write(made, 3, "rules", 0, "rank")
    plan_write(made, "frozen", "rules", 0, "mode")
    assert "rank" in shown("rules", 0)  # it was given, so it is not hidden
    assert not {"alpha", "lr"} & shown("rules", 0)
    assert shown("schedule") == {"kind", "warmup"}
    plan_write(made, "step", "schedule", "kind")
    assert shown("schedule") == {"kind", "warmup", "every", "gamma"}


def test_plans_are_made_copied_renamed_and_deleted() -> None:
    made = studio(chain("a"))

    def press(label: str) -> None:
        rows = [row for row in plan_sheet(made)[0].rows if isinstance(row, Buttons)]
        next(b for row in rows for b in row.each if b.label == label).does(made)

    press("New")
    assert (made.plan_name, made.document.plans["plan"]) == ("plan", Plan())
    made.choose_plan("main")
    press("Duplicate")
    assert made.document.plans["main_2"] == made.document.plans["main"]
    assert plan_write(made, "night", "name") == ""
    assert (made.plan_name, set(made.document.plans)) == ("night", {"main", "plan", "night"})
    assert "already" in plan_write(made, "main", "name")
    press("Delete")
    assert set(made.document.plans) == {"main", "plan"}
    for name in ("main", "plan"):
        made.do(RemovePlan(name=name))
    [head] = plan_sheet(made)
    assert isinstance(head.rows[0], Title)


def test_a_new_plan_makes_every_loss_small() -> None:
    document = AddNode(name="loss", node=NodeSpec(type="toy/Loss"))(chain("a", plans=False))
    made = studio(document)
    made.check_now()
    rows = [row for row in plan_sheet(made)[0].rows if isinstance(row, Buttons)]
    next(b for row in rows for b in row.each if b.label == "New").does(made)
    assert [loss.port for loss in made.document.plans["plan"].losses] == ["loss.out"]


@pytest.mark.parametrize("chosen", [(), ("a",), ("g",), ("c", "g"), ("source",)])
def test_equal_news_make_equal_sheets(chosen: tuple[str, ...]) -> None:
    it = Looking(AddNode(name="a", node=NodeSpec(type="toy/Linear"))(grouped()), *chosen)
    it.studio.check_now()
    assert sheet(it.studio, it.scope, {}) == sheet(it.studio, it.scope, {})


def test_tensors_are_told_as_the_engine_lists_them() -> None:
    listed = TensorsListed(
        path="a", revision=1, left_out=2,
        tensors=(
            TensorFacts(name="map.weight", shape=(32, 1024), dtype="float32"),
            TensorFacts(name="count", shape=(), dtype="int64", kind="buffer", shared=True),
        ),
    )  # fmt: skip
    section = tensor_section(listed, 32_768)
    fact, table, more = section.rows
    assert isinstance(fact, Fact)
    assert fact.text == "32\u202f768"
    assert isinstance(table, Tensors)
    assert [line[:3] for line in table.each] == [
        ("map.weight", "32×1024", "32.8 K"), ("count", "one number int64", "1"),
    ]  # fmt: skip
    assert "not trained" in table.each[1][3]
    assert more == Words("and 2 more", "faint")
    assert tensor_section(None, None).rows == ()


def test_what_the_plan_trains_of_a_node_is_told_tensor_by_tensor() -> None:
    weight = TensorFacts(name="a.map.weight", shape=(4, 4), dtype="float32")
    bias = TensorFacts(name="a.map.bias", shape=(4,), dtype="float32")
    other = TensorFacts(name="b.map.weight", shape=(4, 4), dtype="float32")
    adapter = TensorFacts(name="b.map.lora_A", shape=(2, 4), dtype="float32", kind="adapter")
    mean = TensorFacts(name="a.mean", shape=(4,), dtype="float32", kind="buffer")
    listed = TensorsListed(path="g", revision=0, tensors=(weight, bias, other, adapter, mean))
    root = grouped().root

    def trained(*rules: Rule, only: tuple[str, ...] = ()) -> set[str]:
        section = tensor_section(listed, 36, Learning(root, Plan(rules=rules, only=only)))
        return set(next(row for row in section.rows if isinstance(row, Tensors)).trained)

    assert trained(Rule()) == {"a.map.weight", "a.map.bias", "b.map.weight"}
    assert trained(Rule(), Rule(where="g.a", mode="frozen")) == {"b.map.weight"}
    some = Rule(where="g.a", mode="partial", parameters=("map.b*",))
    assert trained(some) == {"a.map.bias"}
    assert trained(Rule(where="g.b", mode="lora")) == {"b.map.lora_A"}
    assert trained(Rule(), only=("g.b",)) == {"b.map.weight"}
    section = tensor_section(listed, 36, Learning(root, Plan(rules=(some,))))
    assert [row.text for row in section.rows if isinstance(row, Fact)] == [
        "36", "4 in 1 of 5 tensors",
    ]  # fmt: skip


def test_what_trains_otherwise_inside_is_told_with_the_way_there() -> None:
    document = Group(names=("g",), into="h")(grouped())
    rules = (Rule(where="h"), Rule(where="h.g.b", mode="lora", rank=4), Rule(where="c"))
    plan = SetPlan(name="main", plan=Plan(rules=rules))
    it = Looking(plan(document), "h")
    inside = [row for row in it.sections["training"].rows if isinstance(row, Fact)]
    assert [(row.label, row.text, row.does) for row in inside] == [
        ("g.b", "LoRA 4", Jump("h.g.b")),
    ]  # fmt: skip
    it.choose()
    whole = [row for row in it.sections["training"].rows if isinstance(row, Fact)]
    assert [(row.label, row.text) for row in whole] == [
        ("h", "Train"), ("h.g.b", "LoRA 4"), ("c", "Train"),
    ]  # fmt: skip
    it.choose("c")
    assert not [row for row in it.sections["training"].rows if isinstance(row, Fact)]


PATTERNS = ["**", "h", "h.**", "h.g", "h.g.b", "c", "*", "h.*", "**.b", "*.g", "source", "h.g.*"]
RULES = st.builds(
    Rule,
    where=st.sampled_from(PATTERNS),
    mode=st.sampled_from(["train", "frozen", "lora"]),
    types=st.sampled_from([(), ("toy/Linear",)]),
    exclude=st.sampled_from([(), ("h.g.a",), ("**.b",)]),
)


@given(st.lists(RULES, max_size=4), st.sampled_from(["", "h", "h.g"]))
def test_what_differs_inside_is_found_whatever_the_rules_say(rules: list[Rule], path: str) -> None:
    root = Group(names=("g",), into="h")(grouped()).root
    body = root if not path else resolved_node(root, path).body
    assert body is not None
    plan = Plan(rules=tuple(rules))
    mode = resolved(plan, path, "graph").mode

    def expected(body: GraphSpec, path: str, mode: str) -> list[tuple[str, str]]:
        found = []
        for name, node in body.nodes.items():
            here = join(path, name)
            own = resolved(plan, here, node.type or "graph").mode
            found += [(here, own)] if own != mode else []
            found += expected(node.body, here, own) if node.body is not None else []
        return found

    told = [(inner, rule.mode) for inner, rule in differing(plan, path, mode, body)]
    assert told == expected(body, path, mode)
