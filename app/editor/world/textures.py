"""Pictures of artefacts as textures: small ones drawn larger first, so that they stay crisp."""

from __future__ import annotations

from collections import OrderedDict
from io import BytesIO
from typing import TYPE_CHECKING

from app.editor.gui import dpg

if TYPE_CHECKING:
    from PIL import Image

MOST = 160  # textures that are kept
Texture = tuple[int, int, int]  # the item, its width and height in pixels
SMALL, LARGE = 192, 768  # pixels that a texture has at least and at most


def opened(blob: bytes) -> Image.Image | None:
    """A picture from a preview's bytes, as large as it may be drawn; None when it is none."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(blob)) as found:
            picture = found.convert("RGB")
    except (UnidentifiedImageError, OSError):
        return None
    longest = max(picture.size)
    if longest < SMALL:
        times = -(-SMALL // longest)
        size = (picture.width * times, picture.height * times)
        return picture.resize(size, Image.Resampling.BICUBIC)
    if longest > LARGE:
        picture.thumbnail((LARGE, LARGE))
    return picture


class Textures:
    """Textures by the bytes of what they show; the longest unseen go first."""

    def __init__(self) -> None:
        self._registry = dpg.add_texture_registry()
        self._known: OrderedDict[bytes, Texture] = OrderedDict()

    def of(self, blob: bytes) -> Texture | None:
        """The texture of a picture; None when it is none. Whoever shows it asks anew in each frame."""
        if blob in self._known:
            self._known.move_to_end(blob)
            return self._known[blob]
        picture = opened(blob) if blob else None
        if picture is None:
            return None
        import numpy as np

        data = np.asarray(picture.convert("RGBA"), np.float32).ravel() / 255.0
        texture = dpg.add_static_texture(picture.width, picture.height, data, parent=self._registry)
        self._known[blob] = int(texture), picture.width, picture.height
        return self._known[blob]

    def close(self) -> None:
        """Let go of all."""
        dpg.delete_item(self._registry)
        self._known.clear()

    def trim(self) -> None:
        """Let go of those beyond the limit; after all that is seen was asked for."""
        while len(self._known) > MOST:
            texture, _, _ = self._known.popitem(last=False)[1]
            dpg.delete_item(texture)
