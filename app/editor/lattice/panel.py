"""The panel: a lattice of the document, what the engine saw its flows do last, and the controls to look."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from app.editor.canvas.camera import Point, Rect
from app.editor.canvas.inputs import Mouse
from app.editor.gui import dpg
from app.editor.icons import ICONS
from app.editor.language import _
from app.editor.lattice.kept import By, Kept
from app.editor.lattice.orbit import Orbit
from app.editor.lattice.reel import SPEEDS
from app.editor.lattice.room import room
from app.editor.lattice.stage import Stage
from app.editor.lattice.tiles import Tiles
from app.editor.shell import Shell
from app.lattice.scene import Scene, unpacked
from graphs.spec.document import Document, join

if TYPE_CHECKING:
    from app.editor.heard.samples import Sample

PORT, BATCH = "trajectory", 16
NARROW = 640  # pixels; below it the controls take two rows


class LatticePanel:
    """The view."""

    def __init__(self, shell: Shell, parent: int, kept: Kept) -> None:
        self.shell, self.kept = shell, kept
        self.reel = kept.reel
        self.scene: Scene | None = None
        self.path = ""  # of the lattice that is shown
        self.busy = 0.0  # seconds that the last frame took
        self._sample: Sample | None = None
        self._drag: Point | None = None
        self._then = perf_counter()
        self._controls_for: tuple[object, ...] = ()
        self._registry = int(dpg.add_texture_registry())
        self._bar = int(dpg.add_group(parent=parent))
        self.window = int(
            dpg.add_child_window(parent=parent, border=False, height=-1, no_scrollbar=True,
                                 no_scroll_with_mouse=True)
        )  # fmt: skip
        self.list = int(dpg.add_drawlist(8, 8, parent=self.window))
        self._empty = int(dpg.add_draw_node(parent=self.list))
        self._stage = Stage(shell.look, self.list, self._registry)
        self._tiles = Tiles(shell.look, self.list, self._registry)
        self._size = (0, 0)
        self._said = ("", "")

    def frame(self) -> None:
        """Bring everything up to date, if it is seen."""
        start = perf_counter()
        passed, self._then = min(start - self._then, 0.2), start
        wide, high = (int(n) for n in dpg.get_item_rect_size(self.window))
        if wide < 60 or high < 40 or not dpg.is_item_visible(self.list):
            return
        self._controls(wide)
        if (wide, high) != self._size:
            self._size = wide, high
            dpg.configure_item(self.list, width=wide, height=high)
        self._look()
        if self.scene is None:
            self._tell_why(wide, high)
            return
        self._say("", "")
        self.reel.pass_(passed)
        found = room(wide, high, self.shell.look.unit)
        self._stage.frame(
            self.scene,
            self.reel.moment,
            self.kept.orbit,
            found.view,
            self.kept.by,
            self.kept.channels,
        )
        self._tiles.frame(self.scene, self.reel.moment, found.tiles)
        self._tell_moment()
        self.busy = perf_counter() - start

    def close(self) -> None:
        """Textures are let go, and nothing is watched for it any more."""
        self._pin("")
        self._stage.close()
        self._tiles.close()
        dpg.delete_item(self._registry)

    # what is shown

    def _look(self) -> None:
        """The lattice that people look at, and the newest that was heard of it."""
        path = chosen(self.shell)
        sample = self.shell.engine.heard.samples.latest(f"{path}.{PORT}") if path else None
        if (path, sample) == (self.path, self._sample):
            return
        self._pin(path)
        self.path, self._sample = path, sample
        self.scene = self._read(sample)
        if self.scene is None:
            self._stage.clear()
            self._tiles.clear()
            return
        self.reel.load(self.scene.story.steps)
        dpg.configure_item(self._items["moment"], max_value=float(max(self.reel.steps, 1)))

    def _pin(self, path: str) -> None:
        """While something trains the engine looks at this lattice; an empty path is none."""
        pinned = self.shell.engine.pinned
        pinned.discard(f"{self.path}.{PORT}")
        if path:
            pinned.add(f"{path}.{PORT}")

    def _read(self, sample: Sample | None) -> Scene | None:
        if sample is None or sample.kind != PORT:
            return None
        try:
            return unpacked(sample.data, sample.blob)
        except (KeyError, ValueError) as error:  # an engine of another version
            self.shell.studio.say(
                _("The flows cannot be shown: {error}").format(error=error), "error"
            )
            return None

    def _tell_why(self, wide: int, high: int) -> None:
        if not self.path:
            self._say(_("This document has no energy lattice"),
                      _("Add one from the palette, or open the template “lattice-digits”"))  # fmt: skip
        else:
            self._say(_("No flows yet"), _("Run the lattice once, or train it and watch it live"))

    def _say(self, title: str, more: str) -> None:
        theme, scale = self.shell.look.theme, self.shell.look.unit
        said = (title, more)
        if said == self._said:
            return
        self._said = said
        dpg.delete_item(self._empty, children_only=True)
        if title:
            dpg.draw_text([16, 14], title, size=17 * scale, color=theme.text, parent=self._empty)
            dpg.draw_text([16, 38], more, size=15 * scale, color=theme.quiet, parent=self._empty)

    # controls

    def _controls(self, wide: int) -> None:
        narrow = wide < NARROW * self.shell.look.unit
        shown = (narrow, self.shell.look.theme.name)
        if shown == self._controls_for:
            return
        self._controls_for = shown
        dpg.delete_item(self._bar, children_only=True)
        self._items: dict[str, int] = {}
        first = int(dpg.add_group(horizontal=True, parent=self._bar))
        second = int(dpg.add_group(horizontal=True, parent=self._bar)) if narrow else first
        self._button(first, "back", "skip-back", _("One step back"), lambda: self.reel.step(-1))
        self._button(first, "play", "pause", _("Play or pause"), self.reel.toggle)
        self._button(first, "on", "step-forward", _("One step on"), lambda: self.reel.step(1))
        self._items["moment"] = int(
            dpg.add_slider_float(parent=first, width=150, max_value=max(self.reel.steps, 1),
                                 format=_("step %.1f"), callback=self._drawn_along)
        )  # fmt: skip
        speeds = [f"{speed:g}×" for speed in SPEEDS]
        self._items["speed"] = int(
            dpg.add_combo(speeds, default_value=f"{self.reel.speed:g}×", width=64, parent=first,
                          callback=self._sped)
        )  # fmt: skip
        names = colourings()
        self._items["by"] = int(
            dpg.add_combo([*names], default_value=_name(self.kept.by), width=104, parent=second,
                          callback=lambda _s, value: self._colour(names[value]))
        )  # fmt: skip
        dpg.add_checkbox(label=_("Channels"), default_value=self.kept.channels, parent=second,
                         callback=self._worn)  # fmt: skip
        self._button(second, "run", "refresh-cw", _("Run the lattice once and look"), self.ask)
        third = self._bar if narrow else second
        quiet = self.shell.look.theme.quiet
        self._items["about"] = int(dpg.add_text("", parent=third, color=quiet))

    def _button(
        self, parent: int, name: str, icon: str, about: str, do: Callable[[], None]
    ) -> None:
        item = int(dpg.add_button(label=ICONS[icon], parent=parent, callback=lambda: do()))
        with dpg.tooltip(item, delay=0.4):
            dpg.add_text(about)
        self._items[name] = item

    def _tell_moment(self) -> None:
        dpg.set_value(self._items["moment"], self.reel.moment)
        dpg.configure_item(
            self._items["play"], label=ICONS["pause" if self.reel.playing else "play"]
        )
        assert self.scene is not None
        step = self._sample.step if self._sample is not None else 0
        at = _("training step {step}, ").format(step=step) if step else ""
        drawn = self.scene.story.there.shape[1]
        share = _("{drawn} of {count} flows").format(drawn=drawn, count=self.scene.flows)
        dpg.set_value(self._items["about"], f"{at}{share}")

    def _drawn_along(self, _sender: Any, value: float) -> None:
        self.reel.playing = False
        self.reel.seek(value)

    def _sped(self, _sender: Any, value: str) -> None:
        self.reel.speed = float(value.removesuffix("×"))

    def _colour(self, by: By) -> None:
        self.kept.by = by

    def _worn(self, _sender: Any, value: bool) -> None:
        self.kept.channels = value

    def ask(self) -> None:
        """The engine runs what the lattice needs, once, on held-out rows."""
        if not self.path:
            return
        from app.engine.commands import Run

        self.shell.engine.ask(Run(targets=(f"{self.path}.{PORT}",), batch=BATCH, split="test"))

    # what people do

    def focus(self) -> None:
        """Nothing in it is written in."""

    def mouse(self, event: Mouse) -> bool:
        """Turn the box by a drag, come nearer with the wheel, a double click sets it straight."""
        if event.what == "release" and self._drag is not None:
            self._drag = None
            return True
        if self._drag is not None and event.what == "move":
            self.kept.orbit = self.kept.orbit.turned(event.x - self._drag.x, event.y - self._drag.y)
            self._drag = event.at
            return True
        if not self.over(event.at):
            return False
        if event.what == "press" and event.button == "left":
            self._drag = event.at
        elif event.what == "wheel":
            self.kept.orbit = self.kept.orbit.nearer(event.turn)
        elif event.what == "double":
            self.kept.orbit = Orbit()
        return event.what != "move"

    def key(self, keys: str) -> bool:
        """While the mouse is over it: space plays and pauses, the arrows step."""
        if not dpg.is_item_hovered(self.list):
            return False
        match keys:
            case "Space":
                self.reel.toggle()
            case "Left" | "Right":
                self.reel.step(-1 if keys == "Left" else 1)
            case _:
                return False
        return True

    @property
    def view(self) -> Rect:
        """Where the box is seen, in the window."""
        left, top = dpg.get_item_rect_min(self.list)
        found = room(*self._size, self.shell.look.unit).view
        return Rect(left + found.x, top + found.y, found.width, found.height)

    def over(self, at: Point) -> bool:
        """Whether a point of the window is over the box."""
        if self.scene is None or not dpg.is_item_visible(self.list):
            return False
        return self.view.holds(at.x, at.y) and bool(dpg.is_item_hovered(self.list))


def lattices(document: Document) -> list[str]:
    """The paths of every lattice of the document itself."""
    return [path for path, node in document.root.walk() if node.type.endswith("EnergyLattice")]


def chosen(shell: Shell) -> str:
    """The lattice that is selected, or that the place is in; else the first there is, "" without any."""
    studio = shell.studio
    found = lattices(studio.document)
    here = studio.place.path
    near = [join(here, name) for name in sorted(studio.selection.nodes)]
    near += [here] if here else []
    for place in near:
        for path in found:
            if place == path or place.startswith(f"{path}."):
                return path
    return found[0] if found else ""


def colourings() -> dict[str, By]:
    """What flows may be coloured by, as people read it."""
    return {_("by energy"): "energy", _("by age"): "age", _("by sample"): "sample"}


def _name(by: By) -> str:
    return next(name for name, which in colourings().items() if which == by)
