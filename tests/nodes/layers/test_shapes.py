"""What a port says of its size is the size that comes out."""

from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from graphs.live import Block
from graphs.spec.shapes import axes, match, produce
from nodes.layers.conv import Conv1d, Conv2d, Conv3d
from nodes.layers.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nodes.layers.gating import Glu
from nodes.layers.global_pool import AdaptiveAvgPool2d
from nodes.layers.patches import Patchify, Unpatchify
from nodes.layers.pool import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from nodes.layers.resample import Downsample, PixelShuffle, PixelUnshuffle, Upsample

small = st.integers(1, 4)


def declared(block_type: type[Block], config: dict[str, Any], x: Tensor) -> tuple[Any, ...]:
    """The output's shape as the ports declare it for this input."""
    inputs, outputs = block_type.signature_ports()
    known = block_type.config_model()(**config).model_dump()
    bound: dict[str, Any] = {}
    assert match(axes(inputs["x"].dims), tuple(x.shape), bound, known)
    return produce(axes(outputs["out"].dims), bound, known)


def is_as_declared(block_type: type[Block], config: dict[str, Any], x: Tensor) -> None:
    assert declared(block_type, config, x) == tuple(block_type(**config)(x=x).shape)


@pytest.mark.parametrize(("block_type", "rank"), [(Conv1d, 1), (Conv2d, 2), (Conv3d, 3)])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_convolution_has_the_declared_size(
    block_type: type[Block], rank: int, data: st.DataObject
) -> None:
    groups = data.draw(st.integers(1, 2))
    config = {
        "channels_in": 2 * groups,
        "channels_out": 3 * groups,
        "groups": groups,
        "kernel": data.draw(small),
        "stride": data.draw(small),
        "padding": data.draw(st.integers(0, 3)),
        "dilation": data.draw(st.integers(1, 3)),
    }
    size = data.draw(st.lists(st.integers(1, 9), min_size=rank, max_size=rank))
    reach = config["dilation"] * (config["kernel"] - 1) + 1
    assume(min(size) + 2 * config["padding"] >= reach)
    is_as_declared(block_type, config, torch.zeros(2, config["channels_in"], *size))


@pytest.mark.parametrize(
    ("block_type", "rank"), [(ConvTranspose1d, 1), (ConvTranspose2d, 2), (ConvTranspose3d, 3)]
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_transposed_convolution_has_the_declared_size(
    block_type: type[Block], rank: int, data: st.DataObject
) -> None:
    groups, stride, dilation = (data.draw(st.integers(1, 3)) for _ in range(3))
    config = {
        "channels_in": 2 * groups,
        "channels_out": groups,
        "groups": groups,
        "kernel": data.draw(small),
        "stride": stride,
        "dilation": dilation,
        "padding": data.draw(st.integers(0, 2)),
        "output_padding": data.draw(st.integers(0, max(stride, dilation) - 1)),
    }
    size = data.draw(st.lists(st.integers(1, 5), min_size=rank, max_size=rank))
    x = torch.zeros(1, config["channels_in"], *size)
    assume(min(declared(block_type, config, x)[2:]) >= 1)
    is_as_declared(block_type, config, x)


@pytest.mark.parametrize(
    ("block_type", "rank"),
    [
        (MaxPool1d, 1),
        (MaxPool2d, 2),
        (MaxPool3d, 3),
        (AvgPool1d, 1),
        (AvgPool2d, 2),
        (AvgPool3d, 3),
    ],
)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_pool_has_the_declared_size(
    block_type: type[Block], rank: int, data: st.DataObject
) -> None:
    kernel = data.draw(small)
    padding = data.draw(st.integers(0, kernel // 2))
    config = {"kernel": kernel, "stride": data.draw(small), "padding": padding}
    size = data.draw(st.lists(st.integers(1, 9), min_size=rank, max_size=rank))
    border = 0 if block_type is AvgPool3d else padding  # torch: "input smaller than kernel"
    assume(min(size) + 2 * border >= kernel)
    is_as_declared(block_type, config, torch.zeros(2, 3, *size))


@given(scale=small, h=st.integers(1, 9), w=st.integers(1, 9), c=small)
@settings(max_examples=40, deadline=None)
def test_resampling_has_the_declared_size(scale: int, h: int, w: int, c: int) -> None:
    image = torch.zeros(2, c, h, w)
    for mode in ("nearest", "bilinear"):
        is_as_declared(Upsample, {"scale": scale, "mode": mode}, image)
    is_as_declared(PixelShuffle, {"scale": scale}, torch.zeros(2, c * scale**2, h, w))
    large = torch.zeros(2, c, h * scale, w * scale)
    is_as_declared(PixelUnshuffle, {"scale": scale}, large)
    is_as_declared(Patchify, {"patch": scale}, large)
    is_as_declared(AdaptiveAvgPool2d, {"height": 2, "width": 3}, image)
    if min(h, w) >= scale:
        for mode in ("nearest", "bilinear", "area"):
            is_as_declared(Downsample, {"scale": scale, "mode": mode}, image)
    config = {"patch": scale, "height": h * scale, "width": w * scale}
    is_as_declared(Unpatchify, config, torch.zeros(2, h * w, c * scale**2))


def test_a_gated_unit_has_half_the_width() -> None:
    is_as_declared(Glu, {}, torch.zeros(2, 5, 6))
