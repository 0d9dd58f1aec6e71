"""The outline: rows of all levels, looked into only where they are open, and what they say."""

from __future__ import annotations

from app.editor.colours import THEMES
from app.editor.icons import ICONS
from app.editor.outline.looks import INHERITED, Shown, row
from app.editor.outline.tree import Branch, Orders, above, branches, instances, matching, ordered
from app.engine.events import Inspected, NodeFacts, NodeStarted
from graphs.spec.definitions import expand
from graphs.spec.document import Document, GraphSpec, NodeSpec, wire
from graphs.spec.edits import Configure, Define, Disconnect, Group, SetMode, Tie
from graphs.spec.plan import Rule
from graphs.spec.state import Cycle
from tests.editor.toys import chain, studio

DARK = THEMES["dark"]


def nested() -> Document:
    document = Group(names=("a", "b"), into="inner")(chain("a", "b", "c"))
    return Group(names=("inner", "c"), into="outer")(document)


def paths(document: Document, *opened: str) -> list[str]:
    return [branch.path for branch in branches(document, opened)]


def test_only_what_is_open_is_there():
    document = nested()
    assert paths(document) == [""]
    assert paths(document, "") == ["", "source", "outer"]
    assert paths(document, "", "outer") == ["", "source", "outer", "outer.inner", "outer.c"]
    assert paths(document, "outer") == [""]


def test_nodes_stand_in_the_order_in_which_they_run_and_stages_in_that_of_their_turns():
    assert ordered(chain("z", "a").root) == ["source", "z", "a"]
    stages = {n: NodeSpec(body=GraphSpec(level="stage")) for n in ("a", "b")}
    world = GraphSpec(
        level="world", nodes={**stages, "k": NodeSpec()}, cycle=Cycle(stages=("b", "a", "b"))
    )
    assert ordered(world) == ["b", "a", "k"]


def test_an_order_is_found_anew_only_when_nodes_or_wires_are_others():
    orders, document = Orders(), chain("b", "a")
    first = orders.of("", document.root)
    configured = Configure(name="a", values={"d_out": 5})(document).root
    assert orders.of("", configured) is first
    cut = Disconnect(wire=wire("b.out -> a.x"))(document).root
    assert orders.of("", cut) == ["a", "source", "b"]


def test_a_cycle_that_nothing_runs_is_still_listed():
    looped = chain("a", "b").root
    body = looped.model_copy(
        update={"wires": (*looped.wires, *GraphSpec(wires=["b.out -> a.x"]).wires)}
    )
    assert sorted(ordered(body)) == ["a", "b", "source"]


def test_an_instance_opens_on_what_its_definition_holds():
    document = Define(name="outer", definition="unit")(nested())
    assert paths(document, "", "outer") == ["", "source", "outer", "outer.inner", "outer.c", "@"]
    assert paths(document, "@")[-2:] == ["@", "@unit"]
    assert instances(document, "unit") == ["outer"]


def test_every_path_above_must_be_open_for_one_to_be_seen():
    assert list(above("a.b.c")) == ["", "a", "a.b"]
    assert "outer.inner.a" in paths(nested(), *above("outer.inner.a"))


def test_a_search_looks_into_every_level_and_takes_words_in_any_order():
    root = expand(nested())
    assert [b.path for b in matching("b inner", root)] == ["outer.inner.b"]
    assert [b.path for b in matching("toy/source", root)] == ["source"]
    assert matching("nowhere", root) == []


def branch_of(document: Document, path: str) -> Branch:
    return next(b for b in branches(document, list(above(path))) if b.path == path)


def test_a_row_tells_an_own_mode_from_an_inherited_one():
    document = SetMode(where="outer", rule=Rule(mode="frozen"), plan="main")(nested())
    s = studio(document)
    own = row(s, DARK, branch_of(document, "outer"), Shown())
    inherited = row(s, DARK, branch_of(document, "outer.inner.a"), Shown())
    assert own.marks[0].tone == DARK.mode("frozen")
    assert inherited.marks[0].tone == DARK.mode("frozen").faint(INHERITED)
    assert "its own rule" in own.marks[0].about
    assert "inherited" in inherited.marks[0].about


def test_a_row_counts_parameters_and_shows_what_runs_inside_it():
    document = nested()
    s = studio(document)
    s.hear_engine(Inspected(revision=0, nodes={"outer": NodeFacts(parameters=12_345)}))
    s.hear_engine(NodeStarted(job="1", path="outer.inner.a", index=0, total=3))
    texts = [mark.text for mark in row(s, DARK, branch_of(document, "outer"), Shown()).marks]
    assert "12.3K" in texts
    assert ICONS["loader-circle"] in texts


def test_a_row_shows_the_problems_inside_it():
    document = nested()
    inner = document.root.nodes["outer"].body
    assert inner is not None
    broken = inner.model_copy(update={"nodes": {**inner.nodes, "x": NodeSpec(type="toy/Nothing")}})
    holder = document.root.nodes["outer"].model_copy(update={"body": broken})
    root = document.root.model_copy(update={"nodes": {**document.root.nodes, "outer": holder}})
    document = document.model_copy(update={"root": root})
    s = studio(document)
    marks = row(s, DARK, branch_of(document, "outer"), Shown()).marks
    assert any(mark.part == "problems" and "1 problem" in mark.about for mark in marks)


def test_instances_and_shared_blocks_say_whose_they_are():
    document = Tie(name="b", to="a")(Define(name="c", definition="unit")(chain("a", "b", "c")))
    s = studio(document)
    assert row(s, DARK, branch_of(document, "c"), Shown()).quiet.endswith("unit")
    assert row(s, DARK, branch_of(document, "b"), Shown()).quiet.endswith("a")
