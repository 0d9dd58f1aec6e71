"""Config values against a block type's JSON schema, without importing the block.

Every field has a validator of its own, so that all problems of a node are found at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import fastjsonschema

from graphs.spec.catalogue import BlockType
from graphs.spec.problems import near
from graphs.spec.sentence import Sentence

FieldProblem = tuple[str, str]  # code, message


def config_problems(block: BlockType, config: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What is wrong with a node's config: unknown, missing and unfit fields."""
    yield from unfit_settings(block, config)
    fields = block.config.get("properties", {})
    for name in block.config.get("required", ()):
        if name not in config:
            yield (
                "config",
                Sentence(
                    "{name} needs a value for {setting!r} ({wanted})",
                    name=block.name,
                    setting=name,
                    wanted=describe(fields[name]),
                ),
            )


def unfit_settings(block: BlockType, values: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What is wrong with some settings of a node, which need not be all: unknown and unfit fields."""
    fields: Mapping[str, Any] = block.config.get("properties", {})
    for name, value in values.items():
        if name not in fields:
            yield (
                "config",
                Sentence(
                    "{name} has no setting {setting!r}{near}",
                    name=block.name,
                    setting=name,
                    near=near(name, fields),
                ),
            )
        elif message := unfit(fields[name], block.config.get("$defs"), value):
            yield (
                "config",
                Sentence(
                    "{name}: {message}, got {value!r}", name=name, message=message, value=value
                ),
            )


def defaults(block: BlockType) -> dict[str, Any]:
    """The values that a node has when its config is empty."""
    fields = block.config.get("properties", {})
    return {name: field["default"] for name, field in fields.items() if "default" in field}


def describe(field: Mapping[str, Any]) -> str:
    """A field's type and limits in a few words.

    >>> describe({"type": "integer", "exclusiveMinimum": 0})
    'integer > 0'
    """
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    if "enum" in field:
        return "one of " + ", ".join(map(str, field["enum"]))
    if "anyOf" in field:
        return " or ".join(describe(option) for option in field["anyOf"])
    limits = [f"{sign} {field[key]}" for key, sign in signs.items() if key in field]
    return " ".join([str(field.get("type", "any value")), *limits])


def unfit(field: Mapping[str, Any], shared: Any, value: Any) -> str:
    """Why a value does not fit a field of a schema with these `$defs`, "" when it does."""
    kind = field.get("type")
    if kind in ("integer", "number") and isinstance(value, bool):
        return Sentence("expected {wanted}", wanted=describe(field))
    if not _finite(value):
        return Sentence("expected finite numbers ({wanted})", wanted=describe(field))
    try:
        _validator(json.dumps({**field, "$defs": shared or {}}, sort_keys=True))(value)
    except fastjsonschema.JsonSchemaValueException as error:
        inner = (error.name or "").removeprefix("data")
        return Sentence(
            "{item}expected {wanted}",
            item=Sentence("item {place} ", place=inner) if inner else "",
            wanted=describe(error.definition),
        )
    return ""


def _finite(value: Any) -> bool:
    """Whether no number inside is infinite or none at all; JSON Schema has no word for these."""
    if isinstance(value, Mapping):
        return all(map(_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


@lru_cache(maxsize=2048)
def _validator(schema: str) -> Callable[[Any], Any]:
    return fastjsonschema.compile(json.loads(schema), use_default=False)
