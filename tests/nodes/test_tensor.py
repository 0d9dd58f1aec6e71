"""Tensor blocks against hand calculation and torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.tensor.arithmetic import Add, Divide, Multiply, Scale, Subtract
from nodes.tensor.choice import Argmax, OneHot
from nodes.tensor.constants import Constant, Parameter
from nodes.tensor.cutting import Select, Slice, Split
from nodes.tensor.joining import Concat, Stack
from nodes.tensor.passing import Detach
from nodes.tensor.product import Einsum, MatMul
from nodes.tensor.reduction import Reduce
from nodes.tensor.shape import Flatten, Permute, Reshape, Squeeze, Unflatten, Unsqueeze
from nodes.tensor.values import Cast, Clamp, Rescale

GRID = torch.arange(24.0).view(2, 3, 4)


@pytest.mark.parametrize("block", [Add, Subtract, Multiply, Divide])
def test_y_broadcasts_into_x_but_never_x_into_y(block: type[Add]) -> None:
    row = torch.ones(4)
    assert block()(x=GRID, y=row).shape == GRID.shape
    with pytest.raises(ValueError, match="y must broadcast into the shape of x"):
        block()(x=row, y=GRID)
    with pytest.raises(ValueError, match="swap x and y"):
        block()(x=torch.ones(3), y=torch.ones(3, 1))


def test_arithmetic_of_six_and_three() -> None:
    six, three = torch.tensor(6.0), torch.tensor(3.0)
    results = [block()(x=six, y=three).item() for block in (Add, Subtract, Multiply, Divide)]
    assert results == [9.0, 3.0, 18.0, 2.0]
    assert Scale(2, 1)(x=six).item() == 13.0


def test_products_agree_with_numpy() -> None:
    a, b = torch.randn(2, 3, 4), torch.randn(2, 4, 5)
    expected = torch.from_numpy(a.numpy() @ b.numpy())
    torch.testing.assert_close(MatMul()(x=a, y=b), expected)
    torch.testing.assert_close(Einsum("bnk,bkm->bnm")(x=[a, b]), expected)


def test_einsum_says_how_many_wires_it_needs() -> None:
    with pytest.raises(ValueError, match="needs 2 wires into x, got 1"):
        Einsum("bi,bj->bij")(x=[torch.ones(1, 2)])
    with pytest.raises(ValueError, match="an equation is written"):
        Einsum("bi,bj")


@given(first=st.integers(-6, 6), size=st.integers(1, 7))
@settings(max_examples=60, deadline=None)
def test_both_parts_of_a_split_make_the_whole_or_it_is_refused(first: int, size: int) -> None:
    x = torch.arange(size)
    if first == 0:
        with pytest.raises(ValueError, match="first is how many"):
            Split(first)
    elif abs(first) >= size:
        with pytest.raises(ValueError, match="needs an axis of more than"):
            Split(first)(x=x)
    else:
        parts = Split(first)(x=x)
        assert Concat()(x=list(parts)).equal(x)
        assert len(parts.first if first > 0 else parts.second) == abs(first)


@given(start=st.integers(-5, 5), stop=st.none() | st.integers(-5, 5), step=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_slice_is_pythons_slice_on_every_axis(start: int, stop: int | None, step: int) -> None:
    for axis in (-1, 0, 1):
        whole = np.moveaxis(GRID.numpy(), axis, 0)
        expected = np.moveaxis(whole[slice(start, stop, step)], 0, axis)
        assert np.array_equal(Slice(start, stop, step, axis)(x=GRID).numpy(), expected)


def test_select_takes_what_stack_put_in() -> None:
    parts = [torch.full((2, 3), float(i)) for i in range(4)]
    assert Select(2, axis=1)(x=Stack(axis=1)(x=parts)).equal(parts[2])


def test_shapes_of_two_by_three_by_four() -> None:
    shapes = {
        (2, 12): Reshape([-1]),
        (2, 4, 3): Permute([0, 2, 1]),
        (2, 1, 3, 4): Unsqueeze(1),
        (24,): Flatten(0),
        (2, 3, 2, 2): Unflatten(-1, [2, -1]),
    }
    for shape, block in shapes.items():
        out = block(x=GRID)
        assert tuple(out.shape) == shape
        assert sorted(out.flatten().tolist()) == GRID.flatten().tolist()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Reshape([-1, -1]), "at most one is -1"),
        (lambda: Reshape([0]), "sizes are 1 or more"),
        (lambda: Unflatten(1, []), "sizes are one or more"),
        (lambda: Permute([0, 2]), "names each axis"),
        (lambda: Reduce("mean", ()), "at least one"),
        (lambda: Clamp(), "got neither"),
        (lambda: Clamp(1, 0), "swap them"),
        (lambda: Rescale((1, 1)), "two different numbers"),
        (lambda: Parameter((2,), "uniform", -1.0), "0 or more"),
    ],
)
def test_impossible_configs_are_refused_when_built(wrong: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        wrong()  # type: ignore[operator]


def test_squeeze_refuses_an_axis_of_another_size() -> None:
    with pytest.raises(ValueError, match="axis 1 must have size 1"):
        Squeeze(1)(x=GRID)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("axes", [(-1,), (0, 2), (1, -1)])
def test_reductions_agree_with_numpy(axes: tuple[int, ...], keep: bool) -> None:
    x = torch.randn(2, 3, 4)
    references = {
        "mean": np.mean,
        "sum": np.sum,
        "max": np.max,
        "min": np.min,
        "product": np.prod,
        "std": lambda a, **how: np.std(a, ddof=1, **how),
        "variance": lambda a, **how: np.var(a, ddof=1, **how),
        "norm": lambda a, **how: np.sqrt(np.sum(a**2, **how)),
    }
    for how, reference in references.items():
        expected = torch.from_numpy(reference(x.numpy(), axis=axes, keepdims=keep))
        torch.testing.assert_close(Reduce(how, axes, keep)(x=x), expected)


def test_rescale_goes_there_and_back_and_clamps_outside() -> None:
    x = torch.tensor([0.0, 64.0, 255.0])
    there = Rescale((0, 255), (-1, 1))(x=x)
    torch.testing.assert_close(there, torch.tensor([-1.0, -0.49803922, 1.0]))
    torch.testing.assert_close(Rescale((-1, 1), (0, 255))(x=there), x)
    assert Rescale((0, 1), (1, -1), clamp=True)(x=torch.tensor([2.0, -2.0])).tolist() == [-1, 1]


def test_one_hot_is_undone_by_argmax_and_refuses_fractions() -> None:
    ids = torch.tensor([[2, 0], [1, 1]])
    assert Argmax()(x=OneHot(3)(x=ids)).equal(ids)
    with pytest.raises(ValueError, match="put a Cast before"):
        OneHot(3)(x=torch.tensor([1.0]))


def test_cast_cuts_fractions_off() -> None:
    assert Cast("int64")(x=torch.tensor([1.9, -1.9])).tolist() == [1, -1]


def test_parameter_learns_and_a_kept_output_does_not_change() -> None:
    block = Parameter((2,), "constant", 1.0)
    kept = block()
    block(like=torch.zeros(3, 1)).sum().backward()
    torch.optim.SGD(block.parameters(), lr=1.0).step()
    assert kept.tolist() == [1.0, 1.0]
    assert block().tolist() == [-2.0, -2.0]  # three samples, each with gradient 1


def test_nothing_flows_back_through_detach_or_a_constant() -> None:
    x = torch.ones(2, requires_grad=True)
    out = Add()(x=x, y=Detach()(x=x * 3)) * Constant(2.0)()
    out.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]
