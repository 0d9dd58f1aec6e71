"""Images as tokens and back: nothing is computed, only rearranged.

A token holds its patch channel by channel, row by row, as a convolution's weight does: Patchify and
a Linear equal a convolution whose kernel and stride are the patch.
"""

from typing import Annotated

from pydantic import PositiveInt
from torch import Tensor

from graphs.live import Block


class Patchify(Block):
    """An image cut into square patches, one token each, row by row.

    Shapes: x (b, c, h, w) -> out (b, h/patch * w/patch, c * patch²), h and w multiples of patch.
    Source: Dosovitskiy et al. 2021 (ViT), section 3.1.

    >>> import torch
    >>> Patchify(4)(x=torch.zeros(1, 3, 8, 12)).shape
    torch.Size([1, 6, 48])
    """

    def __init__(self, patch: PositiveInt) -> None:
        super().__init__()
        self.patch = patch

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b (h//patch)*(w//patch) c*patch*patch"]:
        """Cut. Raises: ValueError when the patches do not fill the image."""
        check_fit(x.shape[2], x.shape[3], self.patch)
        b, c, h, w = x.shape
        p = self.patch
        tiles = x.reshape(b, c, h // p, p, w // p, p).permute(0, 2, 4, 1, 3, 5)
        return tiles.reshape(b, (h // p) * (w // p), c * p * p)


class Unpatchify(Block):
    """Tokens laid out as an image of `height` x `width` pixels: the inverse of Patchify.

    Shapes: x (b, height/patch * width/patch, c * patch²) -> out (b, c, height, width).
    Source: Peebles & Xie 2023 (DiT), section 3.2, but a token's numbers stand channel first.

    >>> import torch
    >>> Unpatchify(4, 8, 12)(x=torch.zeros(1, 6, 48)).shape
    torch.Size([1, 3, 8, 12])
    """

    def __init__(self, patch: PositiveInt, height: PositiveInt, width: PositiveInt) -> None:
        """Raises: ValueError when the patches do not fill the image."""
        super().__init__()
        check_fit(height, width, patch)
        self.patch, self.rows, self.columns = patch, height // patch, width // patch

    def forward(
        self, x: Annotated[Tensor, "b (height//patch)*(width//patch) d"]
    ) -> Annotated[Tensor, "b d//(patch*patch) height width"]:
        """Lay out."""
        b, _, d = x.shape
        i, j, p = self.rows, self.columns, self.patch
        tiles = x.reshape(b, i, j, d // p**2, p, p).permute(0, 3, 1, 4, 2, 5)
        return tiles.reshape(b, d // p**2, i * p, j * p)


def check_fit(height: int, width: int, patch: int) -> None:
    """Raises: ValueError when the patches do not fill the image."""
    if height % patch or width % patch:
        raise ValueError(
            f"height and width must be multiples of patch={patch}, got {height} and {width}; "
            "resize the image or choose a patch that divides both"
        )
