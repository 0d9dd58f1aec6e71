"""A picture of the whole canvas, not only of what is in view: drawn tile by tile, and put together.

What the window shows is all that Dear PyGui can give, so the camera is led over the canvas, a tile a
time, while frames go on; where it was is where it is again at the end.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.editor.canvas.camera import Camera, Rect
from app.editor.folders import shown
from app.editor.gui import dpg
from app.editor.language import _
from app.editor.studio import NOTHING
from app.editor.wishes import Answer, Question

if TYPE_CHECKING:
    from app.editor.shell import Shell

EDGE = 48.0  # of ground around what is drawn
MOST = 64e6  # pixels; a larger canvas is drawn smaller
STILL = 3  # frames for which a tile must be drawn before it is taken
PATIENCE = 600  # frames for a tile


def tiles(rect: Rect, zoom: float, wide: int, high: int) -> Iterator[tuple[int, int, Camera]]:
    """Where each tile goes in the picture, and the camera that shows it; edges are on pixels."""
    left, top = math.floor(rect.x * zoom), math.floor(rect.y * zoom)
    across = max(math.ceil(rect.width * zoom / wide), 1)
    down = max(math.ceil(rect.height * zoom / high), 1)
    for j in range(down):
        for i in range(across):
            x, y = i * wide, j * high
            yield x, y, Camera((left + x) / zoom, (top + y) / zoom, zoom)


class CanvasPicture:
    """One picture on its way; `frame` is called until it is done."""

    def __init__(self, shell: Shell, path: Path) -> None:
        self.shell, self.path = shell, path
        self.studio, self.painter = shell.studio, shell.painter
        self.done = False
        board, bounds = self.studio.board, self.studio.scene.bounds
        rect = (bounds or board.view).grown(EDGE)
        self.zoom = min(1.0, math.sqrt(MOST / max(rect.width * rect.height, 1.0)))
        self.size = math.ceil(rect.width * self.zoom), math.ceil(rect.height * self.zoom)
        self._wide, self._high = int(board.width), int(board.height)
        self._left = list(tiles(rect, self.zoom, self._wide, self._high))
        self._count = len(self._left)
        self._before = board.camera, self.studio.selection
        self._still = self._waited = 0
        self._asked = False
        self._folder = tempfile.TemporaryDirectory(prefix="worldloom-")
        self._file = Path(self._folder.name) / "tile.png"
        self._whole: Any = None
        self.studio.select(NOTHING)
        self._over(False)

    def frame(self) -> None:
        """One frame further."""
        if self.done:
            return
        try:
            self._step()
        except OSError as error:
            self._end()
            title = _("The picture cannot be written")
            self.studio.request(Question(title, str(error), (Answer(_("Close")),)))

    def _step(self) -> None:
        x, y, camera = self._left[0]
        self.studio.board.camera = camera
        self.shell.gestures.leave()
        self._waited += 1
        if not self._asked:
            self._still = 0 if self.painter.busy else self._still + 1
            if self._still > STILL:
                dpg.output_frame_buffer(str(self._file))
                self._asked = True
            return
        if self._taken(x, y):
            self._left.pop(0)
            self._asked, self._still, self._waited = False, 0, 0
            done = self._count - len(self._left)
            words = _("Drawing the canvas: {done} of {count}")
            self.studio.say(words.format(done=done, count=self._count))
            if not self._left:
                self._whole.save(self.path)
                self._end()
                self.studio.say(_("Wrote {path}").format(path=shown(self.path)))
        elif self._waited > PATIENCE:
            raise OSError(_("the window gave no picture of itself"))

    def _taken(self, x: int, y: int) -> bool:
        """Put the tile into the picture, once its file is whole."""
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(self._file) as opened:
                frame = opened.convert("RGB")
        except (FileNotFoundError, UnidentifiedImageError, OSError, SyntaxError):
            return False  # the window is still writing it
        canvas = self.shell.docks.rects["canvas"]
        share = frame.width / max(dpg.get_viewport_client_width(), 1)  # of a finer screen
        corner = canvas.x * share, canvas.y * share
        box = (*corner, corner[0] + self._wide * share, corner[1] + self._high * share)
        if self._whole is None:
            self._whole = Image.new("RGB", tuple(round(side * share) for side in self.size))
        self._whole.paste(frame.crop(tuple(map(round, box))), (round(x * share), round(y * share)))
        self._file.unlink()
        return True

    def _over(self, show: bool) -> None:
        """What lies over the canvas is no part of the picture."""
        for item in (self.painter.over_all, self.painter.tips, self.painter.map.item):
            dpg.configure_item(item, show=show)

    def _end(self) -> None:
        self.done = True
        self.studio.board.camera, chosen = self._before
        self.studio.select(chosen)
        self._over(True)
        self._folder.cleanup()
