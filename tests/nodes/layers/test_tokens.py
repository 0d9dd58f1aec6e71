"""Dropout, embeddings and positions."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.layers.dropout import Dropout, DropPath
from nodes.layers.embedding import Embedding
from nodes.layers.position import LearnedPosition, RotaryPosition, SinusoidalPosition


def test_dropout_zeroes_its_rate_and_scales_the_rest() -> None:
    out = Dropout(0.25)(torch.ones(10_000))
    assert out.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.02)


def test_drop_path_drops_whole_samples() -> None:
    out = DropPath(0.25)(torch.ones(4000, 2, 3)).flatten(1)
    assert torch.equal(out.min(1).values, out.max(1).values)
    assert out.mean().item() == pytest.approx(1.0, abs=0.03)
    assert torch.equal(DropPath(0.25).eval()(torch.ones(3, 2)), torch.ones(3, 2))


def test_embedding_gives_the_rows_of_its_table() -> None:
    block = Embedding(5, 3)
    ids = torch.tensor([[0, 4], [4, 2]])
    assert torch.equal(block(ids), block.table.weight[ids])
    with pytest.raises(IndexError):
        block(torch.tensor([5]))


def test_learned_positions_are_the_first_rows_and_end_with_the_table() -> None:
    block = LearnedPosition(4, 3)
    x = torch.randn(2, 3, 3)
    assert torch.equal(block(x), x + block.table.weight[:3])
    with pytest.raises(ValueError, match="4 positions, got 5"):
        block(torch.zeros(1, 5, 3))


def test_sinusoidal_positions_follow_the_formula_of_the_paper() -> None:
    out = SinusoidalPosition(6)(torch.zeros(1, 4, 6))[0]
    for place in range(4):
        for pair in range(3):
            angle = torch.tensor(place / 10000 ** (2 * pair / 6))
            assert out[place, 2 * pair].item() == pytest.approx(angle.sin().item(), abs=1e-6)
            assert out[place, 2 * pair + 1].item() == pytest.approx(angle.cos().item(), abs=1e-6)


def test_an_odd_width_has_no_pairs() -> None:
    for block_type in (SinusoidalPosition, RotaryPosition):
        with pytest.raises(ValueError, match="even to hold pairs, got 5; use 6"):
            block_type(5)


@given(start=st.integers(0, 500), distance=st.integers(0, 50), seed=st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_turned_products_depend_on_the_distance_alone(start: int, distance: int, seed: int) -> None:
    turn = RotaryPosition(8)
    query, key = torch.randn(2, 1, 8, generator=torch.manual_seed(seed), dtype=torch.float64)

    def product(a: int, b: int) -> float:
        turned = turn(query, torch.tensor([float(a)], dtype=torch.float64))
        other = turn(key, torch.tensor([float(b)], dtype=torch.float64))
        return float((turned * other).sum())

    assert product(start, start + distance) == pytest.approx(product(0, distance), abs=1e-9)


def test_rotary_turns_pairs_as_complex_numbers_and_keeps_their_length() -> None:
    x = torch.randn(2, 3, 5, 8)
    out = RotaryPosition(8, base=100.0)(x)
    angle = torch.arange(5)[:, None] * 100.0 ** (-torch.arange(4) / 4)
    turned = torch.complex(x[..., :4], x[..., 4:]) * torch.polar(torch.ones(5, 4), angle)
    assert torch.allclose(out, torch.cat([turned.real, turned.imag], dim=-1), atol=1e-5)
    assert torch.allclose(out.norm(dim=-1), x.norm(dim=-1), atol=1e-5)


def test_rotary_treats_heads_as_any_leading_axis() -> None:
    x = torch.randn(2, 3, 5, 8)
    turn = RotaryPosition(8)
    assert torch.equal(turn(x)[:, 1], turn(x[:, 1]))
    assert torch.equal(turn(x[..., 3:, :], torch.tensor([3, 4])), turn(x)[..., 3:, :])


def test_half_precision_is_kept() -> None:
    x = torch.zeros(1, 2, 4, dtype=torch.bfloat16)
    for block in (SinusoidalPosition(4), RotaryPosition(4)):
        assert block(x).dtype == torch.bfloat16
