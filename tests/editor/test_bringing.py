"""What is drawn out of a panel: its ghost follows the cursor, and where it is let go it is."""

from __future__ import annotations

from app.editor.canvas.arrangement import place_of
from app.editor.canvas.bringing import Bringing
from app.editor.canvas.camera import Point
from app.editor.canvas.cards import Card
from app.editor.canvas.inputs import Held, Mouse
from app.editor.library.bundle import Bundle, of_block, of_definition, of_template
from graphs.spec.document import Document, GraphSpec
from graphs.spec.edits import Define
from tests.editor.toys import CATALOGUE, Hands, at, chain, hands

PANEL = Mouse("press", -120, 300)
LINEAR = of_block(CATALOGUE.types["toy/Linear"])
LOSS = of_block(CATALOGUE.types["toy/Say"])


def bring(h: Hands, bundle: Bundle, *ways: Point, held: Held | None = None) -> list[str]:
    """Draw it out of a panel to the last point and keep it in the hand; what `then` was told."""
    told: list[str] = []
    h.gestures.bring(bundle, PANEL, lambda: told.append("there"))
    for way in ways:
        h.gestures.mouse(Mouse("move", *way, held=held or Held()))
    return told


def ghost(h: Hands) -> Card:
    assert isinstance(h.gestures.hand, Bringing)
    card = h.gestures.overlay().card
    assert card is not None
    return card


def test_a_block_is_where_its_ghost_was_let_go_and_is_chosen_in_one_step():
    h = hands(chain("a"))
    told = bring(h, LINEAR, at(300, 500), at(640, 560))
    place = ghost(h).at
    h.release(at(640, 560))
    assert place_of(h.studio.document, "linear") == place
    assert place.x % 8 == place.y % 8 == 0
    assert (h.chosen, told) == (["linear"], ["there"])
    h.keys("Ctrl+Z")
    assert h.nodes == ["a", "source"]
    assert h.studio.open.position == 0


def test_over_a_wire_it_goes_in_by_the_same_rule_as_a_node_that_is_carried_there():
    h = hands(chain("a", "b"))
    middle = h.on_wire("a.out -> b.x")
    spot = at(middle.x, middle.y - ghost_drop(h))
    bring(h, LINEAR, spot)
    assert str(h.gestures.overlay().into) == "a.out -> b.x"
    h.release(spot)
    assert {"a.out -> linear.x", "linear.out -> b.x"} <= set(h.wires)
    assert "a.out -> b.x" not in h.wires
    h.keys("Ctrl+Z")
    assert h.nodes == ["a", "b", "source"]
    assert "a.out -> b.x" in h.wires


def ghost_drop(h: Hands) -> float:
    """How far under the hand the middle of the ghost is."""
    bring(h, LINEAR, at(600, 700))
    rect = ghost(h).rect
    h.gestures.cancel()
    return rect.height / 2 - 17


def test_what_does_not_fit_a_wire_lies_beside_it():
    h = hands(chain("a", "b"))
    spot = h.on_wire("a.out -> b.x")
    bring(h, LOSS, spot)
    assert h.gestures.overlay().into is None
    h.release(spot)
    assert "a.out -> b.x" in h.wires
    assert "say" in h.nodes


def test_escape_gives_it_up_and_so_does_letting_go_outside():
    h = hands(chain("a"))
    bring(h, LINEAR, at(500, 500))
    h.keys("Escape")
    assert h.gestures.hand is None
    bring(h, LINEAR, at(500, 500), at(-40, 500))
    assert h.gestures.overlay().card is None
    h.release(at(-40, 500))
    assert h.nodes == ["a", "source"]


def test_with_alt_it_lies_exactly_under_the_hand():
    h = hands(chain("a"))
    h.studio.board.camera = type(h.studio.board.camera)(0.5, 0.25, 1.0)
    bring(h, LINEAR, at(501, 503), held=Held(alt=True))
    assert ghost(h).at.y == 503 + 0.25 - 17


def test_a_template_shows_the_ports_of_its_graph_and_can_go_into_a_wire():
    root = chain("m", "n", plans=False).root
    nodes = {name: node for name, node in root.nodes.items() if name != "source"}
    open_ = GraphSpec(
        nodes=nodes, wires=root.wires[1:], inputs={"x": ["m.x"]}, outputs={"out": "n.out"}
    )
    h = hands(chain("a", "b"))
    bring(h, of_template(Document(title="Two", root=open_), "two"), at(600, 600))
    card = ghost(h)
    assert [port.name for port in (*card.inputs, *card.outputs)] == ["x", "out"]
    spot = h.on_wire("a.out -> b.x")
    way = at(spot.x, spot.y - card.rect.height / 2 + 17)
    h.gestures.mouse(Mouse("move", *way))
    h.release(way)
    assert {"a.out -> two.x", "two.out -> b.x"} <= set(h.wires)


def test_an_instance_brings_its_ports_too():
    h = hands(Define(name="a", definition="unit")(chain("a")))
    bring(h, of_definition("unit"), at(600, 600))
    assert [port.name for port in ghost(h).inputs] == ["x"]
    h.release(at(600, 600))
    assert h.studio.document.root.nodes["unit"].uses == "unit"


def test_what_a_level_cannot_hold_says_why():
    world = chain("a").model_copy(
        update={
            "root": GraphSpec(
                nodes={"s": Define(name="a", definition="d")(chain("a")).root.nodes["a"]},
                level="world",
            )
        }
    )
    staged = GraphSpec(
        nodes={
            "s": world.root.nodes["s"].model_copy(
                update={"uses": "", "body": GraphSpec(level="stage")}
            )
        },
        level="world",
    )
    h = hands(chain("a"))
    told = bring(h, of_template(Document(title="World", root=staged), "world"), at(500, 500))
    assert "a graph holds no world of stages" in h.gestures.overlay().words
    h.release(at(500, 500))
    assert (h.nodes, told) == (["a", "source"], [])
