"""Low-rank adapters on one layer: y = layer(x) + Σ weight · B(A(x)) · scale.

A layer is wrapped, never patched: the wrapper is an ordinary module whose adapters the trainer sees
by name. One wrapper holds any number of variants; which are active is a tuple, so switching is
free and the layer itself is never touched.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Conv = nn.Conv1d | nn.Conv2d | nn.Conv3d


class Delta(nn.Module):
    """B·A·scale of one variant on one layer; zero at first, because B starts at zero.

    `a` and `b` keep the layouts of PEFT, so that files can be exchanged.
    """

    lora_A: nn.Parameter
    lora_B: nn.Parameter

    def __init__(
        self, a: Tensor, b: Tensor, alpha: float, root_scale: bool = False, dropout: float = 0.0
    ) -> None:
        """Take the two factors; the scale is alpha/rank, or alpha/√rank (`root_scale`, rsLoRA)."""
        super().__init__()
        self.register_parameter("lora_A", nn.Parameter(a))
        self.register_parameter("lora_B", nn.Parameter(b))
        self.alpha, self.root_scale, self.dropout = alpha, root_scale, dropout
        self.scale = alpha / (math.sqrt(len(a)) if root_scale else len(a))

    @property
    def rank(self) -> int:
        """How thin the waist is."""
        return len(self.lora_A)

    def drop(self, x: Tensor) -> Tensor:
        """The input with dropout, in training only."""
        return F.dropout(x, self.dropout, self.training) if self.dropout else x


class LinearDelta(Delta):
    """For nn.Linear. Shapes: A (r, d_in), B (d_out, r), x (..., d_in) -> (..., d_out)."""

    def forward(self, x: Tensor) -> Tensor:
        """Two thin products; W + BA is never formed."""
        return F.linear(F.linear(self.drop(x), self.lora_A), self.lora_B) * self.scale


class EmbeddingDelta(Delta):
    """For nn.Embedding. Shapes: A (r, count), B (width, r), ids (...) -> (..., width)."""

    def __init__(
        self, a: Tensor, b: Tensor, alpha: float, root_scale: bool, padding: int | None
    ) -> None:
        """`padding` is the id that learns nothing, as in the layer."""
        super().__init__(a, b, alpha, root_scale)
        self.padding = padding

    def forward(self, ids: Tensor) -> Tensor:
        """Look up in Aᵀ, then widen by B."""
        thin = F.embedding(ids, self.lora_A.T, self.padding)
        return F.linear(thin, self.lora_B) * self.scale


class ConvDelta(Delta):
    """For convolutions: one of `rank` channels with the layer's geometry, then a 1×1 one.

    Shapes: A (r, c_in, *kernel), B (c_out, r, 1...), as PEFT.
    """

    def __init__(
        self, a: Tensor, b: Tensor, alpha: float, root_scale: bool, dropout: float, like: Conv
    ) -> None:
        """Take the geometry (stride, padding, dilation) from the layer."""
        super().__init__(a, b, alpha, root_scale, dropout)
        self.stride, self.padding, self.dilation = like.stride, like.padding, like.dilation
        self.convolve = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}[len(like.kernel_size)]
        self.reversed_padding = list(like._reversed_padding_repeated_twice)
        self.padding_mode = like.padding_mode

    def forward(self, x: Tensor) -> Tensor:
        """Narrow, then widen."""
        x = self.drop(x)
        padding: Any = self.padding
        if self.padding_mode != "zeros":
            x, padding = F.pad(x, self.reversed_padding, mode=self.padding_mode), 0
        thin = self.convolve(x, self.lora_A, None, self.stride, padding, self.dilation)
        return self.convolve(thin, self.lora_B) * self.scale


class Adapted(nn.Module):
    """A layer with variants on it; without an active one it computes exactly what the layer does."""

    def __init__(self, base_layer: nn.Module) -> None:
        """Wrap a layer; attributes that the wrapper does not have are the layer's."""
        super().__init__()
        self.base_layer = base_layer
        self.adapters = nn.ModuleDict()
        self.active: tuple[tuple[str, float], ...] = ()
        self.training = base_layer.training

    def forward(self, input: Tensor) -> Tensor:
        """The layer's output plus each active variant's part; `input` is what torch's layers call it."""
        out = self.base_layer(input)
        for name, weight in self.active:
            part = self.adapters[name](input)
            out = out + (part if weight == 1.0 else part * weight)
        return out  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("base_layer"), name)


def delta_for(
    layer: nn.Module, rank: int, alpha: float, root_scale: bool, dropout: float, seed: int
) -> Delta:
    """A fresh delta for a layer: A drawn as PEFT does (Kaiming uniform; normal for embeddings), B zero.

    Raises: TypeError for a layer that takes no low-rank adapter.
    Source: Hu et al., LoRA, 2021; Kalajdzievski, rsLoRA, 2023.
    """
    generator = torch.Generator().manual_seed(seed)
    weight: Any = layer.weight

    def uniform(*shape: int) -> Tensor:
        bound = 1 / math.sqrt(math.prod(shape[1:]))  # kaiming_uniform_ with a = √5
        return torch.rand(shape, generator=generator).mul_(2 * bound).sub_(bound).to(weight)

    if isinstance(layer, nn.Linear):
        a, b = uniform(rank, layer.in_features), weight.new_zeros(layer.out_features, rank)
        return LinearDelta(a, b, alpha, root_scale, dropout)
    if isinstance(layer, nn.Embedding):
        a = torch.randn(rank, layer.num_embeddings, generator=generator).to(weight)
        b = weight.new_zeros(layer.embedding_dim, rank)
        return EmbeddingDelta(a, b, alpha, root_scale, layer.padding_idx)
    if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        a = uniform(rank, layer.in_channels, *layer.kernel_size)
        ones = [1] * len(layer.kernel_size)
        b = weight.new_zeros(layer.out_channels, rank, *ones)
        return ConvDelta(a, b, alpha, root_scale, dropout, layer)
    raise TypeError(f"no low-rank adapter for {type(layer).__name__}")
