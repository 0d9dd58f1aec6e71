"""Solvers: one step from noise towards data, given what the model predicts at the latent.

All have the same ports, so that one sampling loop runs any of them: repeat model and solver `steps`
times from normal noise at timestep 0, and wire next_latent and next_timestep back.
"""

from typing import Annotated

from pydantic import PositiveFloat, PositiveInt
from torch import Tensor

from nodes.layers.schedule import SMALLEST, Predicts, Schedule, alpha_bar
from nodes.layers.timestep import per_sample
from nodes.roles.generation import Solver, SolverStep


class EulerSolver(Solver):
    """One Euler step along a predicted velocity, 1 / steps of the way; never past timestep 1.

    Shapes: latent (b, ...), timestep (b,), pred (b, ...) the velocity -> next_latent (b, ...),
    next_timestep (b,).
    Source: Liu et al. 2023, section 2.1, forward Euler.

    >>> import torch
    >>> zeros = torch.zeros(1, 2)
    >>> EulerSolver(4)(latent=zeros, timestep=torch.zeros(1), pred=zeros + 2).next_latent
    tensor([[0.5000, 0.5000]])
    """

    def __init__(self, steps: PositiveInt = 50) -> None:
        super().__init__()
        self.steps = steps

    def forward(
        self,
        latent: Annotated[Tensor, "b ..."],
        timestep: Annotated[Tensor, "b"],
        pred: Annotated[Tensor, "b ..."],
    ) -> SolverStep:
        """Take the step."""
        after = advance(timestep, self.steps)
        return SolverStep(latent + per_sample(after - timestep, latent) * pred, after)


class DDIMSolver(Solver):
    """One deterministic DDIM step: predicted data and noise, mixed as the next timestep says.

    `schedule` and `predicts` are those of the NoiseSchedule that the model learnt from. `clip`
    keeps the predicted data within ± its value, for data known to lie there.

    Shapes: latent (b, ...), timestep (b,), pred (b, ...) -> next_latent (b, ...),
    next_timestep (b,).
    Source: Song et al. 2021, "Denoising Diffusion Implicit Models", equation 12 with sigma 0.

    >>> import torch
    >>> noise = torch.randn(1, 2)
    >>> DDIMSolver(1)(latent=noise, timestep=torch.zeros(1), pred=noise).next_timestep
    tensor([1.])
    """

    def __init__(
        self,
        steps: PositiveInt = 50,
        schedule: Schedule = "cosine",
        predicts: Predicts = "noise",
        clip: PositiveFloat | None = None,
    ) -> None:
        super().__init__()
        self.steps, self.schedule, self.predicts, self.clip = steps, schedule, predicts, clip

    def forward(
        self,
        latent: Annotated[Tensor, "b ..."],
        timestep: Annotated[Tensor, "b"],
        pred: Annotated[Tensor, "b ..."],
    ) -> SolverStep:
        """Take the step."""
        after = advance(timestep, self.steps)
        here, there = alpha_bar(timestep, self.schedule), alpha_bar(after, self.schedule)
        signal, spread = per_sample(here.sqrt(), latent), per_sample((1 - here).sqrt(), latent)
        data = self.data(latent, pred, signal, spread)
        noise = (latent - signal * data) / spread.clamp(min=SMALLEST)
        next_signal, next_spread = there.sqrt(), (1 - there).sqrt()
        latent = per_sample(next_signal, latent) * data + per_sample(next_spread, latent) * noise
        return SolverStep(latent, after)

    def data(self, latent: Tensor, pred: Tensor, signal: Tensor, spread: Tensor) -> Tensor:
        """The data that a prediction stands for.

        Shapes: latent, pred and out (b, ...), signal and spread (b, 1, ..., 1).
        """
        if self.predicts == "noise":
            data = (latent - spread * pred) / signal
        elif self.predicts == "velocity":
            data = signal * latent - spread * pred
        else:
            data = pred
        return data if self.clip is None else data.clamp(-self.clip, self.clip)


def advance(timestep: Tensor, steps: int) -> Tensor:
    """The timestep 1 / steps later, at most 1.

    Shapes: timestep (b,) -> out (b,).
    """
    return (timestep + 1 / steps).clamp(max=1.0)
