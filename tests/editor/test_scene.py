"""The scene: after any edits it is what a fresh one would be, and cards say what is known."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.editor.canvas.activity import Activity
from app.editor.canvas.cards import LINKED, counted, lasted, said, value
from app.editor.canvas.chips import chip
from app.editor.canvas.scene import Scene
from app.editor.places import TOP, Place, at_path, inside, trail
from app.editor.studio import Studio
from app.engine.events import (
    Inspected,
    JobFacts,
    JobFailed,
    JobFinished,
    NodeFacts,
    NodeFinished,
    NodeStarted,
    Preview,
)
from graphs.spec.check import inspect
from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.edits import (
    AddNode,
    Configure,
    Connect,
    Define,
    Group,
    Relabel,
    SetMode,
    Tie,
)
from graphs.spec.plan import Plan, Rule
from graphs.spec.problems import EditError
from tests.editor.toys import CATALOGUE, chain, studio
from tests.spec.strategies import documents, edits


def fresh(document: Document, place: Place, scene: Scene) -> Scene:
    made = Scene(CATALOGUE)
    made.examine(inspect(document, CATALOGUE))
    made.choose(scene.plan)
    made._given, made._given_routes = scene._given, scene._given_routes
    made.show(document, place)
    return made


@settings(max_examples=40)
@given(documents(), st.data())
def test_after_any_edits_and_undo_the_scene_is_what_a_fresh_one_would_be(document, data):
    made = Studio(document, CATALOGUE)
    try:
        made.check_now()
        for _ in range(data.draw(st.integers(1, 4))):
            if data.draw(st.booleans()) and made.open.position:
                made.undo()
            else:
                edit = data.draw(edits(made.document))
                try:
                    made.open.do(edit)
                except EditError:
                    continue
            names = [n for n in made.scene.names if inside(made.document, made.place, n)]
            if names and data.draw(st.booleans()):
                made.enter(data.draw(st.sampled_from(names)))
            made.check_now()
        made.scene.settle()
        other = fresh(made.document, made.place, made.scene)
        assert {c.name: c for c in made.scene.cards()} == {c.name: c for c in other.cards()}
        seen = {v.wire: (v.curve, v.kind, v.shape, v.problem) for v in made.scene.wires()}
        assert seen == {v.wire: (v.curve, v.kind, v.shape, v.problem) for v in other.wires()}
        assert made.scene.decor == other.decor
    finally:
        made.close()


def test_a_card_says_title_type_settings_shapes_and_what_is_wrong():
    document = AddNode(name="odd", node=NodeSpec(type="toy/Linear", config={"d_in": 9}))(chain("a"))
    document = Connect(wire="a.out -> odd.x")(document)
    made = studio(document)
    card = made.scene.card("odd")
    assert (card.title, card.line, card.category) == ("odd", "Linear · d in 9", "layers")
    assert card.inputs[0].shape == "b×4"
    assert 'got "b 4"' in card.inputs[0].problem
    assert next(w for w in made.scene.wires() if w.wire.target.node == "odd").problem
    assert made.scene.card("a").outputs[0].shape == "b×4"


def test_an_unknown_type_and_a_wire_to_nowhere_can_be_seen():
    document = AddNode(name="odd", node=NodeSpec(type="toy/Nothing"))(chain("a"))
    document = Connect(wire="a.out -> odd.lost")(document)
    made = studio(document)
    assert made.scene.card("odd").unknown
    assert [p.name for p in made.scene.card("odd").inputs] == ["lost"]
    assert len(list(made.scene.wires())) == 2


def test_a_mode_of_its_own_is_told_from_an_inherited_one_and_a_mixed_one():
    plan = Plan(
        rules=(Rule(where="**"), Rule(where="g", mode="lora"), Rule(where="g.a", mode="frozen"))
    )
    body = GraphSpec(nodes={"a": NodeSpec(type="t"), "b": NodeSpec(type="t")})
    outer, inner = chip(plan, "g", "graph", body), chip(plan, "g.b", "t")
    assert (outer.mode, outer.own, outer.mixed, outer.text) == ("lora", True, True, "LoRA 8*")
    assert (inner.mode, inner.own) == ("lora", False)
    assert chip(plan, "x", "t") == chip(plan, "y", "t")
    assert not chip(plan, "x", "t").own


def test_a_mode_set_in_the_plan_shows_on_the_card_at_once():
    made = studio(chain("a"))
    made.do(SetMode(where="a", rule=Rule(mode="lora", rank=4), plan="main"))
    card = made.scene.card("a")
    assert card.chip is not None
    assert card.chip.text == "LoRA 4"
    made.undo()
    assert made.scene.card("a").chip == chip(made.plan or Plan(), "a", "toy/Linear")


def test_blocks_with_nothing_to_learn_have_no_chip():
    document = AddNode(name="loss", node=NodeSpec(type="toy/Loss"))(chain("a"))
    made = studio(document)
    assert made.scene.card("loss").chip is None
    assert made.scene.card("source").chip is None
    made.scene.activity.note("a", parameters=0)
    made.frame()
    assert made.scene.card("a").chip is None


def test_cards_say_what_the_engine_says():
    made = studio(chain("a"))
    job = JobFacts(job="1", kind="run", title="Run")
    made.hear_engine(Inspected(revision=0, nodes={"a": NodeFacts(parameters=20)}))
    made.hear_engine(NodeStarted(job="1", path="a", index=0, total=2))
    made.frame()
    assert made.scene.card("a").doing.state == "running"
    assert made.scene.card("a").doing.parameters == 20
    made.hear_engine(
        NodeFinished(job="1", path="a", index=0, total=2, seconds=0.5, outputs={"out": "f"})
    )
    made.hear_engine(JobFailed(job=job, where="source", message="no data"))
    made.frame()
    assert made.scene.card("a").doing.seconds == 0.5
    assert made.scene.card("source").failed


def test_a_node_that_runs_when_the_next_begins_is_done():
    activity = Activity()
    activity.hear(NodeStarted(job="1", path="a", index=0, total=2))
    activity.hear(NodeStarted(job="1", path="b", index=1, total=2))
    assert (activity.of("a").state, activity.of("b").state) == ("done", "running")
    activity.stale({"a", "b"}, set())
    assert (activity.of("a").state, activity.of("b").state) == ("stale", "running")


def test_a_shared_block_leads_to_the_one_that_it_shares():
    document = Group(names=("a",), into="g")(chain("a", "b"))
    document = Tie(name="b", to="g")(document)
    made = studio(document)
    card = made.scene.card("b")
    assert (card.tied, card.enterable, card.line) == ("g", True, f"{LINKED} shares g")
    made.enter("b")
    assert made.place.path == "g"


def test_the_trail_leads_through_instances():
    document = Group(names=("a",), into="g")(chain("a", "b"))
    document = Define(name="g", definition="part")(document)
    place = at_path(document, "g")
    assert place == Place("@part", "g")
    assert [label for _, label, _ in trail(document, place)] == ["Untitled", "g"]
    assert inside(document, TOP, "b") is None
    assert expand(document).nodes["g"].body is not None


def test_numbers_are_said_as_people_read_them():
    assert [counted(n) for n in (0, 7, 999, 1000, 1_234_567, 3_000_000_000)] == [
        "0", "7", "999", "1 K", "1.23 M", "3 B",
    ]  # fmt: skip
    assert [lasted(s) for s in (0.0001, 0.5, 2, 3661)] == ["0.1 ms", "500 ms", "2 s", "61 m 1 s"]
    assert said(("b", 64, 8, 8)) == "b×64×8×8"
    assert said(()) == "scalar"
    assert said(("_", 3)) == "?×3"


def test_what_a_node_says_in_words_has_room_and_a_number_stands_at_its_foot():
    s = studio(
        Document(
            root=GraphSpec(
                nodes={"say": NodeSpec(type="toy/Say"), "a": NodeSpec(type="toy/Linear")}
            )
        )
    )
    assert s.scene.card("say").box.picture is None
    s.hear_engine(Preview(job="1", port="say.out", kind="text", data={"text": "seven"}))
    s.hear_engine(Preview(job="1", port="a.out", kind="number", data={"value": 0.25}))
    s.scene.pulse()
    assert s.scene.card("say").box.picture is not None
    assert s.scene.card("a").box.picture is None
    assert value(s.scene.card("a").doing.look) == "0.25"


def test_an_edit_makes_stale_what_it_changes_what_that_feeds_and_what_holds_it():
    document = Group(names=("a", "b"), into="inner")(chain("a", "b", "c", "d"))
    s = studio(document)
    paths = ("source", "inner.a", "inner.b", "inner", "c", "d")
    for number, path in enumerate(paths):
        done = NodeFinished(job="1", path=path, index=number, total=6, seconds=0.1, outputs={})
        s.hear_engine(done)
    states = lambda: {path: s.scene.activity.of(path).state for path in paths}  # noqa: E731
    s.do(Relabel(name="a", text="First", at="inner"))
    assert set(states().values()) == {"done"}
    s.do(Configure(name="b", values={"d_out": 4}, at="inner"))
    assert states() == {
        "source": "done", "inner.a": "done", "inner.b": "stale", "inner": "stale", "c": "stale",
        "d": "stale",
    }  # fmt: skip


def test_an_edit_of_a_definition_makes_every_instance_stale():
    document = Define(name="a", definition="unit")(Group(names=("b",), into="a")(chain("b", "c")))
    s = studio(document)
    for path in ("source", "a.b", "c"):
        s.hear_engine(NodeFinished(job="1", path=path, index=0, total=3, seconds=0.1, outputs={}))
    s.do(Configure(name="b", values={"d_out": 4, "d_in": 4}, at="@unit"))
    assert s.scene.activity.of("source").state == "done"
    assert {s.scene.activity.of(path).state for path in ("a.b", "c")} == {"stale"}


def test_what_holds_nodes_is_as_far_as_the_run_before_tells():
    activity = Activity()

    def turn(job: str, times: int) -> list[float | None]:
        seen = []
        for _ in range(times):
            activity.hear(NodeStarted(job=job, path="loop.a", index=0, total=2))
            activity.hear(
                NodeFinished(job=job, path="loop.a", index=0, total=2, seconds=0.1, outputs={})
            )
            seen.append(activity.of("loop").progress)
        activity.hear(JobFinished(job=JobFacts(job=job, kind="run", title="Run")))
        return seen

    assert turn("1", 4) == [None] * 4
    assert turn("2", 4) == [0.25, 0.5, 0.75, 1.0]
    assert activity.of("loop").progress is None
