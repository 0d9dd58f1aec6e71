"""Transposed convolutions: the shape-reversing partner of each convolution."""

from typing import Annotated, ClassVar

from pydantic import NonNegativeInt, PositiveInt
from torch import Tensor, nn

from graphs.live import Block
from nodes.layers.conv import check_groups


class TransposedConvolution(Block):
    """What the transposed convolutions share: config and weights."""

    hidden = True
    layer: ClassVar[type[nn.ConvTranspose1d] | type[nn.ConvTranspose2d] | type[nn.ConvTranspose3d]]

    def __init__(
        self,
        channels_in: PositiveInt,
        channels_out: PositiveInt,
        kernel: PositiveInt = 4,
        stride: PositiveInt = 2,
        padding: NonNegativeInt = 1,
        output_padding: NonNegativeInt = 0,
        dilation: PositiveInt = 1,
        groups: PositiveInt = 1,
        bias: bool = True,
    ) -> None:
        """The defaults double every axis; `output_padding` picks one of `stride` possible sizes.

        Raises: ValueError when the groups do not divide the channels, or output_padding is not
        below stride or dilation.
        """
        super().__init__()
        check_groups(channels_in, channels_out, groups)
        if output_padding >= max(stride, dilation):
            raise ValueError(
                f"output_padding must be below stride={stride} or dilation={dilation}, "
                f"got {output_padding}; lower it"
            )
        self.map = self.layer(
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            output_padding,
            groups,
            bias,
            dilation,
        )


class ConvTranspose1d(TransposedConvolution):
    """Stamp one filter per input channel along a line, `stride` apart, and add.

    Shapes: x (b, channels_in, t) -> out (b, channels_out, t'); t' = 2 t with the defaults.
    Source: torch.nn.ConvTranspose1d.

    >>> import torch
    >>> ConvTranspose1d(4, 2)(x=torch.zeros(1, 4, 8)).shape
    torch.Size([1, 2, 16])
    """

    layer = nn.ConvTranspose1d

    def forward(
        self, x: Annotated[Tensor, "b channels_in t"]
    ) -> Annotated[
        Tensor,
        "b channels_out (t-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1",
    ]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out


class ConvTranspose2d(TransposedConvolution):
    """Stamp one filter per input channel over an image, `stride` apart, and add.

    Shapes: x (b, channels_in, h, w) -> out (b, channels_out, h', w'); h' = 2 h with the defaults.
    Source: torch.nn.ConvTranspose2d.

    >>> import torch
    >>> ConvTranspose2d(4, 2)(x=torch.zeros(1, 4, 8, 8)).shape
    torch.Size([1, 2, 16, 16])
    """

    layer = nn.ConvTranspose2d

    def forward(
        self, x: Annotated[Tensor, "b channels_in h w"]
    ) -> Annotated[
        Tensor,
        "b channels_out (h-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1"
        " (w-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1",
    ]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out


class ConvTranspose3d(TransposedConvolution):
    """Stamp one filter per input channel through a volume or video, `stride` apart, and add.

    Shapes: x (b, channels_in, t, h, w) -> out (b, channels_out, t', h', w'); t' = 2 t with the
    defaults.
    Source: torch.nn.ConvTranspose3d.

    >>> import torch
    >>> ConvTranspose3d(2, 1)(x=torch.zeros(1, 2, 2, 4, 4)).shape
    torch.Size([1, 1, 4, 8, 8])
    """

    layer = nn.ConvTranspose3d

    def forward(
        self, x: Annotated[Tensor, "b channels_in t h w"]
    ) -> Annotated[
        Tensor,
        "b channels_out (t-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1"
        " (h-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1"
        " (w-1)*stride-2*padding+dilation*(kernel-1)+output_padding+1",
    ]:
        """Convolve."""
        out: Tensor = self.map(x)
        return out
