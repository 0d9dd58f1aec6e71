"""A stage: the real window under a real X server, and hands that are xdotool's.

Dear PyGui allows one window in a process, so each play runs in a process of its own:
`python -m tests.window.stage PLAY FOLDER` with DISPLAY set.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.editor.canvas.camera import Point
from app.editor.doubles import Doubles
from app.editor.gui import dpg
from app.editor.shell import Shell
from app.editor.studio import Studio
from app.editor.window import shown
from graphs.spec.catalogue import Catalogue
from graphs.spec.document import Document
from tests.editor.toys import CATALOGUE, Hands
from tests.window.playbill import found

FRAMES = 2  # between two events, so that each is in a frame of its own
XDOTOOL_KEYS = {"Ctrl": "ctrl", "Shift": "shift", "Alt": "alt", "Delete": "Delete", "Enter": "Return",
                "Backspace": "BackSpace", "Space": "space", "Slash": "slash",
                "Plus": "equal", "Minus": "minus", "Comma": "comma"}  # fmt: skip


class Stage:
    """One window and a pair of hands."""

    def __init__(
        self, document: Document, folder: Path, catalogue: Catalogue = CATALOGUE, scale: float = 1.0
    ) -> None:
        self.folder = folder
        self.studio = Studio(document, catalogue)
        self.shell: Shell = shown(self.studio, 1280, 800, scale)
        dpg.set_viewport_pos([0, 0])
        self.frames(FRAMES)
        self.studio.check_now()
        self.frames(8)
        self.seen = Hands(self.studio)  # it only says where things are

    def frames(self, count: int = FRAMES) -> None:
        """Let the window live so long."""
        for _ in range(count):
            self.shell.frame()
            dpg.render_dearpygui_frame()

    def settle(self) -> None:
        """Let check come to its end and what it found be drawn."""
        self.frames()
        self.studio.check_now()
        self.frames()

    def close(self) -> None:
        self.studio.close()
        dpg.destroy_context()

    # hands

    def tool(self, *words: str) -> None:
        """The event has left the X server when this goes on: it answers a question only afterwards."""
        asked = () if words[0] == "type" else ("getmouselocation",)  # text goes to the line's end
        subprocess.run(["xdotool", *words, *asked], check=True, stdout=subprocess.DEVNULL)
        self.frames()

    def move(self, at: Point) -> None:
        """To a point of the canvas."""
        canvas = self.shell.docks.rects["canvas"]
        self.tool("mousemove", str(round(at.x + canvas.x)), str(round(at.y + canvas.y)))

    def point(self, x: float, y: float) -> None:
        """To a point of the window."""
        self.tool("mousemove", str(round(x)), str(round(y)))

    def down(self, button: int = 1) -> None:
        self.tool("mousedown", str(button))

    def up(self, button: int = 1) -> None:
        self.tool("mouseup", str(button))
        self.settle()

    def click(self, at: Point, button: int = 1) -> None:
        self.move(at)
        self.shell.pointer.doubles = Doubles()  # what was clicked before is no part of it
        self.down(button)
        self.up(button)

    def press(self, item: int) -> None:
        """A real click in the middle of an item of the window."""
        x, y = dpg.get_item_rect_min(item)
        wide, high = dpg.get_item_rect_size(item)
        self.point(x + wide / 2, y + high / 2)
        self.frames(3)
        self.down()
        self.up()

    def double(self, at: Point) -> None:
        self.move(at)
        self.double_here()

    def double_here(self) -> None:
        """A double click where the mouse is."""
        for _ in range(5):  # on a busy machine two clicks may come too far apart to be a double one
            doubles = self.shell.pointer.doubles = Doubles()
            self.tool("click", "--repeat", "2", "--delay", "20", "1")
            self.frames(6)
            self.settle()
            if doubles.count:
                return
        raise AssertionError("no double click came")

    def drag(self, start: Point, *ways: Point, button: int = 1) -> None:
        self.move(start)
        self.down(button)
        self.glide(start, *ways)
        self.up(button)

    def glide(self, start: Point, *ways: Point) -> None:
        for a, b in zip((start, *ways[:-1]), ways, strict=True):
            for share in (0.5, 1.0):
                self.move(Point(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))

    def hold(self, key: str) -> None:
        self.tool("keydown", key)

    def let_go(self, key: str) -> None:
        self.tool("keyup", key)

    def keys(self, *combinations: str) -> None:
        """Press them one after the other; each is let go at once, as held over slow frames it repeats."""
        for each in combinations:
            parts = [XDOTOOL_KEYS.get(p, p.lower() if len(p) == 1 else p) for p in each.split("+")]
            self.tool("key", "--delay", "0", "+".join(parts))
            self.frames(2)
            self.settle()

    def write(self, text: str) -> None:
        self.tool("type", "--delay", "30", text)
        self.frames(10 + 2 * len(text))  # a frame takes one letter

    # what came of it

    @property
    def wires(self) -> list[str]:
        return self.seen.wires

    @property
    def nodes(self) -> list[str]:
        return self.seen.nodes

    @property
    def chosen(self) -> list[str]:
        return self.seen.chosen

    def picture(self, name: str) -> None:
        """A picture of the window in the folder."""
        self.frames(4)
        path = self.folder / f"{name}.png"
        dpg.output_frame_buffer(str(path))
        self.frames(6)
        assert path.stat().st_size > 5000, f"{path} is no picture of a window"


def under(item: int) -> list[int]:
    """Every item in an item, at any depth."""
    found = []
    for children in dpg.get_item_children(item).values():
        for child in children:
            found += [child, *under(child)]
    return found


def labelled(words: str, item: int) -> int:
    """The first item to be seen in an item whose label has these words."""
    for each in under(item):
        if words in str(dpg.get_item_label(each)) and dpg.is_item_visible(each):
            return each
    raise AssertionError(f"there is nothing labelled {words!r}")


def main() -> None:
    """Run the play that is named."""
    found(sys.argv[1])(Path(sys.argv[2]))
    print("played")


if __name__ == "__main__":
    main()
