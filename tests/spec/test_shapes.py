"""Shapes by pattern agree with real ones: what real tensors accept is never refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.spec.shapes import ANY, FREE, REST, UNKNOWN, Bindings, Shape, axes, match, produce, show

SIZES = st.integers(1, 6)
CONFIG = {"d_in": 4, "kernel": 3, "flag": True, "none": None}
AXIS = st.sampled_from(
    ["b", "t", "d", "d_in", "_", "3", "b*2", "(t+2*kernel-1)//2+1", "d_in//2", "b-1"]
)


@st.composite
def patterns(draw: st.DrawFn) -> str:
    names = draw(st.lists(AXIS, max_size=4))
    if draw(st.booleans()):
        names.insert(draw(st.integers(0, len(names))), REST)
    return " ".join(names) or "()"


def real(
    pattern: Shape, sizes: dict[str, int], rest: tuple[int, ...], anything: int
) -> tuple[int, ...]:
    """The shape of a tensor that obeys a pattern, by Python's own arithmetic."""
    out: list[int] = []
    for axis in pattern:
        if axis == REST:
            out += rest
        elif isinstance(axis, int):
            out.append(axis)
        elif axis == ANY:
            out.append(anything)
        else:
            out.append(int(eval(axis, {}, {**sizes, "d_in": 4, "kernel": 3})))
    return tuple(out)


@st.composite
def forgotten(draw: st.DrawFn, shape: tuple[int, ...]) -> Shape:
    """What somebody might know of a shape: sizes, names instead, nothing, or not even how many."""
    known: list[int | str] = [
        draw(st.sampled_from([size, size, ANY, "n", "b", "t"])) for size in shape
    ]
    if draw(st.booleans()):
        start = draw(st.integers(0, len(known)))
        stop = draw(st.integers(start, len(known)))
        known[start:stop] = [REST]
    return tuple(known)


@st.composite
def calls(draw: st.DrawFn) -> tuple[list[tuple[Shape, Shape]], Shape, tuple[int, ...]]:
    """Inputs of one block as (pattern, what is known of the value), an output's pattern and truth."""
    sizes = {name: draw(SIZES) for name in "btd"}
    rest = tuple(draw(st.lists(SIZES, max_size=3)))
    given = []
    for _ in range(draw(st.integers(1, 3))):
        pattern = axes(draw(patterns()))
        shape = real(pattern, sizes, rest, draw(SIZES))
        given.append((pattern, draw(forgotten(shape))))
    out = axes(draw(patterns()))
    return given, out, real(out, sizes, rest, draw(SIZES))


@given(calls())
def test_what_real_tensors_accept_is_never_refused_nor_promised_wrongly(call: Any) -> None:
    given, out, truth = call
    bound: Bindings = {}
    for pattern, shape in given:
        assert match(pattern, shape, bound, CONFIG), (pattern, shape, bound)
    promised = produce(out, bound, CONFIG)
    sizes = tuple(axis if isinstance(axis, int) or axis == REST else ANY for axis in promised)
    assert match(sizes, truth, {}, {}), (promised, truth)


@given(calls())
def test_with_everything_known_a_wrong_size_is_found(call: Any) -> None:
    given, _, _ = call
    for pattern, shape in given:
        if REST in shape or REST in pattern or pattern == FREE:
            continue
        assert not match(pattern, (*shape, 1), {}, CONFIG)
        for place, axis in enumerate(pattern):
            if isinstance(axis, int) or axis == "d_in":
                wrong = (*shape[:place], 99, *shape[place + 1 :])
                assert not match(pattern, wrong, {}, CONFIG)


@pytest.mark.parametrize(
    ("dims", "shape", "fits"),
    [
        ("b d_in", (2, 4), True),
        ("b d_in", (2, 5), False),
        ("b d_in", (2,), False),
        ("b b", (2, 2), True),
        ("b b", (2, 3), False),
        ("... d_in", (4,), True),
        ("... d_in", (), False),
        ("b ... d_in", (1, REST, 5), False),
        ("b d_in", (REST, 3, 3, 3), False),
        ("b d_in", (REST, "x", 4), True),
        ("", (1, 2, 3), True),
        ("()", (), True),
        ("()", (1,), False),
        ("b flag", (2, 7), True),
        ("b none", (2, 7), True),
        ("b b*2", (3, 6), True),
        ("b b*2", (3, 7), False),
    ],
)
def test_matching_by_hand(dims: str, shape: Shape, fits: bool) -> None:
    assert match(axes(dims), shape, {}, CONFIG) == fits


def test_the_same_name_and_rest_are_the_same_across_inputs() -> None:
    bound: Bindings = {}
    assert match(axes("b ... d"), (2, 7, 8, 5), bound, {})
    assert not match(axes("b ..."), (2, 7, 9), bound, {})
    assert not match(axes("b"), (3,), bound, {})
    assert produce(axes("b d ... d*2"), bound, {}) == (2, 5, 7, 8, 10)


def test_what_is_learned_later_counts() -> None:
    bound: Bindings = {}
    assert match(axes("b t"), ("n", "m"), bound, {})
    assert match(axes("b"), (3,), bound, {})
    assert produce(axes("b t"), bound, {}) == (3, "m")


def test_what_cannot_be_calculated_is_any() -> None:
    assert produce(axes("b h//0 x*2"), {"b": 1, "h": 4}, {}) == (1, ANY, ANY)
    assert produce(axes("-2+h"), {"h": 4}, {}) == (2,)
    assert produce(FREE, {}, {}) == UNKNOWN
    with pytest.raises(ValueError, match=r"an axis is a name, a number or \+ - \* //"):
        produce(axes("b**2"), {"b": 2}, {})


def test_shapes_are_shown_as_people_write_them() -> None:
    assert show(("b", 3, REST)) == "b 3 ..."
    assert show(()) == "()"
    assert axes("-1 b") == (-1, "b")
