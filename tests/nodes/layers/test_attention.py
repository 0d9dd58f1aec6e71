"""Attention and transformer layers against torch's own."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from nodes.layers.attention import MultiHeadAttention
from nodes.layers.position import RotaryPosition
from nodes.layers.transformer import TransformerDecoderLayer, TransformerEncoderLayer


def copy_attention(block: MultiHeadAttention, reference: nn.MultiheadAttention) -> None:
    """Give the reference the block's weights."""
    with torch.no_grad():
        if reference.in_proj_weight is None:
            reference.q_proj_weight.copy_(block.q.weight)
            reference.k_proj_weight.copy_(block.k.weight)
            reference.v_proj_weight.copy_(block.v.weight)
        else:
            maps = [block.q.weight, block.k.weight, block.v.weight]
            reference.in_proj_weight.copy_(torch.cat(maps))
        for map_ in (block.q, block.k, block.v, block.o):
            nn.init.normal_(map_.bias)
        reference.in_proj_bias.copy_(torch.cat([block.q.bias, block.k.bias, block.v.bias]))
        reference.out_proj.load_state_dict(block.o.state_dict())


def pair(width: int = 8, key_width: int | None = None, **options: Any) -> Any:
    """A block and torch's attention with the same weights."""
    block = MultiHeadAttention(width, heads=2, key_width=key_width, **options)
    reference = nn.MultiheadAttention(width, 2, batch_first=True, kdim=key_width, vdim=key_width)
    copy_attention(block, reference)
    return block, reference


def test_self_attention_equals_torchs_with_gradients() -> None:
    block, reference = pair()
    x = torch.randn(2, 5, 8)
    ours, theirs = block(x), reference(x, x, x, need_weights=False)[0]
    assert torch.allclose(ours, theirs, atol=1e-6)
    ours.square().sum().backward()
    theirs.square().sum().backward()
    grads = torch.cat([block.q.weight.grad, block.k.weight.grad, block.v.weight.grad])
    assert torch.allclose(grads, reference.in_proj_weight.grad, atol=1e-4)


def test_cross_attention_with_keys_of_another_width_equals_torchs() -> None:
    block, reference = pair(key_width=6)
    x, key, value = torch.randn(2, 5, 8), torch.randn(2, 3, 6), torch.randn(2, 3, 6)
    expected = reference(x, key, value, need_weights=False)[0]
    assert torch.allclose(block(x, key, value), expected, atol=1e-6)
    expected = reference(x, key, key, need_weights=False)[0]
    assert torch.allclose(block(x, key), expected, atol=1e-6)


def test_a_mask_says_which_keys_may_be_seen() -> None:
    block, reference = pair()
    x = torch.randn(2, 5, 8)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    expected = reference(x, x, x, key_padding_mask=mask == 0, need_weights=False)[0]
    assert torch.allclose(block(x, mask=mask), expected, atol=1e-6)
    per_query = mask[:, None].expand(2, 5, 5)
    assert torch.allclose(block(x, mask=per_query), expected, atol=1e-6)
    per_head = mask[:, None, None].expand(2, 2, 5, 5)
    assert torch.allclose(block(x, mask=per_head), expected, atol=1e-6)


def test_causal_attention_equals_torchs_with_and_without_mask() -> None:
    block, reference = pair(causal=True)
    x = torch.randn(2, 5, 8)
    future = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = reference(x, x, x, attn_mask=future, need_weights=False)[0]
    assert torch.allclose(block(x), expected, atol=1e-6)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]).bool()
    expected = reference(x, x, x, attn_mask=future, key_padding_mask=~mask, need_weights=False)[0]
    assert torch.allclose(block(x, mask=mask), expected, atol=1e-6)


@pytest.mark.parametrize("rotary", [False, True])
def test_new_causal_queries_at_the_end_of_known_keys_see_what_they_saw_in_the_whole(
    rotary: bool,
) -> None:
    block = MultiHeadAttention(8, heads=2, causal=True, rotary=rotary)
    x = torch.randn(2, 6, 8)
    assert torch.allclose(block(x[:, 4:], x), block(x)[:, 4:], atol=1e-6)


def test_rotary_attention_is_attention_over_turned_queries_and_keys() -> None:
    block = MultiHeadAttention(8, heads=2, rotary=True)
    x = torch.randn(2, 5, 8)

    def heads(y: Tensor) -> Tensor:
        return y.reshape(2, 5, 2, 4).transpose(1, 2)

    turn = RotaryPosition(4)
    q, k, v = turn(heads(block.q(x))), turn(heads(block.k(x))), heads(block.v(x))
    mixed = functional.scaled_dot_product_attention(q, k, v)
    expected = block.o(mixed.transpose(1, 2).reshape(2, 5, 8))
    assert torch.allclose(block(x), expected, atol=1e-6)


def test_a_query_that_may_see_nothing_gives_the_bias_and_finite_gradients() -> None:
    block = MultiHeadAttention(8, heads=2)
    x = torch.randn(1, 3, 8, requires_grad=True)
    out = block(x, mask=torch.zeros(1, 3, dtype=torch.bool))
    assert torch.equal(out, block.o.bias.expand(1, 3, 8))
    out.sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


def test_all_four_maps_are_called() -> None:
    block = MultiHeadAttention(8, heads=2)
    called = []
    for name in "qkvo":
        getattr(block, name).register_forward_hook(lambda *_, n=name: called.append(n))
    block(torch.zeros(1, 2, 8))
    assert called == list("qkvo")


def test_attention_drops_in_training_only() -> None:
    block = MultiHeadAttention(8, heads=2, dropout=0.5)
    x = torch.randn(1, 6, 8)
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))


def test_impossible_widths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"multiple of heads=3, got 8; set width to 9"):
        MultiHeadAttention(8, heads=3)
    with pytest.raises(ValueError, match="even to hold pairs, got 3"):
        MultiHeadAttention(6, heads=2, rotary=True)
    with pytest.raises(ValueError, match="wire a key"):
        MultiHeadAttention(8, heads=2, key_width=4)(torch.zeros(1, 2, 8))


def copy_mlp(block: Any, reference: Any) -> None:
    reference.linear1.load_state_dict(block.mlp.maps[0].state_dict())
    reference.linear2.load_state_dict(block.mlp.maps[1].state_dict())


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_an_encoder_layer_equals_torchs(norm: Any) -> None:
    block = TransformerEncoderLayer(8, heads=2, hidden=12, norm=norm, activation="relu")
    reference = nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0.0, batch_first=True, norm_first=norm == "pre"
    )
    copy_attention(block.attention, reference.self_attn)
    copy_mlp(block, reference)
    x = torch.randn(2, 5, 8)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]]).bool()
    assert torch.allclose(block(x), reference(x), atol=1e-5)
    expected = reference(x, src_key_padding_mask=~mask)
    assert torch.allclose(block(x, mask), expected, atol=1e-5)


def test_a_causal_encoder_layer_does_not_see_the_future() -> None:
    block = TransformerEncoderLayer(8, heads=2, causal=True, rotary=True)
    x = torch.randn(1, 6, 8)
    changed = x.clone()
    changed[:, 4:] += 1
    assert torch.allclose(block(x)[:, :4], block(changed)[:, :4], atol=1e-6)
    assert not torch.allclose(block(x)[:, 4:], block(changed)[:, 4:], atol=1e-2)


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_a_decoder_layer_equals_torchs(norm: Any) -> None:
    block = TransformerDecoderLayer(8, heads=2, hidden=12, norm=norm, activation="relu")
    reference = nn.TransformerDecoderLayer(
        8, 2, 12, dropout=0.0, batch_first=True, norm_first=norm == "pre"
    )
    copy_attention(block.attention, reference.self_attn)
    copy_attention(block.recall, reference.multihead_attn)
    copy_mlp(block, reference)
    x, memory = torch.randn(2, 5, 8), torch.randn(2, 3, 8)
    memory_mask = torch.tensor([[1, 1, 0], [1, 1, 1]]).bool()
    future = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = reference(x, memory, tgt_mask=future, memory_key_padding_mask=~memory_mask)
    assert torch.allclose(block(x, memory, memory_mask=memory_mask), expected, atol=1e-5)
