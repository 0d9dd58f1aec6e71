"""Classifier-free guidance."""

from typing import Annotated, ClassVar

from torch import Tensor

from graphs.live import Block
from nodes.layers.timestep import per_sample


class Guidance(Block):
    """What the condition changes in a prediction, taken `scale` times: 1 leaves it as it is.

    out = pred_uncond + scale (pred_cond - pred_uncond).

    Shapes: pred_cond and pred_uncond (b, ...), scale (b,) or (), by default the config's -> out
    (b, ...).
    Source: Ho & Salimans 2022, equation 6, whose w is scale - 1.

    >>> import torch
    >>> Guidance(3.0)(pred_cond=torch.tensor([2.0]), pred_uncond=torch.tensor([1.0]))
    tensor([4.])
    """

    role: ClassVar[str] = "guidance"

    def __init__(self, scale: float = 4.0) -> None:
        super().__init__()
        self.scale = scale

    def forward(
        self,
        pred_cond: Annotated[Tensor, "b ..."],
        pred_uncond: Annotated[Tensor, "b ..."],
        scale: Annotated[Tensor, ""] | None = None,
    ) -> Annotated[Tensor, "b ..."]:
        """Guide."""
        times = self.scale if scale is None else per_sample(scale, pred_cond)
        return pred_uncond + times * (pred_cond - pred_uncond)
