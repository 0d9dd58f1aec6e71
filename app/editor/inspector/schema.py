"""Fields read from a JSON schema: of a block type's settings, or of one of our own models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from app.editor.inspector.fields import Field, Kind, Schema, free, spoken

SCALARS = ("whole", "number", "text")
FORMATS: Mapping[str, Kind] = {
    "color": "colour",
    "file-path": "file",
    "path": "file",
    "directory-path": "folder",
}
WIDEST = 4  # of a tuple whose numbers stand side by side


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """The settings of an object's schema, in its order."""
    shared = schema.get("$defs", {})
    return tuple(
        read(name, part, shared, frozenset()) for name, part in schema.get("properties", {}).items()
    )


@lru_cache(maxsize=32)
def fields_of_model(model: type[BaseModel]) -> tuple[Field, ...]:
    """The settings of one of our own models."""
    return fields_of(model.model_json_schema())


def read(name: str, schema: Schema, shared: Schema, seen: frozenset[str]) -> Field:
    """The field of one part of a schema; `seen` are the definitions that it is inside."""
    schema, seen = _resolved(schema, shared, seen)
    plain, nullable = _without_null(schema)
    if plain is not schema:
        plain, seen = _resolved({**_notes(schema), **plain}, shared, seen)
    known = {**plain, "$defs": shared} if shared and "$ref" in str(schema) else plain
    judged = {**schema, "$defs": shared} if shared and "$ref" in str(schema) else schema
    made = replace(
        _of_kind(name, known, shared, seen),
        schema=judged,
        help=str(schema.get("description", "")),
        nullable=nullable,
    )
    if "default" in schema:
        made = replace(made, has_default=True, default=schema["default"])
    return made


def _of_kind(name: str, schema: Schema, shared: Schema, seen: frozenset[str]) -> Field:
    made = Field(name, "json", spoken(name), schema)
    if options := _options(schema):
        return replace(made, kind="choice", options=options)
    low, high = _ends(schema)
    match schema.get("type"):
        case "boolean":
            return replace(made, kind="toggle")
        case "integer":
            return replace(made, kind="whole", low=low, high=high)
        case "number":
            return replace(made, kind="number", low=low, high=high)
        case "string":
            return replace(made, kind=FORMATS.get(str(schema.get("format", "")), "text"))
        case "array":
            return _array(made, schema, shared, seen)
        case "object":
            return _object(made, schema, shared, seen)
    return made


def _array(made: Field, schema: Schema, shared: Schema, seen: frozenset[str]) -> Field:
    fixed = schema.get("prefixItems")
    if fixed is not None:
        inner = tuple(read(str(i), part, shared, seen) for i, part in enumerate(fixed))
        alike = {f.kind for f in inner} in ({"whole"}, {"number"})
        if alike and 1 < len(inner) <= WIDEST and schema.get("maxItems") == len(inner):
            return replace(made, kind="tuple", size=len(inner), inner=inner)
        return made
    if not isinstance(schema.get("items"), Mapping):
        return made
    item = read("item", schema["items"], shared, seen)
    if item.kind == "choice" and schema.get("uniqueItems"):
        return replace(made, kind="flags", options=item.options)
    if item.nullable:
        return made
    if item.kind in SCALARS:
        return replace(made, kind="list", inner=(item,))
    if item.kind in ("group", "choice"):
        return replace(made, kind="items", inner=(item,))
    return made


def _object(made: Field, schema: Schema, shared: Schema, seen: frozenset[str]) -> Field:
    parts = schema.get("properties")
    if parts:
        inner = tuple(read(name, part, shared, seen) for name, part in parts.items())
        return replace(made, kind="group", inner=inner)
    rest = schema.get("additionalProperties")
    patterns = schema.get("patternProperties")
    if isinstance(patterns, Mapping) and len(patterns) == 1:
        [rest] = patterns.values()
        if not rest:
            rest = True
    if isinstance(rest, Mapping):
        return replace(made, kind="map", inner=(read("value", rest, shared, seen),))
    return replace(made, kind="map", inner=(free("value"),)) if rest is True else made


def _resolved(
    schema: Schema, shared: Schema, seen: frozenset[str]
) -> tuple[Schema, frozenset[str]]:
    """The schema with what it refers to in its place; what refers to itself stays a reference."""
    while True:
        parts = schema.get("allOf")
        if isinstance(parts, list) and len(parts) == 1:
            schema = {**parts[0], **{k: v for k, v in schema.items() if k != "allOf"}}
        name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
        if not name or name in seen or name not in shared:
            return schema, seen
        seen = seen | {name}
        schema = {**shared[name], **{k: v for k, v in schema.items() if k != "$ref"}}


def _without_null(schema: Schema) -> tuple[Schema, bool]:
    """The schema for when it is not null, and whether it may be null; itself where it may not."""
    several = schema.get("anyOf", schema.get("oneOf"))
    if isinstance(schema.get("type"), list):
        several = [{**schema, "type": kind} for kind in schema["type"]]
    if not isinstance(several, list):
        return schema, False
    rest = [part for part in several if part.get("type") != "null"]
    nullable = len(rest) < len(several)
    if {part.get("type") for part in rest} == {"integer", "number"}:
        rest = [part for part in rest if part.get("type") == "number"]
    if len(rest) == 1:
        return rest[0], nullable
    return {}, nullable


def _notes(schema: Schema) -> dict[str, Any]:
    return {key: schema[key] for key in ("title", "description") if key in schema}


def _options(schema: Schema) -> tuple[Any, ...]:
    found = schema.get("enum", [schema["const"]] if "const" in schema else [])
    scalar = all(isinstance(option, str | int | float) for option in found)
    return tuple(found) if scalar else ()


def _ends(schema: Schema) -> tuple[float | None, float | None]:
    """The ends between which a number lies; of an integer those that it may have."""
    step = 1 if schema.get("type") == "integer" else 0
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is not None:
        low = max(above + step, low) if low is not None else above + step
    if below is not None:
        high = min(below - step, high) if high is not None else below - step
    return low, high
