"""Linear, Projection, MLP, gated units and activations against torch."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.activation import (
    ACTIVATIONS,
    Activation,
    Elu,
    Gelu,
    LeakyRelu,
    Relu,
    Sigmoid,
    Silu,
    Softmax,
    Softplus,
    Tanh,
)
from nodes.layers.gating import Glu, SwiGLU
from nodes.layers.linear import Linear, Projection
from nodes.layers.mlp import MLP


def test_linear_is_x_times_the_transposed_weight_plus_bias() -> None:
    block = Linear(4, 3)
    x = torch.randn(2, 5, 4)
    assert torch.allclose(block(x), x @ block.map.weight.T + block.map.bias, atol=1e-6)


def test_linear_starts_as_torch_does() -> None:
    torch.manual_seed(0)
    ours = Linear(4, 3).map.weight
    torch.manual_seed(0)
    assert torch.equal(ours, nn.Linear(4, 3).weight)


def test_projection_keeps_the_direction_and_gives_length_one() -> None:
    x = torch.randn(5, 4)
    unit, free = Projection(4, 3), Projection(4, 3, unit=False)
    free.load_state_dict(unit.state_dict())
    assert torch.allclose(unit(x).norm(dim=-1), torch.ones(5))
    assert torch.allclose(functional.cosine_similarity(unit(x), free(x)), torch.ones(5))


def test_mlp_is_linear_norm_activation_and_ends_with_a_map() -> None:
    block = MLP(4, (8, 6), 3, activation="tanh", norm="layer")
    reference = nn.Sequential(
        nn.Linear(4, 8),
        nn.LayerNorm(8),
        nn.Tanh(),
        nn.Linear(8, 6),
        nn.LayerNorm(6),
        nn.Tanh(),
        nn.Linear(6, 3),
    )
    layers = [block.maps[0], block.norms[0], block.maps[1], block.norms[1], block.maps[2]]
    for number, layer in zip((0, 1, 3, 4, 6), layers, strict=True):
        reference[number].load_state_dict(layer.state_dict())
    x = torch.randn(2, 4)
    assert torch.allclose(block(x), reference(x), atol=1e-6)


def test_mlp_without_hidden_widths_is_one_map() -> None:
    block = MLP(4, (), 3)
    x = torch.randn(2, 4)
    assert torch.equal(block(x), block.maps[0](x))


def test_mlp_drops_hidden_numbers_in_training_only() -> None:
    block = MLP(4, (64,), 3, dropout=0.5)
    x = torch.randn(2, 4)
    assert not torch.equal(block(x), block(x))
    block.eval()
    assert torch.equal(block(x), block(x))


@pytest.mark.parametrize(
    ("block", "reference"),
    [
        (Relu(), nn.ReLU()),
        (Gelu(), nn.GELU()),
        (Gelu("tanh"), nn.GELU("tanh")),
        (Silu(), nn.SiLU()),
        (Tanh(), nn.Tanh()),
        (Sigmoid(), nn.Sigmoid()),
        (LeakyRelu(0.2), nn.LeakyReLU(0.2)),
        (Elu(0.5), nn.ELU(0.5)),
        (Softplus(2.0), nn.Softplus(2.0)),
        (Softmax(1), nn.Softmax(1)),
        (Glu(), nn.GLU()),
    ],
)
def test_an_activation_equals_torchs(block: Block, reference: nn.Module) -> None:
    x = torch.linspace(-4, 4, 24).reshape(2, 3, 4)
    assert torch.allclose(block(x), reference(x))


@pytest.mark.parametrize(
    ("name", "block"),
    [
        ("relu", Relu()),
        ("gelu", Gelu()),
        ("silu", Silu()),
        ("tanh", Tanh()),
        ("sigmoid", Sigmoid()),
        ("leaky_relu", LeakyRelu()),
        ("elu", Elu()),
        ("softplus", Softplus()),
    ],
)
def test_a_name_means_the_block_with_its_defaults(name: Activation, block: Block) -> None:
    x = torch.linspace(-4, 4, 9)
    assert torch.equal(ACTIVATIONS[name](x), block(x))


def test_swiglu_is_down_of_silu_gate_times_up() -> None:
    block = SwiGLU(4, 6, 3)
    x = torch.randn(2, 4)
    gate, up, down = block.gate.weight, block.up.weight, block.down.weight
    expected = (functional.silu(x @ gate.T) * (x @ up.T)) @ down.T
    assert torch.allclose(block(x), expected, atol=1e-6)


def test_glu_refuses_an_odd_width() -> None:
    with pytest.raises(ValueError, match=r"must be even.*got 3"):
        Glu()(torch.zeros(2, 3))
