"""Losses and metrics against torch, scikit-learn and hand calculation."""

import math

import pytest
import torch
from sklearn import metrics as sklearn
from torch import Tensor, nn
from torch.nn import functional

from graphs.live import Block
from nodes.learning.classification import BCELoss, CrossEntropyLoss, TokenCrossEntropyLoss
from nodes.learning.contrast import ContrastiveLoss
from nodes.learning.divergence import GaussianKL, KLDivergence
from nodes.learning.metrics import PSNR, Accuracy, ConfusionMatrix, MeanAbsoluteError, TopKAccuracy
from nodes.learning.regression import CosineLoss, HuberLoss, L1Loss, MSELoss


@pytest.fixture
def draw() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def numbers(draw: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=draw)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (MSELoss(), nn.MSELoss()),
        (L1Loss(), nn.L1Loss()),
        (HuberLoss(0.5), nn.HuberLoss(delta=0.5)),
    ],
)
def test_regression_losses_are_those_of_torch(
    mine: Block, theirs: nn.Module, draw: torch.Generator
) -> None:
    x, target = numbers(draw, 4, 3, 2), numbers(draw, 4, 3, 2)
    torch.testing.assert_close(mine(x=x, target=target), theirs(x, target))


@pytest.mark.parametrize("loss", [MSELoss(), L1Loss(), HuberLoss(), CosineLoss(), BCELoss()])
def test_a_weight_of_zero_leaves_a_sample_out_and_all_zero_is_no_loss(
    loss: Block, draw: torch.Generator
) -> None:
    x, target = numbers(draw, 3, 2), numbers(draw, 3, 2).sigmoid()
    weighted = loss(x=x, target=target, weight=torch.tensor([2.0, 0.0, 2.0]))
    torch.testing.assert_close(weighted, loss(x=x[[0, 2]], target=target[[0, 2]]))
    assert loss(x=x, target=target, weight=torch.zeros(3)).item() == 0.0


def test_a_target_of_another_shape_is_refused_not_broadcast() -> None:
    with pytest.raises(ValueError, match=r"target must have the shape \(3,\), got \(3, 1\)"):
        MSELoss()(x=torch.zeros(3), target=torch.zeros(3, 1))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torchs_with_ignored_targets(
    smoothing: float, draw: torch.Generator
) -> None:
    x = numbers(draw, 2, 5, 3)
    target = torch.tensor([[0, 4, -1], [-1, 2, 2]])
    expected = functional.cross_entropy(x, target, ignore_index=-1, label_smoothing=smoothing)
    torch.testing.assert_close(CrossEntropyLoss(smoothing, -1)(x=x, target=target), expected)
    last = x.movedim(1, -1)
    torch.testing.assert_close(
        TokenCrossEntropyLoss(smoothing, -1)(x=last, target=target), expected
    )


def test_cross_entropy_of_nothing_but_ignored_targets_is_zero_with_zero_gradient() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    loss = CrossEntropyLoss()(x=x, target=torch.tensor([-100, -100]))
    loss.backward()
    assert loss.item() == 0.0
    assert x.grad is not None
    assert not x.grad.any()


def test_bce_is_torchs_with_a_weight_for_positives(draw: torch.Generator) -> None:
    x, target = numbers(draw, 4, 2), torch.tensor([[0, 1], [1, 1], [0, 0], [1, 0]])
    expected = nn.BCEWithLogitsLoss(pos_weight=torch.tensor(3.0))(x, target.float())
    torch.testing.assert_close(BCELoss(3.0)(x=x, target=target), expected)


def test_kl_of_logits_is_that_of_torch_distributions(draw: torch.Generator) -> None:
    x, target = numbers(draw, 3, 4, 5), numbers(draw, 3, 4, 5)
    p = torch.distributions.Categorical(logits=target / 2)
    q = torch.distributions.Categorical(logits=x / 2)
    expected = torch.distributions.kl_divergence(p, q).mean() * 4
    torch.testing.assert_close(KLDivergence(2.0)(x=x, target=target), expected)


def test_gaussian_kl_is_that_of_torch_distributions(draw: torch.Generator) -> None:
    mean, logvar = numbers(draw, 3, 2, 2), numbers(draw, 3, 2, 2)
    mine = torch.distributions.Normal(mean, (logvar / 2).exp())
    each = torch.distributions.kl_divergence(mine, torch.distributions.Normal(0.0, 1.0))
    torch.testing.assert_close(
        GaussianKL()(mean=mean, logvar=logvar), each.sum((1, 2)).mean(), atol=1e-5, rtol=1e-5
    )


def test_contrastive_loss_of_two_orthogonal_pairs_by_hand() -> None:
    # each row of logits is (1/t, 0): -log(e^{1/t} / (e^{1/t} + 1))
    expected = math.log(1 + math.exp(-1 / 0.5))
    loss = ContrastiveLoss(0.5)(x=torch.eye(2) * 3, y=torch.eye(2))
    torch.testing.assert_close(loss, torch.tensor(expected))


def test_a_learnable_temperature_starts_equal_and_learns() -> None:
    x, y = torch.eye(3), torch.eye(3).roll(1, 0)
    fixed, learnt = ContrastiveLoss(0.2), ContrastiveLoss(0.2, learnable=True)
    torch.testing.assert_close(fixed(x=x, y=y), learnt(x=x, y=y))
    learnt(x=x, y=y).backward()
    (parameter,) = learnt.parameters()
    assert parameter.grad is not None
    assert parameter.grad.item() > 0  # all pairs are wrong: a softer softmax loses less
    assert not list(fixed.parameters())


def test_accuracies_are_those_of_scikit_learn(draw: torch.Generator) -> None:
    x = numbers(draw, 50, 6)
    target = torch.randint(6, (50,), generator=draw)
    found = x.argmax(1)
    accuracy = sklearn.accuracy_score(target, found)
    top = sklearn.top_k_accuracy_score(target, x, k=3, labels=range(6))
    matrix = torch.from_numpy(sklearn.confusion_matrix(target, found, labels=range(6)))
    assert Accuracy()(x=x, target=target).item() == pytest.approx(accuracy)
    assert TopKAccuracy(3)(x=x, target=target).item() == pytest.approx(top)
    assert ConfusionMatrix(6)(x=x, target=target).equal(matrix)


def test_accuracy_counts_every_pixel() -> None:
    x = torch.zeros(1, 2, 2, 2)
    x[0, 1, 0, 0] = 1.0
    assert Accuracy()(x=x, target=torch.ones(1, 2, 2).long()).item() == 0.25


def test_more_best_than_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="k must be at most the number of classes, 3, got 5"):
        TopKAccuracy(5)(x=torch.zeros(1, 3), target=torch.zeros(1).long())


def test_psnr_of_one_grey_level_by_hand() -> None:
    x, target = torch.zeros(2, 1, 4, 4), torch.full((2, 1, 4, 4), 1 / 255)
    expected = 20 * math.log10(255)
    assert PSNR()(x=x, target=target).item() == pytest.approx(expected, rel=1e-5)
    assert PSNR(2.0)(x=x * 2, target=target * 2).item() == pytest.approx(expected, rel=1e-5)
    assert PSNR()(x=x, target=x).item() == math.inf


def test_mean_absolute_error_of_integers_is_a_fraction() -> None:
    x, target = torch.tensor([1, 2]), torch.tensor([1, 3])
    assert MeanAbsoluteError()(x=x, target=target).item() == 0.5
