"""Shapes without tensors: axis patterns, their matching, and what a block's outputs become.

A pattern is what a block says ("b t d_in"); a shape is what is known of a value: integers, axis
names where only the meaning is known, ANY where nothing is, and at most one REST for axes of
unknown number. Only a contradiction is an error: unknown never is.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

ANY = "_"
REST = "..."
Axis = int | str
Shape = tuple[Axis, ...]
Bindings = dict[str, Any]  # axis name -> Axis; REST -> tuple of axes
UNKNOWN: Shape = (REST,)
FREE: Shape = ("?",)  # the pattern of a port that says nothing; it binds nothing

_OPERATIONS: dict[type[ast.AST], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


@lru_cache(maxsize=4096)
def axes(dims: str) -> Shape:
    """The axes of a pattern; "" is anything, "()" a scalar.

    >>> axes("b t 3")
    ('b', 't', 3)
    """
    if not dims:
        return FREE
    if dims == "()":
        return ()
    return tuple(int(a) if a.lstrip("-").isdigit() else a for a in dims.split())


def show(shape: Shape) -> str:
    """A shape as people write it: "b t 256", "()" for a scalar.

    >>> show(("b", 3))
    'b 3'
    """
    return " ".join(map(str, shape)) or "()"


def match(pattern: Shape, shape: Shape, bound: Bindings, config: Mapping[str, Any]) -> bool:
    """Whether a value of this shape may enter here; binds the pattern's axis names on the way.

    >>> bound = {}
    >>> match(axes("... d_in"), ("b", 5), bound, {"d_in": 4})
    False
    """
    if pattern == FREE:
        return True
    if REST in pattern:
        cut = pattern.index(REST)
        head, tail = pattern[:cut], pattern[cut + 1 :]
        if REST not in shape:
            if len(shape) < len(head) + len(tail):
                return False
            middle = shape[len(head) : len(shape) - len(tail)]
            return (
                _all(head, shape[: len(head)], bound, config)
                and _rest(middle, bound)
                and _all(tail, shape[len(shape) - len(tail) :], bound, config)
            )
        return _ends(head, tail, shape, bound, config)
    if REST in shape:
        if len(shape) - 1 > len(pattern):
            return False
        return _ends(pattern, pattern, shape, bound, config)
    return len(pattern) == len(shape) and _all(pattern, shape, bound, config)


def produce(pattern: Shape, bound: Bindings, config: Mapping[str, Any]) -> Shape:
    """The shape of an output, from what the inputs bound; names that nothing bound stay names.

    >>> produce(axes("b d_out"), {"b": 2}, {"d_out": 3})
    (2, 3)
    """
    if pattern == FREE:
        return UNKNOWN
    out: list[Axis] = []
    for axis in pattern:
        if axis == REST:
            out += bound.get(REST, (REST,))
        else:
            out.append(_value(axis, bound, config))
    return tuple(out)


def _all(pattern: Shape, shape: Shape, bound: Bindings, config: Mapping[str, Any]) -> bool:
    return all(_one(p, s, bound, config) for p, s in zip(pattern, shape, strict=True))


def _ends(
    head: Shape, tail: Shape, shape: Shape, bound: Bindings, config: Mapping[str, Any]
) -> bool:
    cut = shape.index(REST)
    front, back = shape[:cut], shape[cut + 1 :]
    n, m = min(len(head), len(front)), min(len(tail), len(back))
    return _all(head[:n], front[:n], bound, config) and _all(
        tail[len(tail) - m :], back[len(back) - m :], bound, config
    )


def _rest(middle: Shape, bound: Bindings) -> bool:
    known = bound.setdefault(REST, middle)
    if REST in known or REST in middle:
        return True
    if len(known) != len(middle):
        return False
    return all(not _differ(a, b) for a, b in zip(known, middle, strict=True))


def _one(pattern: Axis, axis: Axis, bound: Bindings, config: Mapping[str, Any]) -> bool:
    want = _value(pattern, bound, config)
    if isinstance(pattern, str) and pattern.isidentifier() and pattern != ANY:
        known = bound.get(pattern)
        if not isinstance(known, int):
            bound[pattern] = want if isinstance(want, int) else axis
    return not _differ(want, axis)


def _differ(a: Axis, b: Axis) -> bool:
    return isinstance(a, int) and isinstance(b, int) and a != b


def _value(axis: Axis, bound: Bindings, config: Mapping[str, Any]) -> Axis:
    if isinstance(axis, int) or axis == ANY:
        return axis
    if axis.isidentifier():
        given = config.get(axis)
        if isinstance(given, int) and not isinstance(given, bool):
            return given
        return bound.get(axis, axis)  # type: ignore[no-any-return]
    value = _calculate(_parsed(axis), bound, config)
    return ANY if value is None else value


@lru_cache(maxsize=1024)
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _calculate(node: ast.expr, bound: Bindings, config: Mapping[str, Any]) -> int | None:
    match node:
        case ast.Constant(value=int() as number):
            return number
        case ast.Name(id=name):
            value = _value(name, bound, config)
            return value if isinstance(value, int) else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _calculate(operand, bound, config)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            a, b = _calculate(left, bound, config), _calculate(right, bound, config)
            if a is None or b is None or (b == 0 and isinstance(op, ast.FloorDiv)):
                return None
            return _OPERATIONS[type(op)](a, b)
    raise ValueError(
        f"an axis is a name, a number or + - * // over them, got {ast.unparse(node)!r}"
    )
