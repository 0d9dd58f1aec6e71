"""How the numbers of single elements become one loss."""

import torch
from torch import Tensor


def weighted_mean(loss: Tensor, weight: Tensor | None, valid: Tensor | None = None) -> Tensor:
    """Σ w·l / Σ w over the elements where `valid`, with one weight per sample; 0 where Σ w is 0.

    Shapes: loss (b ...), weight (b,), valid like loss -> out ().
    """
    if weight is None and valid is None:
        return loss.mean()
    share = torch.ones_like(loss) if valid is None else valid.to(loss.dtype)
    if weight is not None:
        share = share * weight.to(loss.dtype).reshape(-1, *[1] * (loss.ndim - 1))
    total = share.sum()
    return (share * loss).sum() / torch.where(total == 0, torch.ones_like(total), total)
