"""Flow matching: straight paths from noise to data, and the velocity along them."""

from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from graphs.live import Block
from nodes.layers.timestep import per_sample


class PathPoint(NamedTuple):
    """A place on the way from noise to data: what a model sees and what it should answer."""

    latent: Annotated[Tensor, "b ..."]
    timestep: Annotated[Tensor, "b"]
    target: Annotated[Tensor, "b ..."]


class FlowPath(Block):
    """A random point on the straight line from noise to data, and the velocity there.

    latent = (1 - (1 - sigma_min) t) noise + t data; target = data - (1 - sigma_min) noise. With
    sigma_min 0 this is rectified flow; above, paths end in a ball of that size around the data.
    Timesteps are drawn uniform, or more in the middle as sigmoid(normal).

    Shapes: data (b, ...), noise (b, ...) and timestep (b,) drawn where not wired -> latent
    (b, ...), timestep (b,), target (b, ...).
    Source: Lipman et al. 2023, equations 22 and 23; Liu et al. 2023, equation 1; Esser et al. 2024,
    section 3.1, for "logit_normal".

    >>> point = FlowPath()(data=torch.ones(2, 3), timestep=torch.ones(2))
    >>> point.latent[0]
    tensor([1., 1., 1.])
    """

    draws = "always"

    def __init__(
        self,
        sigma_min: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0,
        times: Literal["uniform", "logit_normal"] = "uniform",
    ) -> None:
        super().__init__()
        self.shrink, self.times = 1.0 - sigma_min, times

    def forward(
        self,
        data: Annotated[Tensor, "b ..."],
        noise: Annotated[Tensor, "b ..."] | None = None,
        timestep: Annotated[Tensor, "b"] | None = None,
    ) -> PathPoint:
        """Draw what is not wired and go there."""
        noise = torch.randn_like(data) if noise is None else noise
        timestep = self.draw(data) if timestep is None else timestep
        t = per_sample(timestep, data)
        latent = (1 - self.shrink * t) * noise + t * data
        return PathPoint(latent, timestep, data - self.shrink * noise)

    def draw(self, data: Tensor) -> Tensor:
        """Shapes: data (b, ...) -> out (b,)."""
        if self.times == "uniform":
            return torch.rand(data.shape[:1], device=data.device)
        return torch.randn(data.shape[:1], device=data.device).sigmoid()
