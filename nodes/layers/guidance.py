"""Classifier-free guidance."""

from typing import Annotated

from torch import Tensor

from nodes.layers.timestep import per_sample
from nodes.roles.generation import Guided, Guiding


class Guidance(Guiding):
    """What the condition changes in a prediction, taken `scale` times: 1 leaves it as it is.

    pred_guided = pred_uncond + scale (pred_cond - pred_uncond).

    Shapes: pred_cond and pred_uncond (b, ...), scale (b,) or (), by default the config's ->
    pred_guided (b, ...).
    Source: Ho & Salimans 2022, equation 6, whose w is scale - 1.

    >>> import torch
    >>> Guidance(3.0)(pred_cond=torch.tensor([2.0]), pred_uncond=torch.tensor([1.0]))
    Guided(pred_guided=tensor([4.]))
    """

    def __init__(self, scale: float = 4.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self,
        pred_cond: Annotated[Tensor, "b ..."],
        pred_uncond: Annotated[Tensor, "b ..."],
        scale: Annotated[Tensor, ""] | None = None,
    ) -> Guided:
        """Guide."""
        times = self.scale if scale is None else per_sample(scale, pred_cond)
        return Guided(pred_uncond + times * (pred_cond - pred_uncond))
