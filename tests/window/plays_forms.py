"""Plays of the forms of a whole: a plan filled in by hand, and the contract of a world."""

from __future__ import annotations

from pathlib import Path

from app.catalogue_cache import load_catalogue
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.panel import inspector_panel, plan_panel
from app.editor.soft_breaks import SOFT
from app.editor.studio import Selection
from graphs.spec.document import Document, NodeSpec
from graphs.spec.edits import AddNode, Group, SetPlan
from graphs.spec.plan import Loss, Plan, Rule, Schedule
from graphs.store.template_file import read_template
from tests.editor.toys import chain
from tests.window.playbill import play
from tests.window.plays_inspector import Form
from tests.window.plays_panels import furnished
from tests.window.plays_world import WORLD
from tests.window.stage import Stage, under

STORY = "Both maps learn at once, from the first step to the last one, and nothing is kept back."


def document() -> Document:
    """Two maps in a group, one outside, and something to make small."""
    made = Group(names=("a", "b"), into="g")(chain("a", "b", "c"))
    made = AddNode(name="loss", node=NodeSpec(type="toy/Loss"))(made)
    return SetPlan(name="main", plan=Plan(rules=(Rule(),)))(made)


@play
def plan_form(folder: Path) -> None:
    """A description, a schedule, losses, validation, a partial rule: written by hand, undone by keys."""
    s = Stage(document(), folder)
    s.shell.add_panel(inspector_panel())
    s.shell.add_panel(plan_panel())
    s.shell.docks.focus("plan")
    s.frames(6)
    form = Form(s, "plan")

    def plan() -> Plan:
        return s.studio.document.plans["main"]

    form.write(STORY, "description", end="Ctrl+Enter")
    shown = str(dpg.get_value(form.line("description").widget.item))
    assert plan().description == STORY
    assert shown.count(SOFT) >= 2  # it wraps
    s.picture("plan-described")
    form.heading("length", "optimiser", "data")
    form.pick(4, "schedule", "kind")
    form.write("5", "schedule", "warmup", times=2)
    form.write("30", "schedule", "every", times=2)
    assert plan().schedule == Schedule(kind="step", warmup=5, every=30)
    form.button("Add", "losses")
    form.write("loss.out", "losses", 0, "port")
    form.write("2", "losses", 0, "weight", times=2)
    assert plan().losses == (Loss(port="loss.out", weight=2),)
    s.picture("plan-losses")
    form.heading("losses", "schedule", "rules")
    form.button("Add", "rules")
    form.write("g.a", "rules", 1, "where")
    form.pick(2, "rules", 1, "mode")
    assert plan().rules[1] == Rule(where="g.a", mode="partial", parameters=("**",))
    form.write("map.bias", "rules", 1, "parameters")
    assert plan().rules[1].parameters == ("map.bias",)
    s.picture("plan-rules")
    form.heading("rules", "validation")
    form.click("validation")
    form.write("25", "validation", "every", times=2)
    checked = plan().validation
    assert checked is not None
    assert checked.every == 25
    s.picture("plan-validation")
    assert s.studio.scene.card("g").chip.text == "Train*"
    s.studio.enter("g")
    s.frames(6)
    assert [s.studio.scene.card(name).chip.text for name in ("a", "b")] == ["Part", "Train"]
    s.studio.select(Selection(frozenset({"a"})))
    s.frames(6)
    s.picture("plan-inside")
    s.click(s.seen.chip("a"))  # from a part round to what holds around it
    assert len(plan().rules) == 1
    while s.studio.open.position:
        s.keys("Ctrl+Z")
    assert s.studio.document == document()
    s.close()


@play
def contract(folder: Path) -> None:
    """A world's stages change places, its content is rewritten, a stage needs another block; all undone."""
    world = read_template(WORLD).document()
    s = furnished(world, folder, catalogue=load_catalogue())
    form = Form(s)

    def stages() -> tuple[str, ...]:
        cycle = s.studio.document.root.cycle
        assert cycle is not None
        return cycle.stages

    first, second, *rest = stages()
    form.reveal("stages", 1)
    up = [
        item for item in under(form.view._shown["cycle"].body)
        if dpg.get_item_label(item) == ICONS["chevron-up"]
    ]  # fmt: skip
    s.press(up[1])
    assert stages() == (second, first, *rest)
    body = s.studio.document.root
    names = [name for name, node in body.nodes.items() if node.level == "stage"]
    form.pick(names.index(rest[0]), "stages", 0)  # each is there once: the two change places
    assert stages() == (rest[0], first, second, *rest[1:])
    form.write('"A small world"', "content", "story", end="Ctrl+Enter")
    form.write("{broken", "content", "glossary", end="Ctrl+Enter")
    assert "expected JSON" in form.line("content", "glossary").refused
    cycle = s.studio.document.root.cycle
    assert cycle is not None
    assert cycle.content["story"] == "A small world"
    assert cycle.content["glossary"] == world.root.cycle.content["glossary"]
    s.picture("contract-refused")
    s.studio.select(Selection(frozenset({"architect"})))
    s.frames(6)
    form.click("label")
    s.keys("Ctrl+A")
    s.write("Nobody")
    s.keys("Escape")  # only what was written is given up
    assert s.chosen == ["architect"]
    assert s.studio.document.root.nodes["architect"].label == "Architect"
    assert "Runs when intent is filled" in str(
        dpg.get_value(form.view._shown["transition"].texts[0])
    )
    form.reveal("needs")
    s.press(form.line("needs").widget._boxes["events"])
    assert s.studio.document.root.nodes["architect"].body.transition.needs == ("intent", "events")
    s.settle()
    s.picture("contract-needs")
    while s.studio.open.position:
        s.keys("Ctrl+Z")
    assert s.studio.document == world
    s.close()
