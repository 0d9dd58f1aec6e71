"""Convolutions over one, two or three axes; every size is one number for all axes."""

from typing import Annotated, ClassVar

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from graphs.live import Block


class Convolution(Block):
    """What the convolutions share: config and weights."""

    hidden = True
    layer: ClassVar[type[nn.Conv1d] | type[nn.Conv2d] | type[nn.Conv3d]]

    def __init__(
        self,
        channels_in: PositiveInt,
        channels_out: PositiveInt,
        kernel: PositiveInt = 3,
        stride: PositiveInt = 1,
        padding: NonNegativeInt = 0,
        dilation: PositiveInt = 1,
        groups: PositiveInt = 1,
        bias: bool = True,
    ) -> None:
        """Raises: ValueError when the groups do not divide the channels."""
        super().__init__()
        check_groups(channels_in, channels_out, groups)
        self.map = self.layer(
            channels_in, channels_out, kernel, stride, padding, dilation, groups, bias
        )


class Conv1d(Convolution):
    """Slide one filter per output channel along a line and sum over the input channels.

    Shapes: x (b, channels_in, t) -> out (b, channels_out, t'); t' = t for stride 1 and
    2 * padding = dilation * (kernel - 1).
    Source: torch.nn.Conv1d.

    >>> import torch
    >>> Conv1d(2, 4, kernel=3, padding=1)(x=torch.zeros(1, 2, 8)).shape
    torch.Size([1, 4, 8])
    """

    layer = nn.Conv1d

    def forward(
        self, x: Annotated[Tensor, "b channels_in t"]
    ) -> Annotated[Tensor, "b channels_out (t+2*padding-dilation*(kernel-1)-1)//stride+1"]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out


class Conv2d(Convolution):
    """Slide one filter per output channel over an image and sum over the input channels.

    Shapes: x (b, channels_in, h, w) -> out (b, channels_out, h', w'); h' = h for stride 1 and
    2 * padding = dilation * (kernel - 1).
    Source: torch.nn.Conv2d.

    >>> import torch
    >>> Conv2d(3, 8, kernel=3, stride=2, padding=1)(x=torch.zeros(1, 3, 8, 8)).shape
    torch.Size([1, 8, 4, 4])
    """

    layer = nn.Conv2d

    def forward(
        self, x: Annotated[Tensor, "b channels_in h w"]
    ) -> Annotated[
        Tensor,
        "b channels_out (h+2*padding-dilation*(kernel-1)-1)//stride+1"
        " (w+2*padding-dilation*(kernel-1)-1)//stride+1",
    ]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out


class Conv3d(Convolution):
    """Slide one filter per output channel through a volume or video; sum over input channels.

    Shapes: x (b, channels_in, t, h, w) -> out (b, channels_out, t', h', w'); t' = t for stride 1
    and 2 * padding = dilation * (kernel - 1).
    Source: torch.nn.Conv3d.

    >>> import torch
    >>> Conv3d(1, 2, kernel=3, padding=1)(x=torch.zeros(1, 1, 4, 6, 6)).shape
    torch.Size([1, 2, 4, 6, 6])
    """

    layer = nn.Conv3d

    def forward(
        self, x: Annotated[Tensor, "b channels_in t h w"]
    ) -> Annotated[
        Tensor,
        "b channels_out (t+2*padding-dilation*(kernel-1)-1)//stride+1"
        " (h+2*padding-dilation*(kernel-1)-1)//stride+1"
        " (w+2*padding-dilation*(kernel-1)-1)//stride+1",
    ]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out


def check_groups(channels_in: int, channels_out: int, groups: int) -> None:
    """Raises: ValueError when the channels cannot be split into the groups."""
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"channels_in and channels_out must be multiples of groups={groups}, got "
            f"{channels_in} and {channels_out}; set groups to a divisor of both"
        )
