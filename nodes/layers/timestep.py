"""The clock of generation: a timestep per sample, 0 for noise and 1 for data.

One clock for flow matching and diffusion alike, so that their solvers are exchangeable. Diffusion
papers count the other way: their t / T is 1 - timestep.
"""

from typing import Annotated, ClassVar

import torch
from pydantic import Field, PositiveFloat, PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.layers.position import angles, check_even


class TimestepEmbedding(Block):
    """A timestep as a vector: sine waves of it through a small MLP.

    `scale` stretches the timestep first, so that waves made for steps 0 .. 1000 tell apart numbers
    in 0 .. 1.

    Shapes: timestep (b,) -> out (b, width).
    Source: Ho et al. 2020 (DDPM), appendix B; Peebles & Xie 2023 (DiT), TimestepEmbedder.

    >>> TimestepEmbedding(8)(timestep=torch.tensor([0.0, 0.5])).shape
    torch.Size([2, 8])
    """

    role: ClassVar[str] = "embedder"

    def __init__(
        self,
        width: PositiveInt,
        frequencies: PositiveInt = 256,
        scale: PositiveFloat = 1000.0,
        base: PositiveFloat = 10000.0,
    ) -> None:
        """`frequencies` is how many numbers the waves make. Raises: ValueError when it is odd."""
        super().__init__()
        check_even(frequencies)
        self.enter = nn.Linear(frequencies, width)
        self.leave = nn.Linear(width, width)
        self.frequencies, self.scale, self.base = frequencies, scale, base

    def forward(self, timestep: Annotated[Tensor, "b"]) -> Annotated[Tensor, "b width"]:
        """Embed."""
        angle = angles(timestep * self.scale, self.frequencies, self.base)
        waves = torch.cat([angle.cos(), angle.sin()], dim=-1)
        dtype = self.leave.bias.dtype  # waves need float32, the maps may be smaller
        out: Tensor = self.leave(functional.silu(self.enter(waves.to(dtype))))
        return out


class FixedTimestep(Block):
    """One timestep for each sample of `like`: where a sampling loop starts.

    Shapes: like (b, ...) -> out (b,), float32.
    Source: the clock of this module; 0 starts at noise, more at data with noise in it (SDEdit).

    >>> FixedTimestep(0.5)(like=torch.zeros(2, 3))
    tensor([0.5000, 0.5000])
    """

    def __init__(self, value: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0) -> None:
        super().__init__()
        self.value = value

    def forward(self, like: Annotated[Tensor, "b ..."]) -> Annotated[Tensor, "b"]:
        """Give the timesteps."""
        return torch.full(like.shape[:1], self.value, device=like.device)


def per_sample(value: Tensor, like: Tensor) -> Tensor:
    """One number per sample, ready to multiply `like`; in its dtype.

    Shapes: value (b,) or (), like (b, ...) -> out (b or 1, 1, ..., 1), as many axes as like.

    >>> per_sample(torch.ones(2), torch.zeros(2, 3, 4)).shape
    torch.Size([2, 1, 1])
    """
    return value.to(like.dtype).reshape(-1, *[1] * (like.ndim - 1))
