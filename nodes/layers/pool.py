"""Pooling by windows; every size is one number for all axes."""

from typing import Annotated

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor
from torch.nn import functional

from graphs.live import Block


class MaxPooling(Block):
    """What the max pools share: config."""

    hidden = True

    def __init__(
        self, kernel: PositiveInt = 2, stride: PositiveInt = 2, padding: NonNegativeInt = 0
    ) -> None:
        """Raises: ValueError when a window could lie in the padding alone."""
        super().__init__()
        check_padding(kernel, padding)
        self.window = (kernel, stride, padding)


class AvgPooling(Block):
    """What the average pools share: config."""

    hidden = True

    def __init__(
        self,
        kernel: PositiveInt = 2,
        stride: PositiveInt = 2,
        padding: NonNegativeInt = 0,
        count_padding: bool = True,
    ) -> None:
        """With `count_padding` the zeros of the padding are part of the mean.

        Raises: ValueError when a window could lie in the padding alone.
        """
        super().__init__()
        check_padding(kernel, padding)
        self.window = (kernel, stride, padding)
        self.count_padding = count_padding


class MaxPool1d(MaxPooling):
    """The largest number of each window along a line.

    Shapes: x (b, c, t) -> out (b, c, t'); t' = t // 2 with the defaults.
    Source: torch.nn.MaxPool1d.

    >>> import torch
    >>> MaxPool1d()(x=torch.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[3., 2.]]])
    """

    def forward(
        self, x: Annotated[Tensor, "b c t"]
    ) -> Annotated[Tensor, "b c (t+2*padding-kernel)//stride+1"]:
        """Pool."""
        return functional.max_pool1d(x, *self.window)


class MaxPool2d(MaxPooling):
    """The largest number of each window of an image.

    Shapes: x (b, c, h, w) -> out (b, c, h', w'); h' = h // 2 with the defaults.
    Source: torch.nn.MaxPool2d.

    >>> import torch
    >>> MaxPool2d()(x=torch.zeros(1, 3, 8, 8)).shape
    torch.Size([1, 3, 4, 4])
    """

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b c (h+2*padding-kernel)//stride+1 (w+2*padding-kernel)//stride+1"]:
        """Pool."""
        return functional.max_pool2d(x, *self.window)


class MaxPool3d(MaxPooling):
    """The largest number of each window of a volume or video.

    Shapes: x (b, c, t, h, w) -> out (b, c, t', h', w'); t' = t // 2 with the defaults.
    Source: torch.nn.MaxPool3d.

    >>> import torch
    >>> MaxPool3d()(x=torch.zeros(1, 3, 4, 8, 8)).shape
    torch.Size([1, 3, 2, 4, 4])
    """

    def forward(
        self, x: Annotated[Tensor, "b c t h w"]
    ) -> Annotated[
        Tensor,
        "b c (t+2*padding-kernel)//stride+1 (h+2*padding-kernel)//stride+1"
        " (w+2*padding-kernel)//stride+1",
    ]:
        """Pool."""
        return functional.max_pool3d(x, *self.window)


class AvgPool1d(AvgPooling):
    """The mean of each window along a line.

    Shapes: x (b, c, t) -> out (b, c, t'); t' = t // 2 with the defaults.
    Source: torch.nn.AvgPool1d.

    >>> import torch
    >>> AvgPool1d()(x=torch.tensor([[[1.0, 3.0, 2.0, 0.0]]]))
    tensor([[[2., 1.]]])
    """

    def forward(
        self, x: Annotated[Tensor, "b c t"]
    ) -> Annotated[Tensor, "b c (t+2*padding-kernel)//stride+1"]:
        """Pool."""
        return functional.avg_pool1d(x, *self.window, count_include_pad=self.count_padding)


class AvgPool2d(AvgPooling):
    """The mean of each window of an image.

    Shapes: x (b, c, h, w) -> out (b, c, h', w'); h' = h // 2 with the defaults.
    Source: torch.nn.AvgPool2d.

    >>> import torch
    >>> AvgPool2d()(x=torch.zeros(1, 3, 8, 8)).shape
    torch.Size([1, 3, 4, 4])
    """

    def forward(
        self, x: Annotated[Tensor, "b c h w"]
    ) -> Annotated[Tensor, "b c (h+2*padding-kernel)//stride+1 (w+2*padding-kernel)//stride+1"]:
        """Pool."""
        return functional.avg_pool2d(x, *self.window, count_include_pad=self.count_padding)


class AvgPool3d(AvgPooling):
    """The mean of each window of a volume or video.

    Shapes: x (b, c, t, h, w) -> out (b, c, t', h', w'); t' = t // 2 with the defaults; t, h, w are
    at least kernel, even with padding.
    Source: torch.nn.AvgPool3d.

    >>> import torch
    >>> AvgPool3d()(x=torch.zeros(1, 3, 4, 8, 8)).shape
    torch.Size([1, 3, 2, 4, 4])
    """

    def forward(
        self, x: Annotated[Tensor, "b c t h w"]
    ) -> Annotated[
        Tensor,
        "b c (t+2*padding-kernel)//stride+1 (h+2*padding-kernel)//stride+1"
        " (w+2*padding-kernel)//stride+1",
    ]:
        """Pool."""
        return functional.avg_pool3d(x, *self.window, count_include_pad=self.count_padding)


def check_padding(kernel: int, padding: int) -> None:
    """Raises: ValueError when a window could lie in the padding alone."""
    if padding > kernel // 2:
        raise ValueError(
            f"padding must be at most half of kernel={kernel}, got {padding}; "
            f"set padding to {kernel // 2} or less"
        )
