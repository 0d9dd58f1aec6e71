"""A play of the inspector: numbers are typed and dragged, boxes ticked, names written, all undone."""

from __future__ import annotations

from pathlib import Path

from app.editor.canvas.camera import Point
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.inspector.lines import Line
from app.editor.inspector.panel import SheetPanel, inspector_panel, plan_panel
from app.editor.studio import Selection
from graphs.spec.catalogue import BlockType, Catalogue
from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.plan import Plan
from tests.editor.toys import TYPES, ports
from tests.window.playbill import play
from tests.window.stage import Stage, labelled

FIELDS = {
    "type": "object",
    "properties": {
        "width": {"type": "integer", "minimum": 1, "default": 4},
        "share": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
        "bias": {"type": "boolean", "default": True},
        "how": {"enum": ["sum", "mean"], "type": "string", "default": "sum"},
        "sizes": {"type": "array", "items": {"type": "integer"}, "default": [1, 2]},
        "path": {"type": "string", "format": "file-path", "default": ""},
        "tint": {"type": "string", "format": "color", "default": "#5b9dff"},
        "limit": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None},
    },
}
KIND = BlockType(
    name="toy/All", category="layers", config=FIELDS, summary="Has a setting of every kind.",
    inputs=ports(x="tensor b 4"), outputs=ports(out="tensor b 4"),
)  # fmt: skip
CATALOGUE = Catalogue(types={kind.name: kind for kind in (*TYPES, KIND)})


class Form:
    """Where the lines of the inspector are, and hands on them."""

    def __init__(self, stage: Stage, panel: str = "inspector") -> None:
        self.stage = stage
        view = stage.shell.docks.view(panel)
        assert isinstance(view, SheetPanel)
        self.view = view.view

    def line(self, *path: str | int) -> Line:
        lines = {v.entry.path: v for s in self.view._shown.values() for v in s.lines}
        assert path in lines, (path, list(lines), self.stage.chosen, self.stage.studio.notice)
        return lines[path]

    def middle(self, *path: str | int) -> Point:
        line = self.line(*path)  # where there is no value there is nothing to set but the switch
        item = line.widget.item or line._switch or line._text
        (left, top), (right, bottom) = dpg.get_item_rect_min(item), dpg.get_item_rect_max(item)
        return Point((left + right) / 2, (top + bottom) / 2)

    def reveal(self, *path: str | int) -> None:
        """Turn the wheel until the line is in the middle of the panel, or as near as it comes."""
        room = self.stage.shell.docks.rects["right"]
        for _ in range(60):
            low = self.middle(*path).y
            if room.y + 60 < low < room.bottom - 240:
                return
            self.stage.point(*room.centre)
            self.stage.tool("click", "5" if low > room.centre.y else "4")
            self.stage.frames(3)
            if self.middle(*path).y == low:
                return

    def click(self, *path: str | int, times: int = 1) -> None:
        self.reveal(*path)
        self.stage.point(*self.middle(*path))
        self.stage.frames(20)  # what was clicked before is no part of it
        self.stage.tool("click", "--repeat", str(times), "--delay", "30", "1")
        self.stage.frames(6)
        self.stage.settle()

    def write(self, text: str, *path: str | int, times: int = 1, end: str = "Enter") -> None:
        self.click(*path, times=times)
        self.stage.keys("Ctrl+A")
        self.stage.write(text)
        self.stage.keys(end)
        self.stage.settle()

    def pick(self, number: int, *path: str | int) -> None:
        """Choose one of several by hand: the box opens, and the choice so far down it is clicked."""
        self.click(*path)
        item = self.line(*path).widget.item
        (left, _top), (_right, bottom) = dpg.get_item_rect_min(item), dpg.get_item_rect_max(item)
        row = self.stage.shell.look.text + 6
        self.stage.point(left + 30, bottom + (number + 0.5) * row)
        self.stage.tool("click", "1")
        self.stage.frames(6)
        self.stage.settle()

    def heading(self, *keys: str) -> None:
        """Open or close parts of the sheet."""
        for key in keys:
            self.stage.press(self.view._shown[key].header)
            self.stage.frames(6)

    def button(self, words: str, key: str) -> None:
        """Press the first button with these words in a part of the sheet."""
        self.stage.press(labelled(words, self.view._shown[key].body))
        self.stage.frames(6)


def document() -> Document:
    nodes = {"a": NodeSpec(type="toy/All"), "source": NodeSpec(type="toy/Source")}
    return Document(
        root=GraphSpec(nodes=nodes, wires=("source.out -> a.x",)), plans={"main": Plan()}
    )


@play
def inspector(folder: Path) -> None:
    """What is written in the form is in the document, and Ctrl+Z takes it back."""
    s = Stage(document(), folder, CATALOGUE)
    s.shell.add_panel(inspector_panel())
    s.shell.add_panel(plan_panel())
    s.studio.select(Selection(frozenset({"a"})))
    s.frames(6)
    form = Form(s)

    def config() -> dict[str, object]:
        return dict(s.studio.document.root.nodes[s.chosen[0]].config)

    steps = s.studio.open.position
    form.write("12", "width", times=2)
    assert config() == {"width": 12}
    assert s.studio.open.position == steps + 1  # the letters of a number are one step
    assert s.studio.notice.text == ""  # Enter was for the field, not for the node
    form.click("bias")
    assert config() == {"width": 12, "bias": False}
    s.picture("inspector")
    s.move(Point(400, 600))
    s.click(Point(400, 600))
    s.studio.select(Selection(frozenset({"a"})))
    s.frames(4)
    s.keys("Ctrl+Z")
    assert config() == {"width": 12}
    s.keys("Ctrl+Z")
    assert config() == {}
    assert not dpg.is_item_shown(form.line("width")._reset)
    s.keys("Ctrl+Shift+Z")
    assert config() == {"width": 12}
    reset = dpg.get_item_rect_min(form.line("width")._reset)
    s.point(reset[0] + 8, reset[1] + 8)
    s.down()
    s.up()
    assert config() == {}

    here = form.middle("share")
    s.point(here.x, here.y)
    s.down()
    for x in (5, 15, 25, 30):
        s.point(here.x + x, here.y)
    s.up()
    assert 0.5 < float(str(config()["share"])) < 0.9
    assert s.studio.open.history[s.studio.open.position].label == "Set share of a"
    before = s.studio.open.position
    form.write("3, x", "sizes")
    assert s.studio.open.position == before  # what cannot be read is not taken
    assert "expected a whole number, got 'x'" in form.line("sizes").refused
    s.picture("inspector-refused")
    form.write("3, 4", "sizes")
    assert config()["sizes"] == [3, 4]
    assert form.line("sizes").refused == ""

    file = folder / "words.txt"
    file.write_text("words", encoding="utf-8")
    form.reveal("path")
    s.press(labelled(ICONS["folder-open"], form.view._shown["settings"].body))
    s.frames(6)
    s.picture("inspector-path")
    s.keys("Ctrl+A")
    s.write(str(file))
    s.keys("Enter")
    assert config()["path"] == str(file)

    form.click("name")  # letters are not shortcuts while they are typed, and Tab goes to the next
    s.keys("Ctrl+A")
    s.write("mh")
    s.keys("Tab")
    s.settle()
    assert s.chosen == ["mh"]
    form.write("Map", "label")
    assert s.studio.document.root.nodes["mh"].label == "Map"
    assert s.chosen == ["mh"]
    for theme in ("light", "high contrast"):
        s.shell.actions.run(f"theme {theme}")
        s.settle()
        s.picture(f"inspector-{theme.replace(' ', '-')}")
    while s.studio.open.position:
        s.studio.undo()
    s.settle()
    assert s.studio.document == document()
    s.close()
