"""A wire fills in the widths that it decides; a problem offers the settings that would mend it."""

from __future__ import annotations

from typing import Any

from app.editor.canvas.changes import added, connect
from app.editor.studio import Studio
from app.editor.suiting import Mending
from graphs.spec.catalogue import BlockType, Catalogue
from graphs.spec.document import Document, GraphSpec, NodeSpec, Pin, Wire
from graphs.spec.edits import Define, Group
from tests.editor.toys import CATALOGUE, ports

WIDTHS = {"type": "integer", "exclusiveMinimum": 0}
MAP = BlockType(
    name="toy/Map", category="layers", inputs=ports(x="tensor ... d_in"),
    outputs=ports(out="tensor ... d_out"),
    config={"type": "object", "properties": {"d_in": WIDTHS, "d_out": WIDTHS},
            "required": ["d_in", "d_out"]},
)  # fmt: skip
TYPES = Catalogue(types={**CATALOGUE.types, MAP.name: MAP})


def studio(wires: tuple[str, ...] = (), **configs: dict[str, Any]) -> Studio:
    """A source four wide, maps with these settings, a loss; and wires."""
    nodes = {"source": NodeSpec(type="toy/Source"), "loss": NodeSpec(type="toy/Loss")}
    nodes |= {name: NodeSpec(type="toy/Map", config=config) for name, config in configs.items()}
    ends = [w.split(" -> ") for w in wires]
    drawn = tuple(Wire(Pin(*a.split(".")), Pin(*b.split("."))) for a, b in ends)
    made = Studio(Document(root=GraphSpec(nodes=nodes, wires=drawn)), TYPES)
    made.check_now()
    return made


def config(made: Studio, name: str) -> dict[str, Any]:
    return dict(made.document.root.nodes[name].config)


def wired(made: Studio, source: str, target: str) -> None:
    assert made.do(connect(made.scene, Pin(*source.split(".")), Pin(*target.split("."))))
    made.check_now()


def test_a_wire_fills_in_the_width_that_comes() -> None:
    made = studio(map={})
    wired(made, "source.out", "map.x")
    assert config(made, "map") == {"d_in": 4}
    made.undo()
    assert (config(made, "map"), made.document.root.wires) == ({}, ())


def test_a_width_that_somebody_chose_stays() -> None:
    made = studio(map={"d_in": 9})
    wired(made, "source.out", "map.x")
    assert config(made, "map") == {"d_in": 9}


def test_a_wire_fills_in_the_width_that_is_asked_for() -> None:
    made = studio(first={"d_in": 4}, second={"d_in": 7, "d_out": 2})
    wired(made, "first.out", "second.x")
    assert config(made, "first") == {"d_in": 4, "d_out": 7}


def test_what_other_inputs_say_decides_too() -> None:
    made = studio(("source.out -> loss.target",), map={"d_in": 3})
    wired(made, "map.out", "loss.x")
    assert config(made, "map") == {"d_in": 3, "d_out": 4}


def test_a_new_node_out_of_a_search_is_filled_in() -> None:
    made = studio(map={"d_in": 4, "d_out": 6})
    name, edit = added(
        made.scene, MAP, made.board.camera.to_world(0, 0), Pin("map", "out"), "out", "x"
    )
    assert made.do(edit)
    assert config(made, name) == {"d_in": 6}


def mends(made: Studio, path: str) -> str:
    mend = Mending(made.document, made.scene.inspection, TYPES).mend(path)
    if mend is None:
        return ""
    assert made.do(mend.edit)
    made.check_now()
    return mend.words


def test_a_missing_width_is_offered_where_a_wire_was_before_it_was_known() -> None:
    made = studio(("source.out -> map.x",), map={"d_out": 2})
    assert mends(made, "map") == "Set d in = 4"
    assert config(made, "map") == {"d_in": 4, "d_out": 2}
    assert not [p for p in made.scene.inspection.problems if p.path == "map"]


def test_a_width_that_contradicts_is_offered_another() -> None:
    made = studio(("source.out -> map.x",), map={"d_in": 9, "d_out": 2})
    assert [p.code for p in made.scene.inspection.problems if p.path == "map"] == ["port-shape"]
    assert mends(made, "map") == "Set d in = 4"
    assert mends(made, "map") == ""


def test_what_comes_from_outside_a_group_is_known_and_an_instance_is_overridden() -> None:
    made = studio(("source.out -> map.x",), map={"d_in": 9, "d_out": 2})
    assert made.do(Group(names=("map",), into="held"))
    assert made.do(Define(name="held", definition="unit"))
    made.check_now()
    assert mends(made, "held.map") == "Set d in = 4"
    assert made.document.definitions["unit"].body is not None
    assert made.document.definitions["unit"].body.nodes["map"].config["d_in"] == 9
    assert not [p for p in made.scene.inspection.problems if p.path == "held.map"]


def test_nothing_is_offered_where_no_setting_helps_or_the_document_went_on() -> None:
    made = studio(("source.out -> loss.x",), map={})
    assert mends(made, "loss") == mends(made, "map") == ""
    late = studio(("source.out -> map.x",), map={"d_in": 9, "d_out": 2})
    gone = Document()
    assert Mending(gone, late.scene.inspection, TYPES).mend("map") is None
