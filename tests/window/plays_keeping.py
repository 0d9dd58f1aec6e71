"""Plays of what is kept: snapshots, the gallery as a picture, a variant that is trained and merged."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from app.editor.gui import dpg
from app.editor.variants.panel import VariantsPanel
from app.editor.world.view import WorldView
from graphs.store.document_file import write_document
from graphs.store.template_file import read_template
from tests.window.playbill import play
from tests.window.plays_giving import STEPS, given, opened, tiny
from tests.window.plays_story import Whole
from tests.window.plays_world import WORLD
from tests.window.stage import labelled


@play
def keepsakes(folder: Path) -> None:
    """Two turns are kept; the world goes back to the first, with its picture; the gallery is one picture."""
    home = Path(tempfile.mkdtemp())
    document = read_template(WORLD).document()
    write_document(home / "digits.json", document)
    s = Whole(folder, document, home / "digits.json")
    told = s.link.heard.world
    s.until(lambda: "world" in s.shell.docks._views)
    view = s.shell.docks.view("world")
    assert isinstance(view, WorldView)
    controls = view.controls
    s.frames(10)
    _tick(s, controls.keep)
    assert view.turning.keep
    for turn in (1, 2):
        s.press(controls.once)
        s.until(lambda done=turn: told.turns == done and not told.job)
    first, second = (exhibit.picture for exhibit in told.exhibits)
    assert first != second
    s.press(controls.snapshots)
    s.until(lambda: s.shell.requests.open)
    s.frames(6)
    s.picture("snapshots")
    s.keys("Down", "Enter")
    s.until(lambda: told.turns == 1)
    assert told.exhibits[-1].turn == 0
    assert told.exhibits[-1].picture == first
    s.picture("snapshot-opened")
    s.press(controls.once)
    s.until(lambda: told.turns == 2 and not told.job)
    picture = home / "gallery.png"
    s.press(controls.sheet)
    s.frames(8)
    s.keys("Ctrl+A")
    s.write(str(picture))
    s.keys("Enter")
    s.until(picture.exists)
    with Image.open(picture) as sheet:
        assert min(sheet.size) > 500
    assert str(picture) in s.studio.notice.text
    s.close()


def _tick(s: Whole, box: int) -> None:
    """A click on the box itself, which is at the left of its words."""
    x, y = dpg.get_item_rect_min(box)
    s.point(x + 12, y + 12)
    s.down()
    s.up()


@play
def merged(folder: Path) -> None:
    """A variant is added and trained from its row, then folded into the base, which is asked first."""
    home = Path(tempfile.mkdtemp())
    write_document(home / "tiny.json", tiny())
    s = Whole(folder)
    opened(s, home / "tiny.json")
    s.until(lambda: s.link.heard.inspected is not None)
    given(s, "export world", home / "before.world")
    s.shell.docks.focus("variants")
    s.frames(6)
    panel = s.shell.docks.view("variants")
    assert isinstance(panel, VariantsPanel)
    s.press(panel.add)
    assert panel.adding is not None
    s.write("mine")
    s.press(panel.adding.ok)
    s.until(lambda: "mine" in panel.rows)
    s.frames(6)
    s.picture("variant-added")
    assert panel.desk.plan_of("mine") == "night"
    s.press(panel.rows["mine"].train)
    s.until(lambda: s.step == STEPS and not s.link.busy)
    s.frames(10)
    assert dpg.get_value(panel.rows["mine"]._learns) == f"Has learned {STEPS} steps"
    s.picture("variant-trained")
    s.press(panel.merge)
    s.frames(8)
    s.picture("merge-asked")
    s.keys("Escape")
    assert "mine" in s.link.heard.variants.of  # it was only asked
    s.press(panel.merge)
    s.frames(8)
    s.press(labelled("Merge", _window(s)))
    s.until(lambda: not s.link.heard.variants.of)
    assert s.studio.notice.text == "The base holds mine now"
    s.frames(10)
    s.picture("merged")
    given(s, "export world", home / "after.world")
    old, new = (_weights(home / f"{name}.world") for name in ("before", "after"))
    assert old.keys() == new.keys()
    assert any(not torch.equal(old[name], new[name]) for name in old)
    s.close()


def _window(s: Whole) -> int:
    popup: Any = s.shell.requests.popup
    return int(popup.window)


def _weights(path: Path) -> dict[str, torch.Tensor]:
    from graphs.store import import_world

    return dict(import_world(path).tensors)
