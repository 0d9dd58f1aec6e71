"""Our LoRA is PEFT's: same factors, same output, same gradients."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from graphs.learn.lowrank import Adapted, delta_for


class Holder(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)


CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
SIMPLE: list[dict[str, Any]] = [{"stride": 2, "padding": 1}, {"padding": "same", "bias": False}]
OTHER: list[dict[str, Any]] = [  # PEFT passes over these, so the reference is W + BA itself
    {"dilation": 2, "padding": 2, "bias": False},
    {"padding": 1, "padding_mode": "circular"},
    {"padding": 2, "padding_mode": "reflect", "stride": 2},
    {"padding": 1, "padding_mode": "replicate", "dilation": 2},
]


def convolutions(options: list[dict[str, Any]]) -> list[tuple[nn.Module, Tensor]]:
    return [
        (make(3, 5, 3, **each), torch.randn(2, 3, *[6] * (number + 1)))
        for number, make in enumerate(CONVOLUTIONS)
        for each in options
    ]


LAYERS: list[tuple[nn.Module, Tensor]] = [
    (nn.Linear(5, 3), torch.randn(2, 7, 5)),
    (nn.Linear(5, 3, bias=False), torch.randn(4, 5)),
    (nn.Embedding(11, 4), torch.randint(0, 11, (3, 6))),
    (nn.Embedding(11, 4, padding_idx=2), torch.tensor([[2, 5, 2, 10]])),
    *convolutions(SIMPLE),
]


@pytest.mark.parametrize(
    ("layer", "x"),
    LAYERS + convolutions(OTHER),
    ids=lambda v: str(v) if isinstance(v, nn.Module) else "",
)
def test_an_adapter_is_the_layer_with_b_times_a_added_to_its_weight(
    layer: nn.Module, x: Tensor
) -> None:
    ours = Adapted(copy.deepcopy(layer))
    delta: Any = delta_for(layer, 3, 7.0, False, 0.0, seed=0)
    ours.adapters["v"] = delta
    with torch.no_grad():
        delta.lora_B.normal_()
    ours.active = (("v", 0.5),)
    merged: Any = copy.deepcopy(layer)
    with torch.no_grad():
        update = delta.lora_B.flatten(1) @ delta.lora_A.flatten(1)
        update = update.T if isinstance(layer, nn.Embedding) else update.view_as(merged.weight)
        merged.weight += 0.5 * 7 / 3 * update
    torch.testing.assert_close(ours(x), merged(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("root_scale", [False, True], ids=["lora", "rslora"])
@pytest.mark.parametrize(
    ("layer", "x"), LAYERS, ids=lambda v: str(v) if isinstance(v, nn.Module) else ""
)
def test_forward_and_backward_equal_pefts(layer: nn.Module, x: Tensor, root_scale: bool) -> None:
    import peft

    theirs = Holder(copy.deepcopy(layer))
    config = peft.LoraConfig(r=3, lora_alpha=7, use_rslora=root_scale, target_modules=["layer"])
    api: Any = peft
    api.inject_adapter_in_model(config, theirs)
    ours = Adapted(copy.deepcopy(layer))
    delta: Any = delta_for(layer, 3, 7.0, root_scale, 0.0, seed=0)
    ours.adapters["v"] = delta
    with torch.no_grad():
        delta.lora_B.normal_()
    ours.active = (("v", 1.0),)
    wrapped: Any = theirs.layer
    if isinstance(layer, nn.Embedding):
        a, b = wrapped.lora_embedding_A["default"], wrapped.lora_embedding_B["default"]
    else:
        a, b = wrapped.lora_A["default"].weight, wrapped.lora_B["default"].weight
    with torch.no_grad():
        a.copy_(delta.lora_A)
        b.copy_(delta.lora_B)
    inputs = [x.clone().requires_grad_(x.is_floating_point()) for _ in range(2)]
    outs = [ours(inputs[0]), theirs(inputs[1])]
    torch.testing.assert_close(*outs, rtol=1e-6, atol=1e-6)
    weights = torch.randn(outs[0].shape)
    for out in outs:
        (out * weights).sum().backward()
    torch.testing.assert_close(delta.lora_A.grad, a.grad, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(delta.lora_B.grad, b.grad, rtol=1e-5, atol=1e-5)
    if inputs[0].requires_grad:
        torch.testing.assert_close(inputs[0].grad, inputs[1].grad, rtol=1e-5, atol=1e-6)


def test_a_fresh_a_is_drawn_as_peft_draws_it() -> None:
    delta = delta_for(nn.Linear(400, 30), 16, 1.0, False, 0.0, seed=0)
    wanted = torch.empty(16, 400)
    nn.init.kaiming_uniform_(wanted, a=5**0.5)
    assert delta.lora_A.abs().max() <= 1 / 20
    assert delta.lora_A.std().item() == pytest.approx(wanted.std().item(), rel=0.05)
    assert not delta.lora_B.any()


def test_a_wrapper_stands_in_for_its_layer() -> None:
    layer = nn.Linear(3, 2)
    wrapper = Adapted(layer)
    assert wrapper.weight is layer.weight
    assert (wrapper.in_features, wrapper.out_features) == (3, 2)
    assert torch.equal(wrapper(input=torch.ones(1, 3)), layer(torch.ones(1, 3)))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = wrapper.nothing
    with pytest.raises(TypeError, match="no low-rank adapter for LayerNorm"):
        delta_for(nn.LayerNorm(3), 2, 1.0, False, 0.0, seed=0)
