"""Diffusion: how much of the data is left at a timestep, and noisy data to learn from.

A latent is sqrt(a) data + sqrt(1 - a) noise, where a (alpha bar, the share of the variance that is
data) falls from 1 at timestep 1 to almost 0 at timestep 0.
"""

import math
from typing import Annotated, Literal, NamedTuple

import torch
from torch import Tensor

from graphs.live import Block
from nodes.layers.timestep import per_sample

Schedule = Literal["linear", "cosine", "sigmoid"]
Predicts = Literal["noise", "data", "velocity"]
SMALLEST = 1e-5  # of alpha bar: the data must stay a finite function of latent and noise


class NoisyData(NamedTuple):
    """Data with noise in it: what a model sees and what it should answer."""

    latent: Annotated[Tensor, "b ..."]
    timestep: Annotated[Tensor, "b"]
    target: Annotated[Tensor, "b ..."]


class NoiseSchedule(Block):
    """Data with noise of a random timestep, and what a model should predict from it.

    The target is the noise, the data, or the velocity sqrt(a) noise - sqrt(1 - a) data.

    Shapes: data (b, ...), noise (b, ...) and timestep (b,) drawn where not wired -> latent
    (b, ...), timestep (b,), target (b, ...).
    Source: Ho et al. 2020, equation 4; Salimans & Ho 2022, section 4, for "velocity"; the schedules
    are those of `alpha_bar`.

    >>> noisy = NoiseSchedule()(data=torch.ones(2, 3), timestep=torch.ones(2))
    >>> noisy.latent[0]
    tensor([1., 1., 1.])
    """

    draws = "always"

    def __init__(self, schedule: Schedule = "cosine", predicts: Predicts = "noise") -> None:
        super().__init__()
        self.schedule, self.predicts = schedule, predicts

    def forward(
        self,
        data: Annotated[Tensor, "b ..."],
        noise: Annotated[Tensor, "b ..."] | None = None,
        timestep: Annotated[Tensor, "b"] | None = None,
    ) -> NoisyData:
        """Draw what is not wired and add the noise."""
        noise = torch.randn_like(data) if noise is None else noise
        if timestep is None:
            timestep = torch.rand(data.shape[:1], device=data.device)
        share = self.alpha_bar(timestep)
        signal, spread = per_sample(share.sqrt(), data), per_sample((1 - share).sqrt(), data)
        targets = {"noise": noise, "data": data, "velocity": signal * noise - spread * data}
        return NoisyData(signal * data + spread * noise, timestep, targets[self.predicts])

    def alpha_bar(self, timestep: Tensor) -> Tensor:
        """Shapes: timestep (b,) -> out (b,), the share of the variance that is data."""
        return alpha_bar(timestep, self.schedule)

    def add_noise(self, data: Tensor, noise: Tensor, timestep: Tensor) -> Tensor:
        """Shapes: data and noise (b, ...), timestep (b,) -> out (b, ...), the latent."""
        return self.forward(data, noise, timestep).latent


def alpha_bar(timestep: Tensor, schedule: Schedule) -> Tensor:
    """The share of the variance that is data, in [1e-5, 1]; timestep 0 is noise, 1 is data.

    Shapes: timestep (b,) -> out (b,).
    Source: with s = 1 - timestep. "linear": DDPM's betas in continuous time, Song et al. 2021,
    equation 33, beta from 0.1 to 20. "cosine": Nichol & Dhariwal 2021, equation 17. "sigmoid":
    Jabri et al. 2023, algorithm 3, from -3 to 3, tau 1.

    >>> alpha_bar(torch.tensor([0.0, 1.0]), "sigmoid")
    tensor([1.0000e-05, 1.0000e+00])
    """
    s = 1 - timestep
    zero = torch.zeros_like(s)  # rounded like s, so that the share at the data is exactly 1
    if schedule == "linear":
        share = (-(0.1 * s + (20.0 - 0.1) / 2 * s**2)).exp()
    elif schedule == "cosine":
        share = ((s + 0.008) / 1.008 * math.pi / 2).cos() ** 2
        share = share / ((zero + 0.008) / 1.008 * math.pi / 2).cos() ** 2
    else:
        low, high = (zero - 3).sigmoid(), (zero + 3).sigmoid()
        share = (high - (6 * s - 3).sigmoid()) / (high - low)
    return share.clamp(SMALLEST, 1.0)
