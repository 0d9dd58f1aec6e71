"""Ids drawn by chance: from scores, from nothing, or in place of others. No gradient passes."""

from typing import Annotated, ClassVar

import torch
from pydantic import Field, PositiveInt
from torch import Tensor

from graphs.live import Block

Rate = Annotated[float, Field(ge=0, le=1)]


class SampleClass(Block):
    """A class drawn by its score; temperature 0 takes the best, a higher one draws more freely.

    Shapes: x (b, classes) logits -> out (b,) int64.
    Source: torch.distributions.Categorical.

    >>> SampleClass(temperature=0.0)(x=torch.tensor([[0.1, 2.0, 0.3]]))
    tensor([1])
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def __init__(
        self, temperature: Annotated[float, Field(ge=0)] = 1.0, top_k: PositiveInt | None = None
    ) -> None:
        super().__init__()
        self.temperature, self.top_k = temperature, top_k

    def forward(self, x: Annotated[Tensor, "b classes"]) -> Annotated[Tensor, "b"]:
        """Draw."""
        return drawn(x.detach(), self.temperature, self.top_k)


class RandomIds(Block):
    """Ids in [0, count) drawn evenly, in a shape of their own for each sample of `like`.

    Shapes: like (b, anything) -> out (b, *shape) int64.
    Source: torch.randint.

    >>> RandomIds(5, [3])(like=torch.zeros(2)).shape
    torch.Size([2, 3])
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, count: PositiveInt, shape: tuple[PositiveInt, ...] = ()) -> None:
        super().__init__()
        self.count, self.shape = count, tuple(shape)

    def forward(self, like: Annotated[Tensor, ""]) -> Annotated[Tensor, ""]:
        """Draw."""
        return torch.randint(self.count, (like.shape[0], *self.shape), device=like.device)


class Stray(Block):
    """Ids of which some become another one (`rate`), and some nothing at all: -1 (`blank`).

    Shapes: x (...) int64 in [0, count) -> out (...) int64 in [-1, count).
    Source: ours; replacement as in Devlin et al. 2019 (BERT), section 3.1.

    >>> Stray(10, blank=1.0)(x=torch.tensor([3, 7]))
    tensor([-1, -1])
    """

    draws = "always"
    stops_gradient: ClassVar[bool] = True

    def __init__(self, count: PositiveInt, rate: Rate = 0.0, blank: Rate = 0.0) -> None:
        """Raises: ValueError when there is no other id to become."""
        super().__init__()
        if rate and count < 2:
            raise ValueError(f"there is no other id to become with count {count}; set rate to 0")
        self.count, self.rate, self.blank = count, rate, blank

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Replace."""
        fate = torch.rand(x.shape, device=x.device)
        further = torch.randint(1, max(2, self.count), x.shape, device=x.device)
        x = torch.where(fate < self.rate, (x + further) % self.count, x)
        return torch.where(torch.rand(x.shape, device=x.device) < self.blank, -1, x)


def drawn(scores: Tensor, temperature: float, top_k: int | None) -> Tensor:
    """One class for each row: the best at temperature 0, else drawn among the `top_k` best.

    Shapes: scores (b, classes) -> out (b,) int64.
    """
    if not temperature:
        return scores.argmax(-1)
    if top_k is not None and top_k < scores.shape[-1]:
        least = scores.topk(top_k, -1).values[..., -1:]
        scores = scores.masked_fill(scores < least, float("-inf"))
    chances = torch.softmax(scores.float() / temperature, -1)
    return torch.multinomial(chances, 1)[:, 0]
