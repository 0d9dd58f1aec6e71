"""What can be measured on the pixels of a stroke: how it leans, and how wide it is."""

from typing import Annotated, ClassVar, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from graphs.live import Block

SMALLEST = 1e-6  # of ink: an empty image has no lean and no width, not a division by zero


class Strokes(NamedTuple):
    """How handwriting lies in its frame."""

    slant: Annotated[Tensor, "b"]
    thickness: Annotated[Tensor, "b"]


class StrokeMeasures(Block):
    """The lean and the mean width of the strokes in images of ink, 0 for none and 1 for full.

    Units: slant in pixels to the right for each pixel upwards; thickness in pixels.
    Shapes: ink (b, 1, h, w) -> slant and thickness (b,).
    Source: the functions `lean` and `width`.

    >>> ink = torch.zeros(1, 1, 6, 6)
    >>> ink[0, 0, :, 2:4] = 1.0
    >>> StrokeMeasures()(ink=ink).slant
    tensor([-0.])
    """

    stops_gradient: ClassVar[bool] = True

    def forward(self, ink: Annotated[Tensor, "b 1 h w"]) -> Strokes:
        """Measure."""
        flat = ink.detach()[:, 0]
        return Strokes(lean(flat), width(flat))


def lean(ink: Tensor) -> Tensor:
    """How far the ink moves to the right for each row upwards: the shear of its second moments.

    Shapes: ink (b, h, w) -> out (b,), pixels per pixel.
    Source: -mu11 / mu02, the slant that moment-based deslanting takes away (LeCun et al. 1998).
    """
    _, height, width_ = ink.shape
    total = ink.sum((1, 2)).clamp(min=SMALLEST)
    row = torch.arange(height, dtype=ink.dtype, device=ink.device)
    column = torch.arange(width_, dtype=ink.dtype, device=ink.device)
    down = row - (ink.sum(2) @ row / total)[:, None]
    right = column - (ink.sum(1) @ column / total)[:, None]
    across = torch.einsum("bhw,bh,bw->b", ink, down, right)
    along = torch.einsum("bhw,bh->b", ink, down**2)
    return -across / along.clamp(min=SMALLEST)


def width(ink: Tensor) -> Tensor:
    """The mean width of the strokes: twice their area over the length of their outline.

    A stroke of width w and length l has the area w l and an outline of about 2 l. The outline of grey
    pixels is their total variation, on the corners between pixels.

    Shapes: ink (b, h, w) -> out (b,), pixels.
    Source: Federer 1959, the coarea formula: total variation is the length of all level lines.
    """
    p = functional.pad(ink, (1, 1, 1, 1))
    a, b, c, d = p[:, :-1, :-1], p[:, :-1, 1:], p[:, 1:, :-1], p[:, 1:, 1:]
    steepness = torch.hypot((b + d - a - c) / 2, (c + d - a - b) / 2)
    return 2 * ink.sum((1, 2)) / steepness.sum((1, 2)).clamp(min=SMALLEST)
