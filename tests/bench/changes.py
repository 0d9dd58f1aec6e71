"""A small world that is changed at random, in every way that could make a kept output wrong."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from graphs.live.cache import OutputCache
from graphs.live.context import Run
from graphs.live.execute import Precision, execute
from graphs.spec.document import GraphSpec
from tests.bench.worlds import leaf, live, row

WORLD = GraphSpec(
    nodes={
        "conv": leaf("Conv2d", channels_in=1, channels_out=4, padding=1),
        "norm": leaf("BatchNorm", channels=4),
        "drop": leaf("Dropout", rate=0.3),
        "noise": leaf("GaussianNoise", scale=0.1),
        "add": leaf("Add"),
        "flat": leaf("Flatten"),
        "map": leaf("Linear", d_in=64, d_out=3),
    },
    wires=[
        *row(["conv", "norm", "drop", "add", "flat", "map"]),
        "conv.out -> noise.like",
        "noise.out -> add.x",
    ],
    inputs={"x": "conv.x"},
    outputs={"out": "map.out"},
)
TARGETS = ["conv.out", "norm.out", "noise.out", "out"]


class Changing:
    """The world, what it is given, and how it is run; `change` alters one of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.graph = live(WORLD).eval()
        self.given = torch.rand(2, 1, 4, 4)
        self.run = Run()
        self.precision: Precision = "float32"
        self.grad = False
        self.hooks: list[Any] = []
        self.ways: list[Callable[[], object]] = [
            self.write_weight,
            self.write_through_data,
            self.write_memory,
            self.replace_data,
            self.replace_parameter,
            self.write_buffer,
            self.write_input,
            self.write_input_memory,
            self.replace_input,
            self.change_layout,
            self.change_mode,
            self.change_seed,
            self.change_position,
            self.change_setting,
            self.change_dtype,
            self.change_precision,
            self.change_grad,
            self.freeze,
            self.hook,
            self.patch,
        ]

    def change(self) -> None:
        """Alter one thing."""
        self.chance.choice(self.ways)()

    def ask(self, cache: OutputCache | None) -> dict[str, Tensor]:
        """The answers, and what the run left in the buffers, which are then as before."""
        before = {name: buffer.clone() for name, buffer in self.graph.named_buffers()}
        found = execute(
            self.graph,
            {"x": self.given},
            targets=TARGETS,
            run=self.run,
            cache=cache,
            precision=self.precision,
            grad=self.grad,
        )
        for name, buffer in self.graph.named_buffers():
            found[name] = buffer.clone()
            buffer.copy_(before[name])
        return found

    def write_weight(self) -> None:
        with torch.no_grad():
            self._number(self._parameter()).add_(self.chance.choice((-0.5, 0.5)))

    def write_through_data(self) -> None:
        self._number(self._parameter().data).mul_(-1)

    def write_memory(self) -> None:
        """Past torch, so that it cannot count the write."""
        values = self._parameter().detach().numpy().reshape(-1)
        values[self.chance.randrange(values.size)] += 0.5

    def replace_data(self) -> None:
        parameter = self._parameter()
        parameter.data = parameter.data.flip(0)

    def replace_parameter(self) -> None:
        layer = self.graph.get_submodule("map.map")
        layer.weight = nn.Parameter(layer.weight.detach().flip(0))

    def write_buffer(self) -> None:
        mean = self.graph.get_buffer("norm.norm.running_mean")
        self._number(mean).add_(self.chance.choice((-0.5, 0.5)))

    def write_input(self) -> None:
        self._number(self.given).mul_(-1)

    def write_input_memory(self) -> None:
        values = self.given.numpy()
        values[0, 0, self.chance.randrange(4), self.chance.randrange(4)] *= -1

    def replace_input(self) -> None:
        stream = torch.Generator().manual_seed(self.chance.randrange(3))
        self.given = torch.rand(2, 1, 4, 4, generator=stream).to(self.given.dtype)

    def change_layout(self) -> None:
        """The same numbers, in another order in memory."""
        turned = self.given.transpose(2, 3).contiguous().transpose(2, 3)
        self.given = turned if self.given.is_contiguous() else self.given.contiguous()

    def change_mode(self) -> None:
        block = self.graph.child(self.chance.choice(("norm", "drop", "noise", "conv")))
        block.train(not block.training)

    def change_seed(self) -> None:
        self.run = replace(self.run, seed=self.chance.randrange(3))

    def change_position(self) -> None:
        self.run = replace(self.run, position=self.chance.randrange(3))

    def change_setting(self) -> None:
        name, setting = self.chance.choice((("drop", "rate"), ("noise", "scale")))
        setattr(self.graph.child(name), setting, self.chance.choice((0.1, 0.3)))

    def change_dtype(self) -> None:
        wanted = torch.float64 if self.given.dtype is torch.float32 else torch.float32
        self.graph.to(wanted)
        self.given = self.given.to(wanted)

    def change_precision(self) -> None:
        self.precision = "bfloat16" if self.precision == "float32" else "float32"

    def change_grad(self) -> None:
        self.grad = not self.grad

    def freeze(self) -> None:
        parameter = self._parameter()
        parameter.requires_grad_(not parameter.requires_grad)

    def hook(self) -> None:
        """One more that halves an output, or one less."""
        if self.hooks and self.chance.random() < 0.6:
            self.hooks.pop().remove()
        else:
            block = self.graph.child(self.chance.choice(("conv", "map")))
            self.hooks.append(block.register_forward_hook(lambda _, __, out: out / 2))

    def patch(self) -> None:
        """A forward of the object's own in place of its class's, or that again."""
        block: Any = self.graph.child("flat")
        if "forward" in vars(block):
            del block.forward
        else:
            block.forward = lambda x: x.flatten(1).flip(1)

    def _parameter(self) -> nn.Parameter:
        return self.chance.choice(list(self.graph.parameters()))

    def _number(self, tensor: Tensor) -> Tensor:
        """One of its numbers, as a view."""
        flat = tensor.detach().view(-1) if tensor.is_contiguous() else tensor.detach()[0]
        return flat[self.chance.randrange(len(flat))]


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    """Equal bit by bit, and of one dtype."""
    return a.keys() == b.keys() and all(
        a[name].dtype is b[name].dtype and torch.equal(a[name].nan_to_num(), b[name].nan_to_num())
        for name in a
    )
