"""Pooling to a size that does not depend on the input's."""

from typing import Annotated, ClassVar

from pydantic import PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block


class AdaptiveAvgPool2d(Block):
    """Means over a grid of height x width windows that cover the image.

    Shapes: x (b, c, h, w) -> out (b, c, height, width).
    Source: torch.nn.AdaptiveAvgPool2d.

    >>> import torch
    >>> AdaptiveAvgPool2d(2, 3)(x=torch.zeros(1, 4, 7, 7)).shape
    torch.Size([1, 4, 2, 3])
    """

    role: ClassVar[str] = "pooler"

    def __init__(self, height: PositiveInt = 1, width: PositiveInt = 1) -> None:
        super().__init__()
        self.size = (height, width)

    def forward(self, x: Annotated[Tensor, "b c h w"]) -> Annotated[Tensor, "b c height width"]:
        """Pool."""
        return functional.adaptive_avg_pool2d(x, self.size)


class GlobalAvgPool(Block):
    """The mean of each channel over all positions; without positions x itself.

    Shapes: x (b, c, ...) -> out (b, c).
    Source: Lin et al. 2014, "Network in Network", section 3.2.

    >>> import torch
    >>> GlobalAvgPool()(x=torch.ones(2, 3, 4, 4)).shape
    torch.Size([2, 3])
    """

    role: ClassVar[str] = "pooler"

    def forward(self, x: Annotated[Tensor, "b c ..."]) -> Annotated[Tensor, "b c"]:
        """Pool."""
        return x.flatten(2).mean(2) if x.ndim > 2 else x


class MeanPool(Block):
    """The mean of a sample's tokens; with `mask` of those that are true, zeros if none is.

    Shapes: x (b, t, d), mask (b, t) -> out (b, d).
    Source: Reimers & Gurevych 2019 (Sentence-BERT), section 3, strategy MEAN.

    >>> import torch
    >>> x = torch.tensor([[[1.0], [3.0], [9.0]]])
    >>> MeanPool()(x=x, mask=torch.tensor([[True, True, False]]))
    tensor([[2.]])
    """

    role: ClassVar[str] = "pooler"

    def forward(
        self,
        x: Annotated[Tensor, "b t d"],
        mask: Annotated[Tensor, "b t"] | None = None,
    ) -> Annotated[Tensor, "b d"]:
        """Pool."""
        if mask is None:
            return x.mean(1)
        seen = mask.bool()[..., None]
        return x.masked_fill(~seen, 0).sum(1) / seen.sum(1).clamp(min=1)
