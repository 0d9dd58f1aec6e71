"""A flat world of many small linear layers, with adapters by the engine and by PEFT."""

from typing import Any

import torch
from torch import nn

from graphs.learn.modes import Modes
from graphs.live.graph import Graph
from graphs.spec.plan import Plan, Rule
from tests.bench.size import Size
from tests.bench.worlds import chain, leaf, live, numbered

WIDTH, RANK, ALPHA = 8, 4, 8.0
PLAN = Plan(rules=(Rule(mode="lora", rank=RANK, alpha=ALPHA),))


class Flat(nn.Module):
    """The layers as PEFT meets them: children of one module."""

    def __init__(self, count: int) -> None:
        super().__init__()
        for number in range(count):
            self.add_module(f"n{number:06}", nn.Linear(WIDTH, WIDTH))


def count(size: Size) -> int:
    """How many layers; the bars are for the greater number, since PEFT's time is quadratic."""
    return 2000 if size.quick else 10_000


def graph(size: Size) -> Graph:
    """As many nodes, each with one layer."""
    return live(chain(numbered(count(size), leaf("Linear", d_in=WIDTH, d_out=WIDTH))))


def adapt(world: Graph) -> Modes:
    """Freeze everything but the adapters that every layer gets."""
    modes = Modes(world, PLAN)
    modes.apply(0)
    return modes


def adapt_by_peft(model: nn.Module) -> Any:
    """The same by PEFT, with the pattern that it is quickest with."""
    import peft

    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=r"n\d+")
    return peft.inject_adapter_in_model(config, model)


def learning(module: nn.Module) -> int:
    """How many numbers take gradients."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def randomised(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors of these shapes that no adapter starts as."""
    stream = torch.Generator().manual_seed(1)
    return {name: torch.randn(t.shape, generator=stream) for name, t in tensors.items()}
