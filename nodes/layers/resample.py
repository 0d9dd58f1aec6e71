"""More or fewer pixels, by a whole factor."""

from typing import Annotated, Literal

from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block


class Upsample(Block):
    """An image `scale` times as high and wide.

    Shapes: x (b, c, h, w) -> out (b, c, h * scale, w * scale).
    Source: torch.nn.Upsample, align_corners off.

    >>> import torch
    >>> Upsample(2)(x=torch.tensor([[[[1.0, 2.0]]]]))
    tensor([[[[1., 1., 2., 2.],
              [1., 1., 2., 2.]]]])
    """

    def __init__(
        self, scale: PositiveInt = 2, mode: Literal["nearest", "bilinear"] = "nearest"
    ) -> None:
        super().__init__()
        self.scale, self.mode = scale, mode

    def forward(self, x: Annotated[Tensor, "b c h w"]) -> Annotated[Tensor, "b c h*scale w*scale"]:
        """Resample."""
        size = (x.shape[2] * self.scale, x.shape[3] * self.scale)
        return functional.interpolate(x, size, mode=self.mode)


class Downsample(Block):
    """An image 1 / `scale` as high and wide, rounded down.

    "area" is the mean of all pixels that a new one covers, "bilinear" a triangle filter over twice
    that, "nearest" one pixel of them.

    Shapes: x (b, c, h, w) -> out (b, c, h // scale, w // scale), h and w at least scale.
    Source: torch.nn.functional.interpolate, with antialias for "bilinear".

    >>> import torch
    >>> Downsample(2)(x=torch.tensor([[[[1.0, 3.0], [5.0, 7.0]]]]))
    tensor([[[[4.]]]])
    """

    def __init__(
        self, scale: PositiveInt = 2, mode: Literal["area", "nearest", "bilinear"] = "area"
    ) -> None:
        super().__init__()
        self.scale, self.mode = scale, mode

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b c h//scale w//scale"]:
        """Resample."""
        size = (x.shape[2] // self.scale, x.shape[3] // self.scale)
        return functional.interpolate(x, size, mode=self.mode, antialias=self.mode == "bilinear")


class PixelShuffle(Block):
    """Channels become pixels: scale² channels make one, scale times as high and wide.

    Shapes: x (b, c, h, w) -> out (b, c // scale², h * scale, w * scale), c a multiple of scale².
    Source: Shi et al. 2016; torch.nn.PixelShuffle.

    >>> import torch
    >>> PixelShuffle(2)(x=torch.zeros(1, 8, 3, 3)).shape
    torch.Size([1, 2, 6, 6])
    """

    def __init__(self, scale: PositiveInt = 2) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b c//(scale*scale) h*scale w*scale"]:
        """Rearrange. Raises: RuntimeError when scale² does not divide the channels."""
        return functional.pixel_shuffle(x, self.scale)


class PixelUnshuffle(Block):
    """Pixels become channels: the inverse of PixelShuffle.

    Shapes: x (b, c, h, w) -> out (b, c * scale², h // scale, w // scale), h and w multiples of
    scale.
    Source: torch.nn.PixelUnshuffle.

    >>> import torch
    >>> PixelUnshuffle(2)(x=torch.zeros(1, 2, 6, 6)).shape
    torch.Size([1, 8, 3, 3])
    """

    def __init__(self, scale: PositiveInt = 2) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b c*scale*scale h//scale w//scale"]:
        """Rearrange. Raises: RuntimeError when scale does not divide height and width."""
        return functional.pixel_unshuffle(x, self.scale)
