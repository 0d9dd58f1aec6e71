"""Frozen values of the spec to plain data and back, with errors that name every wrong place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from graphs.spec.document import Document, GraphSpec, NodeSpec
from graphs.spec.plan import Data, Keep, Loss, Optimiser, Plan, Rule, Schedule, Stopping, Validation
from graphs.spec.problems import FileError, near
from graphs.store.faults import Where, fault, listed, shown

Model = TypeVar("Model", bound=BaseModel)

_MODELS: tuple[type[BaseModel], ...] = (
    *(Document, GraphSpec, NodeSpec, Plan, Rule, Loss, Optimiser, Schedule),
    *(Data, Validation, Stopping, Keep),
)
_FIELDS = frozenset(name for model in _MODELS for name in model.model_fields)


def plain(value: BaseModel, where: Where) -> dict[str, Any]:
    """A value as plain data, without what is at its default."""
    try:
        # Python mode: JSON mode would turn NaN into null without a word.
        return value.model_dump(exclude_defaults=True)
    except (ValueError, RecursionError) as error:  # pydantic reports depth as a ValueError
        raise fault(
            where, "bodies that are not nested too deep", str(error), "flatten them"
        ) from error


def validated(model: type[Model], fields: Any, where: Where) -> Model:
    """The value that plain data describes.

    Raises: FileError that lists every wrong place in plain words.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        faults = [_words(dict(found)) for found in error.errors(include_url=False)]
        kind = model.__name__.lower()
        raise FileError(
            f"{where}: this is no valid {kind}; nothing was loaded\n{listed(faults)}\n"
            "  → repair these places, or restore an undamaged copy"
        ) from error
    except RecursionError as error:
        raise fault(
            where, "bodies that are not nested too deep", "deeper nesting", "flatten them"
        ) from error


def _words(found: Mapping[str, Any]) -> str:
    place = [str(part) for part in found["loc"] if part != "[key]"]
    at = ".".join(place) or "(top)"
    match found["type"]:
        case "extra_forbidden":
            return f"{at}: there is no such field{near(place[-1], _FIELDS)}"
        case "missing":
            return f"{at}: is missing"
        case "string_pattern_mismatch":
            name = "a name of a-z, 0-9 and _ that starts with a letter"
            return f"{at}: expected {name}, got {shown(found['input'])}"
        case "recursion_loop":
            return f"{at}: is nested too deep"
        case "value_error":  # our own validators speak in whole sentences
            return f"{at}: {str(found['msg']).removeprefix('Value error, ')}"
    message = str(found["msg"]).removeprefix("Input should be ")
    return f"{at}: expected {message}, got {shown(found['input'])}"
