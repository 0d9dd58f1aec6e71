"""Pictures on cards: PNG bytes as textures, made once for each and let go when no card shows them."""

from __future__ import annotations

from io import BytesIO

from app.editor.canvas.activity import Look as Preview
from app.editor.gui import dpg

MOST = 64
WIDEST = 512


class Pictures:
    """Textures by what they show."""

    def __init__(self) -> None:
        self._registry = dpg.add_texture_registry()
        self._known: dict[bytes, tuple[int, int, int]] = {}

    def of(self, preview: Preview) -> tuple[int, int, int] | None:
        """The texture of a preview, its width and height; None when it is no picture."""
        if preview.kind != "image" or not preview.blob:
            return None
        known = self._known.pop(preview.blob, None) or self._made(preview.blob)
        if known is not None:
            self._known[preview.blob] = known  # the newest is last
        while len(self._known) > MOST:
            oldest = next(iter(self._known))
            dpg.delete_item(self._known.pop(oldest)[0])
        return known

    def _made(self, blob: bytes) -> tuple[int, int, int] | None:
        import numpy as np
        from PIL import Image, UnidentifiedImageError

        try:
            with Image.open(BytesIO(blob)) as opened:
                opened.thumbnail((WIDEST, WIDEST))
                picture = opened.convert("RGBA")
        except (UnidentifiedImageError, OSError):
            return None  # the engine sent something else: the card shows no picture
        data = np.asarray(picture, np.float32).ravel() / 255.0
        wide, high = picture.size
        texture = dpg.add_static_texture(wide, high, data, parent=self._registry)
        return int(texture), wide, high
