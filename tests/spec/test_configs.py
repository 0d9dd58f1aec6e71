"""The schema's judgement of a setting agrees with the block's own: what passes check can be built."""

import math
from typing import Annotated, Any

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

import nodes
from graphs.live.registry import Registry
from graphs.spec.configs import unfit_settings

REGISTRY = Registry({"core": nodes})
CATALOGUE = REGISTRY.catalogue()
FIELDS = [
    (name, field)
    for name, cls in sorted(REGISTRY.items())
    for field in cls.config_model().model_fields
]
VALUES: list[Any] = [
    0, 1, -1, 3, 2.5, -0.5, 3.0, True, None, "", "x", "relu", "train", "linear", [], [1], [0], [2, 3],
    ["a"], [1.5], [None], {}, {"a": 1}, [[1]], 10**30, math.inf, math.nan,
]  # fmt: skip


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_what_the_schema_accepts_the_block_accepts(name: str, field: str) -> None:
    info = REGISTRY[name].config_model().model_fields[field]
    adapter = TypeAdapter(
        Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation,
        config=ConfigDict(allow_inf_nan=False),
    )
    for value in VALUES:
        problems = list(unfit_settings(CATALOGUE.types[name], {field: value}))
        try:
            adapter.validate_python(value)
        except ValidationError:
            assert problems, f"{name}.{field}: check passes {value!r}, which the block refuses"
        if not info.is_required() and value == info.default and type(value) is type(info.default):
            assert not problems
