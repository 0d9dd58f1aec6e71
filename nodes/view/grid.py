"""Many images as one picture."""

import math
from typing import Annotated, ClassVar

import numpy as np
import torch
from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block

LINE = 12  # pixels of a line of text under an image


class ImageGrid(Block):
    """Images beside and under each other as one picture, a pixel apart, with optional numbers.

    Values from `low` to `high` become black to white; others are cut off. With `columns` 0 the grid
    is about square. Each image is enlarged `scale` times without smoothing.

    Shapes: images (b, c, h, w) with 1 or 3 channels, labels (b,) -> out (height, width, 3) uint8.
    Source: ours; the picture is laid out as torchvision.utils.make_grid does.

    >>> ImageGrid(columns=2, scale=2)(images=torch.zeros(3, 1, 4, 4)).shape
    torch.Size([17, 17, 3])
    """

    role: ClassVar[str] = "viewer"
    stops_gradient: ClassVar[bool] = True

    def __init__(
        self,
        columns: NonNegativeInt = 0,
        scale: PositiveInt = 1,
        low: float = 0.0,
        high: float = 1.0,
    ) -> None:
        """Raises: ValueError when no value lies between low and high."""
        super().__init__()
        if low >= high:
            raise ValueError(f"low must be below high, got {low} and {high}")
        self.columns, self.scale, self.low, self.high = columns, scale, low, high

    def forward(
        self,
        images: Annotated[Tensor, "b _ h w"],
        labels: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "_ _ 3"]:
        """Raises: ValueError when there are no images, or not 1 or 3 channels."""
        tiles = pixels(images, self.low, self.high)
        tiles = tiles.repeat_interleave(self.scale, 1).repeat_interleave(self.scale, 2)
        if labels is not None:
            lines = [written(str(label), tiles.shape[2]) for label in labels.tolist()]
            tiles = torch.cat([tiles, torch.stack(lines).to(tiles.device)], 1)
        return laid_out(tiles, self.columns or math.ceil(math.sqrt(len(tiles))))


def pixels(images: Tensor, low: float, high: float) -> Tensor:
    """Images as colours: `low` is 0 and `high` 255, not-a-number is 0.

    Shapes: images (b, 1 or 3, h, w) -> out (b, h, w, 3) uint8.
    Raises: ValueError when there are no images, or not 1 or 3 channels.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or len(images) == 0:
        raise ValueError(
            "images must have the shape (b, 1, h, w) or (b, 3, h, w) with b of 1 or more, got "
            f"{tuple(images.shape)}; Select or Reshape picks what to show"
        )
    unit = (images.detach().float().nan_to_num(low) - low) / (high - low)
    colour = (unit.clamp(0, 1) * 255).round().to(torch.uint8)
    return colour.expand(-1, 3, -1, -1).permute(0, 2, 3, 1)


def laid_out(tiles: Tensor, columns: int) -> Tensor:
    """Tiles in rows of `columns` with a black pixel between; missing tiles are black.

    Shapes: tiles (n, h, w, 3) -> out (height, width, 3).
    """
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    _, height, width, _ = tiles.shape
    full = functional.pad(tiles, (0, 0, 0, 1, 0, 1, 0, rows * columns - len(tiles)))
    grid = full.view(rows, columns, height + 1, width + 1, 3).transpose(1, 2)
    return grid.reshape(rows * (height + 1), columns * (width + 1), 3)[:-1, :-1]


def written(text: str, width: int) -> Tensor:
    """A line of white text on black, as far as it fits.

    Shapes: out (LINE, width, 3) uint8.
    """
    from PIL import Image, ImageDraw, ImageFont

    line = Image.new("RGB", (width, LINE))
    ImageDraw.Draw(line).text((1, 0), text, "white", ImageFont.load_default(10))
    return torch.from_numpy(np.array(line))
