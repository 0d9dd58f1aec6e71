"""How far one distribution is from another."""

from typing import Annotated, ClassVar

from pydantic import PositiveFloat
from torch import Tensor
from torch.nn import functional

from graphs.live import Block
from nodes.learning.regression import alike
from nodes.learning.weighting import weighted_mean


class KLDivergence(Block):
    """KL(target ‖ x) of two sets of logits, softened by `temperature`: distillation.

    Multiplied by temperature², so that gradients keep their size when the temperature changes.

    Shapes: x (b ... classes), target (b ... classes), weight (b,) -> out ().
    Source: Hinton et al., "Distilling the Knowledge in a Neural Network", 2015, section 2.

    >>> import torch
    >>> KLDivergence()(x=torch.zeros(2, 4), target=torch.ones(2, 4))
    tensor(0.)
    """

    role: ClassVar[str] = "loss"

    def __init__(self, temperature: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(
        self,
        x: Annotated[Tensor, "b ... classes"],
        target: Annotated[Tensor, "b ... classes"],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        student = functional.log_softmax(x / self.temperature, -1)
        teacher = functional.log_softmax(alike(x, target) / self.temperature, -1)
        each = functional.kl_div(student, teacher, reduction="none", log_target=True).sum(-1)
        return weighted_mean(each, weight) * self.temperature**2


class GaussianKL(Block):
    """KL of N(mean, exp(logvar)) from N(0, 1), summed within each sample: the VAE's prior term.

    Shapes: mean (b ...), logvar (b ...), weight (b,) -> out ().
    Source: Kingma & Welling, "Auto-Encoding Variational Bayes", 2013, appendix B.

    >>> import torch
    >>> GaussianKL()(mean=torch.tensor([[1.0, 1.0]]), logvar=torch.zeros(1, 2))
    tensor(1.)
    """

    role: ClassVar[str] = "loss"

    def forward(
        self,
        mean: Annotated[Tensor, "b ..."],
        logvar: Annotated[Tensor, "b ..."],
        weight: Annotated[Tensor, "b"] | None = None,
    ) -> Annotated[Tensor, "()"]:
        """Raises: ValueError when the shapes differ."""
        each = 0.5 * (mean**2 + alike(mean, logvar).exp() - 1 - logvar)
        return weighted_mean(each.reshape(len(mean), -1).sum(1), weight)
