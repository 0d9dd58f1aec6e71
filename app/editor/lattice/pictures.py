"""Numbers as small textures: a buffer that Dear PyGui reads, written over when there is something new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.editor.colours import Colour
from app.editor.gui import dpg
from app.editor.lattice.glow import ramped

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Picture:
    """One texture of a fixed size."""

    def __init__(self, registry: int, wide: int, high: int) -> None:
        self.wide, self.high = wide, high
        self.pixels: NDArray[Any] = np.zeros((high, wide, 4), np.float32)
        self.texture = int(
            dpg.add_raw_texture(
                wide, high, self.pixels, format=dpg.mvFormat_Float_rgba, parent=registry
            )
        )

    def show(self, pixels: NDArray[Any]) -> None:
        """These are the pixels from now on. Shapes: pixels (high, wide, 4), from 0 to 1."""
        self.pixels[:] = pixels

    def close(self) -> None:
        """The texture is gone; nothing may be drawn with it any more."""
        dpg.delete_item(self.texture)


def heat(
    values: NDArray[Any], size: tuple[int, int], ramp: Sequence[Colour], ground: float
) -> NDArray[Any]:
    """A table as colours, each cell with sharp edges; the largest value is the strongest.

    `ground` is the cover of a cell in which there is nothing.
    Shapes: values (rows, columns) -> out (high, wide, 4).
    """
    wide, high = size
    rows = np.arange(high) * values.shape[0] // high
    columns = np.arange(wide) * values.shape[1] // wide
    share = (values / max(float(values.max()), 1e-9)).clip(0, 1)[rows][:, columns]
    cover = ground + (1 - ground) * np.sqrt(share)
    return np.concatenate([ramped(share, ramp), cover[..., None]], axis=-1)
