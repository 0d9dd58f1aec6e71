"""Norms against torch, and how conditional ones start."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from nodes.layers.adaptive_norm import AdaptiveGate, AdaptiveNorm
from nodes.layers.norm import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from nodes.layers.residual_block import ResBlock2d


def test_layer_and_rms_norm_equal_torchs() -> None:
    x = torch.randn(2, 3, 8) * 5 + 2
    assert torch.equal(LayerNorm(8, eps=1e-3)(x), nn.LayerNorm(8, eps=1e-3)(x))
    assert torch.equal(RMSNorm(8, eps=1e-3)(x), nn.RMSNorm(8, eps=1e-3)(x))


def test_group_norm_equals_torchs_at_any_rank() -> None:
    for size in [(), (5,), (5, 4), (3, 5, 4)]:
        x = torch.randn(2, 6, *size)
        assert torch.equal(GroupNorm(6, groups=2)(x), nn.GroupNorm(2, 6)(x))


@pytest.mark.parametrize(
    ("reference_type", "size"),
    [
        (nn.BatchNorm1d, ()),
        (nn.BatchNorm1d, (5,)),
        (nn.BatchNorm2d, (5, 4)),
        (nn.BatchNorm3d, (3, 5, 4)),
    ],
)
def test_batch_norm_equals_torchs_in_training_and_in_evaluation(
    reference_type: Any, size: tuple[int, ...]
) -> None:
    block: Any = BatchNorm(6)
    reference = reference_type(6)
    for _ in range(2):
        x = torch.randn(4, 6, *size) * 3 + 1
        assert torch.allclose(block(x), reference(x), atol=1e-6)
    block.eval(), reference.eval()
    assert torch.allclose(block(x), reference(x), atol=1e-6)
    assert torch.allclose(block.norm.running_var, reference.running_var)


def test_groups_that_do_not_divide_the_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"multiple of groups=4, got 6"):
        GroupNorm(6, groups=4)


def test_an_adaptive_norm_starts_as_its_plain_norm() -> None:
    x, condition = torch.randn(2, 5, 4), torch.randn(2, 6)
    plain = functional.layer_norm(x, [4], eps=1e-6)
    assert torch.equal(AdaptiveNorm(4, 6)(x, condition), plain)
    assert torch.equal(AdaptiveNorm(4, 6, norm="none")(x, condition), x)
    rms = functional.rms_norm(x, [4], eps=1e-6)
    assert torch.allclose(AdaptiveNorm(4, 6, norm="rms")(x, condition), rms)


@pytest.mark.parametrize("middle", [(), (5,), (5, 2)])
def test_an_adaptive_norm_scales_and_shifts_each_sample_by_its_condition(
    middle: tuple[int, ...],
) -> None:
    block = AdaptiveNorm(2, 1, norm="none")
    nn.init.ones_(block.modulation.weight)
    with torch.no_grad():
        block.modulation.bias.copy_(torch.tensor([0.0, 1.0, 2.0, 3.0]))
    x = torch.ones(2, *middle, 2)
    out = block(x, torch.zeros(2, 1))
    assert torch.equal(out, torch.tensor([3.0, 5.0]).expand(x.shape))  # 1(1+0)+2, 1(1+1)+3
    out = block(x, torch.tensor([[0.0], [10.0]]))
    step = 2 * functional.silu(torch.tensor(10.0))
    assert torch.allclose(out[1] - out[0], step.expand(out[1].shape))


def test_an_adaptive_gate_starts_closed_and_can_learn_to_open() -> None:
    block: Any = AdaptiveGate(4, 6)
    out = block(torch.randn(2, 5, 4), torch.randn(2, 6))
    assert out.abs().sum() == 0
    out.sum().backward()
    assert block.modulation.weight.grad.abs().sum() > 0


def test_a_residual_block_starts_as_its_skip_path() -> None:
    x = torch.randn(2, 8, 6, 6)
    assert torch.equal(ResBlock2d(8, 8)(x), x)
    wider = ResBlock2d(8, 16)
    assert torch.equal(wider(x), wider.skip(x))


def test_a_residual_block_is_norm_silu_conv_twice_with_the_condition_between() -> None:
    block: Any = ResBlock2d(8, 8, condition_width=4, groups=4)
    nn.init.normal_(block.conv_out.weight)
    x, condition = torch.randn(2, 8, 6, 6), torch.randn(2, 4)
    first = block.conv_in(functional.silu(functional.group_norm(x, 4)))
    scale, shift = block.modulation(functional.silu(condition)).chunk(2, dim=1)
    middle = functional.group_norm(first, 4) * (1 + scale[..., None, None])
    middle = middle + shift[..., None, None]
    expected = x + block.conv_out(functional.silu(middle))
    assert torch.allclose(block(x, condition), expected, atol=1e-5)


def test_a_residual_block_refuses_a_condition_it_has_no_width_for() -> None:
    x = torch.zeros(1, 8, 2, 2)
    with pytest.raises(ValueError, match="got one"):
        ResBlock2d(8, 8)(x, torch.zeros(1, 4))
    with pytest.raises(ValueError, match="got none"):
        ResBlock2d(8, 8, condition_width=4)(x)
