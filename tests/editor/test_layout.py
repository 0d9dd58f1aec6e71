"""The layout: nothing overlaps, wires run to the right, the same graph always looks the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.curves import pieces, sampled
from app.editor.canvas.layout import arranged
from graphs.spec.document import GraphSpec, NodeSpec, Pin, Wire


@st.composite
def graphs(draw: st.DrawFn, most: int = 14, back: bool = False) -> tuple[GraphSpec, dict]:
    names = [f"n{i}" for i in range(draw(st.integers(1, most)))]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=20)) if pairs else []
    if back and chosen:
        chosen.append((chosen[0][1], chosen[0][0]))
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in chosen]
    sizes = {n: (draw(st.integers(100, 300)), draw(st.integers(60, 300))) for n in names}
    return GraphSpec(nodes=dict.fromkeys(names, NodeSpec(type="t")), wires=wires), sizes


@given(graphs(back=True))
def test_no_card_lies_on_another(made):
    body, sizes = made
    places = arranged(body, sizes).places
    assert places.keys() == body.nodes.keys()
    rects = [Rect(*places[n], *sizes[n]) for n in places]
    for i, a in enumerate(rects):
        for b in rects[i + 1 :]:
            assert not a.grown(-1).meets(b.grown(-1))


@given(graphs())
def test_wires_run_to_the_right(made):
    body, sizes = made
    places = arranged(body, sizes).places
    for wire in body.wires:
        a, b = wire.source.node, wire.target.node
        below = places[b].y > places[a].y + sizes[a][1]  # the next row of a long graph
        assert places[a].x + sizes[a][0] <= places[b].x or below


@given(graphs())
def test_the_same_graph_is_laid_out_the_same_whatever_the_order_of_its_nodes(made):
    body, sizes = made
    turned = body.model_copy(update={"nodes": dict(reversed(body.nodes.items()))})
    assert arranged(body, sizes).places == arranged(turned, sizes).places


def test_a_chain_is_one_straight_row():
    names = list("abcd")
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in pairwise(names)]
    body = GraphSpec(nodes=dict.fromkeys(names, NodeSpec(type="t")), wires=wires)
    places = arranged(body, dict.fromkeys(names, (200, 100))).places
    assert len({p.y for p in places.values()}) == 1


def test_a_long_chain_is_broken_into_rows_that_can_be_read():
    names = [f"n{i:02}" for i in range(14)]
    wires = [Wire(Pin(a, "out"), Pin(b, "x")) for a, b in pairwise(names)]
    body = GraphSpec(nodes=dict.fromkeys(names, NodeSpec(type="t")), wires=wires)
    found = arranged(body, dict.fromkeys(names, (200, 100)))
    wide = max(p.x for p in found.places.values()) + 200
    tall = max(p.y for p in found.places.values()) + 100
    assert 1 < wide / tall < 4
    rows = sorted({p.y for p in found.places.values()})
    assert [n for y in rows for n in names if found.places[n].y == y] == names
    assert len(found.routes) == len(rows) - 1


def test_a_long_wire_is_led_around_the_card_in_its_way():
    names = list("abc")
    wires = [
        Wire(Pin("a", "out"), Pin("b", "x")),
        Wire(Pin("b", "out"), Pin("c", "x")),
        Wire(Pin("a", "out"), Pin("c", "y")),
    ]
    body = GraphSpec(nodes=dict.fromkeys(names, NodeSpec(type="t")), wires=wires)
    sizes = dict.fromkeys(names, (200.0, 100.0))
    found = arranged(body, sizes)
    via = found.routes[wires[2]]
    start = (found.places["a"].x + 200, found.places["a"].y + 50)
    end = (found.places["c"].x, found.places["c"].y + 50)
    card = Rect(*found.places["b"], *sizes["b"])
    path = sampled(pieces(Point(*start), Point(*end), via))
    assert not any(card.holds(float(x), float(y)) for x, y in path)
