"""Each gesture as a story: hands do something, the document says what came of it."""

from __future__ import annotations

import pytest

from app.editor.canvas.arrangement import decor, folded, place_of, route
from app.editor.canvas.camera import Point
from app.editor.canvas.hitting import map_of
from app.editor.canvas.inputs import Held, Mouse
from app.editor.studio import Ask, Menu, Palette, Search, Selection
from graphs.spec.document import Document, GraphSpec, NodeSpec, wire
from graphs.spec.edits import AddNode, Configure, Define, Group, RemoveNodes, RenameNode, SetLayout
from tests.editor.toys import Hands, at, chain, hands, without_places

EMPTY = at(600, 700)
SHIFT, ALT, CTRL, SPACE = Held(shift=True), Held(alt=True), Held(ctrl=True), Held(space=True)


def free(document: Document, name: str, kind: str, x: float, y: float) -> Document:
    added = AddNode(name=name, node=NodeSpec(type=kind))(document)
    return SetLayout(key=name, value={"x": x, "y": y})(added)


def place(h: Hands, name: str) -> Point:
    found = place_of(h.studio.document, name)
    assert found is not None
    return found


# the view


@pytest.mark.parametrize(
    ("button", "held"), [("middle", Held()), ("right", Held()), ("left", SPACE)]
)
def test_dragging_with_the_middle_or_right_button_or_space_moves_the_view(button, held):
    h = hands(chain("a"))
    before = h.card("a")
    h.drag(EMPTY, at(630, 640), button=button, held=held)
    assert h.card("a") == pytest.approx(Point(before.x + 30, before.y - 60))
    assert h.studio.open.position == 0


def test_the_wheel_zooms_about_the_cursor():
    h = hands(chain("a"))
    spot = h.card("a")
    h.wheel(spot, 2)
    assert h.studio.board.camera.zoom == pytest.approx(1.15**2)
    assert h.card("a") == pytest.approx(spot)


def test_the_wheel_with_shift_goes_across():
    h = hands(chain("a"))
    x = h.card("a").x
    h.wheel(EMPTY, 1, SHIFT)
    assert h.card("a").x == pytest.approx(x + 60)
    assert h.studio.board.camera.zoom == 1


def test_pressing_the_minimap_looks_there():
    h = hands(chain("a", "b", "c", "d"))
    h.studio.board.minimap = True
    small = map_of(h.studio)
    assert small is not None
    far = small.to_screen(h.studio.scene.card("d").rect).centre
    h.click(Point(*far))
    assert h.studio.board.view.centre.x == pytest.approx(
        h.studio.scene.card("d").rect.centre.x, abs=5
    )


def test_the_minimap_goes_when_all_is_seen():
    h = hands(chain("a"))
    h.studio.board.minimap = True
    h.keys("Home")
    assert map_of(h.studio) is None


# choosing


def test_a_click_chooses_one_and_a_click_on_nothing_none():
    h = hands(chain("a", "b"))
    h.click(h.card("a"))
    assert h.chosen == ["a"]
    h.click(h.card("b"))
    assert h.chosen == ["b"]
    h.click(EMPTY)
    assert h.chosen == []


def test_shift_adds_and_takes_away():
    h = hands(chain("a", "b"))
    h.click(h.card("a"))
    h.click(h.card("b"), held=SHIFT)
    assert h.chosen == ["a", "b"]
    h.click(h.card("a"), held=SHIFT)
    assert h.chosen == ["b"]


def test_a_box_chooses_what_it_touches():
    h = hands(chain("a", "b"))
    a, b = h.card("a"), h.card("b")
    h.drag(at(a.x, 60), at(b.x, 700))
    assert h.chosen == ["a", "b"]


def test_a_box_with_shift_keeps_what_was_chosen_and_escape_gives_it_up():
    h = hands(chain("a", "b"))
    h.click(h.card("source"))
    b = h.card("b")
    h.press(at(b.x - 20, 60), held=SHIFT)
    h.move(at(b.x + 20, 700), held=SHIFT)
    assert h.chosen == ["b", "source"]
    h.keys("Escape")
    assert h.chosen == ["source"]


# carrying


def test_a_node_is_carried_and_undo_brings_it_back():
    h = hands(chain("a"))
    h.drag(h.card("a"), Point(h.card("a").x + 96, h.card("a").y + 160))
    assert place(h, "a") == Point(416, 160)
    h.keys("Ctrl+Z")
    assert place(h, "a") == Point(320, 0)
    assert h.studio.scene.card("a").at == Point(320, 0)


def test_several_nodes_are_carried_together():
    h = hands(chain("a", "b"))
    h.keys("Ctrl+A")
    start = h.card("a")
    h.drag(start, Point(start.x, start.y + 80))
    assert {place(h, n).y for n in ("a", "b", "source")} == {80}
    assert h.studio.open.position == 1


def test_what_is_carried_snaps_to_the_edges_of_others_unless_alt_is_held():
    h = hands(chain("a", "b"))
    start = h.card("a")
    h.drag(start, Point(start.x, start.y + 100), Point(start.x, start.y + 3))
    assert place(h, "a") == Point(320, 0)
    h.drag(start, Point(start.x, start.y + 100), Point(start.x + 1, start.y + 5), held=ALT)
    assert place(h, "a") == Point(321, 5)


def test_a_click_that_shakes_carries_nothing():
    h = hands(chain("a"))
    start = h.card("a")
    h.drag(start, Point(start.x + 2, start.y + 1))
    assert h.studio.open.position == 0


def test_escape_puts_back_what_is_carried():
    h = hands(chain("a"))
    start = h.card("a")
    h.press(start)
    h.glide(start, Point(start.x + 100, start.y + 90))
    assert h.studio.scene.card("a").at != Point(320, 0)
    h.keys("Escape")
    assert h.studio.scene.card("a").at == Point(320, 0)
    h.release(EMPTY)
    assert h.studio.open.position == 0


def test_the_view_follows_what_is_carried_over_its_edge():
    h = hands(chain("a"))
    start = h.card("a")
    before = h.studio.board.camera.x
    h.press(start)
    h.glide(start, Point(1195, start.y))
    h.gestures.tick()
    assert h.studio.board.camera.x > before


def test_the_first_carry_gives_every_node_the_place_that_the_layout_found():
    h = hands(without_places(chain("a", "b")))
    seen = {n: h.studio.scene.card(n).at for n in h.nodes}
    start = h.card("a")
    h.drag(start, Point(start.x, start.y + 200))
    assert place(h, "b") == seen["b"]
    assert place(h, "source") == seen["source"]


def test_a_free_node_let_go_on_a_wire_goes_into_it():
    h = hands(free(chain("a"), "mid", "toy/Linear", 320, 400))
    middle, start = h.on_wire("source.out -> a.x"), h.card("mid")
    card = h.studio.scene.card("mid").rect
    grip = Point(middle.x, middle.y + card.height / 2 - 5)
    h.drag(start, Point(start.x, start.y - 50), grip)
    assert h.wires == ["mid.out -> a.x", "source.out -> mid.x"]
    assert h.studio.open.history[-1].label == "Insert mid into source → a"
    h.keys("Ctrl+Z")
    assert h.wires == ["source.out -> a.x"]
    assert place(h, "mid") == Point(320, 400)


def test_a_node_of_another_kind_does_not_go_into_a_wire():
    h = hands(free(chain("a"), "say", "toy/Say", 320, 400))
    middle, start = h.on_wire("source.out -> a.x"), h.card("say")
    h.drag(start, Point(start.x, start.y - 50), middle)
    assert h.wires == ["source.out -> a.x"]


# wires


def test_a_wire_is_drawn_from_an_output_and_jumps_to_a_near_port():
    h = hands(free(chain("a"), "b", "toy/Linear", 700, 300))
    port = h.port("b.x", "in")
    h.drag(h.port("a.out", "out"), Point(port.x - 15, port.y + 12))
    assert "a.out -> b.x" in h.wires


def test_a_wire_is_drawn_backwards_from_an_input():
    h = hands(free(chain("a"), "b", "toy/Linear", 700, 300))
    h.drag(h.port("b.x", "in"), h.port("a.out", "out"))
    assert "a.out -> b.x" in h.wires


def test_a_wire_let_go_on_a_card_takes_its_free_port():
    h = hands(free(free(chain("a"), "s2", "toy/Source", 0, 300), "loss", "toy/Loss", 700, 300))
    h.drag(h.port("a.out", "out"), h.card("loss"))
    h.drag(h.port("s2.out", "out"), h.card("loss"))
    assert {"a.out -> loss.x", "s2.out -> loss.target"} <= set(h.wires)


def test_a_wire_into_a_port_that_takes_one_replaces_the_other_and_a_sum_keeps_both():
    document = free(free(chain("a", "b"), "s2", "toy/Source", 0, 300), "sum", "toy/Add", 960, 300)
    h = hands(document)
    h.drag(h.port("s2.out", "out"), h.port("a.x", "in"))
    assert h.wires == ["s2.out -> a.x", "a.out -> b.x"]
    h.drag(h.port("a.out", "out"), h.port("sum.x", "in"))
    h.drag(h.port("b.out", "out"), h.port("sum.x", "in"))
    assert {"a.out -> sum.x", "b.out -> sum.x"} <= set(h.wires)


def test_what_does_not_fit_says_why_and_takes_no_wire():
    document = free(chain("a"), "say", "toy/Say", 700, 300)
    h = hands(free(document, "wide", "toy/Linear", 700, 500))
    h.studio.do(Configure(name="wide", values={"d_in": 9}))
    h.studio.check_now()
    start = h.port("a.out", "out")
    h.press(start)
    h.glide(start, h.port("say.x", "in"))
    assert h.gestures.overlay().words == "takes text, this is tensor"
    h.glide(h.port("say.x", "in"), h.port("wide.x", "in"))
    assert h.gestures.overlay().words == "takes b 9, this is b 4"
    assert h.gestures.overlay().bad
    h.release(h.port("wide.x", "in"))
    assert h.wires == ["source.out -> a.x"]
    assert h.studio.notice.level == "warning"


def test_a_wire_that_would_close_a_cycle_is_refused():
    h = hands(chain("a", "b"))
    h.drag(h.port("b.out", "out"), h.port("a.x", "in"))
    assert h.wires == ["source.out -> a.x", "a.out -> b.x"]
    assert "cycle" in h.studio.notice.text


def test_a_wired_input_gives_its_wire_to_the_hand():
    h = hands(free(chain("a"), "b", "toy/Linear", 700, 300))
    h.drag(h.port("a.x", "in"), h.port("b.x", "in"))
    assert h.wires == ["source.out -> b.x"]
    assert len(h.studio.open.history) == 2


def test_a_wire_taken_up_and_let_go_on_nothing_is_gone():
    h = hands(chain("a"))
    h.drag(h.port("a.x", "in"), EMPTY)
    assert h.wires == []


def test_a_wire_is_taken_up_near_either_end():
    h = hands(free(free(chain("a"), "b", "toy/Linear", 320, 300), "s2", "toy/Source", 0, 300))
    end = h.port("a.x", "in")
    h.drag(Point(end.x - 16, end.y), h.port("b.x", "in"))
    assert h.wires == ["source.out -> b.x"]
    start = h.port("source.out", "out")
    h.drag(Point(start.x + 16, start.y + 1), h.port("s2.out", "out"))
    assert h.wires == ["s2.out -> b.x"]


def test_a_wire_let_go_on_nothing_searches_for_what_fits():
    h = hands(chain("a"))
    h.drag(h.port("a.out", "out"), EMPTY)
    [request] = h.studio.requests
    assert isinstance(request, Search)
    assert (str(request.pin), request.side) == ("a.out", "out")


def test_a_stroke_cuts_the_wires_that_it_crosses():
    h = hands(chain("a", "b"))
    middle = h.on_wire("a.out -> b.x")
    h.drag(Point(middle.x, middle.y - 150), Point(middle.x, middle.y + 150), held=ALT)
    assert h.wires == ["source.out -> a.x"]


def test_a_wire_is_bent_and_straightened():
    h = hands(chain("a"))
    middle = h.on_wire("source.out -> a.x")
    h.drag(middle, Point(middle.x, middle.y + 120))
    [knee] = route(h.studio.document, "", wire("source.out -> a.x"))
    assert h.seen(knee) == pytest.approx(Point(middle.x, middle.y + 120), abs=1)
    h.click(h.seen(knee))
    h.actions.run("straighten")
    assert route(h.studio.document, "", wire("source.out -> a.x")) == ()


def test_a_double_click_on_a_wire_adds_a_point():
    h = hands(chain("a"))
    h.double(h.on_wire("source.out -> a.x"))
    assert len(route(h.studio.document, "", wire("source.out -> a.x"))) == 1


# keys


def test_wiring_with_keys_alone():
    h = hands(free(free(chain("a"), "b", "toy/Linear", 640, 40), "say", "toy/Say", 640, 300))
    h.click(h.card("a"))
    h.keys("W")
    assert h.gestures.overlay().target == ("b", "x")
    h.keys("Enter")
    assert "a.out -> b.x" in h.wires


def test_wiring_with_keys_chooses_among_ports_and_targets_and_can_be_given_up():
    h = hands(free(free(chain("a"), "loss", "toy/Loss", 640, 40), "b", "toy/Linear", 640, 300))
    h.click(h.card("loss"))
    h.keys("Shift+W", "Down")
    assert h.gestures.overlay().target == ("loss", "target")
    h.keys("Enter", "Escape")
    assert h.wires == ["source.out -> a.x"]
    h.keys("Shift+W", "Down", "Enter", "Down", "Up", "Enter")
    assert any(w.endswith("-> loss.target") for w in h.wires)


def test_arrows_go_to_the_next_node_and_control_moves_it():
    h = hands(chain("a", "b"))
    h.click(h.card("source"))
    h.keys("Right")
    assert h.chosen == ["a"]
    h.keys("Ctrl+Down", "Ctrl+Down")
    assert place(h, "a") == Point(320, 16)
    h.keys("Ctrl+Z")
    assert place(h, "a") == Point(320, 0)


def test_tab_goes_through_all_nodes():
    h = hands(chain("a", "b"))
    found = []
    for _ in range(4):
        h.keys("Tab")
        found += h.chosen
    assert found == ["source", "a", "b", "source"]


# removing


def test_delete_keeps_the_path_and_shift_delete_does_not():
    h = hands(chain("a", "b"))
    h.click(h.card("a"))
    h.keys("Delete")
    assert h.wires == ["source.out -> b.x"]
    h.keys("Ctrl+Z")
    h.click(h.card("a"))
    h.keys("Shift+Delete")
    assert h.wires == []


def test_delete_keeps_the_path_over_several_nodes_but_not_where_types_differ():
    h = hands(chain("a", "b", "c"))
    h.click(h.card("a"))
    h.click(h.card("b"), held=SHIFT)
    h.keys("Delete")
    assert h.wires == ["source.out -> c.x"]


def test_delete_takes_a_chosen_wire():
    h = hands(chain("a"))
    h.click(h.on_wire("source.out -> a.x"))
    h.keys("Delete")
    assert h.wires == []
    assert h.nodes == ["a", "source"]


def test_a_removed_node_takes_its_place_along_and_undo_brings_both_back():
    h = hands(chain("a"))
    h.click(h.card("a"))
    h.keys("Delete")
    assert "a" not in h.studio.document.layout
    h.keys("Ctrl+Z")
    assert place(h, "a") == Point(320, 0)


# copies


def test_copy_and_paste_keep_inner_wires_and_places():
    h = hands(chain("a", "b"))
    h.click(h.card("a"))
    h.click(h.card("b"), held=SHIFT)
    h.keys("Ctrl+C")
    h.move(at(400, 600))
    h.keys("Ctrl+V")
    assert h.chosen == ["a_2", "b_2"]
    assert "a_2.out -> b_2.x" in h.wires
    assert place(h, "b_2").x - place(h, "a_2").x == 320


def test_duplicate_also_keeps_what_feeds_it():
    h = hands(chain("a"))
    h.click(h.card("a"))
    h.keys("Ctrl+D")
    assert "source.out -> a_2.x" in h.wires


def test_text_that_holds_no_nodes_is_refused_kindly():
    h = hands(chain("a"))
    h.clipboard = "Hello"
    h.keys("Ctrl+V")
    assert h.nodes == ["a", "source"]
    assert "the clipboard holds no nodes" in h.studio.notice.text


def test_a_copy_is_pasted_into_another_document():
    h, other = hands(chain("a", "b")), hands(Document())
    h.keys("Ctrl+A", "Ctrl+C")
    other.clipboard = h.clipboard
    other.keys("Ctrl+V")
    assert other.nodes == ["a", "b", "source"]
    assert len(other.wires) == 2


# in and out


def grouped(*names: str) -> Hands:
    document = Group(names=("a", "b"), into="inner")(chain("a", "b", "c"))
    return hands(SetLayout(key="inner", value={"x": 400, "y": 0})(document))


def test_a_double_click_enters_and_escape_leaves():
    h = grouped()
    h.double(h.card("inner"))
    assert h.studio.place.path == "inner"
    assert h.nodes == ["a", "b"]
    h.keys("Escape")
    assert h.studio.place.path == ""
    assert h.chosen == ["inner"]


def test_the_camera_is_where_it_was_left():
    h = grouped()
    before = h.studio.board.camera
    h.studio.enter("inner")
    h.wheel(EMPTY, 3)
    inner = h.studio.board.camera
    h.studio.leave()
    assert h.studio.board.camera == before
    h.studio.enter("inner")
    assert h.studio.board.camera == inner


def test_edits_inside_a_body_are_made_there():
    h = grouped()
    h.studio.enter("inner")
    h.click(h.card("b"))
    h.keys("Delete")
    assert sorted(h.studio.document.root.nodes["inner"].body.nodes) == ["a"]


def test_an_instance_is_entered_and_its_definition_edited():
    document = Define(name="inner", definition="part")(grouped().studio.document)
    h = hands(document)
    h.double(h.card("inner"))
    assert (h.studio.place.at, h.studio.place.path) == ("@part", "inner")
    assert h.studio.scene.card("b").outputs[0].shape == "b×4"
    h.click(h.card("b"))
    h.keys("Delete")
    assert sorted(h.studio.document.definitions["part"].body.nodes) == ["a"]


def test_when_the_body_goes_the_one_around_it_is_shown():
    h = grouped()
    h.keys("Ctrl+A")
    h.click(h.card("inner"))
    h.studio.enter("inner")
    h.studio.undo()
    h.studio.do(RemoveNodes(names=("inner",)))
    assert h.studio.place.path == ""
    assert "inner" not in h.nodes


def test_a_second_press_that_becomes_a_drag_is_no_double_click():
    h = grouped()
    start = h.card("inner")
    h.click(start)
    h.press(start)
    h.gestures.mouse(Mouse("double", *start))
    h.glide(start, Point(start.x, start.y + 160))
    h.release(Point(start.x, start.y + 160))
    assert h.studio.place.path == ""
    assert place(h, "inner").y == 160


def test_a_double_click_on_a_leaf_asks_for_its_label():
    h = hands(chain("a"))
    h.double(h.card("a"))
    [ask] = h.studio.requests
    assert isinstance(ask, Ask)
    ask.accept("The map")
    assert h.studio.document.root.nodes["a"].label == "The map"


@pytest.mark.parametrize(("level", "whole"), [("pipeline", "stage"), ("stage", "world")])
def test_the_whole_rises_to_a_level_that_may_hold_the_group(level: str, whole: str) -> None:
    h = hands(chain("a", "b", "c"))
    before = h.studio.document
    h.studio.select(Selection(frozenset({"a", "b"})))
    h.actions.run(f"group {level}")
    assert h.studio.document.root.level == whole
    assert f"may hold a {level}" in h.studio.notice.text
    h.keys("Ctrl+Z")
    assert h.studio.document == before
    h.keys("Ctrl+G")  # a graph holds graphs
    assert h.studio.document.root.level == "graph"


def test_no_level_holds_a_stage_beside_a_graph_so_the_whole_stays_what_it_is() -> None:
    h = grouped()
    h.studio.select(Selection(frozenset({"c"})))
    h.actions.run("group stage")
    h.studio.check_now()
    assert h.studio.document.root.level == "graph"
    said = [p.message for p in h.studio.scene.inspection.problems if p.path == "stage"]
    assert "a graph holds block, graph, not a stage" in said


def test_group_and_ungroup_leave_nodes_where_they_were():
    h = hands(chain("a", "b", "c"))
    h.click(h.card("a"))
    h.click(h.card("b"), held=SHIFT)
    h.keys("Ctrl+G")
    assert h.chosen == ["graph"]
    assert h.wires == ["graph.out -> c.x", "source.out -> graph.x"]
    assert place(h, "graph").x == pytest.approx(472, abs=16)
    h.keys("Ctrl+Shift+G")
    assert h.nodes == ["a", "b", "c", "source"]
    assert place(h, "b").x - place(h, "a").x == 320
    assert place(h, "a").x == pytest.approx(320, abs=30)


def test_a_renamed_node_keeps_its_place_and_the_way_of_its_wires():
    h = hands(chain("a"))
    middle = h.on_wire("source.out -> a.x")
    h.drag(middle, Point(middle.x, middle.y + 120))
    h.studio.do(RenameNode(name="a", new="z"))
    assert place(h, "z") == Point(320, 0)
    assert len(route(h.studio.document, "", wire("source.out -> z.x"))) == 1
    assert not any("-> a.x" in key for key in h.studio.document.layout)


# chips, folding, frames and notes


def test_a_click_on_the_chip_goes_through_the_modes_and_back_to_inherited():
    h = hands(chain("a"))
    found = []
    for _ in range(4):
        h.click(h.chip("a"))
        chip = h.studio.scene.card("a").chip
        assert chip is not None
        found.append((chip.mode, chip.own))
    assert found == [("frozen", True), ("lora", True), ("train", False), ("frozen", True)]


def test_the_same_by_key_for_all_that_is_chosen():
    h = hands(chain("a", "b"))
    h.keys("Ctrl+A", "M")
    modes = [h.studio.scene.card(n).chip for n in ("a", "b")]
    assert [c.mode for c in modes if c] == ["frozen", "frozen"]


def test_folding_shows_the_head_alone_and_keeps_the_wires():
    h = hands(chain("a"))
    tall = h.studio.scene.card("a").box.height
    h.click(h.card("a"))
    h.keys("H")
    assert folded(h.studio.document, "a")
    assert h.studio.scene.card("a").box.height < tall / 2
    assert len(list(h.studio.scene.wires())) == 1
    h.keys("H")
    assert not folded(h.studio.document, "a")


def test_a_frame_stands_around_the_chosen_and_carries_what_is_in_it():
    h = hands(chain("a", "b"))
    h.click(h.card("a"))
    h.keys("Ctrl+F")
    [frame] = decor(h.studio.document, "")
    [ask] = h.studio.requests
    ask.accept("Encoder")
    start = h.seen(Point(frame.box.x + 40, frame.box.y + 10))
    h.drag(start, Point(start.x, start.y + 160), held=ALT)
    assert place(h, "a") == Point(320, 160)
    assert place(h, "b") == Point(640, 0)
    assert decor(h.studio.document, "")[0].text == "Encoder"


def test_a_note_is_written_moved_resized_and_taken_away():
    h = hands(chain("a"))
    h.move(at(500, 600))
    h.keys("N")
    h.studio.requests[0].accept("Remember")
    [note] = decor(h.studio.document, "")
    start = h.seen(note.box.centre)
    h.drag(start, Point(start.x + 64, start.y))
    corner = h.seen(Point(note.box.right + 64 - 5, note.box.bottom - 5))
    h.drag(corner, Point(corner.x + 80, corner.y + 40))
    [moved] = decor(h.studio.document, "")
    assert moved.text == "Remember"
    assert moved.box.width == pytest.approx(note.box.width + 80, abs=8)
    h.keys("Delete")
    assert decor(h.studio.document, "") == []


# menus


@pytest.mark.parametrize("spot", ["nothing", "card", "wire"])
def test_a_right_click_offers_what_can_be_done(spot):
    h = hands(chain("a"))
    where = {"nothing": EMPTY, "card": h.card("a"), "wire": h.on_wire("source.out -> a.x")}
    h.click(where[spot], button="right")
    [menu] = h.studio.requests
    assert isinstance(menu, Menu)
    for name in filter(None, menu.actions):
        assert h.actions[name].label


def test_a_double_click_on_nothing_searches():
    h = hands(chain("a"))
    h.double(EMPTY)
    assert isinstance(h.studio.requests[-1], Search)
    h.keys("Ctrl+P")
    assert isinstance(h.studio.requests[-1], Palette)


def test_align_and_distribute_and_arrange():
    h = hands(chain("a", "b"))
    start = h.card("a")
    h.drag(start, Point(start.x + 56, start.y + 104))
    h.keys("Ctrl+A")
    h.actions.run("align top")
    assert {place(h, n).y for n in h.nodes} == {0}
    h.actions.run("distribute across")
    rects = h.studio.scene.rects()
    gaps = [rects["a"].x - rects["source"].right, rects["b"].x - rects["a"].right]
    assert gaps[0] == pytest.approx(gaps[1], abs=1)
    h.keys("Ctrl+Shift+A")
    assert place(h, "source").x < place(h, "a").x < place(h, "b").x


def test_f8_goes_to_the_next_problem():
    broken = AddNode(name="odd", node=NodeSpec(type="toy/Nothing"))(chain("a"))
    h = hands(Group(names=("odd",), into="inner")(broken))
    h.keys("F8")
    assert (h.studio.place.path, h.chosen) == ("inner", ["odd"])


def test_an_edit_that_is_refused_changes_nothing_and_says_why():
    h = hands(chain("a"))
    assert not h.studio.do(RenameNode(name="a", new="source"))
    assert h.studio.notice.level == "error"
    assert "source" in h.studio.notice.text


def test_choosing_keeps_only_what_is_left():
    h = hands(chain("a"))
    h.studio.select(Selection(frozenset({"a"}), frozenset({wire("source.out -> a.x")})))
    h.keys("Shift+Delete")
    assert not h.studio.selection


def test_an_empty_document_can_be_shown():
    h = hands(Document(root=GraphSpec()))
    h.keys("Home", "F", "Ctrl+A", "Tab", "Right", "Ctrl+Shift+A", "Delete", "F8")
    assert h.nodes == []
