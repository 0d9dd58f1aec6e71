"""Pointwise non-linearities, and the names under which composite layers know them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Literal

import torch
from pydantic import PositiveFloat
from torch import Tensor
from torch.nn import functional

from graphs.live import Block

Activation = Literal["relu", "gelu", "silu", "tanh", "sigmoid", "leaky_relu", "elu", "softplus"]
ACTIVATIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "relu": functional.relu,
        "gelu": functional.gelu,
        "silu": functional.silu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "leaky_relu": functional.leaky_relu,
        "elu": functional.elu,
        "softplus": functional.softplus,
    }
)


class Relu(Block):
    """max(x, 0).

    Shapes: x (...) -> out (...).
    Source: torch.nn.ReLU.

    >>> Relu()(x=torch.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.relu(x)


class Gelu(Block):
    """x Φ(x), with Φ the normal distribution function; "tanh" approximates it as GPT-2 does.

    Shapes: x (...) -> out (...).
    Source: Hendrycks & Gimpel 2016; torch.nn.GELU.

    >>> Gelu()(x=torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.8413])
    """

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.gelu(x, approximate=self.approximate)


class Silu(Block):
    """x sigmoid(x), also called swish.

    Shapes: x (...) -> out (...).
    Source: Ramachandran et al. 2017; torch.nn.SiLU.

    >>> Silu()(x=torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7311])
    """

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.silu(x)


class Tanh(Block):
    """Hyperbolic tangent, into (-1, 1).

    Shapes: x (...) -> out (...).
    Source: torch.nn.Tanh.

    >>> Tanh()(x=torch.tensor([0.0, 1.0]))
    tensor([0.0000, 0.7616])
    """

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return torch.tanh(x)


class Sigmoid(Block):
    """1 / (1 + exp(-x)), into (0, 1).

    Shapes: x (...) -> out (...).
    Source: torch.nn.Sigmoid.

    >>> Sigmoid()(x=torch.tensor([0.0, 1.0]))
    tensor([0.5000, 0.7311])
    """

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return torch.sigmoid(x)


class LeakyRelu(Block):
    """x above zero, slope times x below.

    Shapes: x (...) -> out (...).
    Source: torch.nn.LeakyReLU.

    >>> LeakyRelu(0.5)(x=torch.tensor([-1.0, 2.0]))
    tensor([-0.5000,  2.0000])
    """

    def __init__(self, slope: float = 0.01) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.leaky_relu(x, self.slope)


class Elu(Block):
    """x above zero, alpha (exp(x) - 1) below.

    Shapes: x (...) -> out (...).
    Source: Clevert et al. 2016; torch.nn.ELU.

    >>> Elu()(x=torch.tensor([-1.0, 2.0]))
    tensor([-0.6321,  2.0000])
    """

    def __init__(self, alpha: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.elu(x, self.alpha)


class Softplus(Block):
    """log(1 + exp(beta x)) / beta: a smooth relu, always positive.

    Shapes: x (...) -> out (...).
    Source: torch.nn.Softplus.

    >>> Softplus()(x=torch.tensor([0.0, 1.0]))
    tensor([0.6931, 1.3133])
    """

    def __init__(self, beta: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.beta = beta

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Apply it to every number."""
        return functional.softplus(x, self.beta)


class Softmax(Block):
    """exp(x) scaled to sum 1 along one axis.

    Shapes: x (...) -> out (...).
    Source: torch.nn.Softmax.

    >>> Softmax()(x=torch.zeros(4))
    tensor([0.2500, 0.2500, 0.2500, 0.2500])
    """

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, x: Annotated[Tensor, "..."]) -> Annotated[Tensor, "..."]:
        """Scale along the axis."""
        return x.softmax(self.axis)
