"""Convolutions and what rearranges or resamples pixels, against torch."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.conv import Conv1d, Conv2d, Conv3d
from nodes.layers.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from nodes.layers.linear import Linear
from nodes.layers.patches import Patchify, Unpatchify
from nodes.layers.resample import Downsample, PixelShuffle, PixelUnshuffle, Upsample


@pytest.mark.parametrize(
    ("block_type", "reference_type", "size"),
    [
        (Conv1d, nn.Conv1d, (9,)),
        (Conv2d, nn.Conv2d, (9, 7)),
        (Conv3d, nn.Conv3d, (5, 9, 7)),
    ],
)
def test_a_convolution_equals_torchs(
    block_type: Any, reference_type: Any, size: tuple[int, ...]
) -> None:
    block = block_type(4, 6, kernel=3, stride=2, padding=2, dilation=2, groups=2, bias=False)
    reference = reference_type(4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False)
    reference.load_state_dict(block.map.state_dict())
    x = torch.randn(2, 4, *size)
    assert torch.equal(block(x), reference(x))


@pytest.mark.parametrize(
    ("block_type", "reference_type", "size"),
    [
        (ConvTranspose1d, nn.ConvTranspose1d, (4,)),
        (ConvTranspose2d, nn.ConvTranspose2d, (4, 3)),
        (ConvTranspose3d, nn.ConvTranspose3d, (2, 4, 3)),
    ],
)
def test_a_transposed_convolution_equals_torchs(
    block_type: Any,
    reference_type: Any,
    size: tuple[int, ...],
) -> None:
    options = {"stride": 3, "padding": 1, "output_padding": 1, "dilation": 2, "groups": 2}
    block = block_type(4, 6, kernel=3, **options)
    reference = reference_type(4, 6, 3, **options)
    reference.load_state_dict(block.map.state_dict())
    x = torch.randn(2, 4, *size)
    assert torch.equal(block(x), reference(x))


@pytest.mark.parametrize("block_type", [Conv2d, ConvTranspose2d])
def test_groups_that_do_not_divide_the_channels_are_refused(block_type: Any) -> None:
    with pytest.raises(ValueError, match=r"multiples of groups=4, got 6 and 8"):
        block_type(6, 8, groups=4)


def test_an_output_padding_that_reaches_the_stride_is_refused() -> None:
    with pytest.raises(ValueError, match=r"below stride=2 or dilation=1, got 2"):
        ConvTranspose2d(1, 1, stride=2, output_padding=2)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_upsample_equals_torchs(mode: Any) -> None:
    x = torch.randn(1, 2, 3, 5)
    assert torch.equal(Upsample(3, mode)(x), nn.Upsample(scale_factor=3, mode=mode)(x))


def test_downsample_by_area_is_the_mean_of_each_square() -> None:
    x = torch.randn(1, 2, 6, 9)
    assert torch.allclose(Downsample(3)(x), functional.avg_pool2d(x, 3), atol=1e-6)


def test_bilinear_downsample_keeps_a_constant_and_removes_a_fast_checkerboard() -> None:
    board = (torch.arange(16)[:, None] + torch.arange(16)) % 2
    x = board.float()[None, None]
    small = Downsample(4, "bilinear")(x)
    assert torch.allclose(small[..., 1:-1, 1:-1], torch.tensor(0.5), atol=1e-6)


@pytest.mark.parametrize(
    ("block", "inverse", "shape"),
    [
        (PixelShuffle(2), PixelUnshuffle(2), (2, 8, 3, 5)),
        (Patchify(4), Unpatchify(4, 8, 12), (2, 3, 8, 12)),
    ],
)
def test_a_rearrangement_is_undone_by_its_inverse(
    block: Block, inverse: Block, shape: tuple[int, ...]
) -> None:
    x = torch.randn(shape)
    assert torch.equal(inverse(block(x)), x)


def test_pixel_shuffle_equals_torchs() -> None:
    x = torch.randn(2, 9, 2, 3)
    assert torch.equal(PixelShuffle(3)(x), nn.PixelShuffle(3)(x))


def test_patches_and_a_linear_map_are_a_strided_convolution() -> None:
    x = torch.randn(2, 3, 8, 12)
    conv, linear = nn.Conv2d(3, 5, 4, stride=4), Linear(48, 5)
    linear.map.load_state_dict({"weight": conv.weight.flatten(1), "bias": conv.bias})
    tokens = conv(x).flatten(2).transpose(1, 2)
    assert torch.allclose(linear(Patchify(4)(x)), tokens, atol=1e-5)


def test_patches_that_do_not_fill_the_image_are_refused() -> None:
    with pytest.raises(ValueError, match=r"multiples of patch=4, got 8 and 10"):
        Patchify(4)(torch.zeros(1, 3, 8, 10))
    with pytest.raises(ValueError, match=r"multiples of patch=4, got 8 and 10"):
        Unpatchify(4, 8, 10)
