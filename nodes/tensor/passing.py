"""The input as it is."""

from typing import Annotated, ClassVar

from torch import Tensor

from graphs.live import Block


class Identity(Block):
    """The input itself: a named place to wire to.

    Shapes: x (...) -> out (...).
    Source: torch.nn.Identity.

    >>> import torch
    >>> Identity()(x=torch.ones(1))
    tensor([1.])
    """

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Pass on."""
        return x


class Detach(Block):
    """The same numbers, through which no gradient flows back.

    Shapes: x (...) -> out (...).
    Source: torch.Tensor.detach, "stop-gradient".

    >>> import torch
    >>> Detach()(x=torch.ones(1, requires_grad=True)).requires_grad
    False
    """

    stops_gradient: ClassVar[bool] = True

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Pass on without gradient."""
        return x.detach()
