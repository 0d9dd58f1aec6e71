"""Learning by comparison inside a batch."""

import math
from typing import Annotated, ClassVar

import torch
from pydantic import PositiveFloat
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block

HIGHEST_SCALE = 100.0  # a temperature of 0.01


class ContrastiveLoss(Block):
    """InfoNCE of two views: each x must find its own y among all of the batch, and back.

    Vectors are brought to length 1 first. A learnable temperature is kept as its logarithm; none
    is ever below 0.01, as in CLIP.

    Shapes: x (b d), y (b d) -> out ().
    Source: Radford et al., "Learning Transferable Visual Models...", 2021, figure 3; van den Oord
    et al., "Representation Learning with Contrastive Predictive Coding", 2018, equation 4.

    >>> loss = ContrastiveLoss(temperature=0.5)
    >>> loss(x=torch.eye(2), y=torch.eye(2))
    tensor(0.1269)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, temperature: PositiveFloat = 0.07, learnable: bool = False) -> None:
        super().__init__()
        start = torch.tensor(-math.log(temperature))
        self.log_scale = nn.Parameter(start) if learnable else None
        self.scale = min(1 / temperature, HIGHEST_SCALE)

    def forward(
        self, x: Annotated[Tensor, "b d"], y: Annotated[Tensor, "b d"]
    ) -> Annotated[Tensor, "()"]:
        """Compare."""
        scale: Tensor | float = self.scale
        if self.log_scale is not None:
            scale = self.log_scale.clamp(max=math.log(HIGHEST_SCALE)).exp()
        logits = functional.normalize(x, dim=-1) @ functional.normalize(y, dim=-1).T * scale
        own = torch.arange(len(x), device=x.device)
        there = functional.cross_entropy(logits, own)
        return (there + functional.cross_entropy(logits.T, own)) / 2
