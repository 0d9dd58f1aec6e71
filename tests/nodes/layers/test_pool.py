"""Pools against torch."""

import pytest
import torch
from torch import nn

from graphs.live import Block
from nodes.layers.global_pool import AdaptiveAvgPool2d, GlobalAvgPool, MeanPool
from nodes.layers.pool import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d


@pytest.mark.parametrize(
    ("block", "reference", "size"),
    [
        (MaxPool1d(3, 2, 1), nn.MaxPool1d(3, 2, 1), (9,)),
        (MaxPool2d(3, 2, 1), nn.MaxPool2d(3, 2, 1), (9, 8)),
        (MaxPool3d(3, 2, 1), nn.MaxPool3d(3, 2, 1), (5, 9, 8)),
        (AvgPool1d(3, 2, 1), nn.AvgPool1d(3, 2, 1), (9,)),
        (AvgPool2d(3, 2, 1), nn.AvgPool2d(3, 2, 1), (9, 8)),
        (AvgPool3d(3, 2, 1), nn.AvgPool3d(3, 2, 1), (5, 9, 8)),
        (AvgPool2d(3, 2, 1, False), nn.AvgPool2d(3, 2, 1, count_include_pad=False), (9, 8)),
        (AdaptiveAvgPool2d(3, 2), nn.AdaptiveAvgPool2d((3, 2)), (7, 9)),
    ],
)
def test_a_pool_equals_torchs(block: Block, reference: nn.Module, size: tuple[int, ...]) -> None:
    x = torch.randn(2, 3, *size)
    assert torch.equal(block(x), reference(x))


def test_padding_of_more_than_half_a_window_is_refused() -> None:
    for block_type in (MaxPool2d, AvgPool2d):
        with pytest.raises(ValueError, match="half of kernel=3, got 2; set padding to 1"):
            block_type(kernel=3, padding=2)


@pytest.mark.parametrize("size", [(), (4,), (4, 5), (2, 4, 5)])
def test_a_global_pool_is_the_mean_of_all_positions(size: tuple[int, ...]) -> None:
    x = torch.randn(2, 3, *size)
    expected = x.reshape(2, 3, -1).mean(-1)
    assert torch.allclose(GlobalAvgPool()(x), expected, atol=1e-6)


def test_a_mean_pool_looks_at_unmasked_tokens_only() -> None:
    x = torch.randn(2, 4, 3)
    x[0, 2:] = float("nan")
    mask = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 0]])
    out = MeanPool()(x, mask)
    assert torch.allclose(out[0], x[0, :2].mean(0), atol=1e-6)
    assert torch.equal(out[1], torch.zeros(3))
    assert torch.allclose(MeanPool()(x[1:]), x[1:].mean(1))
